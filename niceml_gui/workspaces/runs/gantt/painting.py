"""How rows of the gantt chart are painted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from niceml_gui import words
from niceml_gui.theme import style
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.ticks import Ticks, linear_ticks
from niceml_gui.workspaces.runs.gantt.rows import Row, visible

AXIS = 24  #: pixels, height of the axis above the rows
ROW = 24
INDENT = 14
RIGHT = 14  #: pixels right of the chart
TICK = 84  #: pixels from one label to the next, about
NARROW = 160  #: pixels of the names, below which there is no room for how long they took
WIDE, ROUND = 8.0, 3.0  #: pixels from which on a bar has round corners and words, and how round
LEAST = 2.0  #: pixels of a bar, so that it is seen


@dataclass(frozen=True, slots=True)
class Scale:
    """What of time is in view, and where.

    Attributes:
        left: Where the chart begins, in pixels; what stands before it are names.
        width: Of the chart, in pixels.
        low: What is at its left, in seconds since the epoch.
        high: What is at its right.
        begin: When the run began.
        now: Where what goes on ends.
    """

    left: float
    width: float
    low: float
    high: float
    begin: float
    now: float

    def x(self, time: float) -> float:
        """The pixel of a time."""
        return self.left + (time - self.low) / (self.high - self.low) * self.width

    def time(self, x: float) -> float:
        """The time at a pixel."""
        return self.low + (x - self.left) / self.width * (self.high - self.low)

    @property
    def second(self) -> float:
        """Pixels of a second."""
        return self.width / (self.high - self.low)


def ticks(scale: Scale) -> Ticks:
    """Where the axis is labelled, in seconds since the epoch: round times since the beginning."""
    low, high, count = scale.low - scale.begin, scale.high - scale.begin, scale.width / TICK
    found = words.clock_ticks(low, high, count) if high - low > count else linear_ticks(low, high, count)
    unit = "" if high - low > count else " s"
    return [(place + scale.begin, label + unit) for place, label in found if place >= 0]


def paint_axis(painter: QPainter, scale: Scale, height: float, tokens: Tokens) -> None:
    """Paints labels above the rows."""
    painter.fillRect(QRectF(0, 0, scale.left + scale.width + RIGHT, AXIS), QColor(tokens.background))
    painter.setFont(style.mono(10.5))
    metrics = QFontMetricsF(painter.font())
    painter.setPen(QColor(tokens.muted))
    end = scale.left - 24
    for place, label in ticks(scale):
        x = scale.x(place) - metrics.horizontalAdvance(label) / 2
        if x > end and x + metrics.horizontalAdvance(label) <= scale.left + scale.width + RIGHT:
            painter.drawText(QPointF(x, AXIS - 8), label)
            end = x + metrics.horizontalAdvance(label) + 8
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.drawLine(QPointF(0, AXIS - 0.5), QPointF(scale.left + scale.width + RIGHT, AXIS - 0.5))


def paint_grid(painter: QPainter, scale: Scale, height: float, tokens: Tokens) -> None:
    """Paints the lines behind the bars."""
    painter.setPen(QPen(QColor(style.mix(tokens.background, tokens.line, 0.6)), 1))
    for place, _ in ticks(scale):
        x = round(scale.x(place)) + 0.5
        if scale.left <= x <= scale.left + scale.width:
            painter.drawLine(QPointF(x, AXIS), QPointF(x, height))


def paint_name(painter: QPainter, row: Row, area: QRectF, tokens: Tokens) -> None:
    """Paints what a row is called and how long it took."""
    took, left = row.took, area.left() + 12 + row.depth * INDENT
    if area.width() < NARROW:  # the bars say it, too
        took = ""
    painter.setFont(style.mono(11))
    metrics = QFontMetricsF(painter.font())
    width = metrics.horizontalAdvance(took)
    painter.setPen(QColor(tokens.muted))
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(area.adjusted(0, 0, -12, 0), middle | Qt.AlignmentFlag.AlignRight, took)
    if row.depth == 0:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.op(row.op)))
        painter.drawEllipse(QPointF(left + 4, area.center().y()), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        left += 14
    painter.setFont(style.font(12.5, weight=QFont.Weight.DemiBold if row.depth == 0 else QFont.Weight.Normal))
    metrics = QFontMetricsF(painter.font())
    room = QRectF(left, area.top(), area.right() - 20 - width - left, area.height())
    painter.setPen(QColor(tokens.text if row.depth == 0 and len(row.starts) else tokens.muted))
    name_room = room.width() - metrics.horizontalAdvance(row.count)
    name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, name_room)
    painter.drawText(room, middle, f"{name}{row.count}")


def paint_bars(painter: QPainter, row: Row, scale: Scale, top: float, chosen: int | None, tokens: Tokens) -> None:
    """Paints the bars of a row, with words where there is room."""
    color = tokens.op(row.op)
    height = ROW - (8 if row.depth == 0 else 10)
    y = top + (ROW - height) / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(style.font(11))
    metrics = QFontMetricsF(painter.font())
    usual = color if row.depth == 0 else style.mix(tokens.background, color, 0.42)
    if row.note:
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRectF(scale.left + 5, top, scale.width - 5, ROW), Qt.AlignmentFlag.AlignVCenter, row.note)
    bars = visible(row, scale.low, scale.high, scale.width, scale.now)
    for number, (left, right, first, stop) in enumerate(bars):
        how = {how for place, how in row.bad.items() if first <= place < stop}
        fill = tokens.error if "failed" in how else tokens.warning if how else usual
        area = QRectF(scale.left + left, y, max(right - left, LEAST), height)
        wide = area.width() > WIDE
        if wide:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(area, ROUND, ROUND)
        else:
            painter.fillRect(area, QColor(fill))
        if stop == len(row.ends) and math.isnan(row.ends[-1]):  # it has no end yet
            tip = min(6.0, area.width())
            painter.fillRect(
                QRectF(area.right() - tip, y, tip, height), QColor(style.mix(fill, tokens.background, 0.55))
            )
        if chosen is not None and first <= chosen < stop:
            painter.setPen(QPen(QColor(tokens.text), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(-1.5, -1.5, 1.5, 1.5), ROUND, ROUND)
        if stop - first == 1 and (wide or len(row.starts) == 1):
            after = bars[number + 1][0] if number + 1 < len(bars) else scale.width
            _paint_words(painter, metrics, row, first, area, scale.left + after, fill, scale, tokens)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_words(
    painter: QPainter,
    metrics: QFontMetricsF,
    row: Row,
    place: int,
    area: QRectF,
    free: float,
    fill: str,
    scale: Scale,
    tokens: Tokens,
) -> None:
    """What a bar is, on it where it fits, else after it where nothing else stands."""
    took = words.duration(row.end(place, scale.now) - float(row.starts[place]))
    part = row.title(place).removeprefix(row.name).strip(" ,")
    for text in [f"{part} · {took}", part] if part else [took]:
        width = metrics.horizontalAdvance(text)
        inside = QRectF(max(area.left(), scale.left), area.top(), 0, area.height())
        inside.setRight(min(area.right(), scale.left + scale.width))
        if width + 10 <= inside.width():
            painter.setPen(QColor(max((tokens.text, tokens.on_accent), key=lambda ink: style.contrast(fill, ink))))
            painter.drawText(inside.adjusted(5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
            return
        if len(row.starts) == 1 and width + 8 <= free - area.right():
            painter.setPen(QColor(tokens.muted))
            painter.drawText(
                QRectF(area.right() + 5, area.top(), width + 4, area.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            return
