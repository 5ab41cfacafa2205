"""The widget that shows a picture, with the crosshair over it, and turns the pointer into wishes."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.charts.picture import LEFT, Frame, Picture, paint

SMALL = 6  #: pixels; a shorter drag is a click, and a lower one marks a span of x alone
ZOOM = 0.85  #: what a notch of the wheel leaves of the range
PAN = 0.12  #: what part of the range a notch of the wheel, or a key, moves
STEP = 0.01  #: what part of the range a key moves the crosshair
_ZOOMS = {Qt.Key.Key_Plus.value: 1, Qt.Key.Key_Equal.value: 1, Qt.Key.Key_Minus.value: -1}
_MOVES = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}


class Canvas(QWidget):
    """Shows a picture.

    Dragging marks the region to zoom into; with Shift or the middle button it moves what is in view. The wheel zooms
    where nothing is to be scrolled, with Ctrl everywhere; over the axis on the left it zooms that. Plus and minus zoom,
    the arrows move, with Shift they move the crosshair, and Home shows everything.

    Args:
        parent: The Qt parent.
    """

    hovered = Signal(float)  #: the pointer is at this x; NaN: it left
    zoomed = Signal(float, float)  #: x is to reach from, to
    zoomed_y = Signal(float, float)  #: y is to reach from, to
    panned = Signal(float, float)  #: y is to reach from, to, if it does not follow the curves
    fit_wanted = Signal()
    menu_wanted = Signal(object)  #: global `QPoint`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Picture()
        self.wheel_zooms = True  #: without Ctrl
        self.pointer = QPointF()  #: where it was last, in this widget
        self._layer: QPixmap | None = None
        self._cross = math.nan
        self._band: tuple[QPointF, QPointF] | None = None
        self._held: tuple[QPointF, Frame] | None = None  # where moving began, and what was in view then
        self._wished: tuple[float, float] | None = None  # the range that was asked for and is not drawn yet
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind need not be painted
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(70)

    @property
    def frame(self) -> Frame:
        """Where the plot lies."""
        return Frame.of(QRectF(self.rect()), self.picture)

    def show_picture(self, picture: Picture) -> None:
        """Shows another picture."""
        self.picture = picture
        self._wished = None
        self._layer = None
        self.update()

    def set_cross(self, x: float) -> None:
        """Puts the crosshair at an x; NaN hides it."""
        if x != self._cross and not (math.isnan(x) and math.isnan(self._cross)):
            self._cross = x
            self.update()

    # ------------------------------------------------------------------------------------------ Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the picture, which is kept until it changes, and over it what follows the pointer."""
        with QPainter(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        if self._layer is None:
            fresh = QPixmap(self.size() * ratio)
            fresh.setDevicePixelRatio(ratio)
            fresh.fill(QColor(theme().tokens.panel))
            with QPainter(fresh) as layer:
                paint(layer, QRectF(self.rect()), self.picture, theme().tokens)
            self._layer = fresh
        painter.drawPixmap(0, 0, self._layer)
        tokens, frame = theme().tokens, self.frame
        if not math.isnan(self._cross):
            x = round(frame.x(self._cross)) + 0.5
            painter.setPen(QPen(QColor(tokens.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, frame.top), QPointF(x, frame.bottom))
        if self._band is not None:
            fill = QColor(tokens.accent)
            fill.setAlphaF(0.14)
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(fill)
            painter.drawRect(self._region(frame).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paints anew."""
        super().resizeEvent(event)
        self._layer = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins to mark a region, or to move."""
        pans = event.button() == Qt.MouseButton.MiddleButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if pans:
            self._held = (event.position(), self.frame)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._band = (event.position(), event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Marks, moves, or points."""
        self.pointer = event.position()
        if self._held is not None:
            self._pan(event.position() - self._held[0], self._held[1])
        elif self._band is not None:
            self._band = (self._band[0], event.position())
            self.update()
        else:
            self._hover()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Zooms into the region that was marked."""
        band, self._band, self._held = self._band, None, None
        self.update()
        if band is None or abs(band[1].x() - band[0].x()) < SMALL:
            return
        frame = self.frame
        self._band = band
        region = self._region(frame)
        self._band = None
        if region.height() < frame.height:
            self.zoomed_y.emit(frame.value_y(region.bottom()), frame.value_y(region.top()))
        self._wish(frame.value_x(region.left()), frame.value_x(region.right()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Shows everything again."""
        self.fit_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Takes the crosshair away."""
        self.hovered.emit(math.nan)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Asks for the menu."""
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms or moves, or leaves the wheel to what scrolls."""
        turned, keys = event.angleDelta(), event.modifiers()
        on_axis = event.position().x() < LEFT
        sideways = turned.x() or (turned.y() if keys & Qt.KeyboardModifier.ShiftModifier else 0)
        if not (self.wheel_zooms or on_axis or sideways or keys & Qt.KeyboardModifier.ControlModifier):
            event.ignore()
            return
        frame, factor = self._wished_frame(), ZOOM ** (turned.y() / 120)
        if sideways:
            move = -sideways / 120 * PAN * (frame.high - frame.low)
            self._wish(frame.low + move, frame.high + move)
        elif on_axis:
            centre = frame.value_y(event.position().y())
            low, high = frame.bottom_value, frame.top_value
            self.zoomed_y.emit(centre + (low - centre) * factor, centre + (high - centre) * factor)
        else:
            centre = frame.value_x(event.position().x())
            self._wish(centre + (frame.low - centre) * factor, centre + (frame.high - centre) * factor)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zooms and moves by keys."""
        frame, key = self._wished_frame(), event.key()
        span = frame.high - frame.low
        if key in _ZOOMS:
            less = span * (1 - ZOOM ** _ZOOMS[key]) / 2
            self._wish(frame.low + less, frame.high - less)
        elif key in _MOVES and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            at = (frame.low + frame.high) / 2 if math.isnan(self._cross) else self._cross
            self.hovered.emit(min(max(at + _MOVES[key] * STEP * span, frame.low), frame.high))
        elif key in _MOVES:
            self._wish(frame.low + _MOVES[key] * PAN * span, frame.high + _MOVES[key] * PAN * span)
        elif key == Qt.Key.Key_Home:
            self.fit_wanted.emit()
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------------------------------ inner workings

    def _wished_frame(self) -> Frame:
        """What will be in view: wheel and keys may be faster than what is drawn."""
        if self._wished is None:
            return self.frame
        return replace(self.frame, low=self._wished[0], high=self._wished[1])

    def _hover(self) -> None:
        frame = self.frame
        inside = frame.left <= self.pointer.x() <= frame.left + frame.width
        self.hovered.emit(frame.value_x(self.pointer.x()) if inside else math.nan)

    def _wish(self, low: float, high: float) -> None:
        self._wished = (low, high)
        self.zoomed.emit(low, high)

    def _pan(self, by: QPointF, frame: Frame) -> None:
        across = by.x() / frame.width * (frame.high - frame.low)
        up = by.y() / frame.height * (frame.top_value - frame.bottom_value)
        self.panned.emit(frame.bottom_value + up, frame.top_value + up)
        self._wish(frame.low - across, frame.high - across)

    def _region(self, frame: Frame) -> QRectF:
        """What is marked: of a low mark all of y."""
        first, second = self._band or (QPointF(), QPointF())
        region = QRectF(first, second).normalized().intersected(frame.area)
        if abs(second.y() - first.y()) < 2 * SMALL:
            region.setTop(frame.top)
            region.setBottom(frame.bottom)
        return region
