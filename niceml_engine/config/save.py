"""Writing what a person chose into the job file, so that it needs no overrides any more.

Nothing is taken on trust: the new text is composed, beside its siblings, before it is written, and must give the
digest that the selection gave.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from niceml_engine.config import edit
from niceml_engine.config.changes import write_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.disk import read_file
from niceml_engine.config.files import parse, read
from niceml_engine.config.project import Setting
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.configs import Saved
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Choice, Composed, Selection

Edit = Callable[[str], str]
Path_ = tuple[str | int, ...]


def save(composer: Composer, selection: Selection, target: str = "", dry_run: bool = False) -> Saved:
    """Writes a selection's overrides into its job file, or into a new one.

    Choices change the defaults list, values the file's own body. Overrides that cannot be written so that the job
    composes to the same stay in the selection that is returned.

    Args:
        composer: Of the project.
        selection: What to write.
        target: A new job file; relative paths belong to the project root. Empty: the job's own file.
        dry_run: Whether to write nothing.

    Raises:
        ConfigError: The selection does not compose, the target exists, the file was changed on disk meanwhile, or
            none of the overrides can be written.
    """
    composed = composer.compose(selection)
    if composed.error is not None:
        error = composed.error
        raise ConfigError(f"cannot be saved: {error.message}", file=error.file, line=error.line, key=error.key)
    old = read_file(selection.job)
    file = _target(composer, target) if target else Path(selection.job)
    with _place(composer.setting.of(selection.job), file) as (trial, job):
        text, kept = _Writer(trial, job, composed, file).write(old.text)
    new = Selection(str(file), kept)
    own = file == Path(selection.job)
    if not dry_run and (not own or text != old.text):
        write_all([FileChange(str(file), old.text if own else None, text)])
    return Saved(str(file), old.text if own else "", text, new)


def composes_at(setting: Setting, file: Path, text: str) -> str:
    """The digest of what a job file would compose to if it stood somewhere; empty if it would not compose."""
    with _place(setting, file) as (trial, job):
        job.write_bytes(text.encode())
        return trial.compose(Selection(str(job))).digest


@contextmanager
def _place(setting: Setting, file: Path) -> Iterator[tuple[Composer, Path]]:
    base = setting.config_dir
    if base is None or not file.is_relative_to(base):
        base = file.parent
    with _shadow(base, file) as (folder, job):
        yield Composer(replace(setting, config_dir=folder)), job


def _target(composer: Composer, target: str) -> Path:
    path = Path(os.path.normpath(composer.setting.root / Path(target).expanduser()))
    if path.suffix not in (".yaml", ".yml"):
        path = path.with_name(f"{path.name}.yaml")
    if path.exists():
        raise ConfigError("the file exists already; choose another name", file=str(path))
    return path


@dataclass
class _Writer:
    """Finds the edits that mean the same.

    Attributes:
        trial: Composes in a shadow of the job's folder.
        job: The job file there, written anew for each trial.
        composed: What must come out.
        file: Where the text will go.
    """

    trial: Composer
    job: Path
    composed: Composed
    file: Path

    def write(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Moves as many overrides into the text as compose to the same; returns the text and those that stay."""
        overrides = self.composed.selection.overrides
        if not overrides:
            if self.file != Path(self.composed.selection.job):
                self._check_place(text)
            return text, ()
        with suppress(ConfigError):  # else one by one, to find out which
            whole = text
            for override in overrides:
                whole = _first(self._ways(override), whole)
            if self._same(whole, ()):
                return whole, ()
        self._check_place(text)
        return self._one_by_one(text, overrides)

    def _one_by_one(self, text: str, overrides: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        kept: list[str] = []
        reason = ""
        for index, override in enumerate(overrides):
            rest = overrides[index + 1 :]
            for way in self._ways(override):
                try:
                    tried = way(text)
                except ConfigError as error:
                    reason = reason or f"{override}: {error.message}"
                    continue
                if self._same(tried, (*kept, *rest)):
                    text = tried
                    break
            else:
                kept.append(override)
        if len(kept) == len(overrides):
            raise ConfigError(
                f"{overrides[0]} cannot be saved into this file without changing what it means"
                + (f" ({reason})" if reason else "")
                + self._advice(text),
                file=str(self.file),
            )
        return text, tuple(kept)

    def _advice(self, text: str) -> str:
        entries = edit.defaults(text)
        if entries and entries[-1] != "_self_":
            return (
                "; its defaults list does not end with `_self_`, so that its includes win: move `- _self_` to the end"
            )
        return "; keep it as an override, or write it into the included file that sets it"

    def _check_place(self, text: str) -> None:
        """Fails where a copy of the job does not compose to the same at all, because of the folder it is put in."""
        if not self._same(text, self.composed.selection.overrides):
            raise ConfigError(
                "the job means something else in this folder, because its defaults are looked up beside it; "
                "save it into the folder of the job that it comes from",
                file=str(self.file),
            )

    def _same(self, text: str, overrides: tuple[str, ...]) -> bool:
        self.job.write_bytes(text.encode())
        tried = self.trial.compose(Selection(str(self.job), overrides))
        return tried.error is None and tried.digest == self.composed.digest

    # ------------------------------------------------------------------------------------------- one override

    def _ways(self, override: str) -> list[Edit]:
        """The edits that may write an override, best first."""
        parsed = OverridesParser.create().parse_override(override)
        key = parsed.get_key_element().lstrip("+~")
        choice = next((one for one in self.composed.choices if one.key.lstrip("+") == key), None)
        if choice is not None or "/" in key or "@" in key:
            return list(self._choice_ways(parsed, key, choice))
        path = self._path(key)
        if path is None:
            return []
        if parsed.is_delete():
            return [partial(edit.delete_value, path=path)]
        return [partial(edit.set_value, path=path, value=self._value(key, parsed.value()))]

    def _choice_ways(self, parsed: Override, key: str, choice: Choice | None) -> Iterator[Edit]:
        option: Any = None if parsed.is_delete() else parsed.value()
        if parsed.is_add():
            yield partial(edit.add_default, new={key: option})
            yield partial(_append_default, new={key: option})
            return
        names = [key]
        if choice is not None:
            names += [f"{choice.group}@{choice.package}", f"{choice.group}@_global_.{choice.package}"]
        yield partial(
            _change_default, names={f"override {slash}{name}" for name in names for slash in ("", "/")}, to=option
        )
        own = self._entry(choice)
        if own and parsed.is_delete():
            yield partial(_remove_default, name=own)
        elif own:
            yield partial(_change_default, names={own}, to=option)
        else:
            for name in dict.fromkeys(names):
                yield partial(edit.add_default, new={f"override /{name}": option})

    def _entry(self, choice: Choice | None) -> str:
        """The key of the entry in the job's own defaults list at which a choice is made; empty if it is elsewhere."""
        job = self.composed.selection.job
        if choice is None or not choice.line or Path(choice.file) != Path(job):
            return ""
        file = read(job)
        entries = file.data.get("defaults", []) if isinstance(file.data, dict) else []
        index = file.entries.index(choice.line) if choice.line in file.entries else len(entries)
        entry = entries[index] if index < len(entries) else None
        return next(iter(entry), "") if isinstance(entry, dict) else ""

    def _path(self, key: str) -> Path_ | None:
        """Where in the job's own body a key stands; `None` where the body's package leaves it out.

        A list is written whole, so a path ends where it enters one.
        """
        package = next((one.package for one in self.composed.defaults if one.parent == "<root>"), "")
        if package and not key.startswith(f"{package}."):
            return None
        return tuple(self._list_of(key)[len(package) + 1 if package else 0 :].split("."))

    def _list_of(self, key: str) -> str:
        """The key of the list that a key leads into; the key itself if it leads into none."""
        data, walked = self._data, []
        for part in key.split("."):
            if isinstance(data, list):
                break
            walked.append(part)
            data = data.get(part) if isinstance(data, dict) else None
        return ".".join(walked)

    def _value(self, key: str, value: Any) -> Any:
        """What to write: the mapping as given, else what the selection makes of it."""
        if isinstance(value, dict):
            return value
        data = self._data
        for part in self._list_of(key).split("."):
            if not isinstance(data, dict) or part not in data:
                return value
            data = data[part]
        return data

    @cached_property
    def _data(self) -> Any:
        return parse(self.composed.yaml).data


def _first(ways: list[Edit], text: str) -> str:
    """Applies the first edit that is possible."""
    for way in ways:
        with suppress(ConfigError):
            return way(text)
    raise ConfigError("it cannot be written into this file")


def _append_default(text: str, new: dict[str, Any]) -> str:
    return edit.insert_item(text, ("defaults", len(edit.defaults(text))), new)


def _change_default(text: str, names: set[str], to: Any) -> str:
    return edit.set_default(text, _index(text, names), to)


def _remove_default(text: str, name: str) -> str:
    return edit.remove_default(text, _index(text, {name}))


def _index(text: str, names: set[str]) -> int:
    for index, entry in enumerate(edit.defaults(text)):
        if isinstance(entry, dict) and names & {" ".join(str(name).split()) for name in entry}:
            return index
    raise ConfigError("the defaults list has no such entry", key="defaults")


@contextmanager
def _shadow(base: Path, file: Path) -> Iterator[tuple[Path, Path]]:
    """A folder that looks like `base`, but lacks the file, so that texts can be tried without touching the project."""
    with tempfile.TemporaryDirectory(prefix="niceml-") as name:
        shadow = Path(name)
        inner, real = shadow, base
        for part in (*file.relative_to(base).parts[:-1], None):
            hidden = file.name if part is None else part
            for sibling in real.iterdir() if real.is_dir() else ():
                if sibling.name != hidden:
                    (inner / sibling.name).symlink_to(sibling)
            if part is not None:
                inner, real = inner / part, real / part
                inner.mkdir()
        yield shadow, inner / file.name
