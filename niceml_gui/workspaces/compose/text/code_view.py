"""Lines of YAML with a gutter beside them; paints only what is visible, so a long text scrolls as a short one does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import nlargest
from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from niceml_engine.visible import in_cells
from niceml_gui.theme import theme
from niceml_gui.theme.style import mono
from niceml_gui.workspaces.compose.brief import MOST, brief
from niceml_gui.workspaces.compose.paint import chevron, colour, fitted, syntax_colour
from niceml_gui.workspaces.compose.text.folding import Folding, left_over, row_of
from niceml_gui.workspaces.compose.yaml_spans import spans

LINE_PX = 24
PAD = 12
_FOLDS = 22  #: room for the marks at which a text is folded, in pixels
_MEASURED = 8  #: of the longest labels
_WIDE = 2  #: cells that a letter of another script takes at most
_NONE = range(0)
_SHIFT = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class CodeView(QAbstractScrollArea):
    """A read-only text that is walked line by line.

    Lines count from 0. The current line is where the keyboard stands; the selected lines are what Ctrl+C copies;
    the focused lines belong to what is selected in the other panes. What belongs to a line can be folded away below it.
    """

    line_activated = Signal(int)  #: the person went to a line
    source_wanted = Signal(int)  #: the gutter was clicked, or F4 or Enter pressed, at a line

    def __init__(self, parent: QWidget | None = None, *, gutter_share: float = 0.35) -> None:
        super().__init__(parent)
        self._share = gutter_share
        self._lines: Sequence[str] = ()
        self._gutter: Sequence[str] = ()
        self._wished = 0  # pixels that the gutter needs to elide nothing
        self._tip: Callable[[int], str] = lambda _: ""
        self._needle = ""
        self._matches: dict[int, list[int]] = {}  # columns by line
        self._line = -1
        self._anchor = -1
        self._focused: range = _NONE
        self._marked: frozenset[int] = frozenset()
        self._folding = Folding()
        self._names: Sequence[str] = ()
        self._folded: frozenset[int] = frozenset()
        self._rows: Sequence[int] = _NONE  # the lines that are not folded away
        self.dimmed = False  #: what is shown is not what is selected now
        self._font = mono()  # not the widget's: the style sheet has its own mind about that
        self._metrics = QFontMetricsF(self._font)
        self._advance = self._metrics.horizontalAdvance("0")  # a fraction: rounding it would drift along the line
        self._gutter_width = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        theme().changed.connect(self.viewport().update)

    # ----------------------------------------------------------------------------------------------- what is shown

    def show_lines(
        self,
        lines: Sequence[str],
        gutter: Sequence[str],
        tip: Callable[[int], str] | None = None,
        names: Sequence[str] = (),
    ) -> None:
        """Replaces the text; the scroll position stays where it can.

        Args:
            lines: The text.
            gutter: What stands left of each line; as many as lines.
            tip: The tooltip of a line.
            names: What each line is about: what was folded under a name is folded under it again.
        """
        folded = {self._names[line] for line in self._folded if line < len(self._names)} - {""}
        self._lines, self._gutter, self._names = lines, gutter, names
        longest = nlargest(_MEASURED, set(gutter), key=len)
        widest = max(map(self._metrics.horizontalAdvance, longest), default=0.0)
        self._wished = ceil(widest) + 1 + 2 * PAD if widest else 0
        self._folding = Folding(lines)
        again = (line for line, name in enumerate(names) if name in folded and line in self._folding)
        self._set_folded(frozenset(again if folded else ()))
        self._tip = tip or (lambda _: "")
        self._line = min(self._line, len(lines) - 1)
        self._anchor = min(self._anchor, len(lines) - 1)
        self._marked, self._focused = frozenset(), _NONE
        self.search(self._needle)
        self._measure()
        self.viewport().update()

    @property
    def line(self) -> int:
        """The current line; -1 before any was."""
        return self._line

    @property
    def focused(self) -> range:
        """The lines that are selected in every pane."""
        return self._focused

    @property
    def marked(self) -> frozenset[int]:
        """The lines that belong to the selected file."""
        return self._marked

    @property
    def folded(self) -> frozenset[int]:
        """The lines below which something is folded away."""
        return self._folded

    def fold(self, line: int, folded: bool) -> None:
        """Folds away what belongs to a line, or shows it again."""
        if line in self._folding:
            self._set_folded(self._folded | {line} if folded else self._folded - {line})
            self._step_out()

    def fold_to(self, level: int) -> None:
        """Shows only so many levels of the text; 0 shows everything."""
        self._set_folded(self._folding.deeper(level) if level else frozenset())
        self._step_out()
        self.reveal(max(self._line, 0))

    def _set_folded(self, folded: frozenset[int]) -> None:
        self._folded = folded
        self._rows = left_over(len(self._lines), self._folding, folded)
        self.viewport().update()

    def _step_out(self) -> None:
        """Goes from a line that is folded away to the one that stands for it."""
        self._measure()
        if self._line >= 0 and (seen := self._rows[row_of(self._rows, self._line)]) != self._line:
            self._move(seen, extend=False)

    def set_focused(self, lines: range, marked: frozenset[int] = frozenset(), *, reveal: bool = True) -> None:
        """Highlights lines, and faintly marks others; scrolls the first of them into view unless told not to."""
        self._focused, self._marked = lines, marked
        if lines and self._line not in lines:
            self._line = self._anchor = lines[0]
        if reveal and (lines or marked):
            self.reveal(lines[0] if lines else min(marked))
        self.viewport().update()

    def go_to(self, line: int) -> None:
        """Makes a line the current one and scrolls it into view, without telling anybody."""
        self._line = self._anchor = max(0, min(line, len(self._lines) - 1))
        self.reveal(self._line)
        self.viewport().update()

    def reveal(self, line: int) -> None:
        """Scrolls a line into view, unfolding what hides it; one that is out of view comes to the upper third."""
        if hiding := self._folded and self._folded.intersection(self._folding.around(line)):
            self._set_folded(self._folded - hiding)
            self._measure()
        bar, row = self.verticalScrollBar(), row_of(self._rows, line)
        top, page = bar.value(), bar.pageStep()
        if not top <= row <= top + page - 1:
            bar.setValue(row - page // 3)

    def selected(self) -> range:
        """The lines that a copy takes."""
        if self._line < 0:
            return _NONE
        return range(min(self._line, self._anchor), max(self._line, self._anchor) + 1)

    def copy(self) -> None:
        """Copies the selected lines to the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(self._lines[line] for line in self.selected()))

    # ----------------------------------------------------------------------------------------------- search

    def search(self, needle: str) -> int:
        """Marks all places where a text stands, whatever its case, and returns how many there are."""
        self._needle = needle
        low = needle.lower()
        self._matches = {}
        for index, line in enumerate(self._lines if low else ()):
            position = line.lower().find(low)
            if position >= MOST:  # far out of sight in a long line: it is found, once
                self._matches[index] = [position]
            while 0 <= position < MOST:
                self._matches.setdefault(index, []).append(position)
                position = line.lower().find(low, position + len(low))
        self.viewport().update()
        return sum(map(len, self._matches.values()))

    def next_match(self, step: int = 1) -> int:
        """Goes to the next (`1`) or previous (`-1`) match, round the ends; returns its number from 1, 0 for none."""
        if not self._matches:
            return 0
        rows = list(self._matches)
        if step > 0:
            index = next((i for i, line in enumerate(rows) if line > self._line), 0)
        else:
            index = next((i for i in reversed(range(len(rows))) if rows[i] < self._line), len(rows) - 1)
        self.go_to(rows[index])
        self.line_activated.emit(rows[index])
        return 1 + sum(len(self._matches[line]) for line in rows[:index])

    # ----------------------------------------------------------------------------------------------- geometry

    @property
    def gutter_width(self) -> int:
        """Pixels that the gutter takes, its margins included."""
        return self._gutter_width

    @property
    def text_left(self) -> int:
        """Pixels left of the text, while it is not scrolled sideways."""
        return self._gutter_width + (_FOLDS if self._folding.possible else PAD)

    def line_at(self, y: int) -> int:
        """The line at a height of the viewport; -1 below the last."""
        row = self.verticalScrollBar().value() + y // LINE_PX
        return self._rows[row] if row < len(self._rows) else -1

    def line_rect(self, line: int) -> QRect:
        """Where a line stands in the viewport; if it is folded away, where the fold is."""
        row = row_of(self._rows, line)
        return QRect(0, (row - self.verticalScrollBar().value()) * LINE_PX, self.viewport().width(), LINE_PX)

    def _measure(self) -> None:
        width = self.viewport().width()
        self._gutter_width = min(self._wished, int(width * self._share))
        page = max(1, self.viewport().height() // LINE_PX)
        self.verticalScrollBar().setPageStep(page)
        self.verticalScrollBar().setRange(0, max(0, len(self._rows) - page))
        cells = max((len(line) * (1 if line.isascii() else _WIDE) for line in self._lines), default=0)
        text = round(min(cells, MOST + 16) * self._advance) + 3 * PAD
        room = width - self.text_left + PAD
        self.horizontalScrollBar().setPageStep(room)
        self.horizontalScrollBar().setSingleStep(24)
        self.horizontalScrollBar().setRange(0, max(0, text - room))

    # ----------------------------------------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Enough for a dozen lines."""
        return QSize(640, 320)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the visible lines."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colour("panel"))
        painter.setFont(self._font)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # whatever the first letter of a value is
        first = self.verticalScrollBar().value()
        for line in self._rows[first : first + self.viewport().height() // LINE_PX + 2]:
            self._paint_line(painter, line)
        if self._gutter_width:
            painter.fillRect(self._gutter_width, 0, 1, self.viewport().height(), colour("line"))

    def _paint_line(self, painter: QPainter, line: int) -> None:
        rect = self.line_rect(line)
        strong = line in self._focused or (line in self.selected() and (self.hasFocus() or not self._focused))
        if strong:
            painter.fillRect(rect, colour("selection"))
        elif line in self._marked:
            painter.fillRect(rect, colour("selection", 0.45))
        if line in self._focused:
            painter.fillRect(0, rect.top(), 2, rect.height(), colour("accent"))
        if self._gutter_width:
            box = QRect(PAD, rect.top(), self._gutter_width - 2 * PAD, LINE_PX)
            label = fitted(self._gutter[line], self._metrics, box.width())
            painter.setPen(colour("text" if strong else "muted"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), label)
        if line in self._folding:
            place = QPointF(self._gutter_width + _FOLDS / 2, rect.center().y() + 0.5)
            chevron(painter, place, "right" if line in self._folded else "down", colour("muted"))
        painter.save()
        painter.setClipRect(rect.adjusted(self.text_left - 4, 0, 0, 0))
        left = self.text_left - self.horizontalScrollBar().value()
        base = round(rect.top() + (LINE_PX + self._metrics.ascent() - self._metrics.descent()) / 2)
        for column in self._matches.get(line, ()):
            begin = left + self._across(self._lines[line], column)
            width = left + self._across(self._lines[line], column + len(self._needle)) - begin
            painter.fillRect(QRectF(begin, rect.top() + 3, width, LINE_PX - 6), colour("warning", 0.35))
        text = in_cells(brief(self._lines[line]))
        for start, end, kind in spans(text):
            painter.setPen(colour("muted") if self.dimmed else syntax_colour(kind))
            painter.drawText(QPointF(left + self._across(text, start), base), text[start:end])
        if line in self._folded:
            hidden = self._folding.end(line) - line
            painter.setPen(colour("muted"))
            note = f"⋯ {hidden} line" + ("s" if hidden > 1 else "")
            painter.drawText(QPointF(left + self._across(text, len(text)) + self._advance, base), note)
        painter.restore()

    def _across(self, text: str, column: int) -> float:
        """Pixels from the left end of a text to a column; letters of other scripts take what their font gives them."""
        before = text[:column]
        return column * self._advance if before.isascii() else self._metrics.horizontalAdvance(before)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits gutter and scroll bars to the new size."""
        super().resizeEvent(event)
        self._measure()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes to a line, or from the gutter to its source."""
        line = self.line_at(int(event.position().y()))
        if line < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        if x < self._gutter_width:
            self._move(line, extend=False)
            self.source_wanted.emit(line)
        elif x < self.text_left - 2 and line in self._folding:
            self.fold(line, line not in self._folded)
        else:
            self._move(line, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags a selection of lines."""
        gutter = event.position().x() < self._gutter_width
        line = self.line_at(int(event.position().y()))
        acts = gutter or (event.position().x() < self.text_left - 2 and line in self._folding)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if acts else Qt.CursorShape.IBeamCursor)
        if event.buttons() & Qt.MouseButton.LeftButton and line >= 0 and not gutter:
            self._line = line
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walks and folds the lines; copies; opens the source."""
        page = max(1, self.verticalScrollBar().pageStep() - 1)
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self._rows),
            Qt.Key.Key_End: len(self._rows),
        }
        key, modifiers = event.key(), event.modifiers()
        extend = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._anchor, self._line = 0, len(self._lines) - 1
            self.viewport().update()
        elif key in steps and self._rows:
            row = row_of(self._rows, self._line) if self._line >= 0 else -1
            self._move(self._rows[max(0, min(row + steps[Qt.Key(key)], len(self._rows) - 1))], extend=extend)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._line >= 0 and not modifiers & ~_SHIFT:
            self._fold_by_key(key == Qt.Key.Key_Left, everything=extend)
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_9 and not modifiers & ~Qt.KeyboardModifier.KeypadModifier:
            self.fold_to(key - Qt.Key.Key_0)
        elif key in (Qt.Key.Key_F4, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._line >= 0:
            self.source_wanted.emit(self._line)
        else:
            super().keyPressEvent(event)

    def _fold_by_key(self, close: bool, *, everything: bool) -> None:
        """Left folds, or goes to what the line belongs to; right unfolds; with Shift all of the text."""
        if everything:
            self.fold_to(1 if close else 0)
        elif not close:
            self.fold(self._line, folded=False)
        elif self._line in self._folding and self._line not in self._folded:
            self.fold(self._line, folded=True)
        elif holders := self._folding.around(self._line):
            self._move(holders[-1], extend=False)

    def viewportEvent(self, event: QEvent) -> bool:
        """Shows the tooltip of a line."""
        if isinstance(event, QHelpEvent):
            line = self.line_at(event.pos().y())
            QToolTip.showText(event.globalPos(), self._tip(line) if line >= 0 else "", self)
            return True
        return super().viewportEvent(event)

    def _move(self, line: int, *, extend: bool) -> None:
        if not self._lines:
            return
        self._line = max(0, min(line, len(self._lines) - 1))
        if not extend:
            self._anchor = self._line
        self.reveal(self._line)
        self.viewport().update()
        self.setAccessibleDescription(brief(self._lines[self._line]).strip())
        if not extend:
            self.line_activated.emit(self._line)
