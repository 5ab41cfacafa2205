"""Composing with provenance. The only file that touches Hydra's internals.

Hydra composes: its parser reads the overrides, its defaults list decides what is merged, its loader merges. We stand
at three places and take notes: where a config is looked up and read (`_Repository`), where an entry of a defaults
list is taken up (`_Overrides`), and where a layer is about to be merged (`_Loader`). What Hydra decided for one job
and one set of choices is kept as a `_Plan`, together with the facts of the file system that it rests on; a later
composition with other values starts from a copy of it, once these facts have been seen to hold.
"""

from __future__ import annotations

import copy
import os
import pickle
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from hydra._internal import defaults_list as hydra_defaults
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import DefaultsTreeNode, GroupDefault, InputDefault, ResultDefault, VirtualRoot
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from niceml_engine.config import choices, graph
from niceml_engine.config.files import Files, signature
from niceml_engine.config.graph import Entry, Names, stem
from niceml_engine.config.present import Drawing, Merged, check_job, present, present_refusal
from niceml_engine.config.provenance import HYDRA, History, Item, file_origin, items_of
from niceml_engine.config.refusal import CircleError, Progress, explain
from niceml_engine.config.render import Renderer
from niceml_engine.config.setting import Setting
from niceml_engine.config.sources import Facts, FileResult, FolderSource, open_source
from niceml_engine.config.structured import python_origin, without_python
from niceml_engine.config.world import hydra_world, parsable, parse, running, set_up
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, Default, Node, Selection

MAX_CHAIN = 50
"""Levels of includes inside includes; deeper ones go round in a circle."""
_PLANS = 32  #: kept per project
_CACHED = 5_000  #: parsed configs and recorded layers kept per project
_START = "_start_"


_make_interpolation_map = hydra_defaults._create_interpolation_map


def _interpolation_map(overrides: Any, defaults_list: list[InputDefault], self_added: bool) -> DictConfig:
    """Hydra's map of all known choices: made for every config with defaults, but only read in this case."""
    if any(not default.is_self() and default.is_interpolation() for default in defaults_list):
        return _make_interpolation_map(overrides, defaults_list, self_added)
    return OmegaConf.create()


hydra_defaults._create_interpolation_map = _interpolation_map


class _Repository(ConfigRepository):
    """Hydra's repository over folders, with a cache of what was read, and notes of what was looked for."""

    def __init__(self, search_path: ConfigSearchPath, setting: Setting, files: Files, results: dict[Any, ConfigResult]):
        self.facts = Facts()
        self.files = files
        self.setting, self._results = setting, results
        super().__init__(search_path)

    def initialize_sources(self, config_search_path: ConfigSearchPath) -> None:
        opened: list[ConfigSource] = []
        for element in config_search_path.get_path():
            provider, path = element.provider or "", element.path or ""
            source: ConfigSource | None = open_source(provider, path, self.setting, self.files, self.facts)
            if source is None:
                lone = ConfigSearchPathImpl()
                lone.append(provider, path)
                super().initialize_sources(lone)
                source = self.sources[0]
            opened.append(source)
        self.sources = opened
        self._found: dict[tuple[str, ObjectType | None], ConfigSource | None] = {}

    def _find_object_source(self, config_path: str, object_type: ObjectType | None) -> ConfigSource | None:
        known = (config_path, object_type)
        if known not in self._found:
            self._found[known] = super()._find_object_source(config_path, object_type)
        return self._found[known]

    def load_config(self, config_path: str) -> ConfigResult | None:
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        file = source.find(config_path) if isinstance(source, FolderSource) else None
        state, base = self.facts.ask(signature, file) if file else None, self.setting.version_base
        known = (config_path, file, state, getattr(source, "provider", ""), base)
        if file and known in self._results:
            return copy.copy(self._results[known])
        result = super().load_config(config_path)
        if isinstance(result, FileResult):
            lines = self.files.parse(result.file).entries
            for default, line in zip(result.defaults_list or (), lines, strict=False):
                graph.tag(default, Entry(config_path, line))
            if not (result.partial or self.get_schema_source().is_config(config_path)):
                self._results[known] = result
                result.shared = True
                return copy.copy(result)
        return result

    def find(self, config_path: str) -> str | None:
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        return source.find(config_path) if isinstance(source, FolderSource) else None


class _Pass(CachingConfigRepository):
    """What one composition sees: each config once. A tolerant one reads what cannot be read as empty."""

    def __init__(self, delegate: _Repository, progress: Progress | None) -> None:
        self.delegate: _Repository = delegate
        self.cache: dict[str, ConfigResult | None] = {}
        self.tolerant = progress is None
        self.progress = progress or Progress()
        self.missing: set[str] = set()

    def load_config(self, config_path: str) -> ConfigResult | None:
        self.progress.file = self.delegate.find(config_path) or ""
        try:
            result = super().load_config(config_path)
        except Exception:
            if not self.tolerant:
                raise
            result = None
        if result is None and self.tolerant:
            self.missing.add(config_path)
            empty = ConfigResult(provider="", path="", config=OmegaConf.create(), header={"package": None})
            empty.defaults_list = []
            return empty
        return result


class _Overrides(hydra_defaults.Overrides):
    """Hydra's overrides, which every entry of the defaults lists passes: notes them, and stops circles."""

    def __init__(self, repo: _Pass, overrides_list: list[Override]) -> None:
        super().__init__(repo, overrides_list)
        self.asked: list[GroupDefault] = []
        self._tolerant = repo.tolerant
        self._visits: dict[str, int] = {}

    def is_overridden(self, default: InputDefault) -> bool:
        if isinstance(default, GroupDefault):
            self.asked.append(default)
        return super().is_overridden(default)

    def set_known_choice(self, default: InputDefault) -> None:
        try:
            super().set_known_choice(default)
        except HydraException:
            if not self._tolerant:
                raise

    def is_deleted(self, default: InputDefault) -> bool:
        if not default.is_missing() and default.get_name() is not None:
            path = default.get_config_path()
            self._visits[path] = self._visits.get(path, 0) + 1
            if self._tolerant and self._visits[path] > 1 and path in _chain()[:-1]:
                graph.close_circle(default)
                return True
            if self._visits[path] > MAX_CHAIN // 3 and len(_chain()) > MAX_CHAIN:
                raise CircleError(_chain())
        return super().is_deleted(default)

    def delete(self, default: InputDefault) -> None:
        if graph.closes_circle(default):
            default.__dict__["deleted"] = True
        else:
            super().delete(default)


@dataclass
class _Plan:
    """What Hydra decided for one job and one set of choices."""

    key: tuple[Any, ...]
    groups: tuple[str, ...]
    search_path: ConfigSearchPath
    repository: _Repository
    seen: _Pass
    names: Names = field(default_factory=Names)
    frozen: bytes = b""  #: the merged config before overrides, pickled
    frozen_own: bytes = b""  #: the same without Hydra's node
    history: History = field(default_factory=History)
    drawing: Drawing = field(default_factory=Drawing)
    warnings: tuple[str, ...] = ()


class _Loader(ConfigLoaderImpl):
    """Hydra's loader, which notes each layer just before it is merged.

    Merging takes its layers apart, so each gets a copy; a pickled one is copied ten times faster than `deepcopy` does.
    """

    def __init__(self, plan: _Plan, layers: dict[Any, _Layer]) -> None:
        self.config_search_path = plan.search_path
        self.repository = plan.repository
        self._plan, self._layers = plan, layers
        self._start = b""

    def merge(self, defaults: list[ResultDefault], start: bytes = b"") -> DictConfig:
        """Merges layers in order, upon a pickled config."""
        self._start = start
        first = [ResultDefault(config_path=_START)] if start else []
        return self._compose_config_from_defaults_list(defaults=[*first, *defaults], repo=self._plan.seen)

    def _load_single_config(self, default: ResultDefault, repo: Any) -> ConfigResult:
        if default.config_path == _START:
            return ConfigResult(provider="", path="", config=pickle.loads(self._start), header={"package": None})
        loaded = repo.load_config(default.config_path)
        repo.progress.package = default.package or ""
        if not isinstance(loaded, FileResult) or not loaded.shared:
            result = super()._load_single_config(default, repo)
            self._plan.history.add(self._items(result, default))
            return result
        state = self._plan.repository.facts.ask(signature, loaded.file)
        base = self._plan.repository.setting.version_base
        key = (loaded.file, state, loaded.provider, default.config_path, default.package, default.primary, base)
        layer = self._layers.get((key, self._plan.names.folders))
        if layer is None:
            result = super()._load_single_config(default, repo)
            layer = _Layer(self._items(result, default), pickle.dumps(result.config))
            self._layers[(key, self._plan.names.folders)] = layer
        self._plan.history.add(layer.items)
        copied = copy.copy(loaded)
        copied.config = pickle.loads(layer.frozen)
        return copied

    def _items(self, result: ConfigResult, default: ResultDefault) -> tuple[Item, ...]:
        package = default.package or ""
        node = self._plan.names.node(default.config_path or "")
        if not isinstance(result.config, DictConfig):
            return ()
        if not isinstance(result, FileResult):
            return items_of(result.config, python_origin(result.config, node, package, self._plan.repository.setting))
        return items_of(result.config, file_origin(self._plan.repository.files.parse(result.file), node, package))


@dataclass(frozen=True)
class _Layer:
    """A config at its package, ready to be merged, and what it sets."""

    items: tuple[Item, ...]
    frozen: bytes


class Composer:
    """Composes the jobs of one project, under its setting. It caches, and is not thread-safe."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.files = Files()
        self._results: dict[Any, ConfigResult] = {}
        self._layers: dict[Any, _Layer] = {}
        self._plans: list[_Plan] = []
        self._hydra_trees: dict[Any, bytes] = {}
        self._renderer = Renderer()
        set_up()

    def compose(self, selection: Selection) -> Composed:
        """Composes a selection, with the origin of each value.

        What Hydra refuses is told in `Composed.error`; nodes, edges and choices then hold what can still be read.

        Raises:
            ConfigError: The job file does not exist.
        """
        started = time.perf_counter()
        check_job(selection)
        progress = Progress()
        try:
            merged = self._merge(selection, progress)
        except Exception as error:  # Hydra leaks errors of every kind
            drawing = self._draw(selection)
            composed = present_refusal(selection, explain(error, selection, progress, drawing, self.files), drawing)
        else:
            composed = present(selection, merged, self._renderer)
        milliseconds = (time.perf_counter() - started) * 1000
        return msgspec.structs.replace(without_python(composed, self.setting), milliseconds=milliseconds)

    def config(self, selection: Selection) -> DictConfig:
        """The composed config alone: what `hydra.compose` returns.

        Raises:
            ConfigError: The job file does not exist, or Hydra refuses; names file, line and key where it can.
        """
        check_job(selection)
        progress = Progress()
        try:
            return self._merge(selection, progress).config
        except Exception as error:
            raise ConfigError.of(explain(error, selection, progress, self._draw(selection), self.files)) from error

    def _merge(self, selection: Selection, progress: Progress) -> Merged:
        with hydra_world(self.setting.of(selection.job).version_base) as caught:
            parsed = self._parsed(selection, progress)
            plan = self._known_plan(selection, parsed) or self._new_plan(selection, parsed, progress, caught)
            progress.merged = plan.frozen_own
            valued = _valued(plan.seen, parsed)
            touched = any(override.key_or_group.partition(".")[0] in ("", HYDRA) for override in valued)
            config, history = pickle.loads(plan.frozen if touched else plan.frozen_own), plan.history.copy()
            for number, override in enumerate(parsed, 1):
                if not any(override is other for other in valued):
                    continue
                progress.override = selection.overrides[number - 1]
                _Loader._apply_overrides_to_config([override], config)
                key, value = override.key_or_group, override.value()
                history.override(config, key, value, progress.override, number, override.is_delete())
            _drop_hydra(config)
            texts = (*plan.warnings, *(str(item.message) for item in caught))
            return Merged(config, history, plan.drawing, tuple(dict.fromkeys(texts)))

    def _parsed(self, selection: Selection, progress: Progress) -> list[Override]:
        parsed = []
        for text in selection.overrides:
            progress.override = text
            parsed.append(copy.copy(parse(text)))
        ConfigLoaderImpl.validate_sweep_overrides_legal(parsed, RunMode.RUN, from_shell=False)
        progress.override = ""
        return parsed

    def _known_plan(self, selection: Selection, parsed: list[Override]) -> _Plan | None:
        key = self._key(selection, parsed)
        for plan in self._plans:
            if plan.key == key and plan.groups == _groups(plan.seen, parsed):
                self._plans.remove(plan)
                if not plan.repository.facts.hold():
                    return None
                self._plans.insert(0, plan)
                return plan
        return None

    def _new_plan(self, selection: Selection, parsed: list[Override], progress: Progress, caught: list[Any]) -> _Plan:
        plan, name = self._open(selection, parsed, progress)
        overrides = _Overrides(plan.seen, parsed)
        defaults, root = hydra_defaults._create_defaults_list(plan.seen, name, overrides, True, False)
        overrides.ensure_overrides_used()
        overrides.ensure_deletions_used()
        plan.drawing = self._drawing(plan, root, overrides, defaults)
        own = _length_of_hydra_tree(root)
        loader = _Loader(plan, self._layers)
        progress.history = plan.history
        config = loader.merge(defaults[own:], self._hydra_tree(plan, loader, defaults[:own]))
        OmegaConf.set_struct(config, True)
        OmegaConf.set_readonly(config.hydra, False)
        plan.frozen = pickle.dumps(config)
        _drop_hydra(config)
        plan.frozen_own = pickle.dumps(config)
        plan.warnings = tuple(str(item.message) for item in caught)
        caught.clear()
        self._plans.insert(0, plan)
        del self._plans[_PLANS:]
        return plan

    def _open(self, selection: Selection, parsed: list[Override], progress: Progress | None) -> tuple[_Plan, str]:
        """A plan with its sources open, and the primary's name; tolerant where nobody asks for the progress."""
        for cache in (self._results, self._layers, self._hydra_trees):
            if len(cache) > _CACHED:
                cache.clear()
        main, name = self.setting.primary(selection.job)
        search_path = create_config_search_path(main)
        repository = _Repository(search_path, self.setting.of(selection.job), self.files, self._results)
        repository.facts.tolerant = progress is None
        seen = _Pass(repository, progress)
        plan = _Plan(self._key(selection, parsed), (), search_path, repository, seen)
        loader = _Loader(plan, self._layers)
        loader.ensure_main_config_source_available()
        loader._process_config_searchpath(name, parsed, seen)
        plan.groups = _groups(seen, parsed)
        folders = [s.folder for s in repository.get_sources() if isinstance(s, FolderSource) and s.folder]
        plan.names = Names.of(os.path.normpath(main or os.path.dirname(selection.job)), folders, repository.find)
        return plan, name

    @staticmethod
    def _key(selection: Selection, parsed: list[Override]) -> tuple[Any, ...]:
        searched = tuple(o.input_line for o in parsed if o.get_key_element() == "hydra.searchpath")
        return (selection.job, searched, frozenset(os.environ.items()))

    def _hydra_tree(self, plan: _Plan, loader: _Loader, defaults: list[ResultDefault]) -> bytes:
        """Hydra's own node, which is the same for most jobs."""
        seen = tuple((d.config_path, d.package, signature(plan.names.file(d.config_path or ""))) for d in defaults)
        key = (plan.repository.setting.version_base, seen)
        if key not in self._hydra_trees:
            self._hydra_trees[key] = pickle.dumps(loader.merge(defaults))
        return self._hydra_trees[key]

    def _draw(self, selection: Selection) -> Drawing:
        """The include structure of a job that Hydra refuses, as far as it can be read."""
        with hydra_world(self.setting.of(selection.job).version_base):
            for kept in (parsable(selection.overrides), []):
                with suppress(Exception):  # nothing that is wrong with a config may hide the rest of it
                    plan, name = self._open(selection, kept, None)
                    overrides = _Overrides(plan.seen, kept)
                    root = hydra_defaults._create_root(config_name=name, with_hydra=True)
                    hydra_defaults._create_defaults_tree(plan.seen, root, True, True, False, overrides)
                    return self._drawing(plan, root, overrides, [])
        return Drawing((Node(stem(os.path.basename(selection.job)), selection.job),))

    def _drawing(
        self, plan: _Plan, root: DefaultsTreeNode, overrides: _Overrides, defaults: list[ResultDefault]
    ) -> Drawing:
        child = (root.children or [])[-1]
        tree = child if isinstance(child, DefaultsTreeNode) else DefaultsTreeNode(node=child)
        asked, missing = tuple(overrides.asked), frozenset(plan.seen.missing)
        nodes, edges = graph.draw(tree, asked, plan.names, missing)
        found = choices.choices_of(tree, asked, plan.names, plan.repository.get_group_options, plan.groups)
        own = _length_of_hydra_tree(root) if defaults else 0
        listed = tuple(Default(d.config_path or "", d.package or "", d.parent, d.is_self) for d in defaults[own:])
        return Drawing(nodes, edges, found, listed, missing)


def _drop_hydra(config: DictConfig) -> None:
    if HYDRA in config:
        with open_dict(config):
            del config[HYDRA]


def _valued(repo: _Pass, parsed: list[Override]) -> list[Override]:
    """The overrides that set values; the others are choices."""
    return hydra_defaults.Overrides(repo, parsed).config_overrides


def _groups(repo: _Pass, parsed: list[Override]) -> tuple[str, ...]:
    valued = _valued(repo, parsed)
    return tuple(o.input_line or "" for o in parsed if not any(o is other for other in valued))


def _length_of_hydra_tree(root: DefaultsTreeNode) -> int:
    """How many of the defaults are Hydra's own: those below the first child of the virtual root."""
    return len(hydra_defaults._tree_to_list(DefaultsTreeNode(node=VirtualRoot(), children=(root.children or [])[:1])))


def _chain() -> list[str]:
    """The configs that Hydra is inside of, outermost first: seen on the stack, because it hands them to nobody."""
    nodes = [frame["root"].node for frame in running(hydra_defaults._create_defaults_tree_impl)]
    return [node.get_config_path() for node in reversed(nodes) if not node.is_virtual()]
