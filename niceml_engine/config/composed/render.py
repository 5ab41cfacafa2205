"""A config as YAML text, unresolved and resolved, with the key that stands on each line, and its digest.

The text is OmegaConf's own, made leaf by leaf: a leaf prints the same wherever it stands at one depth, so that a
recomposed config prints only what is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml
from omegaconf._utils import get_omega_conf_dumper

from niceml_engine.config.composed.digest import canonical, canonical_mapping, digest_of
from niceml_engine.config.composed.resolve import Found

_HOLDER = "x"
_BRANCH = "{...}"
_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Printed:
    """A config as text.

    Attributes:
        text: Its YAML.
        keys: For each of its lines the key that stands there; empty inside lists and long texts.
    """

    text: str
    keys: tuple[str, ...]


class _Chunk(NamedTuple):
    text: str
    keys: tuple[str, ...]


class _Leaf(NamedTuple):
    plain: _Chunk
    resolved: _Chunk
    json: str


@dataclass(slots=True)
class _Page:
    chunks: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def add(self, chunk: _Chunk) -> None:
        self.chunks.append(chunk.text)
        self.keys.extend(chunk.keys)

    def printed(self) -> Printed:
        return Printed("".join(self.chunks), tuple(self.keys))


class Renderer:
    """Prints plain data as `OmegaConf.to_yaml` does."""

    def __init__(self) -> None:
        self._texts: dict[tuple[int, str, str], str] = {}

    def render(self, data: dict[Any, Any], found: Sequence[Found]) -> tuple[Printed, Printed, str]:
        """Prints a config.

        Args:
            data: Its plain data.
            found: Its leaves, in order.

        Returns:
            The config as it is, the same resolved, and its digest.
        """
        if not data:
            empty = Printed(dump(data), ("",))
            return empty, empty, digest_of(canonical(data))
        plain, resolved = _Page(), _Page()
        json = self._walk(data, 0, "", iter(found), plain, resolved)
        return plain.printed(), resolved.printed(), digest_of(json)

    def _walk(
        self, data: dict[Any, Any], depth: int, prefix: str, found: Iterator[Found], plain: _Page, resolved: _Page
    ) -> str:
        """Prints a mapping, and returns its canonical JSON."""
        items: list[tuple[Any, str]] = []
        for key, value in data.items():
            branch = isinstance(value, dict) and bool(value)
            if branch and not _stands_alone(key):
                here = f"{prefix}{key}"
                head = _chunk(self._text(depth, key, _BRANCH, value), here)
                plain.add(head)
                resolved.add(head)
                items.append((key, self._walk(value, depth + 1, f"{here}.", found, plain, resolved)))
                continue
            if branch:
                leaf = self._leaf(depth, key, f"{prefix}{key}", value, _resolved(value, found))
            else:
                one = next(found)
                if one.printed is None:
                    shown = one.leaf.resolved if one.leaf is not None else value
                    one.printed = self._leaf(depth, key, f"{prefix}{key}", value, shown)
                leaf = one.printed
            plain.add(leaf.plain)
            resolved.add(leaf.resolved)
            items.append((key, leaf.json))
        return canonical_mapping(items)

    def _leaf(self, depth: int, key: Any, name: str, value: Any, shown: Any) -> _Leaf:
        chunk = _chunk(self._text(depth, key, repr(value), value), name)
        other = chunk if shown is value else _chunk(self._text(depth, key, repr(shown), shown), name)
        return _Leaf(chunk, other, canonical(value))

    def _text(self, depth: int, key: Any, known_by: str, value: Any) -> str:
        # repr tells 1 from True and from 1.0, which would be equal as keys
        known = (depth, repr(key), known_by)
        text = self._texts.get(known)
        if text is None:
            if len(self._texts) > _LIMIT:
                self._texts.clear()
            text = _header(depth, key) if known_by == _BRANCH else _indented(depth, key, value)
            self._texts[known] = text
        return text


def _chunk(text: str, key: str) -> _Chunk:
    return _Chunk(text, (key, *[""] * (text.count("\n") - 1)))


def _resolved(value: Any, found: Iterator[Found]) -> Any:
    """A value with its leaves, which come next, resolved."""
    if not isinstance(value, dict) or not value:
        one = next(found)
        return one.leaf.resolved if one.leaf is not None else value
    return {key: _resolved(item, found) for key, item in value.items()}


def _stands_alone(key: Any) -> bool:
    """Whether YAML writes a key on a line of its own (`? key`): an empty one, a long one, one of several lines."""
    return _is_odd(key) and dump({key: None}).startswith("? ")


def _indented(depth: int, key: Any, value: Any) -> str:
    data: Any = {key: value}
    for _ in range(depth):
        data = {_HOLDER: data}
    return dump(data).split("\n", depth)[depth]


def _header(depth: int, key: Any) -> str:
    text = _indented(depth, key, {_HOLDER: None})
    return text[: text.rindex("\n", 0, len(text) - 1) + 1]


def dump(data: Any) -> str:
    """Prints plain data as `OmegaConf.to_yaml` prints the config of it."""
    if _fits(data):
        text = _dump(data, _FastDumper)
        if '"' not in text:
            return text
    return _dump(data, get_omega_conf_dumper())


#: OmegaConf's dumper on top of libyaml, forty times as fast. The two differ in keys that stand alone, and in how they
#: fold what stands in double quotes.
_FastDumper: Any = type(
    "_FastDumper",
    (yaml.CDumper,),
    {
        name: getattr(get_omega_conf_dumper(), name)
        for name in ("yaml_representers", "yaml_multi_representers", "yaml_implicit_resolvers")
    },
)


def _dump(data: Any, dumper: Any) -> str:
    text: str = yaml.dump(data, default_flow_style=False, allow_unicode=True, sort_keys=False, Dumper=dumper)
    return text


def _fits(data: Any) -> bool:
    if isinstance(data, dict):
        return not any(map(_is_odd, data)) and all(map(_fits, data.values()))
    return all(map(_fits, data)) if isinstance(data, list) else True


def _is_odd(key: Any) -> bool:
    return isinstance(key, str) and (not key or len(key) > 100 or "\n" in key)
