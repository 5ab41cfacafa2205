"""Changes of files as undoable steps: written by the service, taken back and made again by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from niceml_engine.protocol.files import FileChange, WriteFiles, Written
from niceml_engine.protocol.mending import PlanFix
from niceml_engine.values import ErrorInfo, TextEdit
from niceml_gui.engine import Engine

Complain = Callable[[ErrorInfo], object]


class FileChanges(QObject):
    """Writes changes of files, and keeps them on the undo stack.

    A step is taken back only while the files still hold what it wrote; otherwise it says which does not.

    Args:
        engine: The service's client.
        undo: The stack of all steps.
        complain: Told what cannot be done.
        parent: The Qt parent.
    """

    def __init__(self, engine: Engine, undo: QUndoStack, complain: Complain, parent: QObject) -> None:
        super().__init__(parent)
        self._engine, self._undo, self._complain = engine, undo, complain

    def plan(self, edits: tuple[TextEdit, ...], then: Callable[[tuple[FileChange, ...]], object]) -> None:
        """Asks what the edits of a fix make of their files."""
        self._engine.ask(PlanFix(edits), then, self._complain)

    def write(self, changes: tuple[FileChange, ...], title: str) -> None:
        """Writes changes, as one step named `title`; nothing is written if a file was changed meanwhile."""

        def done(written: Written) -> None:
            if not self._conflicts(written, title) and written.changes:
                self.note(written.changes, title)

        self._engine.ask(WriteFiles(changes), done, self._complain)

    def note(self, changes: tuple[FileChange, ...], title: str) -> None:
        """Puts changes that were written already onto the undo stack."""
        self._undo.push(_Step(self, changes, title))

    def again(self, changes: tuple[FileChange, ...], title: str) -> None:
        """Writes changes without a new step, where the files read exactly as they should."""
        request = WriteFiles(changes, merge=False)
        self._engine.ask(request, lambda written: self._conflicts(written, title), self._complain)

    def _conflicts(self, written: Written, title: str) -> bool:
        names = ", ".join(PurePath(conflict.change.file).name for conflict in written.conflicts)
        if names:
            self._complain(ErrorInfo(f"“{title}” changes nothing: {names} was changed in the meantime"))
        return bool(names)


class _Step(QUndoCommand):
    """Changes that were written already when the step is pushed."""

    def __init__(self, files: FileChanges, changes: tuple[FileChange, ...], title: str) -> None:
        super().__init__(title)
        self._files, self._changes, self._title = files, changes, title
        self._written = True

    def redo(self) -> None:
        if not self._written:
            self._files.again(self._changes, f"Redo {self._title}")
        self._written = False

    def undo(self) -> None:
        self._files.again(tuple(change.undone for change in self._changes), f"Undo {self._title}")
