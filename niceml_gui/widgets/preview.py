"""What will be written, shown before it is."""

from __future__ import annotations

import difflib

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from niceml_engine.protocol.files import FileChange
from niceml_gui.theme import style, theme

_FEWEST, _MOST = 6, 26  #: lines for which a preview makes room
_PAD = 14  #: pixels above and below them


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

    def show_diff(self, before: str, after: str) -> None:
        """Shows what changes from one text to the other, line by line."""
        self._show_lines(_difference(before, after))

    def show_changes(self, changes: tuple[FileChange, ...]) -> None:
        """Shows what changes in files, each below its name."""
        lines: list[str] = []
        for change in changes:
            lines += [f"@ {change.file}", *_difference(change.before or "", change.after or ""), ""]
        self._show_lines(lines[:-1])

    def _show_lines(self, lines: list[str]) -> None:
        tokens = theme().tokens
        self.clear()
        cursor = QTextCursor(self.document())
        for place, text in enumerate(lines or ["Nothing changes."]):
            color = {"+": tokens.ok, "-": tokens.error, "@": tokens.muted}.get(text[:1], tokens.text)
            written = QTextCharFormat()
            written.setForeground(QColor(color))
            cursor.insertText(f"\n{text}" if place else text, written)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def fit_height(self) -> None:
        """Takes the height of its lines, within reason; longer texts scroll."""
        lines = max(_FEWEST, min(_MOST, self.blockCount()))
        self.setMinimumHeight(lines * self.fontMetrics().lineSpacing() + 2 * _PAD)


def _difference(before: str, after: str) -> list[str]:
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]
