"""A config as YAML text, with the key that stands on each line.

The text is OmegaConf's own, made leaf by leaf: a leaf prints the same wherever it stands at one depth, so that a
recomposed config prints only what is new.
"""

from __future__ import annotations

from typing import Any

import yaml
from omegaconf._utils import get_omega_conf_dumper

from niceml_engine.config.composed.resolve import key_text

_HOLDER = "x"
_BRANCH = "{...}"
_LIMIT = 50_000


class Renderer:
    """Prints plain data as `OmegaConf.to_yaml` does."""

    def __init__(self) -> None:
        self._chunks: dict[tuple[int, str, str], str] = {}

    def render(self, data: dict[Any, Any]) -> tuple[str, tuple[str, ...]]:
        """Prints a mapping.

        Returns:
            The text, and for each of its lines the key that stands there; empty inside lists and long texts.
        """
        if not data:
            return dump(data), ("",)
        chunks: list[str] = []
        lines: list[str] = []
        self._walk(data, (), chunks, lines)
        return "".join(chunks), tuple(lines)

    def _walk(self, data: dict[Any, Any], path: tuple[str, ...], chunks: list[str], lines: list[str]) -> None:
        for key, value in data.items():
            here = (*path, str(key))
            branch = isinstance(value, dict) and bool(value) and not _stands_alone(key)
            # repr tells 1 from True and from 1.0, which would be equal as keys
            known = (len(path), repr(key), _BRANCH if branch else repr(value))
            chunk = self._chunks.get(known)
            if chunk is None:
                if len(self._chunks) > _LIMIT:
                    self._chunks.clear()
                chunk = self._chunks[known] = _header(len(path), key) if branch else _leaf(len(path), key, value)
            chunks.append(chunk)
            lines.append(key_text(here))
            lines.extend([""] * (chunk.count("\n") - 1))
            if branch:
                self._walk(value, here, chunks, lines)


def _stands_alone(key: Any) -> bool:
    """Whether YAML writes a key on a line of its own (`? key`): an empty one, a long one, one of several lines."""
    return _is_odd(key) and dump({key: None}).startswith("? ")


def _leaf(depth: int, key: Any, value: Any) -> str:
    data: Any = {key: value}
    for _ in range(depth):
        data = {_HOLDER: data}
    return dump(data).split("\n", depth)[depth]


def _header(depth: int, key: Any) -> str:
    text = _leaf(depth, key, {_HOLDER: None})
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
