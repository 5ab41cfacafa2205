"""Banners above the ops of a run: why it failed and what to try, and what happens while it is to stop."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from niceml_engine.events import OpEnded
from niceml_engine.values import ACTIVE, RunState
from niceml_gui import words
from niceml_gui.runs import Runs
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, label
from niceml_gui.workspaces.runs.record import RunRecord, failed_at

LONG = 600  #: letters of a message that are shown; the details have all of it
MOST, FEWEST = 9, 4  #: lines of the details that are in view, where there is room and where there is little


class FailureBanner(QWidget):
    """Shown while the selected run is one that failed.

    Args:
        parent: The Qt parent.
    """

    key_wanted = Signal(str)  #: the config key is to be shown
    resume_wanted = Signal()  #: the run is to go on from the op that failed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.op = label("", "error")
        self.error = label("", "mono")
        self.message = _wrapping()
        self.place = ElidedLabel()
        self.place.setProperty("role", "mono")
        self.advice = _wrapping()
        self.show_key = button("Show in Compose", "Select the config key that is to blame")
        kept = "the ops before it are kept, and so is the config"
        self.resume = button("", f"Run that op from its beginning, and those after it; {kept}")
        self.unfold = button("Details", "Show what an expert wants to see")
        self.unfold.setCheckable(True)
        self.copy = icon_button("copy", "Copy the error with its details")
        self.details = _Details()
        self._key = ""
        what, actions = self._rows = QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((what, (self.op, self.error)), (actions, (self.show_key, self.unfold))):
            row.setSpacing(8)
            for widget in widgets:
                row.addWidget(widget)
        for row in (what, actions):
            row.addStretch(1)
        actions.addWidget(self.copy)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)  # one below the other where there is little room
        self._head.setSpacing(8)
        self._head.addLayout(what, 1)
        self._head.addLayout(actions)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 7, 10, 9)
        layout.setSpacing(4)
        layout.addLayout(self._head)
        layout.addWidget(self.message)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.place, 1)
        second.addStretch()
        second.addWidget(self.resume)
        layout.addLayout(second)
        for part in (self.advice, self.details):
            layout.addWidget(part)
        self.unfold.toggled.connect(self._unfold)
        self.show_key.clicked.connect(lambda: self.key_wanted.emit(self._key))
        self.resume.clicked.connect(self.resume_wanted)
        self.copy.clicked.connect(self._copy)
        theme().changed.connect(self.update)
        self.hide()

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
        where = op.name if op else state.op if state else ""
        self.op.setText(f"failed at {where}" if where else "failed")
        self._key = failure.key if failure else ""
        if failure is not None:  # what stands below need not stand before it, too
            for known in (failure.place, f"override {failure.override}", failure.key):
                message = message.removeprefix(f"{known}: ")
        error = failure.error if failure is not None and not message.startswith(failure.error) else ""
        self.error.setText(error)
        self.message.setText(message if len(message) <= LONG else f"{message[:LONG]}…")
        self.place.set_full_text("  ·  ".join(_places(failure)) if failure else "")
        self.advice.setText(f"What to try: {failure.advice}" if failure and failure.advice else "")
        self.show_key.setVisible(bool(self._key))
        first = failed_at(state, ops) if state is not None else ""
        self.resume.setText(f"Go on from {first}")
        self.resume.setVisible(bool(first) and first != ops[0])  # with nothing kept it is a run like any other
        for shown in (self.error, self.place, self.advice):
            shown.setVisible(bool(shown.full_text() if isinstance(shown, ElidedLabel) else shown.text()))
        self.unfold.setVisible(bool(details))
        self._arrange()
        details = details.rstrip()
        if self.details.toPlainText() != details:
            self.details.show_text(details)
            self._bound(details.count("\n") + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the buttons below what failed where there is no room beside it."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a bar in the colour of errors."""
        _paint(self, theme().tokens.error)

    def _arrange(self) -> None:
        wanted = sum(row.sizeHint().width() for row in self._rows) + self._head.spacing()
        narrow = wanted > self._head.geometry().width()
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if way != self._head.direction():
            self._head.setDirection(way)

    def _unfold(self, on: bool) -> None:
        self.details.setVisible(on)
        self.unfold.setText("Hide details" if on else "Details")

    def _bound(self, lines: int) -> None:
        """Gives the details room for some lines; those above scroll them where there is no room for all."""
        line = self.details.fontMetrics().lineSpacing()
        frame = 18 + self.details.horizontalScrollBar().sizeHint().height()  # a traceback has long lines
        self.details.setMinimumHeight(frame + min(lines, FEWEST) * line)
        self.details.setMaximumHeight(frame + min(lines, MOST) * line)

    def _copy(self) -> None:
        parts = (
            f"{self.op.text()}: {self.error.text()}: {self.message.text()}".replace(": :", ":"),
            self.place.full_text(),
            self.advice.text(),
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


class StoppingBanner(QWidget):
    """Shown while the selected run is to stop and has not ended yet: what happens next.

    Args:
        parent: The Qt parent.
    """

    end_wanted = Signal()  #: its processes are to be ended at once

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = ElidedLabel()
        self.now = button("End now", "End its processes at once, whatever they do; what is not saved yet is lost")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 7, 10, 8)
        row.setSpacing(8)
        row.addWidget(label("stopping…", "warning"))
        row.addWidget(self.what, 1)
        row.addWidget(self.now)
        self.now.clicked.connect(self.end_wanted)
        theme().changed.connect(self.update)
        self.hide()

    def show_run(self, state: RunState | None, patience: float) -> None:
        """Shows what happens to a run; hides where it is not to stop.

        Args:
            state: The run.
            patience: Seconds that a run has to stop.
        """
        self.setVisible(state is not None and state.stopping and state.status in ACTIVE)
        self.what.set_full_text(
            f"It has {words.duration(patience)} to end by itself, then its processes are ended; what is saved stays."
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a bar in the colour of warnings."""
        _paint(self, theme().tokens.warning)


class GoneBanner(QWidget):
    """Shown while the folder of the selected run is gone.

    Args:
        runs: The runs.
        parent: The Qt parent.
    """

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        what = ElidedLabel("Somebody has moved or deleted it. What was read of it is shown as long as it is chosen.")
        self.other = button("", "Go on to the run that runs, or else to the newest")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 7, 10, 8)
        row.setSpacing(8)
        row.addWidget(label("its folder is gone", "warning"))
        row.addWidget(what, 1)
        row.addWidget(self.other)
        self.other.clicked.connect(lambda: runs.select(runs.newest))
        theme().changed.connect(self.update)
        self.hide()

    def refresh(self) -> None:
        """Reads the runs."""
        self.setVisible(bool(self._runs.gone))
        other = self._runs.states.get(self._runs.newest)
        self.other.setVisible(other is not None)
        if other is not None:
            self.other.setText(f"Show {words.told(other)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a bar in the colour of warnings."""
        _paint(self, theme().tokens.warning)


def _paint(widget: QWidget, color: str) -> None:
    tokens = theme().tokens
    painter = QPainter(widget)
    painter.fillRect(widget.rect(), QColor(tokens.raised))
    painter.fillRect(0, 0, 3, widget.height(), QColor(color))
    painter.fillRect(0, widget.height() - 1, widget.width(), 1, QColor(tokens.line))


def _wrapping() -> QLabel:
    made = label("", selectable=True)
    made.setWordWrap(True)
    return made
