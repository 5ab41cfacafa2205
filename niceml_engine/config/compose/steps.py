"""The merge, layer by layer: what each one sets and takes away.

Hydra merges as ever. A history that is told of each layer also looks at the config that Hydra has made so far, so that
what a layer did is seen, not guessed: `???` that sets nothing, a list upon a mapping, a mapping that an interpolation
stood for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig
from omegaconf._utils import split_key

from niceml_engine import secrets
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.case import Progress
from niceml_engine.config.compose.merging import Loader, Plan
from niceml_engine.config.compose.world import running
from niceml_engine.config.composed.provenance import History, Item, Kind, children, is_branch
from niceml_engine.config.composed.resolve import plain
from niceml_engine.config.text.files import Path_
from niceml_engine.values import Assigned, MergeStep, Origin, Selection


def merge_steps(composer: Composer, selection: Selection) -> tuple[MergeStep, ...]:
    """What each layer of the final defaults list sets, in merge order, and then what each override sets.

    Overrides that choose an option are no steps of their own: what they choose is a layer.

    Raises:
        ConfigError: The selection does not compose.
    """
    composer.config(selection)
    return _Watched(composer).steps(selection)


class _Watching(History):
    """A history that keeps what each layer changed."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[MergeStep] = []
        self._values: dict[Path_, Any] = {}
        self._branches: set[Path_] = set()
        self._items: tuple[Item, ...] | None = None

    def copy(self) -> _Watching:
        return self  # of the one composition that is watched

    def add(self, items: tuple[Item, ...]) -> None:
        """Looks at what came of the layer before, as this one is not merged yet."""
        merging = next(running(Loader._compose_config_from_defaults_list), None)
        if merging is not None:
            self.look(merging["cfg"])
        super().add(items)
        self._items = items

    def override(self, config: DictConfig, key: str, value: Any, text: str, number: int, delete: bool) -> None:
        """Looks at what came of an override at once, as it has been applied already."""
        self._items = ()
        super().override(config, key, value, text, number, delete)
        self.look(config, Origin(node="override", line=number, text=text), tuple(split_key(key)) if delete else ())

    def look(self, config: DictConfig, origin: Origin | None = None, deleted: Path_ = ()) -> None:
        """Keeps what the last layer did, as the config says now."""
        if self._items is None:
            return
        lines = {path: where.line for path, _, where in self._items} if origin is None else {}
        new: dict[Path_, Any] = {}
        gone: set[Path_] = set()
        for path, kind, _ in self._items:
            for leaf, value in self._leaves(config, path, kind):
                new[leaf] = value
            replaced = kind is Kind.VALUE and path in self._branches
            if replaced or (path in self._values and path not in new):
                gone.update(self._below(config, path))
        if deleted:
            gone.update(self._below(config, deleted))
            above = _find(config, deleted[:-1])
            if isinstance(above, DictConfig) and not children(above) and len(deleted) > 1:
                new[deleted[:-1]] = {}
        for path in gone:
            del self._values[path]
        for path, value in new.items():
            self._values[path] = value
            self._branches.update(path[:depth] for depth in range(1, len(path)))
        sets = tuple(
            Assigned(path, secrets.mask(value) if secrets.is_secret(path) else value, lines.get(path, 0))
            for path, value in new.items()
        )
        self.done.append(MergeStep(origin or Origin(node=""), sets, tuple(sorted(gone))))
        self._items = None

    def _leaves(self, config: DictConfig, path: Path_, kind: Kind) -> Iterator[tuple[Path_, Any]]:
        """The leaves that a layer's item made."""
        node = _find(config, path)
        if node is None:
            return
        if is_branch(node):
            if path in self._values:  # a value before: an interpolated mapping that is spelled out now
                yield from _leaves(node, path)
            return
        if kind is Kind.MAPPING and path in self._values and self._values[path] == plain(node):
            return
        value = plain(node)
        if kind is not Kind.MISSING or value == "???":
            yield path, value

    def _below(self, config: DictConfig, path: Path_) -> list[Path_]:
        """What was set at a path and below it, and is no leaf any more."""
        known = [leaf for leaf in self._values if leaf[: len(path)] == path]
        return [leaf for leaf in known if (node := _find(config, leaf)) is None or is_branch(node)]


class _Watched(Composer):
    """Composes as another composer does, with what that one has read, and from the first layer on."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer.setting)
        self.files = composer.files
        self._results, self._layers, self._hydra_trees = composer._results, composer._layers, composer._hydra_trees
        self._history = _Watching()
        self._own: tuple[MergeStep, ...] = ()

    def steps(self, selection: Selection) -> tuple[MergeStep, ...]:
        self._merge(selection, Progress())
        return (*self._own, *self._history.done)

    def _open(self, selection: Selection, parsed: list[Override], progress: Progress | None) -> tuple[Plan, str]:
        plan, name = super()._open(selection, parsed, progress)
        plan.history = self._history
        return plan, name

    def _new_plan(self, selection: Selection, parsed: list[Override], progress: Progress, caught: list[Any]) -> Plan:
        plan, done = super()._new_plan(selection, parsed, progress, caught), self._history.done
        self._history.look(plan.frozen.thaw())
        defaults = plan.drawing.defaults
        self._own = tuple(
            MergeStep(
                Origin(plan.names.node(default.config_path), plan.names.file(default.config_path), 0, default.package),
                step.sets,
                step.drops,
            )
            for default, step in zip(defaults, done[len(done) - len(defaults) :], strict=True)
        )
        done.clear()
        return plan


def _find(config: Any, path: Path_) -> Any:
    node = config
    for key in path:
        content = node._content if isinstance(node, DictConfig) else None
        if not isinstance(content, dict):
            return None
        node = content.get(key)
        if node is None:  # a key that is no text
            node = next((child for name, child in content.items() if str(name) == key), None)
    return node


def _leaves(node: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    for key, child in children(node):
        here = (*path, str(key))
        if is_branch(child):
            yield from _leaves(child, here)
        else:
            yield here, plain(child)
