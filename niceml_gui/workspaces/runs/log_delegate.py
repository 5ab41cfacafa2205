"""How a line of a log is painted: time, op and text in columns, and unfolded what had no room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.lines import Line
from niceml_gui.workspaces.runs.log_model import LINE, Index, LogModel

ROW_HEIGHT = 20
LEFT, RIGHT = 14, 10  #: pixels beside a line
LONGEST = 20_000  #: characters of an unfolded line that are shown; all of it is copied
FURTHER = "\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS}"  #: before a further piece of a line that is too long to be one
OPS = "prediction  "  #: as wide as most names of ops
TIMES = {480: "00:00:00  ", 320: "00:00 ", 0: ""}  #: how the time is told, from so many pixels of a line on


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in lines of some width.

    Attributes:
        time: How wide the column of the time is, in pixels; 0: there is none.
        clock: How many letters of the time it has room for.
        op: Likewise of the op.
        letter: How wide a letter is.
        width: Of a whole line.
    """

    time: int
    clock: int
    op: int
    letter: float
    width: int

    @property
    def text(self) -> int:
        """Where the text begins."""
        return LEFT + self.time + self.op

    @property
    def letters(self) -> int:
        """How many letters have room beside each other."""
        return max(int((self.width - self.text - RIGHT) / self.letter), 8)


def layout_of(width: int, *, timed: bool) -> Layout:
    """The layout of lines of some width, with time and op or without."""
    metrics = QFontMetricsF(style.mono(12))
    told = next(told for least, told in TIMES.items() if width >= least)
    names = (told, OPS) if timed else ("", "")
    time, op = (round(metrics.horizontalAdvance(name)) for name in names)
    return Layout(time, len(told.strip()), op, max(metrics.horizontalAdvance("0"), 1.0), width)


def is_foldable(line: Line, letters: int) -> bool:
    """Whether there is more to see of a line than fits."""
    room = letters - (len(line.link) + 4 if line.link else 0)
    return bool(line.details) or "\n" in line.text or len(line.text) > room


@lru_cache(maxsize=64)
def unfolded(line: Line, letters: int) -> list[str]:
    """All of a line, in pieces that fit."""
    parts = []
    for text in (line.text, line.details):
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} more letters, which are copied with the line"
        parts += text.expandtabs(4).split("\n") if text else []
    return [part[start : start + letters] for part in parts for start in range(0, max(len(part), 1), letters)]


class LogDelegate(QStyledItemDelegate):
    """Paints lines; what is unfolded is painted as far as it is in view."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One row: the view knows which lines are unfolded."""
        return QSize(400, ROW_HEIGHT)

    def link_area(self, area: QRect, line: Line, *, is_open: bool) -> QRect:
        """Where the link of a line stands, to its config leaf or code; empty without one.

        It stands at the end of the line, and below the text of one that is unfolded.
        """
        if not line.link:
            return QRect()
        # The arrow may come from another font, whose width is known only about.
        width = QFontMetrics(style.mono(12)).horizontalAdvance(f"→ {line.link}") + 4
        if is_open:
            left = area.left() + layout_of(area.width(), timed=bool(line.time)).text
            return QRect(left, area.bottom() + 1 - ROW_HEIGHT, min(width, area.right() - left), ROW_HEIGHT)
        width = min(width, area.width() * 2 // 5)
        return QRect(area.right() - RIGHT - width, area.top(), width, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints one line."""
        tokens, model = theme().tokens, index.model()
        line: Line = index.data(LINE)
        area = QRect(option.rect)
        layout = layout_of(area.width(), timed=bool(line.time))
        is_open = isinstance(model, LogModel) and model.is_open(line)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(tokens.selection))
        painter.setFont(style.mono(12))
        metrics = QFontMetrics(painter.font())
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        row = QRect(area.left() + LEFT, area.top(), area.width() - LEFT - RIGHT, ROW_HEIGHT)
        if line.more:
            painter.setPen(QColor(tokens.muted))
            margin = QRect(area.left(), area.top(), LEFT, ROW_HEIGHT)
            painter.drawText(margin, Qt.AlignmentFlag.AlignCenter, FURTHER)
        if layout.time:
            painter.setPen(QColor(tokens.muted))
            painter.drawText(row, middle, words.clock(line.time)[: layout.clock])
        if layout.op:
            row.setLeft(area.left() + LEFT + layout.time)
            painter.setPen(QColor(tokens.op(line.op)))
            name = metrics.elidedText(line.op, Qt.TextElideMode.ElideRight, round(layout.op - layout.letter))
            painter.drawText(row, middle, name)
        row.setLeft(area.left() + layout.text)
        link = self.link_area(area, line, is_open=is_open)
        if not link.isEmpty():
            painter.setPen(QColor(tokens.accent))
            painter.drawText(
                link, middle, metrics.elidedText(f"→ {line.link}", Qt.TextElideMode.ElideLeft, link.width())
            )
            if not is_open:
                row.setRight(link.left() - 12)
        colors = {"error": tokens.error, "warning": tokens.warning, "debug": tokens.muted}
        painter.setPen(QColor(colors.get(line.level, tokens.text)))
        if is_open:
            self._paint_all(painter, line, row, area, layout)
        else:
            more = "  ▸" if line.details or "\n" in line.text else ""
            first = line.text[: 4 * layout.letters].partition("\n")[0].expandtabs(4)
            room = row.width() - metrics.horizontalAdvance(more)
            painter.drawText(row, middle, metrics.elidedText(first, Qt.TextElideMode.ElideRight, room) + more)
        painter.restore()

    def _paint_all(self, painter: QPainter, line: Line, row: QRect, area: QRect, layout: Layout) -> None:
        """Paints the pieces of an unfolded line that are in view."""
        parts = unfolded(line, layout.letters)
        height = painter.viewport().height()
        first, last = max(-area.top() // ROW_HEIGHT, 0), (min(area.bottom(), height) - area.top()) // ROW_HEIGHT
        for number in range(first, min(last + 1, len(parts))):
            place = QRect(row.left(), area.top() + number * ROW_HEIGHT, area.right() - RIGHT - row.left(), ROW_HEIGHT)
            if number * layout.letters >= len(line.text):
                painter.setPen(QColor(theme().tokens.muted))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, parts[number])
