"""The gantt chart: a row for each op, and below it one for each kind of phase."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.gantt.painting import (
    AXIS,
    RIGHT,
    ROW,
    Scale,
    paint_axis,
    paint_bars,
    paint_grid,
    paint_name,
)
from niceml_gui.workspaces.runs.gantt.rows import Row, span_of

ZOOM = 0.8  #: what a notch of the wheel, or a key, leaves of the range
PAN = 0.1  #: what part of the range a key moves
CLOSEST = 0.01  #: seconds in view at least
NEAR = 4.0  #: pixels beside a bar that still mean it
DRAG = 4  #: pixels; a shorter drag is a click
_STEPS = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}
_JUMPS = {Qt.Key.Key_Up.value: -1, Qt.Key.Key_Down.value: 1}
_ZOOMS = {Qt.Key.Key_Plus.value: ZOOM, Qt.Key.Key_Equal.value: ZOOM, Qt.Key.Key_Minus.value: 1 / ZOOM}


class GanttView(QAbstractScrollArea):
    """Bars over time.

    A click selects a bar, arrow keys go from bar to bar. Ctrl and the wheel, plus and minus zoom, dragging and Shift
    with the wheel move, Home shows everything; the end is followed until somebody zooms.
    """

    selected = Signal(str, float)  #: op, and when what was selected began, in seconds since the epoch
    opened = Signal(str)  #: the op is to be shown where it is configured

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()
        self._now = self._begin = 0.0
        self._clock: Callable[[float], float] = lambda time: time
        self._range: tuple[float, float] | None = None  # what is in view, if not everything
        self._chosen: tuple[str, int, str, int] | None = None  # op, depth, name, place
        self._pressed: tuple[QPoint, Scale] | None = None
        self._dragged = False
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Gantt chart of ops and phases")
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(ROW)
        theme().changed.connect(self.viewport().update)

    # ------------------------------------------------------------------------------------------ what is shown

    def show_rows(
        self, rows: Sequence[Row], begin: float, now: float, clock: Callable[[float], float] = lambda time: time
    ) -> None:
        """Shows rows as they are at a time; both times are seconds since the epoch.

        Args:
            rows: The rows.
            begin: When the run began.
            now: The time.
            clock: Tells the time of day at these times.
        """
        self.rows, self._now, self._clock = rows, now, clock
        self._begin = begin or span_of(rows, now)[0]
        self._fit_scroll()
        self.viewport().update()

    def forget(self) -> None:
        """Another run is shown: everything of it, and nothing selected."""
        self._range = self._chosen = None
        self.verticalScrollBar().setValue(0)

    @property
    def chosen(self) -> str:
        """The selected bar in words; empty without one."""
        found = self._find()
        return found[0].describe(found[1], self._now, self._begin, self._clock) if found else ""

    @property
    def follows(self) -> bool:
        """Whether everything is in view, and stays so."""
        return self._range is None

    def scale(self) -> Scale:
        """What is in view, and where."""
        room = self.viewport().width()
        left = float(min(max(room * 0.28, 130), 270))
        low, high = self._range or (self._begin, max(span_of(self.rows, self._now)[1], self._begin + 0.1))
        return Scale(left, max(room - left - RIGHT, 20.0), low, high, self._begin, self._now)

    def choose(self, op: str) -> None:
        """Selects an op, without telling of it."""
        row = next((row for row in self.rows if row.op == op and row.depth == 0), None)
        if row is not None and len(row.starts):
            self._choose(row, len(row.starts) - 1, tell=False)

    def fit(self) -> None:
        """Shows everything from now on."""
        self._range = None
        self.viewport().update()

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Shows a part of what is in view: the one around a time, else around what is selected or the middle."""
        scale = self.scale()
        found = self._find()
        if around is None:
            start = float(found[0].starts[found[1]]) if found else scale.low
            around = start if scale.low < start < scale.high else (scale.low + scale.high) / 2
        span = max((scale.high - scale.low) * factor, CLOSEST)
        part = (around - scale.low) / (scale.high - scale.low)
        self._look(around - part * span, around + (1 - part) * span)

    # ------------------------------------------------------------------------------------------ Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the rows in view, and the axis over them."""
        tokens, scale = theme().tokens, self.scale()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(tokens.background))
        height = self.viewport().height()
        paint_grid(painter, scale, height, tokens)
        found = self._find()
        offset = AXIS - self.verticalScrollBar().value()
        for number, row in enumerate(self.rows):
            top = offset + number * ROW
            if top + ROW < AXIS or top > height:
                continue
            chosen = found is not None and found[0] is row
            if chosen:
                painter.fillRect(QRectF(0, top, scale.left, ROW), QColor(tokens.selection))
            paint_name(painter, row, QRectF(0, top, scale.left, ROW), tokens)
            painter.save()
            painter.setClipRect(QRectF(scale.left - 2, top, scale.width + RIGHT, ROW))
            paint_bars(painter, row, scale, top, found[1] if chosen and found else None, tokens)
            painter.restore()
        painter.fillRect(QRectF(scale.left - 1, 0, 1, height), QColor(style.mix(tokens.background, tokens.line, 0.8)))
        paint_axis(painter, scale, height, tokens)

    def viewportEvent(self, event: QEvent) -> bool:
        """Shows what the bar under the pointer is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._under(event.pos())
            if found is None:
                QToolTip.hideText()
            else:
                row, place = found
                QToolTip.showText(
                    event.globalPos(), row.describe(place, self._now, self._begin, self._clock), self.viewport()
                )
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins to drag, or to click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = (event.position().toPoint(), self.scale()), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves what is in view, once somebody has zoomed."""
        if self._pressed is None:
            return
        begin, scale = self._pressed
        moved = event.position().x() - begin.x()
        self._dragged = self._dragged or abs(moved) > DRAG
        if self._dragged and self._range is not None:
            self._look(scale.low - moved / scale.second, scale.high - moved / scale.second)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Selects what was clicked."""
        if self._pressed is not None and not self._dragged:
            found = self._under(event.position().toPoint(), names=True)
            if found is not None:
                self._choose(*found)
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Shows where the op is configured."""
        found = self._under(event.position().toPoint(), names=True)
        if found is not None:
            self.opened.emit(found[0].op)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms with Ctrl, moves along the axis with Shift, and scrolls the rows."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        notches = turned / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM**notches, self.scale().time(event.position().x()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._range is not None:
            self._move(-PAN * notches)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes from bar to bar, zooms, and shows everything."""
        key, found = event.key(), self._find()
        if key in _STEPS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._range is not None:
            self._move(PAN * _STEPS[key])
        elif key in _STEPS and found is not None:
            row, place = found
            self._choose(row, min(max(place + _STEPS[key], 0), len(row.starts) - 1))
        elif key in _JUMPS or key in _STEPS:
            self._jump(_JUMPS.get(key, 1), found)
        elif key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and found is not None:
            self.opened.emit(found[0].op)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Makes room."""
        super().resizeEvent(event)
        self._fit_scroll()

    # ------------------------------------------------------------------------------------------ inner workings

    def _fit_scroll(self) -> None:
        room = self.viewport().height() - AXIS
        self.verticalScrollBar().setPageStep(max(room, 1))
        self.verticalScrollBar().setRange(0, max(len(self.rows) * ROW + 8 - room, 0))

    def _look(self, low: float, high: float) -> None:
        whole = self._begin, span_of(self.rows, self._now)[1]
        span = high - low
        if span >= whole[1] - whole[0]:
            self.fit()
            return
        low = min(max(low, whole[0]), whole[1] - span)
        self._range = low, low + span
        self.viewport().update()

    def _move(self, part: float) -> None:
        low, high = self.scale().low, self.scale().high
        self._look(low + part * (high - low), high + part * (high - low))

    def _under(self, place: QPoint, *, names: bool = False) -> tuple[Row, int] | None:
        """The bar at a place; with `names`, that of a name is its latest one."""
        number = (place.y() - AXIS + self.verticalScrollBar().value()) // ROW
        if place.y() < AXIS or not 0 <= number < len(self.rows):
            return None
        row, scale = self.rows[number], self.scale()
        if place.x() < scale.left:
            return (row, len(row.starts) - 1) if names and len(row.starts) else None
        found = row.at(scale.time(place.x()), self._now, NEAR / scale.second)
        return None if found is None else (row, found)

    def _find(self) -> tuple[Row, int] | None:
        """The selected bar among the rows as they are now."""
        if self._chosen is None:
            return None
        op, depth, name, place = self._chosen
        same = (row for row in self.rows if (row.op, row.depth, row.name) == (op, depth, name))
        row = next(same, None)
        return None if row is None or place >= len(row.starts) else (row, place)

    def _jump(self, step: int, found: tuple[Row, int] | None) -> None:
        """Selects the bar of the next row that has any, at about the same time."""
        numbers = [number for number, row in enumerate(self.rows) if len(row.starts)]
        if not numbers:
            return
        if found is None:
            self._choose(self.rows[numbers[0]], 0)
            return
        row, place = found
        at = numbers.index(next(number for number in numbers if self.rows[number] is row))
        other = self.rows[numbers[min(max(at + step, 0), len(numbers) - 1)]]
        nearest = other.at(float(row.starts[place]), self._now, float("inf"))
        self._choose(other, nearest or 0)

    def _choose(self, row: Row, place: int, *, tell: bool = True) -> None:
        self._chosen = row.op, row.depth, row.name, place
        number = next(number for number, one in enumerate(self.rows) if one is row)
        bar, room = self.verticalScrollBar(), self.viewport().height() - AXIS
        if tell:
            bar.setValue(min(max(bar.value(), (number + 1) * ROW - room), number * ROW))
        scale, start = self.scale(), float(row.starts[place])
        if self._range is not None and not scale.low <= start <= scale.high:
            self._look(start - (scale.high - scale.low) / 3, start + (scale.high - scale.low) * 2 / 3)
        self.setAccessibleDescription(self.chosen)
        self.viewport().update()
        if tell:
            self.selected.emit(row.op, start)
