"""`.niceml/project.yaml`: what a person has said about a project.

Nothing in it is needed; what it does not say is guessed. It is written by splicing, so that comments stay.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from niceml_engine.config.projects.setting import check_version
from niceml_engine.config.text import edit
from niceml_engine.config.text.changes import text_of, write_all
from niceml_engine.config.text.files import YamlFile, read
from niceml_engine.config.text.journal import alone
from niceml_engine.errors import ConfigError, ProjectError
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import FULL_DISK, LOGGERS

NAME = Path(".niceml") / "project.yaml"
NEWEST = "null"  #: the text of the `version_base` that means whatever the installed Hydra does
_HEAD = "# what niceml does not have to guess about this project\n"


@dataclass(frozen=True)
class Key:
    """What a key of the file may hold.

    Attributes:
        kind: What its text means.
        help: What it is for.
        many: Whether it holds a list.
        choices: What a choice is made of.
    """

    kind: Literal["file", "folder", "version", "program", "module", "path", "logger", "choice"]
    help: str
    many: bool = False
    choices: tuple[str, ...] = ()


KEYS: Mapping[str, Key] = {
    "primary": Key("file", "The config, or script, that opens first"),
    "config_dirs": Key("folder", "Folders whose files are configs", many=True),
    "version_base": Key("version", "Hydra's version_base; null for what the installed Hydra does"),
    "working_dir": Key("folder", "What relative file:// paths and the values of a job mean"),
    "python_path": Key("folder", "Where packages lie that pkg:// and _target_ name", many=True),
    "python": Key("program", "The interpreter that runs jobs"),
    "code_location": Key("module", "The Dagster code location that holds the jobs"),
    "ops_path": Key("path", "Where the config of an op lies in a composed config"),
    "log_to": Key("logger", "Who else is told what runs measure: tensorboard, mlflow", many=True),
    "full_disk": Key("choice", "What a run does that cannot write what it measures: stop, continue", choices=FULL_DISK),
}


@dataclass(frozen=True)
class ProjectFile:
    """A file that was read.

    Attributes:
        path: Where it lies, or would lie.
        texts: What it says, by key, as written.
        lines: Where it says so.
    """

    path: Path
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The project root."""
        return self.path.parent.parent

    @property
    def python(self) -> str:
        """The interpreter that runs jobs, as a path or a name that the system knows; empty: ours."""
        text = self.text("python")
        return str(place(self.root, text)) if "/" in text else text

    def text(self, name: str) -> str:
        """The text of a key that holds one; empty if it is not there."""
        return next(iter(self.texts.get(name, ())), "")

    def paths(self, name: str) -> tuple[Path, ...]:
        """The paths of a key; relative ones mean the root."""
        return tuple(place(self.root, text) for text in self.texts.get(name, ()))


def place(root: Path, text: str) -> Path:
    """The absolute path that a text in the file means."""
    return Path(os.path.normpath(root / Path(text).expanduser()))


def load(root: Path) -> ProjectFile:
    """Reads a project's file; a project that has none has said nothing.

    Raises:
        ProjectError: It is no YAML, or says something that cannot be; names line and key.
    """
    path = root / NAME
    if not path.is_file():
        return ProjectFile(path)
    try:
        parsed = read(str(path))
    except ConfigError as error:
        raise ProjectError(error.message, file=error.file, line=error.line, details=error.details) from error
    if parsed.data is None:
        return ProjectFile(path)
    if not isinstance(parsed.data, dict):
        raise ProjectError("it must hold keys with values, such as `primary: FILE`", file=str(path), line=1)
    texts = {str(name): _texts(root, parsed, str(name), value) for name, value in parsed.data.items()}
    return ProjectFile(path, texts, {name: parsed.mark((name,)).line for name in texts})


def change(root: Path, name: str, texts: tuple[str, ...]) -> None:
    """Writes one key; without a text it is taken out, so that it is guessed from then on.

    Raises:
        ConfigError: The file cannot be written, or stands in a way that cannot be spliced.
        ProjectError: The key or the text cannot be.
    """
    path = root / NAME
    with alone():
        _change(root, path, name, texts)


def _change(root: Path, path: Path, name: str, texts: tuple[str, ...]) -> None:
    before = text_of(path)
    after = before if before is not None else _HEAD
    if texts:
        value: Any = list(texts) if _key(path, name, 0).many else None if texts[0] == NEWEST else texts[0]
        _texts(root, YamlFile(str(path), "", {}, {}, (), (0, 0, 0)), name, value)
        after = edit.set_value(after, (name,), value)
    elif name in load(root).texts:
        after = edit.delete_value(after, (name,))
    elif before is None:
        return
    write_all([FileChange(str(path), before, after)])


def _key(path: Path | str, name: str, line: int) -> Key:
    if name not in KEYS:
        near = difflib.get_close_matches(name, KEYS, 1)
        offered = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(KEYS)}"
        raise ProjectError(f"there is no setting `{name}`; {offered}", file=str(path), line=line, key=name)
    return KEYS[name]


def _texts(root: Path, parsed: YamlFile, name: str, value: Any) -> tuple[str, ...]:
    line = parsed.mark((name,)).line
    key = _key(parsed.path, name, line)

    def wrong(message: str) -> ProjectError:
        return ProjectError(message, file=parsed.path, line=line, key=name)

    if key.kind == "version":
        if isinstance(value, float):  # as it is written: 1.10 is no 1.1
            value = parsed.mark((name,)).text
        value = NEWEST if value is None else value
    values = value if key.many and isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one.strip() for one in values):
        raise wrong("it must be a text, or a list of texts" if key.many else "it must be a text")
    for text in values:
        if key.kind == "folder" and not place(root, text).is_dir():
            raise wrong(f"there is no folder {text}; make it, or name another")
        if key.kind == "file" and not place(root, text).is_file():
            raise wrong(f"there is no file {text}; name a config file or a script")
        if key.kind == "version" and text != NEWEST:
            try:
                check_version(text)
            except ProjectError as error:
                raise wrong(error.message) from error
        if key.kind == "logger" and text not in LOGGERS:
            raise wrong(f"nothing called {text} can read along; there are {', '.join(LOGGERS)}")
        if key.kind == "choice" and text not in key.choices:
            raise wrong(f"it cannot be {text}; it is one of {', '.join(key.choices)}")
        if key.kind == "path" and text.count("{op}") != 1:
            raise wrong(f"`{text}` must hold {{op}} once, where the name of an op stands, as in ops.{{op}}.config")
    return tuple(values)
