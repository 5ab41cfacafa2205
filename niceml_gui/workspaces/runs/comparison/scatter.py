"""A point for each run, over two columns."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.grid import Grid, shown
from niceml_gui.workspaces.runs.comparison.paint import colors
from niceml_gui.workspaces.runs.comparison.scale import Scale, scale_of

LEFT, BELOW, ABOVE, RIGHT = 76, 44, 14, 20  #: pixels around the plot
RADIUS, LARGER = 4.5, 6.5  #: of the point of a run, and of several that lie over each other
TURN = 360 * 16  #: of a pie, as Qt counts
NAMED = 8  #: runs of a point that are told by name
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
        self._clicked = -1  # the row that was selected last
        self._pointed: list[int] = []  # rows of the runs under the pointer
        self.setMouseTracking(True)
        self.setAccessibleName("Scatter plot")
        self.setMinimumHeight(200)
        theme().changed.connect(self.update)
        comparison.changed.connect(self.update)

    def show_grid(self, grid: Grid, across: str, up: str) -> None:
        """Shows two columns of a table over each other."""
        self.grid, self.across, self.up, self._pointed = grid, across, up, []
        self._clicked = -1
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

    def spots(self) -> dict[tuple[int, int], list[int]]:
        """The rows of the runs at each pixel where there are any."""
        found: dict[tuple[int, int], list[int]] = {}
        for row, x, y in self._points:
            at = self._pixel(x, y).toPoint()
            found.setdefault((at.x(), at.y()), []).append(row)
        return found

    def _rows_at(self, point: QPointF) -> list[int]:
        spots = self.spots()
        away = {at: math.hypot(at[0] - point.x(), at[1] - point.y()) for at in spots}
        nearest = min(away, key=away.__getitem__, default=None)
        return spots[nearest] if nearest is not None and away[nearest] < NEAR else []

    def told(self, rows: Sequence[int]) -> str:
        """The runs of a point with their values, as its tooltip says it."""
        runs = [self.grid.runs[row] for row in rows]
        names = [words.told(run) for run in runs[:NAMED]]
        more = [f"and {len(runs) - NAMED} more"] if len(runs) > NAMED else []
        lines = [f"{self.grid.title(one)}: {shown(one, self.grid.column(one)[rows[0]])}" for one in self.columns]
        return "\n".join([*names, *more, *lines])

    @property
    def columns(self) -> tuple[str, str]:
        """What stands across, and what up."""
        return self.across, self.up

    # ------------------------------------------------------------------------------------------ Qt

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells which run is near, or which runs."""
        rows = self._rows_at(event.position())
        if rows == self._pointed:
            return
        self._pointed = rows
        self.setCursor(Qt.CursorShape.PointingHandCursor if rows else Qt.CursorShape.ArrowCursor)
        self.update()
        if rows:
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(8, 8), self.told(rows), self)
        else:
            QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects a run; of several that lie over each other, the next one by each click."""
        rows = self._rows_at(event.position())
        if not rows or event.button() != Qt.MouseButton.LeftButton:
            return
        turn = rows.index(self._clicked) + 1 if self._clicked in rows else 0
        self._clicked = rows[turn % len(rows)]
        self.chosen.emit(self.grid.runs[self._clicked].id)

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
        for (left, top), rows in self.spots().items():
            middle = QPointF(left, top)
            self._point(painter, middle, [found[self.grid.runs[row].id] for row in rows])
            if rows == self._pointed:
                painter.setPen(QPen(QColor(tokens.text), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                radius = (LARGER if len(rows) > 1 else RADIUS) + 2.5
                painter.drawEllipse(middle, radius, radius)

    def _point(self, painter: QPainter, middle: QPointF, shades: Sequence[str]) -> None:
        """A run, or several that lie over each other: how many there are, and a slice for each of their colours."""
        tokens, many = theme().tokens, len(shades)
        radius = LARGER if many > 1 else RADIUS
        area = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(Qt.PenStyle.NoPen)
        done = 0
        for shade, count in Counter(shades).items():
            painter.setBrush(QColor(shade))
            begin, end = (round(TURN * place / many) for place in (done, done + count))
            painter.drawPie(area, TURN // 4 - end, end - begin)
            done += count
        painter.setPen(QPen(QColor(tokens.panel), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, radius, radius)
        if many > 1:
            painter.setPen(QColor(tokens.text))
            painter.drawText(QPointF(middle.x() + radius + 3, middle.y() + 4), f"×{many}")

    def _titles(self, painter: QPainter, area: QRectF) -> None:
        tokens, font = theme().tokens, style.font(12)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(area.left(), area.bottom() + 20, area.width(), 20), centre, self._title(0))
        painter.save()
        painter.translate(12, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-area.height() / 2, -10, area.height(), 20), centre, self._title(1))
        painter.restore()

    def _title(self, number: int) -> str:
        return self._scales[number].titled(self.grid.title(self.columns[number])) if self.columns[number] else ""
