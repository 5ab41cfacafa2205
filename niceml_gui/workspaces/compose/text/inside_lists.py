"""What stands on the lines of a list in the composed text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from niceml_engine.parts import chains
from niceml_engine.values import Leaf, Origin

_FEW = 100  #: a list of more items holds data, of which nobody asks who set each


@dataclass(frozen=True, slots=True)
class Inside:
    """What stands on the lines of lists.

    Attributes:
        keys: The key of what begins on a line.
        chains: Who set it, in merge order, where not all of a list stands where the list does.
    """

    keys: dict[int, str]
    chains: dict[int, list[Origin]]


def inside_lists(lines: Sequence[str], keys: Sequence[str], leaves: dict[str, Leaf]) -> Inside:
    """Finds what stands on the lines of the lists in a composed text.

    Args:
        lines: The text.
        keys: The key on each line; empty inside lists.
        leaves: The leaves by key.
    """
    found = Inside({}, {})
    for start, key in enumerate(keys):
        leaf = leaves.get(key) if key and start + 1 < len(keys) and not keys[start + 1] else None
        if leaf is None or not isinstance(leaf.value, list) or not 0 < len(leaf.value) <= _FEW:
            continue
        end = start + 1
        while end < len(keys) and not keys[end]:
            end += 1
        places = _places("\n".join(lines[start:end]))
        found.keys.update((start + line, f"{key}{path}") for line, path in places)
        if leaf.origin.inside or leaf.shadows:
            told = chains(leaf, [path for _, path in places])
            if any((one[-1].file, one[-1].line) != (leaf.origin.file, leaf.origin.line) for one in told):
                found.chains.update((start + line, one) for (line, _), one in zip(places, told, strict=True))
    return found


@lru_cache(maxsize=512)
def _places(text: str) -> tuple[tuple[int, str], ...]:
    """The lines (from 0) of a printed list on which something begins, with the way to it from the list."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return ()
    return tuple(dict(_walk(node.value[0][1], "")).items())


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
