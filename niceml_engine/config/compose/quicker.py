"""Things that Hydra and OmegaConf do over and over, done once; what comes out is the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from hydra import version
from hydra._internal import defaults_list as hydra_defaults
from hydra.core.default_element import InputDefault
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.base import Box, Node

_interpolation_map_of = hydra_defaults._create_interpolation_map
_NO_CHOICES = OmegaConf.create()


def _interpolation_map(overrides: Any, defaults_list: list[InputDefault], self_added: bool) -> DictConfig:
    """Hydra's map of all known choices: made for every config with defaults, but only read in this case."""
    if any(not default.is_self() and default.is_interpolation() for default in defaults_list):
        return _interpolation_map_of(overrides, defaults_list, self_added)
    return _NO_CHOICES


def _re_parent(box: Box) -> None:
    """Tells nodes who their parent is, after a merge; those who know it have told theirs already.

    OmegaConf tells all nodes of the growing config again after each of its layers.
    """
    for child in _nodes(box):
        if child.__dict__["_parent"] is not box:
            child._set_parent(box)
            if isinstance(child, Box):
                _re_parent(child)


def _nodes(box: Box) -> list[Node]:
    content = box.__dict__["_content"]
    if isinstance(box, DictConfig) and isinstance(content, dict):
        return list(content.values())
    if isinstance(box, ListConfig) and isinstance(content, list):
        return content
    return [content] if isinstance(content, Node) else []


_QUICKER: tuple[tuple[Any, str, Any], ...] = (
    (hydra_defaults, "_create_interpolation_map", _interpolation_map),
    (Box, "_re_parent", _re_parent),
    (version, "_get_version", lru_cache(maxsize=None)(version._get_version)),
)


@contextmanager
def quicker() -> Iterator[None]:
    """Puts the quicker ways in place for a while; Hydra is itself again afterwards, for whoever else uses it."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _QUICKER]
    for owner, name, better in _QUICKER:
        setattr(owner, name, better)
    try:
        yield
    finally:
        for owner, name, known in before:
            setattr(owner, name, known)
