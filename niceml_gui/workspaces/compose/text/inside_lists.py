"""What stands on the lines of a list in the composed text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from niceml_engine.parts import chains, holds_parts
from niceml_engine.values import Leaf
from niceml_gui.names import Names
from niceml_gui.workspaces.compose.usage import gutter

_FEW = 100  #: a list of more items holds data, of which nobody asks who set each


@dataclass(frozen=True, slots=True)
class _Held:
    """What stands in one list.

    Attributes:
        leaf: The list.
        start: The line of its key.
        lines: Its text, from there on.
        keys: The key of what begins on a line.
        labels: Who set it; empty where all of the list stands where its key does.
    """

    leaf: Leaf
    start: int
    lines: Sequence[str]
    keys: dict[int, str]
    labels: dict[int, str]


@dataclass(frozen=True, slots=True)
class Inside:
    """What stands on the lines of lists.

    Attributes:
        keys: The key of what begins on a line.
        labels: Who set it, where not all of its list stands where the list does.
    """

    keys: dict[int, str] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    _held: dict[str, _Held] = field(default_factory=dict)
    _names: Names | None = None

    def of(self, lines: Sequence[str], keys: Sequence[str], leaves: Mapping[str, Leaf], names: Names) -> Inside:
        """What stands on the lines of another text; lists that are the same as in this one are not read again.

        Args:
            lines: The text.
            keys: The key on each line; empty inside lists.
            leaves: The leaves by key.
            names: What files are called.
        """
        known = self._held if names is self._names else {}
        found = Inside({}, {}, {}, names)
        for start, key in enumerate(keys):
            leaf = leaves.get(key) if key and start + 1 < len(keys) and not keys[start + 1] else None
            if leaf is None or not isinstance(leaf.value, list) or not 0 < len(leaf.value) <= _FEW:
                continue
            end = start + 1
            while end < len(keys) and not keys[end]:
                end += 1
            held, text = known.get(key), lines[start:end]
            if held is None or held.leaf is not leaf or held.lines != text:
                held = _read(leaf, start, text, names)
            elif held.start != start:
                held = _moved(held, start)
            found._held[key] = held
            found.keys.update(held.keys)
            found.labels.update(held.labels)
        return found


def _moved(held: _Held, start: int) -> _Held:
    by = start - held.start
    keys, labels = ({line + by: text for line, text in one.items()} for one in (held.keys, held.labels))
    return _Held(held.leaf, start, held.lines, keys, labels)


def _read(leaf: Leaf, start: int, lines: Sequence[str], names: Names) -> _Held:
    if not holds_parts(leaf.value) and len(lines) == len(leaf.value) + 1:
        places = {start + 1 + number: f"[{number}]" for number in range(len(leaf.value))}
    else:
        places = {start + line: path for line, path in _places("\n".join(lines)).items()}
    labels: dict[int, str] = {}
    if leaf.origin.inside or leaf.shadows:
        told = chains(leaf, places.values())
        if any((one[-1].file, one[-1].line) != (leaf.origin.file, leaf.origin.line) for one in told):
            labels = {line: gutter(one, names) for line, one in zip(places, told, strict=True)}
    return _Held(leaf, start, lines, {line: f"{leaf.key}{path}" for line, path in places.items()}, labels)


def _places(text: str) -> dict[int, str]:
    """The lines (from 0) of a printed list on which something begins, with the way to it from the list."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return {}
    return dict(_walk(node.value[0][1], ""))


def _walk(node: Any, path: str) -> Iterator[tuple[int, str]]:
    """The inner after the outer, so that of those that begin on one line it is the inner that counts."""
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield item.start_mark.line, f"{path}[{number}]"
            yield from _walk(item, f"{path}[{number}]")
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.start_mark.line, f"{path}.{key.value}"
            yield from _walk(value, f"{path}.{key.value}")
