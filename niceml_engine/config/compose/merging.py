"""Merging the layers of a defaults list: Hydra's loader, which notes what each layer sets."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass, field
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import ResultDefault
from hydra.plugins.config_source import ConfigResult
from hydra.version import base_at_least
from omegaconf import DictConfig
from omegaconf._utils import split_key

from niceml_engine.config.compose.frozen import Frozen, put_back, without_long_lists
from niceml_engine.config.compose.reading import Pass, Repository
from niceml_engine.config.compose.sources import FileResult
from niceml_engine.config.compose.structured import python_origin
from niceml_engine.config.compose.world import running
from niceml_engine.config.composed.graph import Names
from niceml_engine.config.composed.present import Drawing
from niceml_engine.config.composed.provenance import HYDRA, History, Item, file_origin, items_of
from niceml_engine.config.text.files import signature

_START = "_start_"
_STRIDE = 64  #: layers after which what they merge to is kept
_PREFIXES = 32  #: kept per project


@dataclass
class Plan:
    """What Hydra decided for one job and one set of choices."""

    key: tuple[Any, ...]
    groups: tuple[str, ...]
    search_path: ConfigSearchPath
    repository: Repository
    seen: Pass
    names: Names = field(default_factory=Names)
    bases: tuple[str, ...] = ()  #: the folders that groups of overrides are relative to, each with a slash at its end
    frozen: Frozen = field(default_factory=lambda: Frozen(b""))  #: the merged config before overrides
    hydra: bytes = b""  #: Hydra's node of it, which is kept apart because hardly anybody asks for it
    params: tuple[str, ...] = ()  #: overrides that Hydra's basic sweeper adds
    moves: bool = False  #: whether Hydra changes into the run's folder because nothing says whether it should
    history: History = field(default_factory=History)
    drawing: Drawing = field(default_factory=Drawing)
    warnings: tuple[str, ...] = ()

    def keep(self, config: DictConfig) -> None:
        """Keeps what was merged."""
        node = drop_hydra(config)
        node._set_parent(None)
        self.hydra, self.frozen = pickle.dumps(node), Frozen.of(config)
        self.params, self.moves = _params(node), moves(node)

    def config(self, *, hydra: bool, lists: bool) -> DictConfig:
        """A copy of what was merged.

        Args:
            hydra: Whether Hydra's node is to be in it.
            lists: Whether items of lists are to be changed.
        """
        config = self.frozen.thaw(whole=lists)
        if hydra:
            node = pickle.loads(self.hydra)
            node._set_parent(config)
            config.__dict__["_content"][HYDRA] = node
        return config


@dataclass(frozen=True)
class Layer:
    """A config at its package, ready to be merged, and what it sets."""

    items: tuple[Item, ...]
    frozen: Frozen


@dataclass(frozen=True)
class Prefix:
    """What the first layers of a long defaults list merge to, for other lists that begin with the same."""

    config: Frozen
    history: History


class Loader(ConfigLoaderImpl):
    """Hydra's loader, which notes each layer just before it is merged.

    Merging takes its layers apart, so each gets a copy.

    Args:
        plan: What it works for.
        layers: The layers that are known already.
        prefixes: What their beginnings merge to.
    """

    def __init__(self, plan: Plan, layers: dict[Any, Layer], prefixes: dict[Any, Prefix]) -> None:
        self.config_search_path = plan.search_path
        self.repository = plan.repository
        self._plan, self._layers, self._prefixes = plan, layers, prefixes
        self._start = Frozen(b"")
        self._merged: list[Any] = []  # the keys of the layers so far; `None` for one that may be another next time

    def merge(self, defaults: list[ResultDefault], start: Frozen | None = None) -> DictConfig:
        """Merges layers in order, upon a config."""
        known = self._longest_prefix(defaults, start)
        if known:
            prefix = self._prefixes[known]
            start, defaults, self._merged = prefix.config, defaults[len(known) - 1 :], list(known)
            self._plan.history = self._plan.seen.progress.history = prefix.history.copy()
        else:
            self._merged = [start]
        self._start = start or self._start
        first = [ResultDefault(config_path=_START)] if start else []
        return self._compose_config_from_defaults_list(defaults=[*first, *defaults], repo=self._plan.seen)

    def _longest_prefix(self, defaults: list[ResultDefault], start: Frozen | None) -> tuple[Any, ...]:
        if len(defaults) <= _STRIDE:
            return ()
        keys = (start, *(self._key(self._plan.seen.load_config(d.config_path or ""), d) for d in defaults))
        lengths = range((len(defaults) - 1) // _STRIDE * _STRIDE, 0, -_STRIDE)
        return next((keys[: length + 1] for length in lengths if keys[: length + 1] in self._prefixes), ())

    def _key(self, loaded: ConfigResult | None, default: ResultDefault) -> Any:
        """What a layer is known by."""
        if not isinstance(loaded, FileResult) or not loaded.shared:
            return None
        state = self._plan.repository.facts.ask(signature, loaded.file)
        base = self._plan.repository.setting.version_base
        file = (loaded.file, state, loaded.provider)
        return (*file, default.config_path, default.package, default.primary, base, self._plan.names.folders)

    def _keep_prefix(self) -> None:
        """Keeps what has been merged so far, now and then."""
        if (len(self._merged) - 1) % _STRIDE or len(self._merged) == 1 or None in self._merged[1:]:
            return
        config = next(running(ConfigLoaderImpl._compose_config_from_defaults_list))["cfg"]
        self._prefixes[tuple(self._merged)] = Prefix(Frozen.of(config), self._plan.history.copy())
        while len(self._prefixes) > _PREFIXES:
            del self._prefixes[next(iter(self._prefixes))]

    def _load_single_config(self, default: ResultDefault, repo: Any) -> ConfigResult:
        if default.config_path == _START:
            return ConfigResult(provider="", path="", config=self._start.thaw(), header={"package": None})
        loaded = repo.load_config(default.config_path)
        repo.progress.package = default.package or ""
        self._keep_prefix()
        key = self._key(loaded, default)
        self._merged.append(key)
        if key is None:
            result = super()._load_single_config(default, repo)
            self._plan.history.add(self._items(result, default))
            return result
        layer = self._layers.get(key)
        if layer is None:
            result = super()._load_single_config(default, repo)
            layer = Layer(self._items(result, default), Frozen.of(result.config))
            self._layers[key] = layer
        self._plan.history.add(layer.items)
        copied: ConfigResult = copy.copy(loaded)
        copied.config = layer.frozen.thaw()
        return copied

    @staticmethod
    def _embed_result_config(ret: ConfigResult, package_override: str | None) -> ConfigResult:
        if not isinstance(ret.config, DictConfig):
            return ConfigLoaderImpl._embed_result_config(ret, package_override)
        with without_long_lists(ret.config) as items:
            embedded = ConfigLoaderImpl._embed_result_config(ret, package_override)
        if embedded is not ret:
            put_back(embedded.config, items, split_key(package_override or ret.header["package"] or ""))
        return embedded

    def _items(self, result: ConfigResult, default: ResultDefault) -> tuple[Item, ...]:
        package = default.package or ""
        node = self._plan.names.node(default.config_path or "")
        if not isinstance(result.config, DictConfig):
            return ()
        if isinstance(result, FileResult):
            origin = file_origin(self._plan.repository.files.parse(result.file), node, package)
        else:
            origin = python_origin(result.config, node, package, self._plan.repository.setting)
        return items_of(result.config, origin, hydra=self._plan.history.hydra)


def _params(node: DictConfig) -> tuple[str, ...]:
    """The sweep that stands in `hydra.sweeper.params`; what another sweeper than the basic one does is its own."""
    sweeper = node._get_node("sweeper")
    if not isinstance(sweeper, DictConfig) or not str(sweeper.get("_target_")).endswith(".BasicSweeper"):
        return ()
    params = sweeper._get_node("params")
    if not isinstance(params, DictConfig) or params._is_none():
        return ()
    return tuple(f"{key!s}={value}" for key, value in params.items_ex(resolve=False))


def moves(node: DictConfig) -> bool:
    """Whether Hydra changes into the run's folder because its own node does not say so: until 1.2 it did."""
    job = node._get_node("job")
    return not base_at_least("1.2") and isinstance(job, DictConfig) and job.get("chdir") is None


def drop_hydra(config: DictConfig) -> Any:
    """Takes Hydra's own node out of a config, and returns it."""
    return config.__dict__["_content"].pop(HYDRA, None)
