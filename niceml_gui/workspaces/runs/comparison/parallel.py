"""Parallel coordinates: an axis for each column, a line for each run; a range is marked on an axis by dragging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.grid import Grid, shown
from niceml_gui.workspaces.runs.comparison.paint import colors
from niceml_gui.workspaces.runs.comparison.scale import Scale, scale_of

ABOVE, BELOW, BESIDE = 46, 26, 64  #: pixels around the axes
HALF = 9  #: pixels on both sides of an axis in which it is taken hold of
NEAR = 8.0  #: pixels from a line at which its run is told
LEAST = 0.012  #: part of an axis; a shorter drag is a click, which takes the mark away
FEW = 100  #: lines that are drawn smoothly
GAP = 84  #: pixels between two axes, at least
Range = tuple[float, float]


class Parallel(QWidget):
    """The axes.

    Args:
        comparison: Knows colours.
    """

    brushed = Signal()  #: other runs are within what is marked
    chosen = Signal(str)  #: a run was clicked

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self.grid = Grid()
        self.columns: tuple[str, ...] = ()
        self.brushes: dict[str, Range] = {}  #: by column: from, to, in parts of the axis
        self._comparison = comparison
        self._scales: list[Scale] = []
        self._places: list[list[float | None]] = []  # by run, then by axis
        self._drag: tuple[int, float] | None = None
        self._pointed = -1
        self._layer: QPixmap | None = None
        self._behind: QPixmap | None = None  # all lines, faint
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Parallel coordinates")
        self.setMinimumHeight(200)
        theme().changed.connect(self._all_anew)
        comparison.changed.connect(self._anew)

    # ------------------------------------------------------------------------------------------ content

    def show_grid(self, grid: Grid, columns: Sequence[str]) -> None:
        """Shows some columns of a table."""
        self.grid, self.columns = grid, tuple(columns)
        values = [grid.column(column) for column in columns]
        self._scales = [scale_of(column, some) for column, some in zip(columns, values, strict=True)]
        places = [[scale.place(value) for value in some] for scale, some in zip(self._scales, values, strict=True)]
        self._places = [list(row) for row in zip(*places, strict=True)] if places else []
        self.brushes = {column: brush for column, brush in self.brushes.items() if column in columns}
        self.setMinimumWidth(2 * BESIDE + GAP * max(len(columns) - 1, 1))
        self._behind = None
        self._anew()

    @property
    def inside(self) -> list[str]:
        """The runs that lie within everything that is marked; all of them if nothing is."""
        return [run.id for row, run in enumerate(self.grid.runs) if self._is_inside(row)]

    def brush(self, column: str, low: float, high: float) -> None:
        """Marks a range of an axis, in parts of it; an empty one takes the mark away."""
        if high - low < LEAST:
            self.brushes.pop(column, None)
        else:
            self.brushes[column] = (low, high)
        self._anew()
        self.brushed.emit()

    def clear(self) -> None:
        """Takes all marks away."""
        if self.brushes:
            self.brushes.clear()
            self._anew()
            self.brushed.emit()

    # ------------------------------------------------------------------------------------------ places

    def axis_x(self, number: int) -> float:
        """Where an axis stands, in pixels."""
        count = len(self.columns)
        room = self.width() - 2 * BESIDE
        return self.width() / 2 if count < 2 else BESIDE + room * number / (count - 1)

    def axis_y(self, place: float) -> float:
        """Where a place of an axis is, in pixels."""
        return self.height() - BELOW - place * (self.height() - ABOVE - BELOW)

    def _place_at(self, y: float) -> float:
        return min(max((self.height() - BELOW - y) / max(self.height() - ABOVE - BELOW, 1), 0.0), 1.0)

    def _axis_at(self, x: float) -> int:
        near = [number for number in range(len(self.columns)) if abs(self.axis_x(number) - x) <= HALF]
        return near[0] if near else -1

    def _is_inside(self, row: int) -> bool:
        for number, column in enumerate(self.columns):
            if column in self.brushes:
                place, (low, high) = self._places[row][number], self.brushes[column]
                if place is None or not low <= place <= high:
                    return False
        return True

    def _run_at(self, point: QPointF) -> int:
        """The row of the run whose line is nearest to a place, if one is near."""
        count = len(self.columns)
        if count < 2:
            return -1
        span = (self.axis_x(1) - self.axis_x(0)) or 1.0
        left = min(max(int((point.x() - BESIDE) // span), 0), count - 2)
        part = min(max((point.x() - self.axis_x(left)) / span, 0.0), 1.0)
        best, found = NEAR, -1
        for row, places in enumerate(self._places):
            one, other = places[left], places[left + 1]
            if one is None or other is None or not self._is_inside(row):
                continue
            away = abs(self.axis_y(one + (other - one) * part) - point.y())
            if away < best:
                best, found = away, row
        return found

    # ------------------------------------------------------------------------------------------ Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins to mark, or selects a run."""
        axis = self._axis_at(event.position().x())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if axis >= 0:
            self._drag = (axis, self._place_at(event.position().y()))
        elif (row := self._run_at(event.position())) >= 0:
            self.chosen.emit(self.grid.runs[row].id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Marks, or tells which run is near."""
        if self._drag is not None:
            axis, begin = self._drag
            end = self._place_at(event.position().y())
            self.brushes[self.columns[axis]] = (min(begin, end), max(begin, end))
            self._anew()
            return
        on_axis = self._axis_at(event.position().x()) >= 0
        self.setCursor(Qt.CursorShape.SplitVCursor if on_axis else Qt.CursorShape.ArrowCursor)
        row = -1 if on_axis else self._run_at(event.position())
        if row != self._pointed:
            self._pointed = row
            self.update()
            if row >= 0:
                QToolTip.showText(event.globalPosition().toPoint() + QPoint(8, 8), self.told(row), self)
            else:
                QToolTip.hideText()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends marking; a click without a drag takes the mark away."""
        if self._drag is not None:
            axis, begin = self._drag
            self._drag = None
            end = self._place_at(event.position().y())
            self.brush(self.columns[axis], min(begin, end), max(begin, end))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Takes all marks away."""
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Takes all marks away on Escape."""
        if event.key() == Qt.Key.Key_Escape and self.brushes:
            self.clear()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paints anew."""
        super().resizeEvent(event)
        self._layer = self._behind = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints what is kept, and the run under the pointer over it."""
        if self._behind is None:
            ratio, tokens = self.devicePixelRatioF(), theme().tokens
            self._behind = QPixmap(self.size() * ratio)
            self._behind.setDevicePixelRatio(ratio)
            self._behind.fill(QColor(tokens.panel))
            behind = QPainter(self._behind)
            faint = style.mix(tokens.panel, tokens.muted, 0.22)
            self._lines(behind, range(len(self._places)), dict.fromkeys((run.id for run in self.grid.runs), faint))
            behind.end()
        if self._layer is None:
            self._layer = QPixmap(self._behind)
            layer = QPainter(self._layer)
            self._lines(layer, [row for row in range(len(self._places)) if self._is_inside(row)], self._colors())
            layer.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, scale in enumerate(self._scales):
                self._axis(layer, number, scale)
            layer.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._layer)
        if 0 <= self._pointed < len(self._places):
            self._lines(painter, [self._pointed], self._colors(), 3.0)

    # ------------------------------------------------------------------------------------------ inner workings

    def told(self, row: int) -> str:
        """A run with its values, as its tooltip says it."""
        run = self.grid.runs[row]
        lines = [
            f"{self.grid.title(column)}: {shown(column, self.grid.column(column)[row])}" for column in self.columns
        ]
        return "\n".join([run.name or run.id, *lines])

    def _all_anew(self) -> None:
        self._behind = None
        self._anew()

    def _anew(self) -> None:
        self._layer = None
        self._pointed = -1
        self.update()

    def _colors(self) -> Mapping[str, str]:
        by = self.grid.column(self.columns[-1]) if self.columns else [None] * len(self.grid.runs)
        return colors(self.grid.runs, by, self._comparison, theme().tokens)

    def _lines(self, painter: QPainter, rows: Sequence[int], found: Mapping[str, str], width: float = 1.0) -> None:
        """The lines of some runs, each interrupted where there is no value."""
        few = len(self._places) <= FEW
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        across = [self.axis_x(number) for number in range(len(self.columns))]
        bottom, high = self.axis_y(0.0), self.axis_y(0.0) - self.axis_y(1.0)
        for row in rows:
            painter.setPen(QPen(QColor(found[self.grid.runs[row].id]), max(width, 1.5 if few else 1.0)))
            piece: list[QPointF] = []
            for x, place in zip((*across, 0.0), (*self._places[row], None), strict=True):
                if place is not None:
                    piece.append(QPointF(x, bottom - place * high))
                    continue
                if len(piece) > 1:
                    painter.drawPolyline(piece)
                elif piece:
                    painter.drawEllipse(piece[0], 1.5, 1.5)
                piece = []

    def _axis(self, painter: QPainter, number: int, scale: Scale) -> None:
        tokens, x = theme().tokens, round(self.axis_x(number)) + 0.5
        painter.setPen(QPen(QColor(tokens.muted), 1))
        painter.drawLine(QPointF(x, self.axis_y(1)), QPointF(x, self.axis_y(0)))
        brush = self.brushes.get(scale.column)
        if brush is not None:
            fill = QColor(tokens.accent)
            painter.setPen(QPen(fill, 1))
            fill.setAlphaF(0.25)
            painter.setBrush(fill)
            painter.drawRoundedRect(
                QRectF(x - 6, self.axis_y(brush[1]), 12, self.axis_y(brush[0]) - self.axis_y(brush[1])), 3, 3
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
        font = style.mono(10.5)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        last = number == len(self._scales) - 1 and number > 0
        wide = BESIDE - 12 if number == 0 or last else min(GAP, round(self.axis_x(1) - self.axis_x(0))) - 16
        for place, text in scale.ticks:
            if not -0.001 <= place <= 1.001:
                continue
            y = self.axis_y(place)
            painter.setPen(QPen(QColor(tokens.muted), 1))
            painter.drawLine(QPointF(x - 3, y), QPointF(x, y))
            short = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, wide)
            width = metrics.horizontalAdvance(short)
            left = x + 7 if last else x - 7 - width
            ground = QColor(tokens.panel)
            ground.setAlphaF(0.92)
            painter.fillRect(QRectF(left - 2, y - 7, width + 4, 14), ground)
            painter.setPen(QColor(tokens.text if brush else tokens.muted))
            painter.drawText(QPointF(left, y + 4), short)
        title = style.font(12)
        painter.setFont(title)
        painter.setPen(QColor(tokens.text))
        apart = round(self.axis_x(1) - self.axis_x(0)) if len(self._scales) > 1 else self.width()
        inner = 0 < number < len(self._scales) - 1
        room = 2 * apart - 12 if inner else min(2 * apart, 2 * BESIDE) - 8  # every second title stands lower
        words = QFontMetrics(title).elidedText(
            scale.titled(self.grid.title(scale.column)), Qt.TextElideMode.ElideMiddle, room
        )
        width = QFontMetrics(title).horizontalAdvance(words)
        left = min(max(x - width / 2, 4), self.width() - width - 4)
        painter.drawText(QPointF(left, 16 + 17 * (number % 2)), words)
