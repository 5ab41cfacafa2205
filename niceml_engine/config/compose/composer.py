"""The composer: overrides, defaults list, layers, merged config and its history, with plans that are kept."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from hydra._internal import defaults_list as hydra_defaults
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.default_element import DefaultsTreeNode, ResultDefault
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from niceml_engine.config.compose import choices
from niceml_engine.config.compose.case import Progress
from niceml_engine.config.compose.frozen import Frozen
from niceml_engine.config.compose.installed import search_path_of, without_plugins_of
from niceml_engine.config.compose.listing import Overrides, groups_of, length_of_hydra_tree, overriding_of, valued_of
from niceml_engine.config.compose.merging import Layer, Loader, Plan, Prefix, drop_hydra, moves
from niceml_engine.config.compose.plugins import Around, where_it_runs
from niceml_engine.config.compose.quicker import quicker
from niceml_engine.config.compose.reading import Pass, Repository, sizes_of
from niceml_engine.config.compose.refusal import explain
from niceml_engine.config.compose.sources import Facts, FileResult, FolderSource
from niceml_engine.config.compose.structured import clash_of_schema, without_python
from niceml_engine.config.compose.world import advice, hydra_world, parsable, parse, set_up, uncollected
from niceml_engine.config.composed import graph
from niceml_engine.config.composed.graph import Names, stem
from niceml_engine.config.composed.present import Drawing, Merged, check_job, present, present_refusal
from niceml_engine.config.composed.provenance import HYDRA, History, reaches_into_lists, take_apart
from niceml_engine.config.composed.render import Renderer
from niceml_engine.config.composed.resolve import Memory
from niceml_engine.config.composed.warned import moved, warnings_of
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import limits
from niceml_engine.config.text.files import Files, signature
from niceml_engine.config.text.files import parse as parse_text
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, Default, Node, Problem, Selection

_PLANS = 32  #: kept per project
_KEPT = 3  #: whole results: of what is edited, and of what it is compared with
_CACHED = 5_000  #: parsed configs and recorded layers kept per project


class _Kept(NamedTuple):
    """What was composed, which is the same if it is composed again as long as the facts of its plan hold."""

    plan: Plan
    composed: Composed
    data: dict[Any, Any]  # plain


class Composer:
    """Composes the jobs of one project, under its setting. It caches, and is not thread-safe."""

    def __init__(self, setting: Setting) -> None:
        self.files = Files()
        self._renderer = Renderer()
        self.turn_to(setting)
        set_up()

    def with_empty(self, configs: Iterable[str]) -> Composer:
        """One that composes the same, but for some configs, by node id or file, that count as empty ones."""
        other = Composer(replace(self.setting, empty=frozenset(configs)))
        other.files = self.files
        return other

    def turn_to(self, setting: Setting) -> None:
        """Composes under another setting from now on; of what was composed under the last one, nothing is kept."""
        self.setting = setting
        self._results: dict[Any, FileResult] = {}
        self._layers: dict[Any, Layer] = {}
        self._prefixes: dict[Any, Prefix] = {}
        self._plans: list[Plan] = []
        self._hydra_trees: dict[Any, Frozen] = {}
        self._memory: tuple[Any, Memory] = (None, Memory())
        self._kept: list[_Kept] = []

    def compose(self, selection: Selection) -> Composed:
        """Composes a selection, with the origin of each value.

        What Hydra refuses is told in `Composed.error`; nodes, edges and choices then hold what can still be read.

        Raises:
            ConfigError: The job file does not exist.
        """
        started = time.perf_counter()
        check_job(selection)
        with uncollected():
            composed = self._composed_before(selection) or self._composed(selection)
        return msgspec.structs.replace(composed, milliseconds=(time.perf_counter() - started) * 1000)

    def data(self, composed: Composed) -> dict[Any, Any]:
        """The plain data of a composed config; of what was composed just now it is at hand. Only to be read."""
        known = next((kept.data for kept in self._kept if kept.composed.yaml is composed.yaml), None)
        return known if known is not None else parse_text(composed.yaml).data or {}

    def _composed_before(self, selection: Selection) -> Composed | None:
        """What was composed just now, for whoever asks for the same: forms, checks and comparisons do after an edit."""
        kept = next((one for one in self._kept if one.composed.selection == selection), None)
        if kept is None:
            return None
        self._kept.remove(kept)
        same = kept.plan.key == self._key(selection, [parse(text) for text in selection.overrides])
        if not (same and kept.plan.repository.facts.hold()):
            return None
        self._put_first(kept.plan)
        self._kept.insert(0, kept)
        return kept.composed

    def _composed(self, selection: Selection) -> Composed:
        progress = Progress()
        try:
            merged = self._merge(selection, progress)
        except Exception as error:  # Hydra leaks errors of every kind
            drawing = self._draw(selection)
            problem = self._explained(error, selection, progress, drawing)
            found = Around(selection, drawing, self._refusal, self._searched(selection.job)).problems(problem)
            composed = without_python(present_refusal(selection, found, drawing), self.setting)
            return without_plugins_of(composed, self.setting, Facts())
        plan = self._plans[0]
        memory = self._memory_of(plan)
        presented, data = present(selection, merged, self._renderer, memory, self.setting.ops_path)
        composed = without_python(self._advised(presented, moves=merged.moves), self.setting)
        composed = without_plugins_of(composed, self.setting, plan.repository.facts)
        take_apart(merged.config)
        if memory.lasting:
            self._kept = [_Kept(plan, composed, data), *self._kept[: _KEPT - 1]]
        return composed

    def _advised(self, composed: Composed, *, moves: bool) -> Composed:
        """With what Hydra warns the program of a job of; only that knows under which version it wants to start."""
        program = self.setting.program(composed.selection.job)
        if program is None or program.version_base is None or not program.start:
            return composed
        told = warnings_of(advice(program), (), self.files, program.file, program.start)
        told += [moved(program.file, program.line)] if moves and program.kind == "main" else []
        return msgspec.structs.replace(composed, problems=(*composed.problems, *told))

    def config(self, selection: Selection) -> DictConfig:
        """The composed config alone: what `hydra.compose` returns.

        Raises:
            ConfigError: The job file does not exist, or Hydra refuses; names file, line and key where it can.
        """
        check_job(selection)
        progress = Progress()
        try:
            return self._merge(selection, progress, whole=True).config
        except Exception as error:
            raise ConfigError.of(self._explained(error, selection, progress)) from error

    def sweeper_params(self, selection: Selection) -> tuple[str, ...]:
        """The overrides that `hydra.sweeper.params` of a selection holds, as `hydra.sweeper.params={rate:'1,2'}`."""
        return self._plans[0].params if self.compose(selection).error is None else ()

    def files_of(self, selection: Selection) -> tuple[str, ...]:
        """The files that a selection is composed of, those of Hydra's own groups included.

        Raises:
            ConfigError: As for `config`.
        """
        self.config(selection)
        return tuple(dict.fromkeys(map(os.path.normpath, self._plans[0].repository.facts.files())))

    def _searched(self, job: str) -> tuple[str, ...]:
        """What a job's file adds to the search path."""
        data = None
        with suppress(ConfigError):  # which is told as what it is
            data = self.files.parse(job).data
        hydra = data.get(HYDRA) if isinstance(data, dict) else None
        entries = hydra.get("searchpath") if isinstance(hydra, dict) else None
        return tuple(map(str, entries)) if isinstance(entries, list) else ()

    def _refusal(self, selection: Selection) -> Problem | None:
        """Why Hydra refuses a selection, if it does."""
        progress = Progress()
        try:
            self._merge(selection, progress)
        except Exception as error:
            return self._explained(error, selection, progress)
        return None

    def _explained(
        self, error: Exception, selection: Selection, progress: Progress, drawing: Drawing | None = None
    ) -> Problem:
        problem = explain(
            error, selection, progress, drawing or self._draw(selection), self.files, self.setting.ops_path
        )
        return where_it_runs(clash_of_schema(problem, error, self.setting, self.files), self.setting)

    def _merge(self, selection: Selection, progress: Progress, *, whole: bool = False) -> Merged:
        with hydra_world(self.setting.of(selection.job).version_base) as caught, quicker():
            parsed = self._parsed(selection, progress)
            plan = self._known_plan(selection, parsed) or self._new_plan(selection, parsed, progress, caught)
            config, history = self._overridden(plan, selection, parsed, progress, whole=whole)
            own = drop_hydra(config)
            texts = dict.fromkeys((*plan.warnings, *(str(item.message) for item in caught)))
            told = tuple(warnings_of(texts, plan.drawing.nodes, self.files))
            return Merged(config, history, plan.drawing, told, plan.moves if own is None else moves(own))

    @staticmethod
    def _overridden(
        plan: Plan,
        selection: Selection,
        parsed: list[Override],
        progress: Progress,
        *,
        whole: bool,
        hydra: bool = False,
    ) -> tuple[DictConfig, History]:
        """What was merged, after the overrides that set values, and who set what; Hydra's own node if it is needed."""
        progress.merged = plan.frozen.pickled
        valued = valued_of(plan.seen, parsed)
        keys = [override.key_or_group for override in valued]
        config = plan.config(
            hydra=hydra or any(key.partition(".")[0] in ("", HYDRA) for key in keys),
            lists=whole or any(map(reaches_into_lists, keys)),
        )
        history = plan.history.copy()
        for number, override in enumerate(parsed, 1):
            if not any(override is other for other in valued):
                continue
            progress.override = selection.overrides[number - 1]
            Loader._apply_overrides_to_config([override], config)
            key, value = override.key_or_group, override.value()
            history.override(config, key, value, progress.override, number, override.is_delete())
        return config, history

    def _memory_of(self, plan: Plan) -> Memory:
        """What is known of leaves; where Python declares their types, another choice may bring others."""
        of = (plan.key, plan.groups if self.setting.stores else ())
        if self._memory[0] != of:
            self._memory = (of, Memory())
        return self._memory[1]

    def _parsed(self, selection: Selection, progress: Progress) -> list[Override]:
        parsed = []
        limits.check_overrides(selection.overrides)
        for text in selection.overrides:
            progress.override = text
            parsed.append(copy.copy(parse(text)))
        ConfigLoaderImpl.validate_sweep_overrides_legal(parsed, RunMode.RUN, from_shell=False)
        progress.override = ""
        return parsed

    def _known_plan(self, selection: Selection, parsed: list[Override]) -> Plan | None:
        key = self._key(selection, parsed)
        for plan in self._plans:
            if plan.key == key and plan.groups == groups_of(plan.seen, parsed):
                if plan.repository.facts.hold():
                    self._put_first(plan)
                    return plan
                self._plans.remove(plan)
                return None
        return None

    def _put_first(self, plan: Plan) -> None:
        self._plans = [plan, *(one for one in self._plans if one is not plan)][:_PLANS]

    def _new_plan(self, selection: Selection, parsed: list[Override], progress: Progress, caught: list[Any]) -> Plan:
        plan, name = self._open(selection, parsed, progress)
        overrides = Overrides(plan.seen, parsed)
        defaults, root = hydra_defaults._create_defaults_list(plan.seen, name, overrides, True, False)
        overrides.ensure_overrides_used()
        overrides.ensure_deletions_used()
        limits.check_job(sizes_of(plan.seen, defaults))
        plan.drawing = self._drawing(plan, root, overrides, defaults)
        own = length_of_hydra_tree(root)
        loader = Loader(plan, self._layers, self._prefixes)
        progress.history = plan.history
        config = loader.merge(defaults[own:], self._hydra_tree(plan, loader, defaults[:own]))
        OmegaConf.set_struct(config, True)
        OmegaConf.set_readonly(config.hydra, False)
        plan.keep(config)
        plan.warnings = tuple(str(item.message) for item in caught)
        caught.clear()
        self._put_first(plan)
        return plan

    def _open(self, selection: Selection, parsed: list[Override], progress: Progress | None) -> tuple[Plan, str]:
        """A plan with its sources open, and the primary's name; tolerant where nobody asks for the progress."""
        for cache in (self._results, self._layers, self._hydra_trees):
            if len(cache) > _CACHED:
                cache.clear()
        main, name = self.setting.primary(selection.job)
        facts = Facts(tolerant=progress is None)
        search_path = search_path_of(main, self.setting, facts)
        repository = Repository(search_path, self.setting.of(selection.job), self.files, self._results, facts)
        seen = Pass(repository, progress)
        plan = Plan(self._key(selection, parsed), (), search_path, repository, seen)
        loader = Loader(plan, self._layers, self._prefixes)
        loader.ensure_main_config_source_available()
        loader._process_config_searchpath(name, parsed, seen)
        plan.groups = groups_of(seen, parsed)
        found = {s.folder: s.provider for s in repository.get_sources() if isinstance(s, FolderSource) and s.folder}
        own = dict.fromkeys(os.path.normpath(folder) for folder, provider in found.items() if provider != HYDRA)
        plan.bases = tuple(os.path.join(folder, name.rpartition("/")[0], "") for folder in own)
        plan.names = Names.of(os.path.normpath(main or os.path.dirname(selection.job)), list(found), repository.find)
        return plan, name

    @staticmethod
    def _key(selection: Selection, parsed: list[Override]) -> tuple[Any, ...]:
        searched = tuple(o.input_line for o in parsed if o.get_key_element() == "hydra.searchpath")
        return (selection.job, searched, frozenset(os.environ.items()))

    def _hydra_tree(self, plan: Plan, loader: Loader, defaults: list[ResultDefault]) -> Frozen:
        """Hydra's own node, which is the same for most jobs."""
        seen = tuple((d.config_path, d.package, signature(plan.names.file(d.config_path or ""))) for d in defaults)
        key = (plan.repository.setting.version_base, seen)
        if key not in self._hydra_trees:
            self._hydra_trees[key] = Frozen.of(loader.merge(defaults))
        return self._hydra_trees[key]

    def _draw(self, selection: Selection) -> Drawing:
        """The include structure of a job that Hydra refuses, as far as it can be read."""
        with hydra_world(self.setting.of(selection.job).version_base), quicker():
            readable = parsable(selection.overrides)
            for kept in (readable, []) if readable else ([],):
                with suppress(Exception):  # nothing that is wrong with a config may hide the rest of it
                    plan, name = self._open(selection, kept, None)
                    overrides = Overrides(plan.seen, kept)
                    root = hydra_defaults._create_root(config_name=name, with_hydra=True)
                    hydra_defaults._create_defaults_tree(plan.seen, root, True, True, False, overrides)
                    return self._drawing(plan, root, overrides, [])
        return Drawing((Node(stem(os.path.basename(selection.job)), selection.job),))

    def _drawing(
        self, plan: Plan, root: DefaultsTreeNode, overrides: Overrides, defaults: list[ResultDefault]
    ) -> Drawing:
        child = (root.children or [])[-1]
        tree = child if isinstance(child, DefaultsTreeNode) else DefaultsTreeNode(node=child)
        asked, missing = tuple(overrides.asked), frozenset(plan.seen.missing)
        overriding = overriding_of(overrides, plan.names)
        nodes, edges = graph.draw(tree, asked, plan.names, missing, overriding)
        found = choices.choices_of(tree, asked, plan.names, plan.repository, plan.groups)
        hydra = choices.hydras_choices(asked, plan.groups)
        own = length_of_hydra_tree(root) if defaults else 0
        listed = tuple(Default(d.config_path or "", d.package or "", d.parent, d.is_self) for d in defaults[own:])
        return Drawing(nodes, edges, found, listed, missing, overriding, hydra, plan.bases)
