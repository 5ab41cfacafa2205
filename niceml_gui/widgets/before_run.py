"""What has run before, beside the Run button: a small mark there, and all of it when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from niceml_engine.protocol.earlier import Earlier, Like, result_of, sentences, value_words
from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, button, label, line

WIDE = 440  #: pixels
SHOWN = 6  #: differences in full


class BeforeRun(QFrame):
    """Pops up below the Run button.

    Args:
        session: What would be run.
        window: Over which it lies.
    """

    compare_wanted = Signal(str)  #: id of a run that the selection is to be compared with
    show_wanted = Signal(str)  #: id of a run

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._left)
        self.hide()
        self.setObjectName("popup")
        self.setAccessibleName("What has run before")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.setSpacing(8)
        self._body: QWidget | None = None

    def open(self, earlier: Earlier, corner: QPoint) -> None:
        """Shows what has run before.

        Args:
            earlier: That.
            corner: Its right upper corner, on the screen.
        """
        if self._body is not None:
            self._column.removeWidget(self._body)
            self._body.deleteLater()
        self._body = self._made(earlier)
        self._column.addWidget(self._body)
        self.setFixedWidth(WIDE)
        self.adjustSize()
        self.move(self._window.mapFromGlobal(corner) - QPoint(WIDE, 0))
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def texts(self) -> list[str]:
        """All that it says, to be read aloud."""
        return [] if self._body is None else [one.full_text() for one in self._body.findChildren(ElidedLabel)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Closes on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------------------------------ inner workings

    def _left(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and now is not self and not self.isAncestorOf(now):
            self.hide()

    def _made(self, earlier: Earlier) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        states = self._session.runs.states
        if earlier.same and (state := states.get(earlier.same[0])) is not None:
            column.addWidget(label("THIS VERY CONFIG HAS RUN BEFORE", "title"))
            column.addLayout(self._run(state, result_of(state)))
            if len(earlier.same) > 1:
                more = len(earlier.same) - 1
                column.addWidget(label(f"and {words.counted(more, 'time')} before that", "muted"))
        for title, like in _likes(earlier):
            if (state := states.get(like.run)) is None:
                continue
            if column.count():
                column.addWidget(line())
            column.addWidget(label(title, "title"))
            count = f"{words.counted(like.count, 'value')} differ{'s' if like.count == 1 else ''}"
            column.addLayout(self._run(state, count))
            column.addLayout(_differences(like))
        if not column.count():
            column.addWidget(label("Nothing like it has run before.", "muted"))
        return body

    def _run(self, state: RunState, said: str) -> QVBoxLayout:
        row, lines = QHBoxLayout(), QVBoxLayout()
        row.setSpacing(8)
        lines.setSpacing(0)
        name = ElidedLabel(words.told(state), Qt.TextElideMode.ElideMiddle)
        name.setProperty("role", "mono")
        row.addWidget(name, 1)
        told = ElidedLabel(f"{said} · {words.moment(state.created, time.time())}")
        told.setProperty("role", "muted")
        for text, tip, signal in (
            ("Show", "Show its curves", self.show_wanted),
            ("Compare", "Show all differences of the configs", self.compare_wanted),
        ):
            made = button(text, tip, role="flat")
            made.clicked.connect(partial(self._leave, signal.emit, state.id))
            row.addWidget(made)
        lines.addLayout(row)
        lines.addWidget(told)
        return lines

    def _leave(self, then: Callable[[str], object], run: str) -> None:
        self.close()
        then(run)


def _likes(earlier: Earlier) -> list[tuple[str, Like]]:
    found = []
    last, nearest = earlier.last, earlier.nearest
    if last is not None and last.count:
        found.append(("SINCE THE LAST RUN OF THE JOB", last))
    if nearest is not None and nearest.count and (last is None or nearest.count < last.count):
        found.append(("THE NEAREST RUN", nearest))
    return found


def _differences(like: Like) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(0, 3)
    grid.setColumnStretch(1, 2)
    shown = like.differences[:SHOWN]
    for row, one in enumerate(shown):
        key = ElidedLabel(one.key, Qt.TextElideMode.ElideLeft)
        key.setProperty("role", "muted")
        values = ElidedLabel(f"{value_words(one.before)} → {value_words(one.after)}")
        values.setProperty("role", "mono")
        grid.addWidget(key, row, 0)
        grid.addWidget(values, row, 1)
    if like.count > len(shown):
        grid.addWidget(label(f"and {like.count - len(shown)} more", "muted"), len(shown), 0)
    return grid


def brief(earlier: Earlier, states: dict[str, RunState]) -> str:
    """The first thing that there is to say, for a tooltip; empty if nothing has run before."""
    said = next((sentence for sentence, _ in sentences(earlier, states)), "")
    return said[:1].upper() + said[1:]
