"""What the program remembers between two starts: settings, recent projects, and edits that are not saved yet."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QSettings

from niceml_engine.errors import ProjectError
from niceml_engine.places import state_dir as state_dir
from niceml_engine.values import RunSettings, Selection
from niceml_gui.address import Address

RECENT_LIMIT = 12


class TextDraft(msgspec.Struct, frozen=True):
    """The unsaved text of a file, and what the file held when the edit began."""

    before: str
    text: str


class Drafts(msgspec.Struct, frozen=True):
    """The unsaved edits of one project: overrides by job file, texts by file, and the job that was open last."""

    job: str = ""
    overrides: Mapping[str, tuple[str, ...]] = {}
    texts: Mapping[str, TextDraft] = {}

    def selection(self, job: str) -> Selection:
        """The selection of a job as it was left."""
        return Selection(job, self.overrides.get(job, ()))

    def keep(self, selection: Selection) -> Drafts:
        """The drafts with this selection in place of its job's former one."""
        rest = {job: overrides for job, overrides in self.overrides.items() if job != selection.job}
        if selection.overrides:
            rest[selection.job] = selection.overrides
        return msgspec.structs.replace(self, job=selection.job, overrides=rest)

    def keep_text(self, file: str, draft: TextDraft | None) -> Drafts:
        """The drafts with this text in place of the file's former one; `None` forgets it."""
        rest = {other: text for other, text in self.texts.items() if other != file}
        return msgspec.structs.replace(self, texts=rest if draft is None else {**rest, file: draft})


def settings() -> QSettings:
    """Geometry, layout, theme and the like, in one ini file."""
    return QSettings(str(state_dir() / "settings.ini"), QSettings.Format.IniFormat)


def load_drafts(key: str) -> Drafts:
    """The unsaved edits of a project, by its address' key; none when there are none, or when they cannot be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(project_file("drafts", key).read_bytes(), type=Drafts)
    return Drafts()


def change_drafts(key: str, change: Callable[[Drafts], Drafts]) -> None:
    """Changes the unsaved edits of a project so that a crash, even while writing, loses none.

    What another window on the project keeps there stays.

    Raises:
        OSError: The program's folder cannot be written.
    """
    with alone("drafts"):
        replace_file(project_file("drafts", key), msgspec.json.encode(change(load_drafts(key))))


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Keeps other windows from what is read, changed and written here; not for long, if one of them hangs."""
    state_dir().mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(state_dir() / f"{name}.lock"))
    lock.tryLock(2000)
    try:
        yield
    finally:
        lock.unlock()


def project_file(kind: str, key: str) -> Path:
    """Where something is kept for a project, by its address' key: in the person's own folder, never in the project."""
    return state_dir() / kind / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def replace_file(file: Path, content: bytes) -> None:
    """Writes a whole file so that whoever reads it finds the old or the new one.

    Raises:
        OSError: It cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    new.write_bytes(content)
    new.replace(file)


def run_settings() -> RunSettings:
    """Device and threads of the runs to come."""
    threads = str(settings().value("run/threads", "0"))
    return RunSettings(device=str(settings().value("run/device", "")), threads=int(threads) if threads.isdigit() else 0)


def notifies() -> bool:
    """Whether the desktop is to tell when a run ends."""
    return str(settings().value("notify", "true")) == "true"


def set_notifies(on: bool) -> None:
    """Lets the desktop tell when a run ends, or no more."""
    settings().setValue("notify", "true" if on else "false")


def editor() -> str:
    """The command of the person's own editor, as set in the window; empty: that of the environment."""
    return str(settings().value("editor", ""))


def recent_projects() -> list[Address]:
    """The projects opened last, newest first."""
    found = []
    for text in _texts(settings().value("recent", [])):
        with contextlib.suppress(ProjectError):
            found.append(Address.parse(text))
    return found


def remember_project(address: Address) -> None:
    """Puts a project on top of the recent ones."""
    _change_recent(address, lambda others: [address, *others])


def forget_project(address: Address) -> None:
    """Takes a project off the recent ones."""
    _change_recent(address, lambda others: others)


def _change_recent(address: Address, change: Callable[[list[Address]], list[Address]]) -> None:
    with alone("recent"):
        others = [other for other in recent_projects() if other.key != address.key]
        held = settings()
        held.setValue("recent", [str(one) for one in change(others)[:RECENT_LIMIT]])
        held.sync()


def folded_sections() -> list[str]:
    """Titles of the sections of an analysis that are folded."""
    return _texts(settings().value("analysis/folded", []))


def fold_section(title: str, folded: bool) -> None:
    """Remembers whether a section of an analysis is folded."""
    others = [other for other in folded_sections() if other != title]
    settings().setValue("analysis/folded", [*others, title] if folded else others)


def _texts(value: object) -> list[str]:
    """A list as QSettings gives it back: a list of one comes as a plain text, an empty one as nothing."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if value else []
