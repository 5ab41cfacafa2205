"""Looking configs up and reading them: Hydra's repository over folders, with a memory, notes and tolerance."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import GroupDefault, InputDefault, ResultDefault
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf
from omegaconf._utils import split_key

from niceml_engine.config.compose.case import Progress
from niceml_engine.config.compose.sources import Facts, FileResult, FolderSource, open_source
from niceml_engine.config.composed import graph
from niceml_engine.config.composed.graph import Entry, stem
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import Files, signature
from niceml_engine.config.text.limits import Size


class Repository(ConfigRepository):
    """Hydra's repository over folders, with a cache of what was read, and notes of what was looked for."""

    def __init__(
        self,
        search_path: ConfigSearchPath,
        setting: Setting,
        files: Files,
        results: dict[Any, FileResult],
        facts: Facts,
    ):
        self.facts = facts
        self.files = files
        self.setting, self._results = setting, results
        super().__init__(search_path)

    def initialize_sources(self, config_search_path: ConfigSearchPath) -> None:
        """Opens folders and packages as folders, and leaves what is neither to Hydra."""
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
        self._files: dict[str, str | None] = {}

    def _find_object_source(self, config_path: str, object_type: ObjectType | None) -> ConfigSource | None:
        known = (config_path, object_type)
        if known not in self._found:
            self._found[known] = super()._find_object_source(config_path, object_type)
        return self._found[known]

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Reads a config, once per state of its file, and tags the entries of its defaults list with their lines."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        file = self.find(config_path)
        state, base = self.facts.ask(signature, file) if file else None, self.setting.version_base
        known = (config_path, file, state, getattr(source, "provider", ""), base)
        if file and known in self._results:
            return _again(self._results[known])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = super().load_config(config_path)
        said = tuple(str(item.message) for item in caught)
        if isinstance(result, FileResult):
            result.warned = said
            lines = self.files.parse(result.file).entries
            for default, line in zip(result.defaults_list or (), lines, strict=False):
                graph.tag(default, Entry(config_path, line, _is_nothing(default)))
            if not (result.partial or self.get_schema_source().is_config(config_path)):
                self._results[known] = result
                result.shared = True
                return _again(result)
        elif result is not None and not config_path.startswith("hydra/"):  # made by Python code of the project
            for default in result.defaults_list or ():
                graph.tag(default, Entry(config_path, 0, _is_nothing(default)))
        _warn(said)
        return result

    def find(self, config_path: str) -> str | None:
        """The file of a config, `None` if no file holds it."""
        if config_path not in self._files:
            source = self._find_object_source(config_path, ObjectType.CONFIG)
            self._files[config_path] = source.find(config_path) if isinstance(source, FolderSource) else None
        return self._files[config_path]


def _again(result: FileResult) -> FileResult:
    """What was read, for one more who asks for it: told what Hydra warned of, too."""
    _warn(result.warned)
    return copy.copy(result)


def _warn(texts: Iterable[str]) -> None:
    for text in texts:
        warnings.warn(text, stacklevel=2)


def _is_nothing(default: InputDefault) -> bool:
    return isinstance(default, GroupDefault) and default.value is None


def sizes_of(seen: Pass, defaults: Iterable[ResultDefault]) -> Iterator[tuple[str, Size, int]]:
    """What the files of a defaults list cost to merge: path, size, and depth of the package."""
    for default in defaults:
        loaded = seen.load_config(default.config_path or "")
        if isinstance(loaded, FileResult):
            parsed = seen.delegate.files.parse(loaded.file)
            yield loaded.file, parsed.size, len(split_key(default.package)) if default.package else 0


class Pass(CachingConfigRepository):
    """What one composition sees: each config once. A tolerant one reads what cannot be read as empty."""

    def __init__(self, delegate: Repository, progress: Progress | None) -> None:
        self.delegate: Repository = delegate
        self.cache: dict[str, ConfigResult | None] = {}
        self.tolerant = progress is None
        self.progress = progress or Progress()
        self.missing: set[str] = set()
        self._empty = delegate.setting.empty

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Reads a config; empty is what a tolerant pass cannot read, and what its setting has count as that."""
        file = self.progress.file = self.delegate.find(config_path) or ""
        if self._empty and (os.path.normpath(file) if file else stem(os.path.normpath(config_path))) in self._empty:
            self.missing.add(config_path)
            return _nothing()
        try:
            result = super().load_config(config_path)
        except Exception:
            if not self.tolerant:
                raise
            result = None
        if result is None and self.tolerant:
            self.missing.add(config_path)
            return _nothing()
        return result


def _nothing() -> ConfigResult:
    """An empty config."""
    empty = ConfigResult(provider="", path="", config=OmegaConf.create(), header={"package": None})
    empty.defaults_list = []
    return empty
