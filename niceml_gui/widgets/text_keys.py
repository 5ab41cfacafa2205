"""Which keys belong to a text that has the focus, and which to the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from niceml_gui.commands import Commands

OWN_HISTORY = "ownHistory"  #: property of a text whose steps are never the window's
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class TextKeys(QObject):
    """Lets the commands' keys through texts that have no use for them.

    Qt's texts claim Ctrl+Z even where nothing is left to undo, and keys such as Ctrl+E that the window gives another
    meaning. A text keeps undo and redo as long as it has a step of its own; what has been committed is the window's.

    Args:
        commands: Whose keys these are.
    """

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._commands = commands
        self._watched: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes back what a text would claim."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if not event.modifiers() & _COMMAND or _has_use(watched, event):
            return False
        if not self._commands.take(QKeySequence(event.keyCombination())):
            return False
        event.ignore()
        return True

    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now if isinstance(now, QLineEdit | QPlainTextEdit) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)


def _has_use(text: QObject, event: QKeyEvent) -> bool:
    undo, redo = event.matches(QKeySequence.StandardKey.Undo), event.matches(QKeySequence.StandardKey.Redo)
    if isinstance(text, QLineEdit):
        return (undo and text.isUndoAvailable()) or (redo and text.isRedoAvailable())
    if isinstance(text, QPlainTextEdit):
        history = text.document()
        own = bool(text.property(OWN_HISTORY))
        return (undo and (own or history.isUndoAvailable())) or (redo and (own or history.isRedoAvailable()))
    return False
