"""Which objects a config is made of, and what they are called where parts of it are tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException


def objects(node: Any, key: str) -> Iterator[str]:
    """The keys of the outermost mappings with a `_target_`, at a key or below it."""
    if isinstance(node, DictConfig) and "_target_" in node:
        yield key
    elif isinstance(node, DictConfig):
        for name in node:
            yield from objects(below(node, name), f"{key}.{name!s}" if key else str(name))
    elif isinstance(node, ListConfig):
        for index in range(len(node)):
            yield from objects(below(node, index), f"{key}[{index}]")


def objects_in(config: DictConfig, base: str) -> list[str]:
    """The keys of the objects at a key of a config, or below it; an empty one is the whole config."""
    return list(objects(select(config, base), base))


def title(base: str, key: str) -> str:
    """What a part is called that is tried as one of those below a key."""
    return key.removeprefix(base).lstrip(".") or key.rpartition(".")[2] or "config"


def select(config: DictConfig, key: str) -> Any:
    """What stands at a key; an empty one is the whole config."""
    return OmegaConf.select(config, key) if key else config


def below(node: Any, name: Any) -> Any:
    """An item of a node; none where it cannot be resolved."""
    try:
        return node[name]
    except OmegaConfBaseException:  # what is made of the values around it will tell
        return None
