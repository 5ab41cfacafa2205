"""One small chart of what a run takes."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.charts.picture import ABOVE, BELOW, LEFT, RIGHT, Frame, Picture, paint
from niceml_gui.workspaces.runs.resources.lines import Chart, nearest, picture_of
from niceml_gui.workspaces.runs.usage import Usage

HEAD = 30.0  #: pixels of the title
TALL = 260  #: pixels; taller ones would say no more


class ResourceChart(QWidget):
    """A title with the last values, and below it the lines; the pointer reads values off."""

    hovered = Signal(float)  #: the pointer is at these seconds after the start; NaN: it left

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = Chart("", "", ())
        self._usage = Usage()
        self._begin = self._end = 0.0
        self._at = math.nan
        self.setMouseTracking(True)
        self.setMinimumSize(200, 110)
        self.setMaximumHeight(TALL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def show_chart(self, chart: Chart, usage: Usage, begin: float, end: float) -> None:
        """Shows what is known from the beginning to the end, both in seconds since the epoch."""
        self.chart, self._usage, self._begin, self._end = chart, usage, begin, end
        self.setAccessibleName(chart.title)
        self.setAccessibleDescription("  ".join(f"{name} {value}" for name, value in self.values()))
        self.update()

    def set_at(self, seconds: float) -> None:
        """Reads values off at some seconds after the start; NaN: the last ones."""
        self._at = seconds
        self.update()

    def values(self) -> list[tuple[str, str]]:
        """Name and value of each line, where the pointer is, else the last."""
        if not len(self._usage):
            return []
        row = nearest(self._usage, self._begin + self._at) if not math.isnan(self._at) else -1
        at = -1 if row is None else row
        return [
            (part.name, self.chart.words(float(self._usage.column(part.column)[at]) * part.factor))
            for part in self.chart.parts
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a card with the chart in it."""
        tokens, painter = theme().tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(QColor(tokens.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        left = self._paint_values(painter)
        painter.setFont(style.font(12.5, weight=QFont.Weight.DemiBold))
        painter.setPen(QColor(tokens.text))
        metrics = QFontMetricsF(painter.font())
        title = metrics.elidedText(self.chart.title, Qt.TextElideMode.ElideRight, left - 20)
        painter.drawText(QRectF(11, 4, left - 16, HEAD - 4), Qt.AlignmentFlag.AlignVCenter, title)
        area, picture = self._area(), self._picture()
        paint(painter, area, picture, tokens)
        if not math.isnan(self._at):
            frame = Frame.of(area, picture)
            x = round(frame.x(self._at)) + 0.5
            painter.setPen(QPen(QColor(tokens.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, frame.top), QPointF(x, frame.bottom))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Points at a moment."""
        frame = Frame.of(self._area(), self._picture())
        x = frame.value_x(event.position().x())
        self.hovered.emit(x if frame.low <= x <= frame.high else math.nan)

    def leaveEvent(self, event: QEvent) -> None:
        """Points nowhere."""
        self.hovered.emit(math.nan)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(2, HEAD, -8, -2)

    def _picture(self) -> Picture:
        area = self._area()
        size = QSizeF(max(area.width() - LEFT - RIGHT, 1), max(area.height() - ABOVE - BELOW, 1))
        return picture_of(self.chart, self._usage, self._begin, self._end, size, theme().tokens)

    def _paint_values(self, painter: QPainter) -> float:
        """Paints the values right in the head, and when they were, if not now; returns where they begin."""
        tokens = theme().tokens
        shown = self.values()
        x = self.width() - 11.0
        colors = (tokens.accent, tokens.text)
        for (name, value), color in reversed(list(zip(shown, colors, strict=False))):
            for text, font, ink in ((value, style.mono(12), color), (name, style.font(12), tokens.muted)):
                painter.setFont(font)
                width = QFontMetricsF(font).horizontalAdvance(text)
                painter.setPen(QColor(ink))
                painter.drawText(QRectF(x - width, 4, width + 2, HEAD - 4), Qt.AlignmentFlag.AlignVCenter, text)
                x -= width + 6
            x -= 6
        if not math.isnan(self._at):
            painter.setFont(style.mono(11))
            painter.setPen(QColor(tokens.muted))
            text = words.elapsed_exactly(self._at)
            width = QFontMetricsF(painter.font()).horizontalAdvance(text)
            painter.drawText(QRectF(x - width, 4, width + 2, HEAD - 4), Qt.AlignmentFlag.AlignVCenter, text)
            x -= width + 6
        return x
