"""The list of suggestions that pops up while one types."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel, QTextCursor
from PySide6.QtWidgets import QCompleter, QPlainTextEdit, QTreeView

from niceml_gui.workspaces.compose.text.editing.suggestions import Completion

_TEXT, _HINT = range(2)
_LIST_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)
_OPENING = "._/=@{:"  #: characters after which something new can be offered


class Completer(QObject):
    """Completes what is typed into a text; Ctrl+Space asks for it.

    Args:
        edit: The text.
        suggest: Says what could stand at a row and a column of it.
    """

    def __init__(self, edit: QPlainTextEdit, suggest: Callable[[int, int], Completion]) -> None:
        super().__init__(edit)
        self._edit = edit
        self._suggest = suggest
        self._start = self._row = 0
        self._then: dict[str, str] = {}  # what has to follow a text
        self._model = QStandardItemModel(0, 2, self)
        self.popup = QTreeView()
        self.popup.setHeaderHidden(True)
        self.popup.setRootIsDecorated(False)
        self.popup.setUniformRowHeights(True)
        self.popup.setAccessibleName("Suggestions")
        self._completer = QCompleter(self._model, self)
        self._completer.setWidget(edit)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setPopup(self.popup)
        self._completer.setMaxVisibleItems(10)
        self._completer.activated.connect(self._take)

    @property
    def texts(self) -> list[str]:
        """What is offered now; nothing when the list is closed."""
        if not self.popup.isVisible():
            return []
        items = (self._model.item(row, _TEXT) for row in range(self._model.rowCount()))
        return [item.text() for item in items if item.isEnabled()]

    def show(self) -> None:
        """Offers what could stand at the cursor."""
        cursor = self._edit.textCursor()
        self._row = cursor.blockNumber()
        self._start, found, more = self._suggest(self._row, cursor.positionInBlock())
        if not found or self._edit.isReadOnly():
            self.hide()
            return
        self._model.setRowCount(0)
        self._then = {one.text: one.then for one in found}
        for text, hint, _ in found:
            faint = QStandardItem(hint)
            faint.setForeground(self._edit.palette().placeholderText())
            faint.setToolTip(hint)
            self._model.appendRow([QStandardItem(text), faint])
        if more:
            rest = QStandardItem(f"… {more:,} more: type on")
            rest.setFlags(Qt.ItemFlag.NoItemFlags)
            rest.setForeground(self._edit.palette().placeholderText())
            self._model.appendRow(rest)
            self.popup.setFirstColumnSpanned(len(found), QModelIndex(), True)
        self.popup.setColumnWidth(_TEXT, min(420, self.popup.sizeHintForColumn(_TEXT) + 24))
        rect = self._edit.cursorRect()
        rect.setWidth(560)
        self._completer.complete(rect)
        self.popup.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def show_again(self) -> None:
        """Offers what was found meanwhile, to who still waits for it."""
        cursor = self._edit.textCursor()
        waits = cursor.blockNumber() == self._row and cursor.positionInBlock() >= self._start
        if self._edit.hasFocus() and waits:
            self.show()

    def hide(self) -> None:
        """Closes the list."""
        self.popup.hide()

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is for the list; the text must leave it alone then."""
        if event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.show()
            return True
        if self.popup.isVisible() and event.key() in _LIST_KEYS:
            event.ignore()  # Qt's completer has asked whether the text takes it
            return True
        return False

    def typed(self, event: QKeyEvent) -> None:
        """Follows a key that the text has just taken."""
        text = event.text()
        cursor = self._edit.textCursor()
        begun = text == " " and cursor.block().text()[: cursor.positionInBlock()].endswith(": ")  # a value of a key
        if self.popup.isVisible() or begun or (text and (text.isalnum() or text in _OPENING)):
            self.show()

    def _take(self, text: str | None) -> None:
        if not text:
            return
        cursor = self._edit.textCursor()
        length = cursor.positionInBlock() - self._start
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, length)
        line = cursor.block().text()
        before, after = line[: self._start], line[self._start + length :]
        follows = "" if after.startswith((":", "@")) else self._then.get(text, "")
        cursor.insertText(f"{text}{follows}")
        if before.rfind("${") > before.rfind("}") and not after.lstrip().startswith("}"):
            cursor.insertText("}")  # an interpolation is closed; where more is expected, the cursor stays inside
            if text.endswith((":", ".")):
                cursor.movePosition(QTextCursor.MoveOperation.Left)
        self._edit.setTextCursor(cursor)
