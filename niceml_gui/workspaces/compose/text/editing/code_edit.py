"""A text of code that can be changed: colours, line numbers, marks, search and replace."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from niceml_engine.values import Severity
from niceml_gui.theme import theme
from niceml_gui.theme.style import mono
from niceml_gui.widgets.basics import left_to_right
from niceml_gui.workspaces.compose.paint import colour, syntax_colour
from niceml_gui.workspaces.compose.text.editing.completer import Completer
from niceml_gui.workspaces.compose.text.editing.finding import FindError, Finding, Match
from niceml_gui.workspaces.compose.text.editing.suggestions import Completion
from niceml_gui.workspaces.compose.yaml_spans import spans

INDENT = "  "
COLOURED = 20_000  #: lines up to which a text is coloured
_PAD = 8
_SIGNS: Mapping[Severity, str] = {"error": "●", "warning": "▲", "info": "○"}
_TOKENS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "muted"}


class _Highlighter(QSyntaxHighlighter):
    def highlightBlock(self, text: str) -> None:
        if self.document().blockCount() > COLOURED:
            return
        for start, end, kind in spans(text):
            self.setFormat(start, end - start, syntax_colour(kind))


class CodeEdit(QPlainTextEdit):
    """A text of YAML or of overrides; lines count from 0.

    Args:
        suggest: Says what could stand at a row and a column.
        numbered: Whether lines have numbers, with marks beside them.
        parent: The Qt parent.
    """

    source_wanted = Signal(int)  #: F4 was pressed at a line

    def __init__(
        self, suggest: Callable[[int, int], Completion], *, numbered: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._marks: dict[int, tuple[Severity, str]] = {}
        self._finding = Finding()
        self._known: tuple[Finding, int] | None = None  # what was looked for last, in which state of the text
        self._matches: list[Match] = []
        self._hopeless: Finding | None = None  # what cannot be looked for
        self.complaint = ""  #: why what is looked for cannot be found, in a few words
        self._focused: range = range(0)
        self.setFont(mono())
        self.setProperty("role", "code")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        left_to_right(self)
        self.setTabChangesFocus(False)
        self.completer = Completer(self, suggest)
        self._highlighter = _Highlighter(self.document())
        self._gutter = _Gutter(self) if numbered else None
        self.blockCountChanged.connect(self._fit)
        self.updateRequest.connect(self._scrolled)
        self.cursorPositionChanged.connect(self._emphasise)
        theme().changed.connect(self._retint)
        self._fit()

    # ----------------------------------------------------------------------------------------------- what is shown

    def show_text(self, text: str) -> None:
        """Replaces the text and forgets its history; the cursor stays where it can."""
        line, top = self.line, self.verticalScrollBar().value()
        self.setPlainText(text)
        self.go_to(line)
        self.verticalScrollBar().setValue(top)

    def replace_text(self, text: str) -> None:
        """Replaces the text as one step that Ctrl+Z takes back."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    @property
    def line(self) -> int:
        """The line of the cursor."""
        return self.textCursor().blockNumber()

    def go_to(self, line: int) -> None:
        """Puts the cursor at the beginning of a line, and the line into view."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount() - 1)))
        self.setTextCursor(QTextCursor(block))
        self.centerCursor()

    def set_focused(self, lines: range) -> None:
        """Highlights lines that are selected in the other panes too."""
        self._focused = lines
        self._emphasise()

    def mark(self, marks: Mapping[int, tuple[Severity, str]]) -> None:
        """Marks lines that something is wrong with: how bad it is, and what to say of it."""
        self._marks = dict(marks)
        self._emphasise()
        if self._gutter is not None:
            self._gutter.update()

    @property
    def marks(self) -> Mapping[int, tuple[Severity, str]]:
        """The marked lines."""
        return self._marks

    # ----------------------------------------------------------------------------------------------- search

    def search(self, finding: Finding) -> int:
        """Marks all places where something stands, and returns how many there are."""
        self._finding = finding
        self._emphasise()
        return len(self._found())

    def next_match(self, step: int = 1) -> int:
        """Selects the next (`1`) or previous (`-1`) match, round the ends; returns its number from 1, 0 for none."""
        found = self._found()
        if not found:
            return 0
        cursor = self.textCursor()
        if step > 0:
            index = next((i for i, match in enumerate(found) if match.start >= cursor.selectionEnd()), 0)
        else:
            before = [i for i, match in enumerate(found) if match.start < cursor.selectionStart()]
            index = before[-1] if before else len(found) - 1
        self.setTextCursor(self._over(found[index]))
        self.centerCursor()
        return index + 1

    def replace(self, text: str) -> None:
        """Replaces the selected match, and goes to the next one.

        Raises:
            FindError: The new text names what the match does not hold.
        """
        cursor = self.textCursor()
        chosen = (cursor.selectionStart(), cursor.selectionEnd())
        match = next((one for one in self._found() if one[:2] == chosen), None)
        if match is not None:
            cursor.insertText(self._finding.replacement(match, text))
        self.next_match(1)

    def replace_all(self, text: str) -> int:
        """Replaces all matches as one step, and returns how many there were.

        Raises:
            FindError: The new text names what a match does not hold; nothing is replaced.
        """
        found = self._found()
        texts = [self._finding.replacement(match, text) for match in found]
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for match, new in zip(reversed(found), reversed(texts), strict=True):
            cursor.setPosition(match.start)
            cursor.setPosition(match.end, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(new)
        cursor.endEditBlock()
        return len(texts)

    def _found(self) -> list[Match]:
        """The matches in the text as it is; what took too long is not tried again after each letter."""
        state = (self._finding, self.document().revision())
        if self._finding == self._hopeless:
            return []
        self.complaint = ""
        if state != self._known:
            self._known, self._hopeless = state, None
            try:
                self._matches = self._finding.matches(self.toPlainText())
            except FindError as error:
                self._matches, self._hopeless, self.complaint = [], self._finding, str(error)
        return self._matches

    def _over(self, match: Match) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(match.start)
        cursor.setPosition(match.end, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    # ----------------------------------------------------------------------------------------------- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Completes, indents and comments."""
        if self.completer.wants(event):
            return
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = event.key()
        if key == Qt.Key.Key_F4:
            self.source_wanted.emit(self.line)
        elif control and key == Qt.Key.Key_Slash:
            self._change_lines(_toggle_comment)
        elif key == Qt.Key.Key_Tab and not control:
            if self.textCursor().hasSelection():
                self._change_lines(lambda lines: [INDENT + line if line else line for line in lines])
            else:
                self.insertPlainText(INDENT)
        elif key == Qt.Key.Key_Backtab:
            self._change_lines(lambda lines: [line.removeprefix(INDENT) for line in lines])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self.insertPlainText(f"\n{self._indent()}")
        else:
            super().keyPressEvent(event)
            self.completer.typed(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Leaves Tab to the list of suggestions while it is open."""
        return not self.completer.texts and super().focusNextPrevChild(forward)

    def _indent(self) -> str:
        """What the line after the cursor's begins with."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        spaces = before[: len(before) - len(before.lstrip(" "))]
        opens = before.split(" #", 1)[0].rstrip().endswith(":")
        return spaces + INDENT * opens

    def _change_lines(self, change: Callable[[list[str]], list[str]]) -> None:
        """Changes the lines of the selection as one step, and keeps them selected."""
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart())
        last = self.document().findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - cursor.hasSelection()))
        cursor.setPosition(first.position())
        cursor.setPosition(last.position() + len(last.text()), QTextCursor.MoveMode.KeepAnchor)
        lines = cursor.selection().toPlainText().split("\n")
        start, text = cursor.selectionStart(), "\n".join(change(lines))
        cursor.insertText(text)
        if len(lines) > 1:
            cursor.setPosition(start)
            cursor.setPosition(start + len(text), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)

    # ----------------------------------------------------------------------------------------------- painting

    def event(self, event: QEvent) -> bool:
        """Says what is wrong with the line under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self.cursorForPosition(self.viewport().mapFrom(self, event.pos())).blockNumber()
            QToolTip.showText(event.globalPos(), self._marks[line][1] if line in self._marks else "", self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the line numbers to the new height."""
        super().resizeEvent(event)
        self._fit()

    def paint_gutter(self, painter: QPainter, area: QRect, width: int) -> None:
        """Paints numbers and marks of the visible lines."""
        painter.fillRect(area, colour("panel"))
        painter.fillRect(width - 1, area.top(), 1, area.height(), colour("line"))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber()
            place = QRect(0, round(top), width - _PAD, round(height))
            painter.setPen(colour("text" if number == self.line else "muted"))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(number + 1))
            if number in self._marks:
                severity = self._marks[number][0]
                painter.setPen(colour(_TOKENS[severity]))
                painter.drawText(place.adjusted(_PAD, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), _SIGNS[severity])
            top += height
            block = block.next()

    def gutter_width(self) -> int:
        """Pixels that the line numbers take."""
        digits = max(3, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("0") * (digits + 2) + 2 * _PAD

    def _fit(self) -> None:
        if self._gutter is None:
            return
        width = self.gutter_width()
        self.setViewportMargins(width, 0, 0, 0)
        inside = self.contentsRect()
        self._gutter.setGeometry(inside.left(), inside.top(), width, inside.height())

    def _scrolled(self, rect: QRect, by: int) -> None:
        if self._gutter is not None:
            if by:
                self._gutter.scroll(0, by)
            else:
                self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def _emphasise(self) -> None:
        """Paints what lies behind the text: the cursor's line, selected lines, matches, and lines below marks."""
        extra = [self._behind(line, colour("selection", 0.6)) for line in self._focused]
        if self.hasFocus() and not self.document().isEmpty():  # Qt paints it over a placeholder, not behind
            extra.append(self._behind(self.line, colour("raised", 0.7)))
        extra += [_extra(self._over(span), background=colour("warning", 0.35)) for span in self._found()[:1000]]
        for line, (severity, _) in self._marks.items():
            cursor = QTextCursor(self.document().findBlockByNumber(line))
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            extra.append(_extra(cursor, underline=colour(_TOKENS[severity])))
        self.setExtraSelections(extra)

    def _behind(self, line: int, tint: QColor) -> QTextEdit.ExtraSelection:
        made = _extra(QTextCursor(self.document().findBlockByNumber(line)), background=tint)
        made.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        return made

    def _retint(self) -> None:
        self._highlighter.rehighlight()
        self._emphasise()
        self.update()


class _Gutter(QWidget):
    def __init__(self, edit: CodeEdit) -> None:
        super().__init__(edit)
        self._edit = edit

    def sizeHint(self) -> QSize:
        return QSize(self._edit.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._edit.paint_gutter(QPainter(self), event.rect(), self.width())


def _extra(
    cursor: QTextCursor, *, background: QColor | None = None, underline: QColor | None = None
) -> QTextEdit.ExtraSelection:
    made = QTextEdit.ExtraSelection()
    made.cursor = cursor
    made.format = QTextCharFormat()
    if background is not None:
        made.format.setBackground(background)
    if underline is not None:
        made.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        made.format.setUnderlineColor(underline)
    return made


def _toggle_comment(lines: list[str]) -> list[str]:
    commented = all(line.lstrip().startswith("#") for line in lines if line.strip())
    if commented:
        return [re.sub(r"# ?", "", line, count=1) for line in lines]
    return [re.sub(r"(?=\S)", "# ", line, count=1) for line in lines]
