"""Hydra's search path with the plugins that are installed where a project runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin
from msgspec import structs

from niceml_engine.config.compose.sources import Facts
from niceml_engine.config.projects.plugins import (
    PACKAGE,
    Change,
    Plugin,
    is_ours,
    modules_in,
    plugin_folders,
    read_plugins,
)
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Composed, Problem, Severity

CODE = "search-path"
_ADVICE = "trust the project (--trust, or File → Trust), so that its own interpreter runs it"
_UNLESS = ", unless a plugin adds it"


@dataclass
class _Read(SearchPathPlugin):
    """What the text of a plugin says."""

    changes: tuple[Change, ...]

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Does what the plugin would do."""
        for one in self.changes:
            getattr(search_path, one.how)(one.provider, one.path, one.anchor)


def search_path_of(main: str | None, setting: Setting, facts: Facts) -> ConfigSearchPath:
    """Hydra's search path, as Hydra makes it where the project runs.

    Args:
        main: The folder of the primary.
        setting: Names the interpreter, and where packages lie.
        facts: Notes of what was seen.
    """
    read = [partial(_Read, one) for plugin in _by_text(setting, facts) for one in plugin.changes]
    with _plugins(read, others=is_ours(setting.python)):
        return create_config_search_path(main)


def without_plugins_of(composed: Composed, setting: Setting, facts: Facts) -> Composed:
    """Says of a composed config that its search path lacks what only running a plugin would tell.

    Args:
        composed: The config.
        setting: Names the interpreter, and where packages lie.
        facts: Notes of what was seen.
    """
    unread = [plugin for plugin in _by_text(setting, facts) if plugin.unread]
    if not unread:
        return composed
    severity: Severity = "info" if composed.error is None else "warning"
    advice = _ADVICE if is_ours(setting.python) else f"{_ADVICE}; niceml has to be installed in {setting.python}"
    message = f"what this plugin adds to Hydra's search path is left out, since only running it tells; {advice}"
    told = (Problem(severity, CODE, message, plugin.file, plugin.unread) for plugin in unread)
    error = unless_added(composed.error) if composed.error is not None else None
    return structs.replace(composed, error=error, problems=(*map(unless_added, composed.problems), *told))


def unless_added(problem: Problem) -> Problem:
    """A problem; of one that there is no config, it says that a plugin which has not run may add it."""
    missing = problem.code == "missing-option" or problem.message.endswith(" has no options")
    if not missing or problem.message.endswith(_UNLESS):
        return problem
    return structs.replace(problem, message=problem.message + _UNLESS)


def is_computed(setting: Setting, facts: Facts) -> bool:
    """Whether a plugin that has not run does to the search path what its text does not tell."""
    return any(plugin.unread for plugin in _by_text(setting, facts))


def _by_text(setting: Setting, facts: Facts) -> tuple[Plugin, ...]:
    """The plugins of which the text is all that is known."""
    folders = (*setting.python_path, *facts.ask(plugin_folders, setting.python))
    found = read_plugins([facts.ask(modules_in, str(folder)) for folder in folders])
    ours = is_ours(setting.python)
    return tuple(one for one in found if not (ours and one.module in sys.modules))


@contextmanager
def _plugins(read: Sequence[Callable[[], _Read]], *, others: bool) -> Iterator[None]:
    """Lets Hydra come upon plugins that were read, besides its own, and the others that are installed here."""
    known = vars(Plugins.instance())["plugin_type_to_subclass_list"]
    before = known[SearchPathPlugin]
    kept = [one for one in before if others or not one.__module__.startswith(f"{PACKAGE}.")]
    known[SearchPathPlugin] = [*kept, *read]
    try:
        yield
    finally:
        known[SearchPathPlugin] = before
