"""A point for each run, over two columns."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.grid import Grid, shown
from niceml_gui.workspaces.runs.comparison.paint import colors
from niceml_gui.workspaces.runs.comparison.scale import Scale, scale_of

LEFT, BELOW, ABOVE, RIGHT = 76, 44, 14, 20  #: pixels around the plot
RADIUS = 4.5
NEAR = 12.0  #: pixels from a point at which its run is told
LABEL = 90  #: pixels that a label on the axis below takes, about


class Scatter(QWidget):
    """The points.

    Args:
        comparison: Knows colours.
    """

    chosen = Signal(str)  #: a run was clicked

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self.grid = Grid()
        self.across = self.up = ""
        self._comparison = comparison
        self._scales: tuple[Scale, Scale] = (Scale(""), Scale(""))
        self._points: list[tuple[int, float, float]] = []  # row, and place on both axes
        self._pointed = -1
        self.setMouseTracking(True)
        self.setAccessibleName("Scatter plot")
        self.setMinimumHeight(200)
        theme().changed.connect(self.update)
        comparison.changed.connect(self.update)

    def show_grid(self, grid: Grid, across: str, up: str) -> None:
        """Shows two columns of a table over each other."""
        self.grid, self.across, self.up, self._pointed = grid, across, up, -1
        columns = grid.column(across), grid.column(up)
        count = max(self.width() - LEFT - RIGHT, 100) / LABEL, max(self.height() - ABOVE - BELOW, 100) / 40
        self._scales = scale_of(across, columns[0], count[0]), scale_of(up, columns[1], count[1])
        self._points = []
        for row, (one, other) in enumerate(zip(*columns, strict=True)):
            x, y = self._scales[0].place(one), self._scales[1].place(other)
            if x is not None and y is not None:
                self._points.append((row, x, y))
        self.update()

    @property
    def told_runs(self) -> list[str]:
        """The runs that have a point."""
        return [self.grid.runs[row].id for row, _, _ in self._points]

    def place_of(self, run: str) -> QPointF:
        """Where the point of a run is."""
        return next(self._pixel(x, y) for row, x, y in self._points if self.grid.runs[row].id == run)

    def _area(self) -> QRectF:
        return QRectF(LEFT, ABOVE, max(self.width() - LEFT - RIGHT, 1), max(self.height() - ABOVE - BELOW, 1))

    def _pixel(self, x: float, y: float) -> QPointF:
        area = self._area()
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def _row_at(self, point: QPointF) -> int:
        best, found = NEAR, -1
        for row, x, y in self._points:
            at = self._pixel(x, y)
            away = math.hypot(at.x() - point.x(), at.y() - point.y())
            if away < best:
                best, found = away, row
        return found

    # ------------------------------------------------------------------------------------------ Qt

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells which run is near."""
        row = self._row_at(event.position())
        if row == self._pointed:
            return
        self._pointed = row
        self.setCursor(Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor)
        self.update()
        if row < 0:
            QToolTip.hideText()
            return
        run = self.grid.runs[row]
        lines = [f"{self.grid.title(one)}: {shown(one, self.grid.column(one)[row])}" for one in (self.across, self.up)]
        QToolTip.showText(
            event.globalPosition().toPoint() + QPoint(8, 8), "\n".join([run.name or run.id, *lines]), self
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects a run."""
        row = self._row_at(event.position())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.grid.runs[row].id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints axes and points."""
        tokens, area = theme().tokens, self._area()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.panel))
        font = style.mono(10.5)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number, scale in enumerate(self._scales):
            end = -1e9
            for place, text in scale.ticks:
                if not -0.001 <= place <= 1.001:
                    continue
                at = self._pixel(place, place)
                painter.setPen(QPen(QColor(tokens.line), 1))
                if number:
                    painter.drawLine(
                        QPointF(area.left(), round(at.y()) + 0.5), QPointF(area.right(), round(at.y()) + 0.5)
                    )
                    short = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, LEFT - 30)
                    painter.setPen(QColor(tokens.muted))
                    painter.drawText(QRectF(20, at.y() - 8, LEFT - 28, 16), right, short)
                    continue
                painter.drawLine(QPointF(round(at.x()) + 0.5, area.top()), QPointF(round(at.x()) + 0.5, area.bottom()))
                short = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, LABEL)
                width = metrics.horizontalAdvance(short)
                if at.x() - width / 2 > end:
                    painter.setPen(QColor(tokens.muted))
                    painter.drawText(QPointF(at.x() - width / 2, area.bottom() + 15), short)
                    end = at.x() + width / 2 + 8
        self._titles(painter, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        found = colors(self.grid.runs, self.grid.column(self.up), self._comparison, tokens) if self._points else {}
        for row, x, y in self._points:
            color = QColor(found[self.grid.runs[row].id])
            painter.setPen(QPen(QColor(tokens.panel), 1))
            painter.setBrush(color)
            painter.drawEllipse(self._pixel(x, y), RADIUS, RADIUS)
        if self._pointed >= 0:
            row, x, y = next(one for one in self._points if one[0] == self._pointed)
            painter.setPen(QPen(QColor(tokens.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self._pixel(x, y), RADIUS + 2.5, RADIUS + 2.5)

    def _titles(self, painter: QPainter, area: QRectF) -> None:
        tokens, font = theme().tokens, style.font(12)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(area.left(), area.bottom() + 20, area.width(), 20), centre, self.grid.title(self.across)
        )
        painter.save()
        painter.translate(12, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-area.height() / 2, -10, area.height(), 20), centre, self.grid.title(self.up))
        painter.restore()
