"""A picture that is larger than its room: it is fitted, zoomed and dragged."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

_SMALLEST, _LARGEST = 0.02, 3.0
MARGIN = 16.0  #: pixels around what is drawn


class ZoomingView(QGraphicsView):
    """Shows a scene, of which `extent` says what is drawn in it."""

    moved = Signal()  #: another part is in view, or other things are drawn

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.extent = QRectF()  #: what is drawn, with a margin, in the picture's own pixels
        self.fitting = True  #: until the person zooms, a new size or picture is fitted
        self.setScene(QGraphicsScene(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def in_view(self) -> QRectF:
        """What is seen, in the picture's own pixels."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    @property
    def fits(self) -> bool:
        """Whether all of it is seen, but for its margin."""
        return self.in_view.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).contains(self.extent)

    def fit(self) -> None:
        """Shows as much as can be shown well."""
        self.fit_all()

    def fit_all(self) -> None:
        """Shows everything, however small it gets."""
        area, room = self.extent, self.viewport().rect()
        zoom = min(room.width() / area.width(), room.height() / area.height(), 1.0)
        self.resetTransform()
        self.scale(max(zoom, _SMALLEST), max(zoom, _SMALLEST))
        self.centerOn(area.center())
        self.fitting = False
        self.moved.emit()

    def zoom(self, factor: float) -> None:
        """Enlarges what is shown, within reason."""
        now = self.transform().m11()
        wanted = min(_LARGEST, max(_SMALLEST, now * factor))
        self.scale(wanted / now, wanted / now)
        self.fitting = False
        self.moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms around the mouse; with Shift it moves sideways."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - event.angleDelta().y() - event.angleDelta().x())
        else:
            self.zoom(math.pow(1.0015, event.angleDelta().y()))
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zooms by pinching."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value())
            return True
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Tells that another part is in view."""
        super().scrollContentsBy(dx, dy)
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits again, unless the person has zoomed."""
        super().resizeEvent(event)
        if self.fitting:
            self.fit()
        self.moved.emit()
