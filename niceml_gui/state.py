"""What the program remembers between two starts: settings and recent projects."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QLockFile, QSettings

from niceml_engine.errors import ProjectError
from niceml_engine.places import state_dir as state_dir
from niceml_engine.values import RunSettings
from niceml_gui.address import Address

RECENT_LIMIT = 12


def settings() -> QSettings:
    """Geometry, layout, theme and the like, in one ini file."""
    return QSettings(str(state_dir() / "settings.ini"), QSettings.Format.IniFormat)


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
