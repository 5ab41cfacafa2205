"""Edits that are not saved yet: what they are, and where each window keeps its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import msgspec
from PySide6.QtCore import QLockFile

from niceml_engine.values import Selection
from niceml_gui.state import alone, project_file, replace_file

_PLACES = 64  #: windows on one project that have places of their own


class TextDraft(msgspec.Struct, frozen=True):
    """The unsaved text of a file, and what the file held when the edit began."""

    before: str
    text: str


class Drafts(msgspec.Struct, frozen=True):
    """The unsaved edits of one project.

    Attributes:
        job: The job file that was open last.
        overrides: Overrides by job file.
        texts: Texts by file.
        typed: By job file, the text of its overrides where it was typed and not applied yet.
    """

    job: str = ""
    overrides: Mapping[str, tuple[str, ...]] = {}
    texts: Mapping[str, TextDraft] = {}
    typed: Mapping[str, str] = {}

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

    def keep_typed(self, job: str, text: str | None) -> Drafts:
        """The drafts with this text of a job's overrides in place of the former one; `None` forgets it."""
        rest = {other: typed for other, typed in self.typed.items() if other != job}
        return msgspec.structs.replace(self, typed=rest if text is None else {**rest, job: text})

    def joined(self, other: Drafts) -> Drafts:
        """These drafts, with those that only the other ones hold."""
        return Drafts(
            self.job or other.job,
            {**other.overrides, **self.overrides},
            {**other.texts, **self.texts},
            {**other.typed, **self.typed},
        )

    def beside(self, other: Drafts) -> Drafts:
        """What of these drafts the other ones hold otherwise, so that both cannot be in one window."""
        overrides = {job: one for job, one in self.overrides.items() if other.overrides.get(job, one) != one}
        texts = {file: one for file, one in self.texts.items() if other.texts.get(file, one) != one}
        typed = {job: one for job, one in self.typed.items() if other.typed.get(job, one) != one}
        return Drafts("", overrides, texts, typed)


class Place:
    """Where one window keeps the unsaved edits of a project, as long as it lives.

    Attributes:
        others: What windows that are gone have left, and what cannot be joined with this one's; another window that is
            opened on the project gets it.

    Args:
        key: The key of the project's address.
        number: Which of the places it is.
    """

    def __init__(self, key: str, number: int) -> None:
        file = project_file("drafts", key)
        self._file = file.with_stem(f"{file.stem}-{number}") if number else file
        self._lock = QLockFile(str(self._file.with_suffix(".lock")))
        self._lock.setStaleLockTime(0)  # it is free as soon as its process is gone, and not before
        self.others = Drafts()

    @classmethod
    def take(cls, key: str) -> Place:
        """The first place that no living window has, and in it what windows that are gone have left.

        Raises:
            OSError: The program's folder cannot be written.
        """
        project_file("drafts", key).parent.mkdir(parents=True, exist_ok=True)
        with alone("drafts"):
            free = _free(key)
            own = next(free, None)
            if own is None:
                return cls(key, _PLACES)
            for other in free:
                drafts, left = own.read(), other.read()
                own.write(drafts.joined(left))
                other.write(left := left.beside(drafts))
                own.others = own.others.joined(left)
                other.release()
            return own

    def try_lock(self) -> bool:
        """Whether it is ours from now on; where nothing can be locked, it is."""
        return self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError

    def release(self) -> None:
        """Gives it to the next window."""
        self._lock.unlock()

    def read(self) -> Drafts:
        """What is kept here; nothing where it cannot be read."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._file.read_bytes(), type=Drafts)
        return Drafts()

    def write(self, drafts: Drafts) -> None:
        """Keeps drafts in place of the former ones, so that a crash, even while writing, loses none.

        Raises:
            OSError: The program's folder cannot be written.
        """
        replace_file(self._file, msgspec.json.encode(drafts))

    @property
    def is_used(self) -> bool:
        """Whether anything was ever kept here."""
        return self._file.is_file()


def _free(key: str) -> Iterator[Place]:
    """The first place that is free, and all others that are and hold something."""
    first = True
    for number in range(_PLACES):
        place = Place(key, number)
        if (first or place.is_used) and place.try_lock():
            first = False
            yield place
