"""What the keyboard does at the control of a row: it selects, resets, removes and moves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from niceml_gui.session import Session
from niceml_gui.workspaces.compose.cards.choosing import remove_key
from niceml_gui.workspaces.compose.cards.listing import change_items
from niceml_gui.workspaces.compose.cards.row import Row

_BACK = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)  #: nobody came: it never really left
_CTRL = Qt.KeyboardModifier.ControlModifier
_MOVES = {Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}  #: with Ctrl+Shift


class RowKeys(QObject):
    """Watches a control: Ctrl+Backspace resets, Ctrl+Delete removes, Ctrl+Shift+Up and Down move an item of a list.

    Signals:
        came: Keyboard or mouse came to the control.
        reset_wanted: The value of the files is wanted back.

    Args:
        control: What is watched; it owns this.
        session: What the window works on.
        shown: Tells which row the control shows.
    """

    came = Signal()
    reset_wanted = Signal()

    def __init__(self, control: QWidget, session: Session, shown: Callable[[], Row]) -> None:
        super().__init__(control)
        self._session, self._shown = session, shown
        control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the keys that are for the row."""
        if isinstance(event, QFocusEvent) and event.gotFocus():
            if event.reason() not in _BACK:
                self.came.emit()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(Qt.Key(event.key()), event.modifiers())
        return False

    def _press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        row = self._shown()
        item = bool(row.item) and not row.adds
        if modifiers == _CTRL and key == Qt.Key.Key_Backspace:
            self.reset_wanted.emit()
        elif modifiers == _CTRL | Qt.KeyboardModifier.ShiftModifier and key in _MOVES and item:
            change_items(self._session, row, _MOVES[key])
        elif modifiers == _CTRL and key == Qt.Key.Key_Delete and item and not row.rule.unnamed:
            change_items(self._session, row, "remove")
        elif modifiers == _CTRL and key == Qt.Key.Key_Delete and row.leaf is not None and not row.rule.unnamed:
            remove_key(self._session, row.leaf)
        else:
            return False
        return True
