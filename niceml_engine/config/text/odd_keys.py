"""Keys of mappings that are no text: of those that mean the same, YAML keeps the last; `null` cannot be one at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

_NUMBER_OR_TRUTH = re.compile(r"(?im)(?:^|[\s,{])(?:[-+.]?\d\S*|[-+]?\.\w+|true|false|yes|no|on|off) {0,9}:(?:\s|$)")
_TEXT = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


class Swallowed(NamedTuple):
    """A key whose value is lost, as another one below it is the same: `1` and `true`, `10` and `0xA`.

    Attributes:
        line: The line of the key that counts, from 1.
        text: How that is written.
        lost: The line of the one that is lost.
        lost_text: How that is written.
    """

    line: int
    text: str
    lost: int
    lost_text: str


def swallowed(root: yaml.Node, text: str, loader: type[Any]) -> tuple[Swallowed, ...]:
    """The keys that others of their mapping take the place of; parsers refuse only texts that stand twice.

    Args:
        root: The root of a measured text whose merges (`<<`) have not been carried out.
        text: The text.
        loader: Makes plain data of a key.
    """
    if not _NUMBER_OR_TRUTH.search(text):
        return ()
    make = loader("")
    found = []
    for mapping in _mappings(root, set()):
        seen: dict[Any, yaml.Node] = {}
        for key, _ in mapping.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag in (_TEXT, _MERGE):
                continue
            try:
                plain = make.construct_object(key)
            except Exception:  # that it cannot be made is said where it is made
                continue
            if plain in seen:
                before = seen[plain]
                found.append(Swallowed(_line(key), key.value, _line(before), before.value))
            seen[plain] = key
    return tuple(found)


def null_key(text: str) -> tuple[int, str]:
    """Line and text of the first key that is null, in a text that can be parsed; 0 where none is."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    for mapping in _mappings(root, set()) if root is not None else ():
        for key, _ in mapping.value:
            if key.tag == _NULL:
                return _line(key), key.value
    return 0, ""


def _mappings(node: yaml.Node, seen: set[int]) -> Iterator[yaml.MappingNode]:
    """The mappings in a node, each once."""
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        yield node
    for child in node.value:
        for one in child if isinstance(child, tuple) else (child,):
            yield from _mappings(one, seen)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
