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
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
from hydra import version
from hydra._internal import defaults_list as hydra_defaults
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import DefaultsTreeNode, GroupDefault, InputDefault, ResultDefault, VirtualRoot
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.core.utils import JobRuntime, setup_globals
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from niceml_engine.config import choices, graph, resolvers
from niceml_engine.config.files import Files, signature
from niceml_engine.config.graph import Entry, Names, stem
from niceml_engine.config.present import Drawing, Merged, present, present_refusal
from niceml_engine.config.project import Setting
from niceml_engine.config.provenance import History, Item, file_origin, items_of
from niceml_engine.config.refusal import Progress, circle, explain
from niceml_engine.config.render import Renderer
from niceml_engine.config.sources import Facts, FileResult, FolderSource, open_source
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, Default, Node, Origin, Selection

MAX_CHAIN = 50
"""Levels of includes inside includes; deeper ones go round in a circle."""
_PLANS = 32  #: kept per project
_CACHED = 5_000  #: parsed configs and recorded layers kept per project
_START = "_start_"


class _Repository(ConfigRepository):
    """Hydra's repository over folders, with a cache of what was read, and notes of what was looked for."""

    def __init__(self, search_path: ConfigSearchPath, setting: Setting, files: Files, results: dict[Any, ConfigResult]):
        self.facts = Facts()
        self.files = files
        self._setting, self._results = setting, results
        super().__init__(search_path)

    def initialize_sources(self, config_search_path: ConfigSearchPath) -> None:
        """Opens the sources; folders become ours, everything else stays Hydra's."""
        setting, opened = self._setting, []
        for element in config_search_path.get_path():
            source: ConfigSource | None = open_source(
                element.provider or "",
                element.path or "",
                setting.working_dir or setting.root,
                setting.python_path,
                self.files,
                self.facts,
            )
            if source is None:
                lone = ConfigSearchPathImpl()
                lone.append(element.provider or "", element.path or "")
                super().initialize_sources(lone)
                source = self.sources[0]
            opened.append(source)
        self.sources = opened

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Loads a config, from the cache if its file is unchanged, and notes the line of each default."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        file = source.find(config_path) if isinstance(source, FolderSource) else None
        known = (config_path, file, self.facts.ask(signature, file) if file else None, getattr(source, "provider", ""))
        if file and known in self._results:
            return copy.copy(self._results[known])
        result = super().load_config(config_path)
        if isinstance(result, FileResult):
            lines = self.files.parse(result.file).entries
            for default, line in zip(result.defaults_list or (), lines, strict=False):
                graph.tag(default, Entry(config_path, line))
            if not self.get_schema_source().is_config(config_path):
                self._results[known] = result
                return copy.copy(result)
        return result

    def options(self, group: str) -> tuple[str, ...]:
        """The names of a group's options."""
        return tuple(self.get_group_options(group))

    def find(self, config_path: str) -> str | None:
        """The file of a config, `None` if there is none."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        return source.find(config_path) if isinstance(source, FolderSource) else None


class _Pass(CachingConfigRepository):
    """What one composition sees: each config once. A tolerant one reads what cannot be read as empty."""

    def __init__(self, delegate: _Repository, tolerant: bool = False) -> None:
        self.delegate: _Repository = delegate
        self.cache: dict[str, ConfigResult | None] = {}
        self.tolerant = tolerant
        self.missing: set[str] = set()

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Loads a config, as empty if it cannot be and this is to be tolerated."""
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
        """Notes a group entry before Hydra decides on it."""
        if isinstance(default, GroupDefault):
            self.asked.append(default)
        return super().is_overridden(default)

    def set_known_choice(self, default: InputDefault) -> None:
        """Where two entries disagree, a tolerant pass keeps the first."""
        try:
            super().set_known_choice(default)
        except HydraException:
            if not self._tolerant:
                raise

    def is_deleted(self, default: InputDefault) -> bool:
        """Asked once for each config of the tree; a tolerant pass cuts circles here.

        Raises:
            ConfigError: The configs include each other in a circle.
        """
        if not default.is_missing() and default.get_name() is not None:
            path = default.get_config_path()
            self._visits[path] = self._visits.get(path, 0) + 1
            if self._tolerant and self._visits[path] > 1 and path in _chain()[:-1]:
                graph.close_circle(default)
                return True
            if self._visits[path] > MAX_CHAIN // 3 and len(_chain()) > MAX_CHAIN:
                raise circle(_chain())
        return super().is_deleted(default)

    def delete(self, default: InputDefault) -> None:
        """Deletes an entry of the tree."""
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
    names: Names = Names((), lambda _: None)
    config: DictConfig = field(default_factory=OmegaConf.create)
    history: History = field(default_factory=History)
    drawing: Drawing = Drawing()
    warnings: tuple[str, ...] = ()


class _Loader(ConfigLoaderImpl):
    """Hydra's loader, which notes each layer just before it is merged."""

    def __init__(self, plan: _Plan, recorded: dict[Any, tuple[Item, ...]]) -> None:
        self.config_search_path = plan.search_path
        self.repository = plan.repository
        self.merging: ResultDefault | None = None
        self._plan, self._recorded = plan, recorded
        self._start: DictConfig | None = None

    def merge(self, defaults: list[ResultDefault], start: DictConfig | None = None) -> DictConfig:
        """Merges layers in order, upon a copy of `start`."""
        self._start = start
        first = [ResultDefault(config_path=_START)] if start is not None else []
        return self._compose_config_from_defaults_list(defaults=[*first, *defaults], repo=self._plan.seen)

    def _load_single_config(self, default: ResultDefault, repo: Any) -> ConfigResult:
        if default.config_path == _START:
            return ConfigResult(provider="", path="", config=copy.deepcopy(self._start), header={"package": None})
        self.merging = default
        result = super()._load_single_config(default, repo)
        loaded = repo.load_config(default.config_path)
        if result.config is loaded.config:
            result = copy.copy(result)
            result.config = copy.deepcopy(loaded.config)
        if isinstance(result.config, DictConfig):
            self._plan.history.add(self._items(result, default))
        return result

    def _items(self, result: ConfigResult, default: ResultDefault) -> tuple[Item, ...]:
        package = default.package or ""
        node = self._plan.names.node(default.config_path or "")
        if not isinstance(result, FileResult):
            return items_of(result.config, lambda _: Origin(node=node, package=package))
        file = self._plan.repository.files.parse(result.file)
        known = (file.path, file.signature, node, package)
        if known not in self._recorded:
            self._recorded[known] = items_of(result.config, file_origin(file, node, package))
        return self._recorded[known]


class Composer:
    """Composes the jobs of one project. It caches, and is not thread-safe.

    Args:
        setting: What decides, besides files and overrides, what a job composes to.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.files = Files()
        self._results: dict[Any, ConfigResult] = {}
        self._recorded: dict[Any, tuple[Item, ...]] = {}
        self._plans: list[_Plan] = []
        self._hydra_trees: dict[Any, DictConfig] = {}
        self._renderer = Renderer()
        self._parse = lru_cache(maxsize=4096)(lambda text: OverridesParser.create().parse_overrides([text])[0])
        self._is_writable = lru_cache(maxsize=4096)(_is_writable)
        Plugins.instance()
        setup_globals()
        JobRuntime.instance().set("name", "app")
        resolvers.register()

    def compose(self, selection: Selection) -> Composed:
        """Composes a selection, with the origin of each value.

        What Hydra refuses is told in `Composed.error`; nodes, edges and choices then hold what can still be read.

        Raises:
            ConfigError: The job file does not exist.
        """
        started = time.perf_counter()
        _check_job(selection)
        progress = Progress()
        try:
            merged = self._merge(selection, progress)
            composed = present(selection, merged, self._renderer)
        except Exception as error:  # Hydra leaks errors of every kind
            drawing = self._draw(selection)
            composed = present_refusal(selection, explain(error, selection, progress, drawing), drawing)
        return msgspec.structs.replace(composed, milliseconds=(time.perf_counter() - started) * 1000)

    def config(self, selection: Selection) -> DictConfig:
        """The composed config alone: what `hydra.compose` returns.

        Raises:
            ConfigError: The job file does not exist, or Hydra refuses; names file, line and key where it can.
        """
        _check_job(selection)
        progress = Progress()
        try:
            return self._merge(selection, progress).config
        except Exception as error:
            problem = explain(error, selection, progress, self._draw(selection))
            raise ConfigError(
                problem.message, file=problem.file, line=problem.line, key=problem.key, details=problem.details
            ) from error

    def _merge(self, selection: Selection, progress: Progress) -> Merged:
        with _hydra_world(self.setting.version_base) as caught:
            parsed = self._parsed(selection, progress)
            plan = self._known_plan(selection, parsed) or self._new_plan(selection, parsed, progress, caught)
            progress.config, progress.drawing = plan.config, plan.drawing
            config, history = copy.deepcopy(plan.config), plan.history.copy()
            OmegaConf.set_struct(config, True)
            OmegaConf.set_readonly(config.hydra, False)
            valued = _valued(plan.seen, parsed)
            for number, override in enumerate(parsed, 1):
                if not any(override is other for other in valued):
                    continue
                progress.override, progress.number = selection.overrides[number - 1], number
                _Loader._apply_overrides_to_config([override], config)
                key, value = override.key_or_group, override.value()
                history.override(config, key, value, progress.override, number, override.is_delete())
            with open_dict(config):
                del config["hydra"]
            texts = (*plan.warnings, *(str(item.message) for item in caught))
            return Merged(config, history, plan.drawing, tuple(dict.fromkeys(texts)))

    def _parsed(self, selection: Selection, progress: Progress) -> list[Override]:
        parsed = []
        for number, text in enumerate(selection.overrides, 1):
            progress.override, progress.number = text, number
            parsed.append(copy.copy(self._parse(text)))
        ConfigLoaderImpl.validate_sweep_overrides_legal(parsed, RunMode.RUN, from_shell=False)
        progress.override, progress.number = "", 0
        return parsed

    def _known_plan(self, selection: Selection, parsed: list[Override]) -> _Plan | None:
        key = self._key(selection, parsed)
        for plan in self._plans:
            if plan.key == key and plan.groups == _groups(plan.seen, parsed):
                self._plans.remove(plan)
                if plan.repository.facts.hold():
                    self._plans.insert(0, plan)
                    return plan
                return None
        return None

    def _new_plan(self, selection: Selection, parsed: list[Override], progress: Progress, caught: list[Any]) -> _Plan:
        plan, name = self._open(selection, parsed, tolerant=False)
        overrides = _Overrides(plan.seen, parsed)
        defaults, root = hydra_defaults._create_defaults_list(plan.seen, name, overrides, True, False)
        overrides.ensure_overrides_used()
        overrides.ensure_deletions_used()
        plan.drawing = self._drawing(plan, root, overrides, defaults)
        own = _length_of_hydra_tree(root)
        loader = _Loader(plan, self._recorded)
        try:
            plan.config = loader.merge(defaults[own:], self._hydra_tree(plan, loader, defaults[:own]))
        except Exception:
            progress.layer = loader.merging.config_path or "" if loader.merging else ""
            progress.package = loader.merging.package or "" if loader.merging else ""
            raise
        plan.warnings = tuple(str(item.message) for item in caught)
        caught.clear()
        self._plans.insert(0, plan)
        del self._plans[_PLANS:]
        return plan

    def _open(self, selection: Selection, parsed: list[Override], tolerant: bool) -> tuple[_Plan, str]:
        """A plan with its sources open, and the primary's name."""
        for cache in (self._results, self._recorded, self._hydra_trees):
            if len(cache) > _CACHED:
                cache.clear()
        job, base = Path(selection.job), self.setting.config_dir
        main = base if base and job.is_relative_to(base) else job.parent
        name = stem(str(job.relative_to(main)))
        search_path = create_config_search_path(str(main))
        repository = _Repository(search_path, self.setting, self.files, self._results)
        seen = _Pass(repository, tolerant)
        plan = _Plan(self._key(selection, parsed), (), search_path, repository, seen)
        loader = _Loader(plan, self._recorded)
        loader.ensure_main_config_source_available()
        loader._process_config_searchpath(name, parsed, seen)
        plan.groups = _groups(seen, parsed)
        folders = [s.folder for s in repository.get_sources() if isinstance(s, FolderSource) and s.folder]
        plan.names = Names.of(folders, repository.find)
        return plan, name

    @staticmethod
    def _key(selection: Selection, parsed: list[Override]) -> tuple[Any, ...]:
        searched = tuple(o.input_line for o in parsed if o.get_key_element() == "hydra.searchpath")
        return (selection.job, searched, frozenset(os.environ.items()))

    def _hydra_tree(self, plan: _Plan, loader: _Loader, defaults: list[ResultDefault]) -> DictConfig:
        """Hydra's own node, which is the same for most jobs."""
        key = tuple((d.config_path, d.package, _state(plan.names.file(d.config_path or ""))) for d in defaults)
        if key not in self._hydra_trees:
            self._hydra_trees[key] = loader.merge(defaults)
        return self._hydra_trees[key]

    def _draw(self, selection: Selection) -> Drawing:
        """The include structure of a job that Hydra refuses, as far as it can be read."""
        parsed = []
        with _hydra_world(self.setting.version_base):
            for text in selection.overrides:
                with suppress(Exception):
                    override = self._parse(text)
                    if not override.is_sweep_override():
                        parsed.append(copy.copy(override))
            for kept in (parsed, []):
                with suppress(Exception):  # nothing that is wrong with a config may hide the rest of it
                    plan, name = self._open(selection, kept, tolerant=True)
                    overrides = _Overrides(plan.seen, kept)
                    root = hydra_defaults._create_root(config_name=name, with_hydra=True)
                    hydra_defaults._create_defaults_tree(plan.seen, root, True, True, False, overrides)
                    return self._drawing(plan, root, overrides, [])
        return Drawing(nodes=(Node(stem(os.path.basename(selection.job)), selection.job),))

    def _drawing(
        self, plan: _Plan, root: DefaultsTreeNode, overrides: _Overrides, defaults: list[ResultDefault]
    ) -> Drawing:
        child = (root.children or [])[-1]
        tree = child if isinstance(child, DefaultsTreeNode) else DefaultsTreeNode(node=child)
        asked = tuple(overrides.asked)
        nodes, edges = graph.draw(tree, asked, plan.names, frozenset(plan.seen.missing))
        named = frozenset(text.lstrip("+~").partition("=")[0] for text in plan.groups)
        found = choices.choices_of(tree, asked, plan.names, plan.repository.options, self._is_writable, named)
        own = _length_of_hydra_tree(root) if defaults else 0
        listed = tuple(Default(d.config_path or "", d.package or "", d.parent, d.is_self) for d in defaults[own:])
        return Drawing(nodes, edges, found, listed, frozenset(plan.seen.missing))


def _check_job(selection: Selection) -> None:
    if not os.path.isfile(selection.job):
        raise ConfigError("the job file does not exist", file=selection.job)


def _state(file: str) -> Any:
    return signature(file) if file else None


def _valued(repo: _Pass, parsed: list[Override]) -> list[Override]:
    """The overrides that set values; the others are choices."""
    return hydra_defaults.Overrides(repo, parsed).config_overrides


def _groups(repo: _Pass, parsed: list[Override]) -> tuple[str, ...]:
    valued = _valued(repo, parsed)
    return tuple(o.input_line or "" for o in parsed if not any(o is other for other in valued))


def _length_of_hydra_tree(root: DefaultsTreeNode) -> int:
    """How many of the defaults are Hydra's own: those below the first child of the virtual root."""
    return len(hydra_defaults._tree_to_list(DefaultsTreeNode(node=VirtualRoot(), children=(root.children or [])[:1])))


def _is_writable(key: str) -> bool:
    """Whether Hydra's grammar of overrides can write a key."""
    try:
        return bool(OverridesParser.create().parse_override(f"{key}=x").get_key_element() == key)
    except HydraException:
        return False


def _chain() -> list[str]:
    """The configs that Hydra is inside of, outermost first: seen on the stack, because it hands them to nobody."""
    chain: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is hydra_defaults._create_defaults_tree_impl.__code__:
            node = frame.f_locals["root"].node
            if not node.is_virtual():
                chain.append(node.get_config_path())
        frame = frame.f_back
    return chain[::-1]


@contextmanager
def _hydra_world(version_base: str | None) -> Iterator[list[Any]]:
    """Sets Hydra's version base for a while, and collects the warnings it gives."""
    singleton = version.VersionBase.instance()
    before = singleton.version_base
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        version.setbase(version_base)
        caught.clear()  # the advice to migrate is for programmers
        try:
            yield caught
        finally:
            singleton.version_base = before
