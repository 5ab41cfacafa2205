"""The controls of a row: a field that checks what is typed, a text of several lines, a switch, and a reset arrow."""

from __future__ import annotations

from collections.abc import Callable

import yaml
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QSizePolicy, QToolButton, QWidget

from niceml_engine.descriptions import Described
from niceml_engine.options import quoted
from niceml_gui.theme import theme
from niceml_gui.theme.icons import tint
from niceml_gui.theme.style import mono
from niceml_gui.widgets.basics import icon_button, left_to_right, set_role
from niceml_gui.workspaces.compose.brief import brief
from niceml_gui.workspaces.compose.paint import colour, small
from niceml_gui.workspaces.compose.quoting import complaint, field_text
from niceml_gui.workspaces.compose.rules import ANYTHING

PAD = 9
_INSET = 2  #: what Qt keeps free before the text of a line edit, besides its padding
_BUTTON = 22  #: width of what stands at the right of a field
_SHORT_HINT = 36  #: pixels of a hint for which there is always room, as for `int` and `${…}`
_LEGIBLE_HINT = 80  #: pixels below which a longer one says nothing
_MOST_LINES = 10


def mark(widget: QWidget, name: str, on: bool) -> None:
    """Sets a mark that the style sheet looks at; styling again is slow, so only where it changes."""
    if (widget.property(name) == "true") != on:
        set_role(widget, "true" if on else "false", name)


class SmallButton(QAbstractButton):
    """An icon beside a field that can be pressed.

    Args:
        icon: The icon.
        name: What it is called aloud and in its tooltip.
        token: The colour of the icon.
        width: How wide it is.
    """

    def __init__(self, icon: str, name: str, token: str = "muted", width: int = 22) -> None:
        super().__init__()
        self.setFixedSize(width, 22)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setToolTip(name)
        tint(self, icon, token)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the icon, and a frame where the mouse or the keyboard is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(colour("accent" if self.hasFocus() else "line"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        side = min(14, self.width())
        self.icon().paint(painter, (self.width() - side) // 2, 4, side, 14)


class ResetButton(SmallButton):
    """The arrow beside a changed field."""

    def __init__(self, name: str) -> None:
        super().__init__("reset", name, "accent")
        self.setToolTip("Reset to the value of the files (Ctrl+Backspace)")


class Field(QLineEdit):
    """A line of text with a faint hint at its right; Enter or leaving commits, Esc gives up.

    A text that cannot be a value stays where it was typed until it is mended or given up.
    """

    committed = Signal(str)
    typing = Signal(str)  #: what is typed and not taken yet; empty once it is taken or given up
    refused = Signal(str)  #: why the text that stands here is not taken; empty: it no longer stands here

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rule: Described = ANYTHING
        self.why = ""  #: why the text that stands here was refused; empty if it was not
        self.side: QToolButton | None = None  #: what else can be done: choose, browse, unfold
        self._icon = ""
        self._full = ""  # the value
        self._shown = ""  # what stands for it while nobody edits
        self._painted = ""  # as much of that as there is room for
        self._hint = ""
        self._typing_hint = ""
        self._tip = ""
        self._wrong = False  # whether the value itself is
        self._room = 0
        self.setProperty("role", "mono")
        left_to_right(self)
        self.setMinimumWidth(60)
        self.editingFinished.connect(self._commit)
        self.textEdited.connect(self._judge)
        self.textEdited.connect(lambda text: self.typing.emit(text if text != self._full else ""))

    def show_value(
        self,
        text: str,
        hint: str,
        rule: Described,
        tip: str,
        face: str = "",
        typing_hint: str = "",
        *,
        wrong: bool = False,
    ) -> None:
        """Shows a value; what is being typed is left alone, and what was refused as long as the value is the same.

        Args:
            text: The value.
            hint: What stands faint at the right.
            rule: What may be typed.
            tip: The tooltip.
            face: What stands there while nobody edits, if that says more than the text.
            typing_hint: What stands faint at the right while somebody edits, if not the hint.
            wrong: Whether the value is missing or wrong: it has a frame until another text is typed.
        """
        self._wrong = wrong
        self._hint, self._typing_hint, self._tip, self.rule = hint, typing_hint or hint, tip, rule
        typing = self.hasFocus() and self.text() != self._full
        kept = typing or (self.why and text == self._full)
        self._full = text
        self._shown = face or text
        self._make_room()
        if not kept:
            self.give_up()
        self._explain()
        self.update()

    def set_side(self, icon: str, name: str, pressed: Callable[[], object]) -> None:
        """Puts a button at the right, or with no icon takes it away; Alt+Down presses it."""
        if icon != self._icon:
            self._icon = icon
            if self.side is not None:
                self.side.deleteLater()
                self.side = None
            if icon:
                self.side = icon_button(icon, name)
                self.side.setParent(self)
                self.side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                self.side.setCursor(Qt.CursorShape.PointingHandCursor)
                self.side.clicked.connect(lambda: pressed())
                self.side.show()
        if self.side is not None:
            self.side.setToolTip(f"{name} (Alt+Down)")
            self.side.setAccessibleName(name)
        self._make_room()

    def _make_room(self) -> None:
        side = _BUTTON if self.side is not None else 0
        hint = self._typing_hint if self.hasFocus() else self._hint
        wished = QFontMetrics(small(mono=True)).horizontalAdvance(hint) + 6 if hint else 0
        text = self._full if self.hasFocus() else brief(self._shown)
        left = self.width() - side - 2 * PAD - self.fontMetrics().horizontalAdvance(text)
        left = min(max(left, _SHORT_HINT), int(self.width() * 0.45))
        self._room = wished if wished <= left else left if left >= _LEGIBLE_HINT else 0  # the value comes first
        self.setTextMargins(-_INSET, 0, self._room + side, 0)  # in line with pickers and switches
        if self.side is not None:
            self.side.setGeometry(self.width() - _BUTTON - 3, 2, _BUTTON, self.height() - 4)
        if not self.hasFocus() and self.text() == self._painted:
            self.setText(self._face())
            self.setCursorPosition(0)

    def _face(self) -> str:
        if self.hasFocus():
            return self._full
        room = self.width() - self._room - 2 * PAD - (_BUTTON if self.side is not None else 0)
        self._painted = self.fontMetrics().elidedText(brief(self._shown), Qt.TextElideMode.ElideRight, max(room, 1))
        return self._painted

    def _judge(self, text: str) -> None:
        wrong = complaint(text, self.rule) if text != self._full else ""
        mark(self, "invalid", bool(wrong) or (self._wrong and text == self._full))
        if self.why:
            self._refuse(wrong)

    def _refuse(self, why: str) -> None:
        if why != self.why:
            self.why = why
            self._explain()
            self.refused.emit(why)

    def _explain(self) -> None:
        self.setToolTip(f"{self.why}: Esc restores the value\n{self._tip}" if self.why else self._tip)

    def _commit(self) -> None:
        text = self.text()
        if text in (self._full, self._painted):
            return
        if why := complaint(text, self.rule):
            self._refuse(why)
            return
        self._full = self._shown = self._painted = text
        self._wrong = False  # until it is known
        self._forget_typing()
        self.typing.emit("")
        self.committed.emit(text)

    def _forget_typing(self) -> None:
        """From here on it is the selection's undo that takes the text back, not the field's own."""
        place = self.cursorPosition()
        self.setText(self.text())
        self.setCursorPosition(place)

    def give_up(self) -> None:
        """Shows the value again, instead of what was typed."""
        self.setText(self._face())
        self._judge(self._full)
        self.setCursorPosition(0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows the value in full."""
        if self.text() == self._painted:
            self.setText(self._full)
        super().focusInEvent(event)
        self._make_room()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Commits, and shows the value in short again."""
        super().focusOutEvent(event)
        if self.text() == self._full:
            self.give_up()
        self._make_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Gives up on Esc, presses the button at the side on Alt+Down."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._full:
            self.give_up()
            self.typing.emit("")
        elif event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier and self.side:
            self.side.click()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives text and hint their share."""
        super().resizeEvent(event)
        self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the hint beside the text."""
        super().paintEvent(event)
        hint = self._typing_hint if self.hasFocus() else self._hint
        if not hint:
            return
        painter = QPainter(self)
        painter.setFont(small(mono=True))
        painter.setPen(colour("muted"))
        right = PAD + (_BUTTON - 4 if self.side is not None else 0)
        box = QRect(self.width() - self._room - right, 0, self._room, self.height())
        text = painter.fontMetrics().elidedText(hint, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)


class Lines(QPlainTextEdit):
    """Text of several lines; Ctrl+Enter or leaving commits, Esc gives up."""

    committed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self.setProperty("role", "mono")
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # what is dropped is for the card
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self.updateGeometry)

    def show_text(self, text: str, tip: str) -> None:
        """Shows a text, unless another one is being typed."""
        typing = self.hasFocus() and self.toPlainText() != self._full
        self._full = text
        self.setToolTip(tip)
        if not typing and self.toPlainText() != text:
            self.setPlainText(text)

    def sizeHint(self) -> QSize:
        """As high as its lines, up to a limit."""
        lines = min(max(self.document().blockCount(), 2), _MOST_LINES)
        return QSize(80, lines * self.fontMetrics().lineSpacing() + 26)

    def minimumSizeHint(self) -> QSize:
        """As high as it wants to be."""
        return QSize(60, self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Commits."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Commits on Ctrl+Enter, gives up on Esc."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._commit()
        elif event.key() == Qt.Key.Key_Escape and self.toPlainText() != self._full:
            self.setPlainText(self._full)
        else:
            super().keyPressEvent(event)

    def _commit(self) -> None:
        text = self.toPlainText()
        if text != self._full:
            self._full = text
            self.document().clearUndoRedoStacks()  # from here on it is the selection's undo that takes it back
            self.committed.emit(text)


class ItemLines(Lines):
    """A list as one item a line."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Items of {name}")

    def show_items(self, value: object) -> None:
        """Shows a list, unless another one is being typed."""
        if isinstance(value, list | tuple):
            items = [field_text([item])[1:-1] for item in value]
            self.show_text("\n".join(items), "One item a line; Ctrl+Enter sets them")

    def list_text(self) -> str:
        """The items as they are written between brackets."""
        items = [line.strip() for line in self.toPlainText().splitlines() if line.strip()]
        return f"[{', '.join(map(_item, items))}]"


def _item(text: str) -> str:
    """An item as it is written between brackets; what would be read as two is quoted."""
    try:
        found = yaml.safe_load(f"[{text}]")
    except yaml.YAMLError:
        found = []
    return text if isinstance(found, list) and len(found) == 1 else quoted(text)


class Switch(QAbstractButton):
    """On or off, in words and by place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as a field."""
        return QSize(80, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a field with a knob and a word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("accent" if self.property("changed") == "true" else "line"), 1))
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        on = self.isChecked()
        track = QRectF(PAD, self.height() / 2 - 6, 22, 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent") if on else colour("faint", 0.6))
        painter.drawRoundedRect(track, 6, 6)
        painter.setBrush(colour("on_accent") if on else colour("panel"))
        painter.drawEllipse(QRectF(track.right() - 10 if on else track.left() + 2, track.top() + 2, 8, 8))
        painter.setFont(mono())
        painter.setPen(colour("text"))
        box = self.rect().adjusted(PAD + 30, 0, -PAD, 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), "on" if on else "off")
