"""Where a chart is taken hold of: its title, to move it, and its corner, to change its size."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from niceml_gui.theme import theme


class Handle(QLabel):
    """The title, by which a chart is dragged."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "heading")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._pressed: QPoint | None = None
        self._drags = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """May begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags, once it is far enough."""
        place = event.globalPosition().toPoint()
        if self._pressed is None:
            return
        far = (place - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        self._drags = self._drags or far
        if self._drags:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drops what was dragged."""
        drags, self._drags, self._pressed = self._drags, False, None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if drags:
            self.dropped.emit(event.globalPosition().toPoint())


class Grip(QWidget):
    """The corner at the bottom right, by which a chart is made larger or smaller."""

    stretched = Signal(int, int)  #: the parent is to be so wide and so high, in pixels

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._card = parent
        self.setFixedSize(14, 14)
        self.setCursor(Qt.CursorShape.SizeFDiagCursor)
        self.setToolTip("Drag to change the size")
        self._pressed: QPoint | None = None
        self._from = (0, 0)  # the size before

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins to stretch."""
        self._pressed = event.globalPosition().toPoint()
        self._from = (self._card.width(), self._card.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stretches."""
        if self._pressed is not None:
            moved = event.globalPosition().toPoint() - self._pressed
            self.stretched.emit(self._from[0] + moved.x(), self._from[1] + moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        self._pressed = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Two short lines across the corner."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().tokens.line), 1.2))
        for size in (4, 8):
            painter.drawLine(QPointF(11 - size, 11), QPointF(11, 11 - size))
