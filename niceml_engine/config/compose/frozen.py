"""Configs put by, to be copied often: pickled, which copies ten times faster than `deepcopy`.

Some projects keep tens of thousands of values in a few long lists. Such a list is one value, replaced whole; where
nothing in it depends on where it stands, its items are shared by all copies instead of being copied.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from omegaconf import AnyNode, Container, DictConfig, ListConfig

from niceml_engine.config.composed.provenance import children, is_long

_Keys = tuple[Any, ...]
Items = tuple[tuple[_Keys, list[Any]], ...]


@dataclass(frozen=True, eq=False)
class Frozen:
    """A config put by, itself a key of what rests on it.

    Attributes:
        pickled: The config, its long lists left empty.
        items: What belongs into them.
    """

    pickled: bytes
    items: Items = ()

    @classmethod
    def of(cls, config: Container) -> Frozen:
        """Puts a config by."""
        with without_long_lists(config) as items:
            return cls(pickle.dumps(config), items)

    def thaw(self, *, whole: bool = False) -> DictConfig:
        """Makes a copy.

        Args:
            whole: Whether items of lists are to be changed; the copy shares nothing then.
        """
        config: DictConfig = pickle.loads(self.pickled)
        put_back(config, self.items)
        if whole:
            for keys, content in self.items:
                node = _at(config, keys)
                node.__dict__["_content"] = pickle.loads(pickle.dumps(content))
                for item in node._content:
                    item._set_parent(node)
        return config


@contextmanager
def without_long_lists(config: Container) -> Iterator[Items]:
    """Takes the items out of the lists that copies may share, for a while."""
    found = tuple(_long_lists(config, ()))
    items = tuple((keys, node.__dict__["_content"]) for keys, node in found)
    for _, node in found:
        for item in node.__dict__["_content"]:
            item.__dict__["_parent"] = None  # whoever copies an item must not copy the config it was in
        node.__dict__["_content"] = []
    try:
        yield items
    finally:
        for (_, node), (_, content) in zip(found, items, strict=True):
            node.__dict__["_content"] = content


def put_back(config: Container, items: Items, package: Sequence[str] = ()) -> None:
    """Puts the items of lists into a copy.

    Args:
        config: The copy.
        items: What `without_long_lists` took out.
        package: Where the copy stands in `config`.
    """
    for keys, content in items:
        _at(config, (*package, *keys)).__dict__["_content"] = content


def _at(node: Any, keys: _Keys) -> Any:
    for key in keys:
        node = node.__dict__["_content"][key]
    return node


def _long_lists(node: Any, keys: _Keys) -> Iterator[tuple[_Keys, ListConfig]]:
    for key, child in children(node):
        if isinstance(child, DictConfig):
            yield from _long_lists(child, (*keys, key))
        elif is_long(child) and all(map(_stands_alone, child._content)):
            yield (*keys, key), child


def _stands_alone(node: Any) -> bool:
    """Whether a node means the same wherever it stands."""
    content = node.__dict__["_content"] if isinstance(node, DictConfig | ListConfig) else None
    if isinstance(content, dict):
        return all(map(_stands_alone, content.values()))
    if isinstance(content, list):
        return all(map(_stands_alone, content))
    if type(node) is not AnyNode:
        return False
    value = node.__dict__["_val"]
    return not isinstance(value, str) or not ("${" in value or value == "???")
