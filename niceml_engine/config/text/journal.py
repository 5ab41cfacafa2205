"""Writing files so that no two of this person's programs do it at once, and that a kill in the middle leaves no half.

What is about to be written is noted first, in the person's own folder; a note that is found by the next one who
writes, or opens a project, is from a process that died meanwhile, and what it had done is taken back.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from niceml_engine.errors import ConfigError
from niceml_engine.places import state_dir
from niceml_engine.protocol.files import FileChange

PATIENCE = 30.0  #: seconds to wait for another one who writes


class Note(msgspec.Struct, frozen=True):
    """Changes that are being made."""

    changes: tuple[FileChange, ...]
    temporary: tuple[str, ...]  #: the new texts, which lie beside the files


@contextmanager
def alone() -> Iterator[bool]:
    """Keeps others of this person's programs from writing configs for a while; may be nested.

    Yields:
        Whether that could be; not where the person's own folder cannot be written.

    Raises:
        ConfigError: Another one has been writing all the time.
    """
    lock = _lock(state_dir())
    try:
        state_dir().mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=PATIENCE)
    except Timeout as error:
        raise ConfigError("another window is still writing files; try again", details=repr(error)) from error
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def noted(changes: Iterable[FileChange], temporary: Iterable[str]) -> Iterator[None]:
    """Keeps a note of changes while they are being made."""
    file = _folder() / f"{uuid.uuid4().hex}.json"
    with suppress(OSError):  # it is only needed if this process is killed within the next milliseconds
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(Note(tuple(changes), tuple(temporary))))
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def unfinished() -> Iterator[FileChange]:
    """Takes what dead processes left up, note by note: yields what is to be done to take their changes back.

    Only for who is `alone`. New texts that lie beside their files are removed.
    """
    try:
        notes = sorted(_folder().glob("*.json"))
    except OSError:
        return
    for file in notes:
        try:
            note = msgspec.json.decode(file.read_bytes(), type=Note)
        except (OSError, msgspec.MsgspecError):  # killed while it was written: nothing had been done yet
            note = Note((), ())
        yield from (change.undone for change in note.changes)
        for name in note.temporary:
            with suppress(OSError):
                os.unlink(name)
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _folder() -> Path:
    return state_dir() / "writing"


@cache
def _lock(folder: Path) -> FileLock:
    return FileLock(folder / "writing.lock")
