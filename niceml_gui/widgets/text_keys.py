"""Which keys belong to a text that has the focus, and which to the window."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from niceml_gui.commands import Commands
from niceml_gui.widgets.picker import Picker

OWN_HISTORY = "ownHistory"  #: property of a text whose steps are never the window's: what the text is called
Text = QLineEdit | QPlainTextEdit
Way = Literal["undo", "redo"]
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class TextKeys(QObject):
    """Lets the commands' keys through texts that have no use for them.

    Qt's texts claim Ctrl+Z even where nothing is left to undo, and keys such as Ctrl+E that the window gives another
    meaning. A text keeps undo and redo as long as it has a step of its own; what has been committed is the window's.

    Args:
        commands: Whose keys these are.
    """

    moved = Signal()  #: another text has the focus, or none, or what it can take back is other than it was

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._commands = commands
        self._watched: Text | None = None
        self._text: Text | None = None  # the one that is worked at
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def own(self, way: Way) -> Text | None:
        """The text that has the focus, or had it before a list was opened over it, if the step is its own."""
        text = self._text
        return text if text is not None and isValid(text) and (_has_own(text) or _can(text, way)) else None

    def can(self, way: Way) -> bool | None:
        """Whether that text has such a step; `None`: the step is the window's."""
        text = self.own(way)
        return _can(text, way) if text is not None else None

    def title(self, way: Way) -> str:
        """What such a step of that text is called."""
        text = self.own(way)
        if text is None or not _can(text, way):
            return ""
        return f"typing in {text.property(OWN_HISTORY)}" if _has_own(text) else "typing"

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
            for signal in _steps(self._watched):
                signal.disconnect(self.moved)
        self._watched = now if isinstance(now, Text) else None
        if now is not None and not isinstance(now.parent(), Picker):
            self._text = self._watched
            self.moved.emit()
        if self._watched is not None:
            self._watched.installEventFilter(self)
            for signal in _steps(self._watched):
                signal.connect(self.moved)


def _has_use(text: QObject, event: QKeyEvent) -> bool:
    undo, redo = event.matches(QKeySequence.StandardKey.Undo), event.matches(QKeySequence.StandardKey.Redo)
    if not isinstance(text, Text):
        return False
    return (undo and (_has_own(text) or _can(text, "undo"))) or (redo and (_has_own(text) or _can(text, "redo")))


def _steps(text: Text) -> tuple[SignalInstance, ...]:
    """Signals after which a text may have other steps to take back."""
    return (text.textChanged,) if isinstance(text, QLineEdit) else (text.undoAvailable, text.redoAvailable)


def _has_own(text: Text) -> bool:
    return bool(text.property(OWN_HISTORY))


def _can(text: Text, way: Way) -> bool:
    history = text if isinstance(text, QLineEdit) else text.document()
    return history.isUndoAvailable() if way == "undo" else history.isRedoAvailable()
