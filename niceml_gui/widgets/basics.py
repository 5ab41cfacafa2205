"""Small makers of widgets that look and read alike everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionFrame,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.visible import visible
from niceml_gui.prose import prose, with_quotes
from niceml_gui.theme.icons import tint

_READABLE = 480  #: pixels of a line of text, at most
_MUCH = 100  #: so much more of the room does a text take than what is beside it


class Label(QLabel):
    """A label in whose texts what is code stands between quotes."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setText(text)

    def setText(self, text: str) -> None:
        """Shows another text, which may hold places at which it can be broken."""
        super().setText(with_quotes(text))


def label(text: str = "", role: str = "", *, selectable: bool = False) -> QLabel:
    """A plain-text label in one of the roles of the style sheet."""
    made = Label(visible(text, lines=True))
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
    add_clear_button(edit)
    # The buttons inside are tool buttons too, but not to be as large as those.
    edit.setStyleSheet("QToolButton { min-height: 0; padding: 0; border: none; background: transparent; }")
    glass = QAction("Filter", edit)
    tint(glass, "search")
    edit.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
    return edit


def add_clear_button(edit: QLineEdit) -> None:
    """Puts a button that empties a line at its end."""
    edit.setClearButtonEnabled(True)
    for made in edit.findChildren(QToolButton):
        made.setAccessibleName("Clear")


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
        self._full = self._shown = ""
        self.set_full_text(text)

    def set_full_text(self, text: str) -> None:
        """Sets the text that is shown as far as it fits."""
        self._full = text
        self._shown = prose(" ".join(text.split()))
        self.setAccessibleName(prose(text, lines=True))
        self._elide()

    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def minimumSizeHint(self) -> QSize:
        """Narrow: the text gives way."""
        return QSize(24, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        margins = self.contentsMargins()
        width = QFontMetrics(self.font()).horizontalAdvance(self._shown) + 4 + margins.left() + margins.right()
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the text anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.contentsRect().width(), 1)
        shown = QFontMetrics(self.font()).elidedText(self._shown, self._mode, room)
        self.setText(shown)
        self.setToolTip(prose(self._full, lines=True) if shown != self._full else "")


class FittingLabel(ElidedLabel):
    """A one-line label that says what it can in the room that it has, in whole words."""

    def __init__(self) -> None:
        self._texts, self._tip = [""], ""
        super().__init__()

    def set_texts(self, texts: Sequence[str], tip: str) -> None:
        """Shows the first of some texts for which there is room; where there is none, the end of the last one goes.

        Args:
            texts: The same at length, and in ever fewer letters.
            tip: What the tooltip says.
        """
        self._texts, self._tip = [prose(" ".join(text.split())) for text in texts], tip
        self.set_full_text(texts[0])

    def _elide(self) -> None:
        super()._elide()
        metrics, room = QFontMetrics(self.font()), max(self.contentsRect().width(), 1)
        fitting = (text for text in self._texts if metrics.horizontalAdvance(text) <= room)
        self.setText(next(fitting, metrics.elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, room)))
        self.setToolTip(prose(self._tip, lines=True))


def left_to_right(edit: QLineEdit | QPlainTextEdit) -> None:
    """Has a text of code begin at the left, whatever its first letter, so that keys, signs and values keep their order.

    Args:
        edit: What it is edited or shown in.
    """
    left = Qt.LayoutDirection.LeftToRight
    if isinstance(edit, QLineEdit):  # which goes by the first letter, until a person presses this key
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Direction_L, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(edit, event)
    else:
        option = edit.document().defaultTextOption()
        option.setTextDirection(left)
        edit.document().setDefaultTextOption(option)


class ElidedEdit(QLineEdit):
    """A line whose text ends in an ellipsis where the room ends, until somebody edits it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shortens what Qt would cut."""
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        place = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        place = place.marginsRemoved(self.textMargins()).adjusted(2, 0, -2, 0)
        text = self.text() or self.placeholderText()
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, place.width())
        if self.hasFocus() or shown == text:
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option)
        role = QPalette.ColorRole.Text if self.text() else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)


class ElidedButton(QPushButton):
    """A button whose words end in an ellipsis where the room ends; the tooltip is up to whoever uses it."""

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__(text)
        self._mode = mode
        self._shorter: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_shorter(self, *texts: str) -> None:
        """What is said instead where there is no room for all words: the first that has room."""
        self._shorter = texts
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Narrow: the words give way."""
        return QSize(48, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shortens what Qt would cut at both ends."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        lacking = self.sizeHint().width() - self.width()
        if lacking > 0:
            metrics = option.fontMetrics
            room = metrics.horizontalAdvance(self.text()) - lacking
            *_, last = self.text(), *self._shorter
            text = next((one for one in self._shorter if metrics.horizontalAdvance(one) <= room), last)
            option.text = metrics.elidedText(text, self._mode, room)
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class Empty(QWidget):
    """What an empty pane shows: what it is for, and what to do next; takes the focus, to be read aloud."""

    def __init__(self, title: str = "", text: str = "", action: QWidget | None = None) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(8)
        layout.addStretch(2)
        self.title = label(title, "heading")
        self.text = label(text, "muted")
        self.text.setMaximumWidth(_READABLE)
        for shown in (self.title, self.text):
            shown.setWordWrap(True)
            shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.title)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.text, _MUCH)
        middle.addStretch(1)
        layout.addLayout(middle)
        if action is not None:
            layout.addSpacing(8)
            layout.addWidget(action, alignment=Qt.AlignmentFlag.AlignHCenter)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout.addStretch(3)
        self._tell()

    def say(self, title: str, text: str) -> None:
        """Says something else."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self._tell()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Is read aloud as it stands now."""
        self._tell()
        super().focusInEvent(event)

    def _tell(self) -> None:
        self.setAccessibleName(self.title.text() or "Empty")
        self.setAccessibleDescription(self.text.text())


class Painted(QWidget):
    """A plain widget that the style sheet may give a background and a border."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws what the style sheet says."""
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, QPainter(self), self)
