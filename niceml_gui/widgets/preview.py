"""What will be written, shown before it is."""

from __future__ import annotations

import difflib
import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from niceml_engine.protocol.files import FileChange
from niceml_gui.theme import style, theme
from niceml_gui.widgets.basics import left_to_right

_FEWEST, _MOST = 6, 26  #: lines of a longer text that are seen at least, and at most without scrolling
_NAME = "\0"  #: before a line that names a file


class TextPreview(QPlainTextEdit):
    """A text that is only looked at: one that will be written, or what changes in one.

    Args:
        name: What it is called aloud.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(style.mono())
        self.setProperty("role", "mono")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        left_to_right(self)
        self._stale = False
        self._lines: list[str] = []  # of a difference, to be coloured anew with another theme
        self._longest = ""
        self.textChanged.connect(self._measure)
        theme().changed.connect(self._colour)

    def set_stale(self, stale: bool) -> None:
        """Greys out what is shown, because it is no longer what would be written."""
        if stale != self._stale:
            self._stale = stale
            self._colour()

    def show_nothing(self) -> None:
        """Drops what was shown."""
        self._lines = []
        self.clear()

    def show_diff(self, before: str, after: str) -> None:
        """Shows what changes from one text to the other, line by line."""
        self._show_lines(_difference(before, after))

    def show_changes(self, changes: tuple[FileChange, ...], root: str = "") -> None:
        """Shows what changes in files, each below its name; a file that goes elsewhere is shown once.

        Args:
            changes: The changes.
            root: The folder to which the names are relative.
        """
        gone = [change for change in changes if change.after is None]
        new = [change for change in changes if change.before is None]
        lines: list[str] = []
        if len(gone) == len(new) == 1:
            changes = tuple(change for change in changes if change not in (*gone, *new))
            head = f"{_shown(gone[0].file, root)} → {_shown(new[0].file, root)}"
            lines += [_NAME + head, *_difference(gone[0].before or "", new[0].after or ""), ""]
        for change in changes:
            kind = "new: " if change.before is None else "deleted: " if change.after is None else ""
            name = _NAME + kind + _shown(change.file, root)
            lines += [name, *_difference(change.before or "", change.after or ""), ""]
        self._show_lines(lines[:-1])

    def _show_lines(self, lines: list[str]) -> None:
        self._lines, self._stale = lines or ["Nothing changes."], False
        self._colour()

    def _colour(self) -> None:
        if not self._lines:
            return
        tokens = theme().tokens
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        for place, text in enumerate(self._lines):
            color = {"+": tokens.ok, "-": tokens.error, "@": tokens.muted}.get(text[:1], tokens.text)
            written = QTextCharFormat()
            written.setForeground(QColor(tokens.faint if self._stale else color))
            if text.startswith(_NAME):
                written.setFontWeight(QFont.Weight.Bold)
            cursor.insertText("\n" if place else "", QTextCharFormat())
            cursor.insertText(text.removeprefix(_NAME), written)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its lines, within reason; longer texts scroll."""
        return QSize(super().sizeHint().width(), self._height(min(_MOST, self.blockCount())))

    def minimumSizeHint(self) -> QSize:
        """A few lines."""
        return QSize(120, self._height(min(_FEWEST, self.blockCount())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Has a bar below only where a line is longer than the room."""
        self._fit_bar()
        super().resizeEvent(event)

    def _measure(self) -> None:
        self._longest = max(self.toPlainText().split("\n"), key=len)
        self._fit_bar()

    def _fit_bar(self) -> None:
        """Takes away the bar below where it is not needed: by itself, each of the two bars may hold the other there."""
        scrolls = self.maximumViewportSize().height() < self._text_height(self.blockCount())
        policy = Qt.ScrollBarPolicy
        wide = self._is_wide(scrolls=scrolls)
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded if wide else policy.ScrollBarAlwaysOff)

    def _height(self, lines: int) -> int:
        """Pixels for whole lines, with the bar below them if one is longer than there is room."""
        wide = self._is_wide(scrolls=lines < self.blockCount())
        below = self.horizontalScrollBar().sizeHint().height() if wide else 0
        return self._text_height(lines) + self.height() - self.maximumViewportSize().height() + below

    def _text_height(self, lines: int) -> int:
        line = self.blockBoundingRect(self.document().firstBlock()).height()
        # Qt scrolls where less than that is left below the last line; of more lines none is to be seen in part.
        margins = 3 if lines == self.blockCount() else 1
        return math.ceil(lines * line + margins * self.document().documentMargin())

    def _is_wide(self, *, scrolls: bool) -> bool:
        """Whether a line is longer than the room, beside a bar if the lines scroll."""
        width = self.fontMetrics().horizontalAdvance(self._longest) + 2 * self.document().documentMargin()
        bar = self.verticalScrollBar().sizeHint().width() if scrolls else 0
        return width > self.maximumViewportSize().width() - bar


def _difference(before: str, after: str) -> list[str]:
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]


def _shown(file: str, root: str) -> str:
    return file.removeprefix(f"{root}/") if root else file
