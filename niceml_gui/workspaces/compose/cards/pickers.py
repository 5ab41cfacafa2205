"""The pickers of a row: one option of a group, or several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from niceml_engine.visible import visible
from niceml_gui.words import natural
from niceml_gui.workspaces.compose.cards.editors import PAD
from niceml_gui.workspaces.compose.paint import colour

NOTHING = "null"
MISSING = "???"
ARROW_PX = 24  #: what the arrow at the right end takes


class _Box(QComboBox):
    """A combo box as the cards have them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "mono")
        self.setMinimumWidth(60)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shortens a long name, which Qt would cut."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.width() - PAD - ARROW_PX
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(colour("text" if self.isEnabled() else "muted"))
        painter.drawText(self.rect().adjusted(PAD, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaves the wheel to the pane: scrolling past must not choose."""
        event.ignore()


class Picker(_Box):
    """One option of a group."""

    picked = Signal(object)  #: the option, or None for nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.activated.connect(self._pick)

    def show_options(self, options: Sequence[str], chosen: str, *, missing: bool) -> None:
        """Shows what can be chosen, and what is.

        Args:
            options: Names of the options.
            chosen: The one that is chosen; empty for none.
            missing: Whether something has to be chosen and is not.
        """
        names = [
            *([MISSING] if missing else []),
            *dict.fromkeys([*sorted(options, key=natural), *([chosen] if chosen else [])]),
            NOTHING,
        ]
        if [self.itemData(index) for index in range(self.count())] != names:
            self.clear()
            for name in names:
                self.addItem(visible(name), name)
        self.setCurrentIndex(names.index(MISSING if missing else chosen or NOTHING))

    def _pick(self, index: int) -> None:
        name = self.itemData(index)
        if name != MISSING:
            self.picked.emit(None if name == NOTHING else name)


class ListPicker(_Box):
    """Several options of a group, in the order in which they were checked."""

    picked = Signal(object)  #: `[a,b]`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: tuple[str, ...] = ()
        self.menu = QMenu(self)  #: the options, with those checked that are chosen

    def show_options(self, options: Sequence[str], chosen: tuple[str, ...]) -> None:
        """Shows what can be chosen, and what is."""
        self._chosen = chosen
        self.clear()
        self.addItem(", ".join(map(visible, chosen)) or "none")
        self.menu.clear()
        for name in dict.fromkeys([*sorted(options, key=natural), *chosen]):
            action = self.menu.addAction(visible(name))
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.triggered.connect(lambda on, name=name: self._toggle(name, on))

    def showPopup(self) -> None:
        """Shows the options to be checked."""
        self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _toggle(self, name: str, on: bool) -> None:
        kept = [other for other in self._chosen if other != name]
        self.picked.emit(f"[{','.join([*kept, name] if on else kept)}]")
