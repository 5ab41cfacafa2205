"""Where Hydra finds configs: folders, read as files, whatever scheme names them.

`file://` paths are relative to the project's working directory, not to the process's; `pkg://` names a folder on
the project's Python path, found without importing anything (Hydra would run the package's `__init__`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from omegaconf import OmegaConf
from omegaconf.errors import GrammarParseError, KeyValidationError, OmegaConfBaseException

from niceml_engine.config.projects.packages import find_package
from niceml_engine.config.projects.scan import is_text
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import Files, YamlFile, signature
from niceml_engine.config.text.odd_keys import null_key
from niceml_engine.errors import ConfigError

_OUTLINE = {"defaults", "hydra"}


class Facts:
    """What was seen of the file system, so that it can be asked later whether it still holds.

    Attributes:
        tolerant: Whether a config with broken values is to be read as its defaults list alone.
    """

    def __init__(self, *, tolerant: bool = False) -> None:
        self.tolerant = tolerant
        self._seen: dict[tuple[Callable[[str], object], str], object] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Facts:
        """Notes are shared, whatever copies their owner."""
        return self

    def ask(self, question: Callable[[str], Any], path: str) -> Any:
        """Asks the file system and keeps the answer; asked again, it is the same."""
        note = (question, path)
        if note not in self._seen:
            self._seen[note] = question(path)
        return self._seen[note]

    def hold(self) -> bool:
        """Whether every answer would be the same now."""
        return all(question(path) == answer for (question, path), answer in self._seen.items())

    def files(self) -> tuple[str, ...]:
        """The files that were read."""
        return tuple(path for (question, path), answer in self._seen.items() if question is signature and answer)


class FileResult(ConfigResult):
    """A loaded config that knows its file, whether others have it too, and whether it is only its defaults list.

    What Hydra warned of while it read the defaults list is kept, to be said each time.
    """

    file: str = ""
    shared: bool = False
    partial: bool = False
    warned: tuple[str, ...] = ()


class FolderSource(ConfigSource):
    """A source whose configs are files in `folder`."""

    folder: str | None = None
    files: Files
    facts: Facts

    @staticmethod
    def scheme() -> str:
        """The scheme of Hydra's own file source."""
        return "file"

    def find(self, config_path: str) -> str | None:
        """The file of a config, `None` if this source has none."""
        if self.folder is None:
            return None
        full = os.path.join(self.folder, self._normalize_file_name(config_path))
        if os.pardir in config_path:
            full = self.facts.ask(_plainly, full)
        return full if self.facts.ask(os.path.isfile, full) else None

    def load_config(self, config_path: str) -> ConfigResult:
        """Reads a config.

        Raises:
            ConfigError: The file is broken.
            ConfigLoadError: There is no such file.
        """
        file = self.find(config_path)
        if file is None:
            raise ConfigLoadError(f"Config not found : {config_path}")
        self.facts.ask(signature, file)
        parsed = self.files.parse(file)
        partial = False
        try:
            config = OmegaConf.create() if parsed.data is None else OmegaConf.create(parsed.data)
        except Exception as error:
            if not self.facts.tolerant or not isinstance(parsed.data, dict):
                raise _told(error, parsed) from error
            config, partial = OmegaConf.create({key: parsed.data[key] for key in _OUTLINE & parsed.data.keys()}), True
        try:
            header = ConfigSource._get_header_dict(parsed.text[:512])
        except ValueError as error:
            raise ConfigError(f"the `# @package` line is wrong: {error}", file=file, line=1) from error
        result = FileResult(config=config, path=self.full_path(), provider=self.provider, header=header)
        result.file, result.partial = file, partial
        return result

    def available(self) -> bool:
        """Whether the folder exists."""
        return self.is_group("")

    def is_group(self, config_path: str) -> bool:
        """Whether there is a folder of that name."""
        return self.folder is not None and bool(self.facts.ask(os.path.isdir, os.path.join(self.folder, config_path)))

    def is_config(self, config_path: str) -> bool:
        """Whether there is a file of that name."""
        return self.find(config_path) is not None

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Lists the configs or groups in a folder, sorted."""
        if self.folder is None:
            return []
        names: list[str] = []
        for name in self.facts.ask(_names, os.path.join(self.folder, config_path)):
            self._list_add_result(names, os.path.join(config_path, name), name, results_filter)
        return sorted(set(names))


class PackageSource(FolderSource):
    """A source whose configs lie in a Python package."""

    @staticmethod
    def scheme() -> str:
        """The scheme of Hydra's own package source."""
        return "pkg"

    def available(self) -> bool:
        """Whether the package exists; Hydra wants its `__init__.py`."""
        return self.folder is not None and os.path.isfile(os.path.join(self.folder, "__init__.py"))


def open_source(provider: str, path: str, setting: Setting, files: Files, facts: Facts) -> FolderSource | None:
    """Opens a source that is a folder; `None` for other schemes, which stay Hydra's.

    Args:
        provider: Who named the source, in Hydra's words.
        path: Its path, with or without scheme.
        setting: Says what relative `file://` paths mean, and where packages are looked for before `sys.path`.
        files: The cache of parsed files.
        facts: Notes of what was seen.
    """
    scheme, _, rest = path.rpartition("://")
    source: FolderSource
    if scheme in ("", "file"):
        source = FolderSource(provider, f"file://{rest}")
        source.folder = os.path.normpath(os.path.join(setting.working_dir or setting.root, rest))
    elif scheme == "pkg":
        source = PackageSource(provider, path)
        source.path = rest.replace("/", ".").rstrip(".")
        source.folder = find_package(source.path, setting.package_path)
    else:
        return None
    source.files, source.facts = files, facts
    return source


def _plainly(path: str) -> str:
    """A path without `..`, where links do not give that another meaning."""
    plain = os.path.normpath(path)
    return plain if os.path.realpath(plain) == os.path.realpath(path) else path


def _names(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(filter(is_text, os.listdir(folder))))
    except OSError:
        return ()


def _told(error: Exception, parsed: YamlFile) -> ConfigError:
    if isinstance(error, KeyValidationError) and (null := null_key(parsed.text))[0]:
        line, text = null
        name = text or "null"
        shown = f"`{text}`" if text else "nothing, which is null,"
        message = f'{shown} cannot be a key; give it another name, or write "{name}" to mean the text'
        return ConfigError(message, file=parsed.path, line=line, details=str(error))
    if isinstance(error, OmegaConfBaseException):
        key = str(getattr(error, "full_key", None) or "")
        line = parsed.mark(tuple(key.split("."))).line if key else 0
        message = str(error).splitlines()[0]
        if isinstance(error, GrammarParseError):
            message = f"an interpolation cannot be read, {message}; close its braces, or write \\${{ where it is text"
        return ConfigError(message, file=parsed.path, line=line, key=key, details=str(error))
    if isinstance(error, RecursionError):
        return ConfigError("nested too deep for Hydra; keep it flatter", file=parsed.path, line=1)
    return ConfigError(f"not a config: {error}", file=parsed.path, line=1)
