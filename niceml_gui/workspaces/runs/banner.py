"""The bar above the ops of a run that failed: why, and what to try."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QPlainTextEdit, QWidget

from niceml_engine.errors import disk_first
from niceml_engine.events import OpEnded
from niceml_engine.values import RunState
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, label
from niceml_gui.widgets.wrapping import FoldedLabel
from niceml_gui.workspaces.runs.marked_bar import MarkedBar
from niceml_gui.workspaces.runs.record import RunRecord
from niceml_gui.workspaces.runs.ways_on import WaysOn

LONG = 600  #: letters of a message that are shown; the details have all of it
MOST, FEWEST = 9, 4  #: lines of the details that are in view, where there is room and where there is little
ADVICE = 2  #: lines of what to try, until it is unfolded
READABLE = 300  #: pixels of a message beside its op, at least, unless it is shorter; beside buttons it has half a row
_ACROSS = QBoxLayout.Direction.LeftToRight
_BELOW = 3  #: the row of the buttons where there is no room for them beside the message


class FailureBanner(MarkedBar):
    """Shown while the selected run is one that failed.

    Args:
        parent: The Qt parent.
    """

    key_wanted = Signal(str)  #: the config key is to be shown
    code_wanted = Signal(str)  #: a line of the project's own code is to be shown, `file:line`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("error", parent)
        self.op = label("", "error")
        self.error = label("", "mono")
        self.message = _wrapping()
        self.place = ElidedLabel()
        self.place.setProperty("role", "mono")
        self.advice = FoldedLabel(ADVICE)
        self.show_key = button("Show in Compose", "Select the config key that is to blame")
        self.show_code = button("", "Show the line that raised it")
        self.ways = WaysOn()
        self.unfold = button("Details", "Show what an expert wants to see")
        self.unfold.setCheckable(True)
        self.copy = icon_button("copy", "Copy the error with its details")
        self.details = _Details()
        self._key = self._code = self._message = ""
        self._what, self._title, self._actions = QBoxLayout(_ACROSS), QHBoxLayout(), QHBoxLayout()
        for name in (self.op, self.error):
            self._title.addWidget(name)
        self._title.addStretch()
        self._what.addLayout(self._title)
        self._what.addWidget(self.message, 1)
        for widget in (self.show_code, self.show_key, self.ways, self.unfold, self.copy):
            self._actions.addWidget(widget, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._grid = QGridLayout(self)  # one below the other where there is little room
        self._grid.setContentsMargins(16, 6, 10, 7)
        self._grid.setColumnStretch(0, 1)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(3)
        self._what.setAlignment(self._title, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self.advice, 2, 0, 1, 2)
        self._grid.addWidget(self.details, _BELOW + 1, 0, 1, 2)
        for layout in (self._what, self._title, self._actions):
            layout.setSpacing(8)
        self._row: int | None = None  # of the buttons
        self._arrange()
        self.unfold.toggled.connect(self._unfold)
        self.show_key.clicked.connect(lambda: self.key_wanted.emit(self._key))
        self.show_code.clicked.connect(lambda: self.code_wanted.emit(self._code))
        self.copy.clicked.connect(self._copy)

    def show_failure(self, state: RunState | None, record: RunRecord, ops: tuple[str, ...] = ()) -> None:
        """Shows why a run failed; hides where there is nothing to tell.

        Args:
            state: The run as the list knows it.
            record: What its stream says.
            ops: Those of its job.
        """
        op, end = record.failed_op, record.ended
        failed = (state is not None and state.status == "failed") or (end is not None and end.status == "failed")
        self.setVisible(failed)
        if not failed:
            self.unfold.setChecked(False)
            return
        failure = op.failure if op else None
        message = (op and op.message) or (end and end.message) or (state and state.message) or "no reason was given"
        details = (op and op.details) or (end and end.details) or ""
        where = f"at {op.name}" if op else state.at if state else ""
        self.op.setText(f"failed {where}".rstrip())
        self._key, self._code = (failure.key, failure.code) if failure else ("", "")
        if failure is not None:  # what stands below need not stand before it, too
            for known in (failure.place, f"override {failure.override}", failure.key):
                message = message.removeprefix(f"{known}: ")
        message, make_room = disk_first(message)
        error = failure.error if failure is not None and not message.startswith(failure.error) else ""
        self.error.setText(error)
        self._message = message
        self.message.setText(message if len(message) <= LONG else f"{message[:LONG]}…")
        self.place.set_full_text("  ·  ".join(_places(failure)) if failure else "")
        advice = (failure and failure.advice) or (end and end.advice) or make_room
        self.advice.set_full_text(f"What to try: {advice}" if advice else "")
        self.show_key.setVisible(bool(self._key))
        self.show_code.setVisible(bool(self._code))
        self.show_code.setText(f"Open {self._code.rpartition('/')[2]}")
        self.ways.show_run(state, record, ops)
        self.error.setVisible(bool(error))
        for shown in (self.place, self.advice):
            shown.setVisible(bool(shown.full_text()))
        details = details.rstrip()
        if self.details.toPlainText() != details:
            self.details.show_text(details)
            self._bound(details.count("\n") + 1)
            self._unfold(self.unfold.isChecked())
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the buttons below what failed where there is no room beside it."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        margins = self._grid.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        title, actions = self._title.sizeHint().width(), self._actions.sizeHint().width()
        said = self.message.fontMetrics().horizontalAdvance(self.message.text())
        title += self._what.spacing()
        least, half = (title + min(said, max(READABLE, part)) for part in (0, room // 2))
        self._what.setDirection(_ACROSS if least <= room else QBoxLayout.Direction.TopToBottom)
        room -= self._grid.horizontalSpacing() + actions
        set_by = self.place.sizeHint().width() if self.place.full_text() else room + 1
        row = next((row for row, wide in enumerate((half, set_by)) if wide <= room), _BELOW)
        if row != self._row:
            self._row = row
            for moved in (self._what, self._actions):
                self._grid.removeItem(moved)
            self._grid.removeWidget(self.place)
            self._grid.addLayout(self._what, 0, 0, 1, 1 if row == 0 else 2, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(self.place, 1, 0, 1, 1 if row == 1 else 2)
            if row == _BELOW:
                self._grid.addLayout(self._actions, row, 0, 1, 2, Qt.AlignmentFlag.AlignRight)
            else:
                self._grid.addLayout(self._actions, row, 1)
        self._offer()

    def _offer(self) -> None:
        """Says what there is to unfold."""
        more, less = ("Details", "Hide details") if self.details.toPlainText() else ("More", "Less")
        on = self.unfold.isChecked()
        self.unfold.setText(less if on else more)
        self.unfold.setVisible(bool(self.details.toPlainText()) or self.advice.folded)

    def _unfold(self, on: bool) -> None:
        self.details.setVisible(on and bool(self.details.toPlainText()))
        self.advice.unfold(on)
        self._offer()

    def _bound(self, lines: int) -> None:
        """Gives the details room for some lines; those above scroll them where there is no room for all."""
        line = self.details.fontMetrics().lineSpacing()
        frame = 18 + self.details.horizontalScrollBar().sizeHint().height()  # a traceback has long lines
        self.details.setMinimumHeight(frame + min(lines, FEWEST) * line)
        self.details.setMaximumHeight(frame + min(lines, MOST) * line)

    def _copy(self) -> None:
        parts = (
            f"{self.op.text()}: {self.error.text()}: {self._message}".replace(": :", ":"),
            self.place.full_text(),
            self.advice.full_text(),
            self.details.toPlainText(),
        )
        QApplication.clipboard().setText("\n".join(part for part in parts if part))


def _places(failure: OpEnded) -> Iterator[str]:
    """Which key is to blame, who set it, and where it was raised; an override names the key itself."""
    if failure.override:
        yield f"set by the override {failure.override}"
    elif failure.key:
        yield failure.key
    if failure.place:
        yield f"set at {failure.place}"
    if failure.code:
        yield f"raised in {failure.code}"


class _Details(QPlainTextEdit):
    """A traceback, whose end is in view first: there are the exception and the project's own code."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setProperty("role", "mono")
        self.setAccessibleName("Details of the error")
        self.hide()
        self._height = 0  # of what is in view, as it was when the end was shown

    def show_text(self, text: str) -> None:
        """Shows another text from its end on."""
        self.setPlainText(text)
        self._height = 0
        self._show_end()

    def showEvent(self, event: QShowEvent) -> None:
        """Begins at the end."""
        self._height = 0
        super().showEvent(event)
        self._show_end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shows the end where the height is another one, as it is when the layout has been made."""
        super().resizeEvent(event)
        self._show_end()

    def _show_end(self) -> None:
        bar = self.verticalScrollBar()
        if self.viewport().height() != self._height:
            self._height = self.viewport().height()
            bar.setValue(bar.maximum())


def _wrapping() -> QLabel:
    made = label("", selectable=True)
    made.setWordWrap(True)
    return made
