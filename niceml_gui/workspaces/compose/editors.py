"""The controls of a card: a field that checks what is typed, a switch, and pickers for one or several options."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from niceml_gui.theme import theme
from niceml_gui.theme.icons import tint
from niceml_gui.theme.style import mono
from niceml_gui.widgets.basics import set_role
from niceml_gui.workspaces.compose.forms import Kind
from niceml_gui.workspaces.compose.paint import colour, small
from niceml_gui.workspaces.compose.quoting import complaint

NOTHING = "null"
MISSING = "???"
_PAD = 9


def mark(widget: QWidget, name: str, on: bool) -> None:
    """Sets a mark that the style sheet looks at; styling again is slow, so only where it changes."""
    if (widget.property(name) == "true") != on:
        set_role(widget, "true" if on else "false", name)


class ResetButton(QAbstractButton):
    """The arrow beside a changed field."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(22, 22)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setToolTip("Reset to the value of the files")
        tint(self, "reset", "accent")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the arrow, and a ring while it has the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(colour("accent" if self.hasFocus() else "line"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self.icon().paint(painter, 4, 4, 14, 14)


class Field(QLineEdit):
    """A line of text with a faint hint at its right; Enter or leaving commits, Esc gives up.

    A text that cannot be a value stays where it was typed until it is mended or given up.
    """

    committed = Signal(str)
    refused = Signal(str)  #: why the text that stands here is not taken; empty: it no longer stands here

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind: Kind = "any"
        self.why = ""  #: why the text that stands here was refused; empty if it was not
        self._shown = ""
        self._full = ""
        self._hint = ""
        self._tip = ""
        self._room = 0
        self.setProperty("role", "mono")
        self.setMinimumWidth(60)
        self.editingFinished.connect(self._commit)
        self.textEdited.connect(self._judge)

    def show_value(self, text: str, hint: str, kind: Kind, tip: str, face: str = "") -> None:
        """Shows a value; what is being typed is left alone, and what was refused as long as the value is the same.

        Args:
            text: The value.
            hint: What stands faint at the right.
            kind: What may be typed.
            tip: The tooltip.
            face: What stands there while nobody edits, if that says more than the text.
        """
        self._hint, self._tip, self.kind = hint, tip, kind
        typing = self.hasFocus() and self.text() != self._face()
        kept = typing or (self.why and text == self._full)
        self._full = text
        self._shown = face or text
        if not kept:
            self.give_up()
        self._explain()
        self._make_room()
        self.update()

    def _make_room(self) -> None:
        wished = QFontMetrics(small(mono=True)).horizontalAdvance(self._hint) + 6 if self._hint else 0
        self._room = min(wished, int(self.width() * 0.45))
        self.setTextMargins(0, 0, self._room, 0)

    def _face(self) -> str:
        return self._full if self.hasFocus() else self._shown

    def _judge(self, text: str) -> None:
        wrong = complaint(text, self.kind) if text != self._full else ""
        mark(self, "invalid", bool(wrong))
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
        if text in (self._full, self._shown):
            return
        if why := complaint(text, self.kind):
            self._refuse(why)
            return
        self._full = self._shown = text
        self.committed.emit(text)

    def give_up(self) -> None:
        """Shows the value again, instead of what was typed."""
        self.setText(self._face())
        self._judge(self._full)
        self.setCursorPosition(0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows the value in full."""
        if self.text() == self._shown:
            self.setText(self._full)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Commits, and shows the value in short again."""
        super().focusOutEvent(event)
        if self.text() == self._full:
            self.give_up()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Gives up on Esc."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._full:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives text and hint their share."""
        super().resizeEvent(event)
        self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the hint beside the text."""
        super().paintEvent(event)
        if not self._hint:
            return
        painter = QPainter(self)
        painter.setFont(small(mono=True))
        painter.setPen(colour("muted", 0.8))
        box = QRect(self.width() - self._room - _PAD, 0, self._room, self.height())
        text = painter.fontMetrics().elidedText(self._hint, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)


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
        lit = self.hasFocus() or self.property("changed") == "true"
        painter.setPen(QPen(colour("accent" if lit else "line"), 1))
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        on = self.isChecked()
        track = QRectF(_PAD, self.height() / 2 - 6, 22, 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent") if on else colour("faint", 0.6))
        painter.drawRoundedRect(track, 6, 6)
        painter.setBrush(colour("on_accent") if on else colour("panel"))
        painter.drawEllipse(QRectF(track.right() - 10 if on else track.left() + 2, track.top() + 2, 8, 8))
        painter.setFont(mono())
        painter.setPen(colour("text"))
        box = self.rect().adjusted(_PAD + 30, 0, -_PAD, 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), "on" if on else "off")


class Picker(QComboBox):
    """One option of a group."""

    picked = Signal(object)  #: the option, or None for nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "mono")
        self.setMinimumWidth(60)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._pick)

    def show_options(self, options: Sequence[str], chosen: str, *, optional: bool, missing: bool) -> None:
        """Shows what can be chosen, and what is.

        Args:
            options: Names of the options.
            chosen: The one that is chosen; empty for none.
            optional: Whether nothing may be chosen too.
            missing: Whether something has to be chosen and is not.
        """
        names = list(dict.fromkeys([*options, *([chosen] if chosen else [])]))
        names += [NOTHING] if optional or (not chosen and not missing) else []
        names = [*([MISSING] if missing else []), *names]
        if [self.itemText(index) for index in range(self.count())] != names:
            self.clear()
            self.addItems(names)
        self.setCurrentIndex(names.index(MISSING if missing else chosen or NOTHING))

    def _pick(self, index: int) -> None:
        text = self.itemText(index)
        if text != MISSING:
            self.picked.emit(None if text == NOTHING else text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shortens a long name, which Qt would cut."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.width() - 2 * _PAD - 20
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(colour("text" if self.isEnabled() else "muted"))
        painter.drawText(self.rect().adjusted(_PAD, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaves the wheel to the pane: scrolling past must not choose."""
        event.ignore()


class ListPicker(QPushButton):
    """Several options of a group, in the order in which they were checked."""

    picked = Signal(object)  #: `[a,b]`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._chosen: tuple[str, ...] = ()
        self._menu = QMenu(self)
        self.setMenu(self._menu)

    def show_options(self, options: Sequence[str], chosen: tuple[str, ...]) -> None:
        """Shows what can be chosen, and what is."""
        self._chosen = chosen
        self.setText(", ".join(chosen) or "none")
        self._menu.clear()
        for name in dict.fromkeys([*options, *chosen]):
            action = self._menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.triggered.connect(lambda on, name=name: self._toggle(name, on))

    def _toggle(self, name: str, on: bool) -> None:
        kept = [other for other in self._chosen if other != name]
        self.picked.emit(f"[{','.join([*kept, name] if on else kept)}]")
