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

from niceml_engine.config.compose.sources import Facts
from niceml_engine.config.projects.plugins import PACKAGE, Change, is_ours, modules_in, plugin_folders, read_plugins
from niceml_engine.config.projects.setting import Setting


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
    folders = (*setting.python_path, *facts.ask(plugin_folders, setting.python))
    found = read_plugins([facts.ask(modules_in, str(folder)) for folder in folders])
    ours = is_ours(setting.python)
    read = [
        partial(_Read, one) for plugin in found if not (ours and plugin.module in sys.modules) for one in plugin.changes
    ]
    with _plugins(read, others=ours):
        return create_config_search_path(main)


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
