"""What is wrong, above what is still shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from niceml_engine.values import Problem
from niceml_engine.visible import visible
from niceml_gui.names import Names
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import pixmap
from niceml_gui.widgets.linked_text import LinkedText
from niceml_gui.workspaces.compose.mending import Mending, about, ways, word

NARROW = 560  #: pixels from which on text and buttons stand beside each other


def where(problem: Problem, names: Names) -> str:
    """File and line of a problem in a few letters."""
    name = names.of(problem.file) if problem.file else ""
    return f"{name}:{problem.line}" if name and problem.line else name


class ErrorBanner(QFrame):
    """Shows an error; its details unfold, and can be copied.

    Args:
        session: What the window works on.
        mending: Mends what it shows, by a button; without one there is none.
        parent: The Qt parent.
    """

    source_wanted = Signal(str, int)

    def __init__(self, session: Session, mending: Mending | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._mending = session, mending
        self._problem: Problem | None = None
        self.setObjectName("messageBar")
        self.setProperty("severity", "error")
        self._mark = QLabel()
        self.text = LinkedText()
        self.text.opened.connect(self._open_named)
        self.place = QPushButton()
        self.place.setProperty("role", "link")
        self.place.setToolTip("Open the source at this line")
        self.place.clicked.connect(self._open)
        self.mend_button = QPushButton()
        self.mend_button.clicked.connect(self._mend)
        self.more = QPushButton("Details")
        self.more.setProperty("role", "flat")
        self.more.setCheckable(True)
        self.copy_button = QPushButton("Copy")
        self.copy_button.setProperty("role", "flat")
        self.copy_button.clicked.connect(self.copy)
        self.details = QLabel()
        self.details.setProperty("role", "mono")
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.details.setWordWrap(True)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details.hide()
        self.more.toggled.connect(self.details.setVisible)
        said, deeds = QHBoxLayout(), QHBoxLayout()
        for widget in (self._mark, self.place, self.text):
            said.addWidget(widget, 1 if widget is self.text else 0)
        deeds.addStretch(1)
        for widget in (self.mend_button, self.more, self.copy_button):
            deeds.addWidget(widget)
        self._line = line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        line.addLayout(said, 1)
        line.addLayout(deeds)
        for row in (line, said, deeds):
            row.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.details)
        theme().changed.connect(self._retint)
        self._retint()
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        """Shows an error, or nothing."""
        self._problem = problem
        self.setVisible(problem is not None)
        if problem is None:
            return
        place = where(problem, self._session.names)
        message = problem.message.replace("\n", " ")
        said = not problem.key or problem.key in message
        self.text.set_full_text(message if said else f"{problem.key}: {message}")
        self.place.setText(place)
        self.place.setVisible(bool(place))
        self.mend_button.setVisible(self._mending is not None and bool(ways(problem)))
        if ways(problem):
            self.mend_button.setText(word(problem))
            self.mend_button.setToolTip(about(problem))
        self.details.setText(visible(problem.details, lines=True))
        self.more.setVisible(bool(problem.details))
        if not problem.details:
            self.more.setChecked(False)

    def copy(self) -> None:
        """Copies message, place and details."""
        if self._problem is not None:
            parts = (
                where(self._problem, self._session.names),
                self._problem.key,
                self._problem.message,
                self._problem.details,
            )
            QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the buttons stand below the text."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._line.setDirection(direction.LeftToRight if self.width() >= NARROW else direction.TopToBottom)

    def _mend(self) -> None:
        if self._problem is not None and self._mending is not None:
            self._mending.mend(self._problem, self.mend_button.mapToGlobal(self.mend_button.rect().bottomLeft()))

    def _open(self) -> None:
        if self._problem is not None:
            self.source_wanted.emit(self._problem.file, self._problem.line)

    def _open_named(self, file: str, line: int) -> None:
        """Opens a file that the message names, as it is seen from the project."""
        project = self._session.project
        self.source_wanted.emit(str(pure(project.root if project is not None else "") / file), line)

    def _retint(self) -> None:
        self._mark.setPixmap(pixmap("error", theme().tokens.error, 16, self.devicePixelRatio()))
