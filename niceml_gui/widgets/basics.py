"""Small makers of widgets that look and read alike everywhere."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QLineEdit, QPushButton, QStyle, QToolButton, QWidget

from niceml_gui.theme.icons import tint


def label(text: str = "", role: str = "", *, selectable: bool = False) -> QLabel:
    """A plain-text label in one of the roles of the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def button(text: str, tip: str, *, icon: str = "", role: str = "ghost", token: str = "text") -> QPushButton:
    """A button with words; the tooltip is also what a screen reader says more of."""
    # Qt leaves almost no room between icon and text.
    made = QPushButton(f" {text}" if icon else text)
    made.setAccessibleName(text)
    made.setProperty("role", role)
    made.setToolTip(tip)
    made.setAccessibleDescription(tip)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setIconSize(QSize(14, 14))
    if icon:
        tint(made, icon, token)
    return made


def icon_button(icon: str, name: str, *, tip: str = "", token: str = "muted") -> QToolButton:
    """A button that is only an icon; `name` is what it is called aloud and in the tooltip."""
    made = QToolButton()
    made.setProperty("role", "flat")
    made.setAccessibleName(name)
    made.setToolTip(tip or name)
    made.setIconSize(QSize(16, 16))
    tint(made, icon, token)
    return made


def filter_edit(placeholder: str, name: str) -> QLineEdit:
    """A line to filter by, with a magnifying glass.

    Args:
        placeholder: What it says while empty.
        name: What it is called aloud.
    """
    edit = QLineEdit()
    edit.setPlaceholderText(placeholder)
    edit.setAccessibleName(name)
    edit.setToolTip("Keeps what holds every word")
    edit.setClearButtonEnabled(True)
    # The buttons inside are tool buttons too, but not to be as large as those.
    edit.setStyleSheet("QToolButton { min-height: 0; padding: 0; border: none; background: transparent; }")
    glass = QAction("Filter", edit)
    tint(glass, "search")
    edit.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
    return edit


def line(*, vertical: bool = False) -> QFrame:
    """A line of one pixel between two things."""
    made = QFrame()
    made.setProperty("role", "line")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


def set_role(widget: QWidget, role: str, name: str = "role") -> None:
    """Changes a property that the style sheet looks at, and shows it at once."""
    if widget.property(name) != role:
        widget.setProperty(name, role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElidedLabel(QLabel):
    """A one-line label that ends in an ellipsis where the room ends; the tooltip holds the whole text."""

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._mode = mode
        self._full = ""
        self.set_full_text(text)

    def set_full_text(self, text: str) -> None:
        """Sets the text that is shown as far as it fits."""
        self._full = text
        self.setAccessibleName(text)
        self._elide()

    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def minimumSizeHint(self) -> QSize:
        """Narrow: the text gives way."""
        return QSize(24, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        width = QFontMetrics(self.font()).horizontalAdvance(self._full) + 4
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the text anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        one = " ".join(self._full.split())
        shown = QFontMetrics(self.font()).elidedText(one, self._mode, max(self.width(), 1))
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


class Empty(QWidget):
    """What an empty pane shows: what it is for, and what to do next."""

    def __init__(self, title: str, text: str, action: QAbstractButton | None = None) -> None:
        from PySide6.QtWidgets import QVBoxLayout

        super().__init__()
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(2)
        self.title = label(title, "heading")
        self.text = label(text, "muted")
        self.text.setWordWrap(True)
        for shown in (self.title, self.text):
            shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(shown)
        if action is not None:
            layout.addSpacing(8)
            layout.addWidget(action, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)


class Painted(QWidget):
    """A plain widget that the style sheet may give a background and a border."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws what the style sheet says."""
        from PySide6.QtGui import QPainter
        from PySide6.QtWidgets import QStyleOption

        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, QPainter(self), self)
