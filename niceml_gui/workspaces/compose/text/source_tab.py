"""A file of the project: read, changed and saved."""

from __future__ import annotations

from functools import partial
from itertools import zip_longest

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from niceml_engine.protocol.configs import CheckText, FileText, ReadFile
from niceml_engine.protocol.files import Conflict, FileChange, WriteFiles, Written
from niceml_engine.values import ErrorInfo, Problem, Severity
from niceml_gui.desktop import elsewhere, open_in_editor
from niceml_gui.drafts import TextDraft
from niceml_gui.file_changes import Step
from niceml_gui.paths import pure
from niceml_gui.prose import prose
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, set_role
from niceml_gui.widgets.text_keys import OWN_HISTORY
from niceml_gui.workspaces.compose.banner import ErrorBanner
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.conflict_bar import ConflictBar
from niceml_gui.workspaces.compose.text.editing.classes import Classes
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.line_ends import plain_text, with_ends
from niceml_gui.workspaces.compose.text.editing.reading import reading
from niceml_gui.workspaces.compose.text.editing.suggestions import Completion, for_yaml
from niceml_gui.workspaces.compose.text.find_bar import with_find

LARGEST = 512 * 1024  #: characters of a text that can be changed here
LONGEST = 20_000  #: characters of a line of such a text
PATIENCE_MS = 300  #: after the last key, before a text is checked and kept


class SourceTab(QWidget):
    """Shows one file and lets the person change it; it is read again when files change on disk.

    Unsaved text is kept, and is there again after a crash. A text that is too large to be changed here, or that
    came with an installed package, is only shown.

    Args:
        session: What the window works on.
        file: The file.
        parent: The Qt parent.
    """

    saved = Signal(bool)  #: whether the text could be written

    def __init__(self, session: Session, file: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.file = file
        self.view: CodeEdit | CodeView | None = None  #: none before the file was read
        self._wanted = 0
        self._own: tuple[Problem, ...] = ()  # what the text itself says
        self._state = ""  # in a word, how the text differs from the file
        self._saved: str | None = None  # what the file held when this text began
        self._on_disk = ""
        self._classes = Classes(session, self._offer, self)
        self.banner = ErrorBanner(session)
        self.conflict = ConflictBar()
        self.conflict.keep.clicked.connect(self._keep_mine)
        self.conflict.take.clicked.connect(self._take_theirs)
        path = ElidedLabel(self._shown_path(), Qt.TextElideMode.ElideLeft)
        path.setProperty("role", "muted")
        path.setToolTip(file)
        self.note = ElidedLabel()
        self.note.setProperty("role", "muted")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.wrong = QLabel()  # a line of its own: what is wrong may be long
        self.wrong.setTextFormat(Qt.TextFormat.PlainText)
        self.wrong.setWordWrap(True)
        self.wrong.setContentsMargins(12, 0, 12, 6)
        set_role(self.wrong, "error")
        self.wrong.hide()
        self.save_button = button("Save", "Write the file (Ctrl+S)", icon="save")
        self.save_button.clicked.connect(self.save)
        self.revert_button = icon_button("undo", "Revert", tip="Go back to what the file holds")
        self.revert_button.clicked.connect(self.revert)
        edit = button(
            "Open in editor",
            "Opens this line in the editor of Edit → Editor…, else $VISUAL or $EDITOR (F4)",
            icon="external",
        )
        edit.setProperty("role", "flat")
        if away := elsewhere(session.host):
            edit.setEnabled(False)
            edit.setToolTip(away)
        edit.clicked.connect(lambda: self.edit(self.line + 1))
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(path, 1)
        head.addWidget(self.note, 1)
        for widget in (self.revert_button, self.save_button, edit):
            head.addWidget(widget)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addWidget(self.wrong)
        self._column.addWidget(self.banner)
        self._column.addWidget(self.conflict)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PATIENCE_MS)
        self._pause.timeout.connect(self._settle)
        session.composed_changed.connect(self.reload)
        session.problems_changed.connect(self._mark)
        session.project_changed.connect(self._show_state)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # until there is a text to have it
        self._show_state()
        self.reload()

    # ----------------------------------------------------------------------------------------------- the text

    @property
    def text(self) -> str:
        """What stands here, with the line ends of the file."""
        if not isinstance(self.view, CodeEdit):
            return self._on_disk
        return with_ends(plain_text(self.view.document()), self._saved or "")

    @property
    def unsaved(self) -> bool:
        """Whether the text is not what the file held when it was read."""
        return self._saved is not None and self.text != self._saved

    @property
    def line(self) -> int:
        """Where the cursor is, from 0."""
        return self.view.line if self.view is not None else 0

    def show_line(self, line: int) -> None:
        """Goes to a line, from 1, now or as soon as the file is read."""
        self._wanted = line
        self._go()

    def reload(self) -> None:
        """Reads the file again; unsaved text stays."""
        self.session.engine.ask(ReadFile(self.file), self._show, self._failed)

    def revert(self) -> None:
        """Drops the unsaved text, as a step that Ctrl+Z takes back."""
        self.conflict.hide()
        if isinstance(self.view, CodeEdit):
            self._saved = self._on_disk
            self.view.replace_text(self._on_disk)
            self._settle()

    def edit(self, line: int) -> None:
        """Opens the file in the person's own editor."""
        if why := elsewhere(self.session.host) or open_in_editor(self.file, line):
            self.session.complain(why)

    # ----------------------------------------------------------------------------------------------- saving

    def save(self) -> None:
        """Writes the text; what was changed on disk meanwhile is merged, or asked about."""
        if self._saved is not None and self.unsaved:
            self._write(FileChange(self.file, self._saved, self.text))

    def keep(self) -> None:
        """Keeps unsaved text for the next time, the last key included."""
        if self._pause.isActive():
            self._settle()

    def drop(self) -> None:
        """Gives the text up, for good: what the file holds is what is here the next time."""
        self._pause.stop()
        self.session.kept.keep_text(self.file, None)
        self._saved = self.text

    def _write(self, change: FileChange) -> None:
        self.session.engine.ask(WriteFiles((change,)), partial(self._written, self.text, change), self._not_written)

    def _not_written(self, error: ErrorInfo) -> None:
        self._failed(error)
        self.saved.emit(False)

    def _written(self, sent: str, wanted: FileChange, written: Written) -> None:
        if written.conflicts:
            self.conflict.show_conflict(written.conflicts[0])
            if isinstance(self.view, CodeEdit):
                self.view.go_to(_first_difference(self.text, self.conflict.found or ""))
            self.saved.emit(False)
            return
        self.conflict.hide()
        change = written.changes[0] if written.changes else wanted
        untouched = self.text == sent
        self._saved = self._on_disk = (change.after or "").removeprefix("\ufeff")
        if isinstance(self.view, CodeEdit) and untouched and self.unsaved:
            self.view.replace_text(self._saved)
        self._settle()
        self.session.files.note(Step(f"Edit {pure(self.file).name}", (change,)))
        self.saved.emit(True)

    def _keep_mine(self) -> None:
        asked = self.conflict.asked
        if asked is None or (asked.change.after != self.text and asked.found is not None):
            self.save()  # what was typed since is asked about anew, if it meets
        else:
            self._write(FileChange(self.file, asked.found, self.text if asked.found is None else asked.mine))

    def _take_theirs(self) -> None:
        self._on_disk = self.conflict.found or ""
        self.revert()

    # ----------------------------------------------------------------------------------------------- Qt

    def event(self, event: QEvent) -> bool:
        """Claims Ctrl+S before the window's commands do: whoever writes here saves this file."""
        if event.type() == QEvent.Type.ShortcutOverride and _saves(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Saves."""
        if _saves(event):
            self.save()
        else:
            super().keyPressEvent(event)

    # ----------------------------------------------------------------------------------------------- inner workings

    def _show(self, answer: FileText) -> None:
        if answer.gone:
            self._show_gone()
            return
        self.banner.show_problem(None)
        if self.conflict.gone:
            self.conflict.hide()
        self._on_disk = answer.text
        if self.view is None:
            self._begin(answer.text, "of an installed package, only to be read" if answer.installed else "")
        elif isinstance(self.view, CodeView):
            self._show_fixed(self.view)
        elif not self.unsaved and answer.text != self._saved:
            self._saved = answer.text
            self.view.show_text(answer.text)
        self._show_state()
        self._go()

    def _show_gone(self) -> None:
        """Says that the file is not there; a text that was read from it, or typed, can be written again."""
        if self.view is None and self.session.kept.drafts.texts.get(self.file) is not None:
            self._begin("")
        if isinstance(self.view, CodeEdit):
            self.conflict.show_conflict(Conflict(FileChange(self.file, self._saved, self.text), None, self.text))
        else:
            self.banner.show_problem(Problem("error", "unreadable", "there is no such file any more"))

    def _begin(self, text: str, fixed: str = "") -> None:
        if len(text) > LARGEST or any(len(line) > LONGEST for line in text.splitlines()):
            fixed = "too large to be changed here"
        self.view = CodeView(gutter_share=0.2) if fixed else CodeEdit(self._suggest)
        self.view.setProperty(OWN_HISTORY, pure(self.file).name)
        self.view.setAccessibleName(f"Source of {pure(self.file).name}")
        self.view.source_wanted.connect(lambda line: self.edit(line + 1))
        both, self.find_bar = with_find(self.view)
        self._column.addWidget(both, 1)
        waited = self.hasFocus()
        self.setFocusProxy(self.view)
        if waited:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(self.view, CodeView):
            self.note.set_full_text(fixed)
            self._show_fixed(self.view)
            return
        draft = self.session.kept.drafts.texts.get(self.file)
        self._saved = draft.before if draft is not None else text
        self.view.show_text(draft.text if draft is not None else text)
        self.view.textChanged.connect(self._typed)
        self.view.cursorPositionChanged.connect(self._show_note)
        self._settle()

    def _show_fixed(self, view: CodeView) -> None:
        lines = self._on_disk.splitlines()
        view.show_lines(lines, [str(number) for number in range(1, len(lines) + 1)])

    def _suggest(self, row: int, column: int) -> Completion:
        project = self.session.project
        if project is None or not isinstance(self.view, CodeEdit):
            return Completion(column)
        option = next((one for one in project.tree.options if one.file == self.file), None)
        return for_yaml(
            plain_text(self.view.document()).split("\n"),
            row,
            column,
            option,
            project.tree,
            self.session.last_good,
            self._classes.offered,
        )

    def _offer(self) -> None:
        if isinstance(self.view, CodeEdit):
            self.view.completer.show_again()

    def _typed(self) -> None:
        self._show_state()
        self._pause.start()

    def _settle(self) -> None:
        """Keeps the text for the case of a crash, and has it checked."""
        self._pause.stop()
        self._show_state()
        draft = TextDraft(self._saved or "", self.text) if self.unsaved else None
        self.session.kept.keep_text(self.file, draft)
        text = self.text
        self.session.engine.ask(CheckText(self.file, text), partial(self._checked, text))

    def _checked(self, text: str, problems: tuple[Problem, ...]) -> None:
        if text == self.text:
            self._own = problems
            self._mark()

    def _mark(self) -> None:
        """Marks lines: with what the text itself says, else with what composing says of the file on disk."""
        if isinstance(self.view, CodeEdit):
            known = self._own if self._own or self.unsaved else self.session.problems
            here = [problem for problem in known if problem.file == self.file and problem.line]
            marks: dict[int, tuple[Severity, str]] = {}
            for problem in reversed(here):  # the worst come first
                marks[problem.line - 1] = (problem.severity, problem.message)
            self.view.mark(marks)
            worst = here[0] if here and here[0].severity == "error" else None
            said = f"line {worst.line}: {worst.message.splitlines()[0]}" if worst is not None else ""
            self.wrong.setText(prose(said))
            self.wrong.setVisible(bool(said))
            self._show_state()

    def _show_state(self) -> None:
        unsaved = self.unsaved
        name = self.session.names.of(self.file)
        self.setWindowTitle(f"● {name}" if unsaved else name)
        self.save_button.setVisible(unsaved)
        self.revert_button.setVisible(unsaved)
        if isinstance(self.view, CodeEdit):
            elsewhere = unsaved and self._on_disk != self._saved
            self._state = "changed on disk too" if elsewhere else "unsaved" if unsaved else ""
            self._show_note()

    def _show_note(self) -> None:
        """Says what the cursor's line reads where it is drawn in another order, and how the text differs."""
        if isinstance(self.view, CodeEdit):
            reads = reading(self.view.textCursor().block().text())
            self.note.set_full_text(" · ".join(filter(None, (f"reads {reads}" if reads else "", self._state))))

    def _go(self) -> None:
        if not self._wanted or self.view is None:
            return
        self.view.go_to(self._wanted - 1)
        self.view.set_focused(range(self._wanted - 1, self._wanted))
        self._wanted = 0

    def _failed(self, error: ErrorInfo) -> None:
        self.banner.show_problem(Problem("error", "unreadable", error.message, details=error.details))

    def _shown_path(self) -> str:
        root = self.session.project.root if self.session.project else ""
        return self.file.removeprefix(f"{root}/") if root else self.file


def _saves(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Save)


def _first_difference(mine: str, found: str) -> int:
    """The first line, from 0, in which two texts differ."""
    pairs = zip_longest(mine.splitlines(), found.splitlines())
    return next((number for number, (one, other) in enumerate(pairs) if one != other), 0)
