"""Changes of files as undoable steps: written by the service, taken back and made again by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from niceml_engine.protocol.files import Conflict, FileChange, WriteFiles, Written
from niceml_engine.protocol.mending import PlanFix
from niceml_engine.values import ErrorInfo, Selection, TextEdit
from niceml_gui.engine import Engine
from niceml_gui.paths import pure

Complain = Callable[[ErrorInfo], object]
Look = Callable[[Selection], object]


@dataclass(frozen=True)
class Step:
    """Changes of files, and what the person looks at before and after them.

    Attributes:
        title: What undo calls it.
        changes: The changes.
        before: The selection before; nothing if it stays.
        after: The selection after.
    """

    title: str
    changes: tuple[FileChange, ...]
    before: Selection | None = None
    after: Selection | None = None


@dataclass(frozen=True)
class Clash:
    """A step that was not written, because others changed the same lines meanwhile."""

    step: Step
    conflicts: tuple[Conflict, ...]

    @property
    def names(self) -> str:
        """The files that were changed."""
        return ", ".join(pure(conflict.change.file).name for conflict in self.conflicts)

    @property
    def mine(self) -> Step:
        """The step that overwrites what others wrote, where it met this one."""
        met = {conflict.change.file: conflict for conflict in self.conflicts}
        changes = tuple(
            FileChange(change.file, met[change.file].found, met[change.file].mine) if change.file in met else change
            for change in self.step.changes
        )
        return replace(self.step, changes=changes)


class FileChanges(QObject):
    """Writes changes of files, and keeps them on the undo stack.

    A step is taken back, and made again, beside what others changed elsewhere in its files. Where they changed its
    lines, it says so and is no step any more.

    Args:
        engine: The service's client.
        undo: The stack of all steps.
        complain: Told what cannot be done.
        look: Shows another selection.
        parent: The Qt parent.
    """

    written = Signal(str)  #: what was written, undone or redone
    went = Signal(str, str)  #: a file that is gone, and the one that took its place, if any did
    clashed = Signal(object)  #: `Clash`: asks whose text is to stay

    def __init__(self, engine: Engine, undo: QUndoStack, complain: Complain, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._engine, self._undo, self._complain, self._look = engine, undo, complain, look

    def plan(self, edits: tuple[TextEdit, ...], then: Callable[[tuple[FileChange, ...]], object]) -> None:
        """Asks what the edits of a fix make of their files."""
        self._engine.ask(PlanFix(edits), then, self._complain)

    def write(self, step: Step) -> None:
        """Writes changes; what others changed in the same files is merged, or asked about."""

        def done(written: Written) -> None:
            if written.conflicts:
                self.clashed.emit(Clash(step, written.conflicts))
            elif written.changes:
                self.note(replace(step, changes=written.changes))

        self._engine.ask(WriteFiles(step.changes), done, self._complain)

    def note(self, step: Step) -> None:
        """Puts a step whose changes were written already onto the undo stack."""
        self._undo.push(_Command(self, step))
        self._show(step, step.title)

    def again(self, command: QUndoCommand, step: Step, title: str) -> None:
        """Writes changes without a new step; what others changed in the same files is merged."""

        def done(written: Written) -> None:
            if written.conflicts:
                command.setObsolete(True)  # the stack drops it when it comes by
                names = Clash(step, written.conflicts).names
                self._complain(ErrorInfo(f"“{title}” changes nothing: {names} was changed in the meantime"))
            else:
                self._show(step, title)

        self._engine.ask(WriteFiles(step.changes), done, self._complain)

    def _show(self, step: Step, title: str) -> None:
        if step.after is not None:
            self._look(step.after)
        new = [change.file for change in step.changes if change.before is None]
        for change in step.changes:
            if change.after is None:
                self.went.emit(change.file, new[0] if len(new) == 1 else "")
        self.written.emit(title)


class _Command(QUndoCommand):
    """Changes that were written already when the command is pushed."""

    def __init__(self, files: FileChanges, step: Step) -> None:
        super().__init__(step.title)
        self._files, self._step = files, step
        self._written = True

    def redo(self) -> None:
        if not self._written and not self.isObsolete():
            self._files.again(self, self._step, f"Redo {self._step.title}")
        self._written = False

    def undo(self) -> None:
        changes = tuple(change.undone for change in self._step.changes)
        back = Step(self._step.title, changes, self._step.after, self._step.before)
        self._files.again(self, back, f"Undo {self._step.title}")
