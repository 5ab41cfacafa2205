"""The whole graph in a corner, with a frame round the part that is seen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from niceml_gui.theme import theme
from niceml_gui.workspaces.compose.graph.items import NODE_HEIGHT
from niceml_gui.workspaces.compose.graph.view import GraphView
from niceml_gui.workspaces.compose.paint import colour, op_colour
from niceml_gui.workspaces.compose.usage import op_of

_LARGEST, _SMALLEST = QSize(180, 140), QSize(72, 48)
_MARGIN = 6.0


class Overview(QWidget):
    """Is seen as long as the graph does not fit its view; a click or a drag moves what is seen.

    Args:
        view: The graph, which becomes its parent.
    """

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self.view = view
        self._drawn = QPixmap()
        self._of: object = None  # what was drawn, and how large
        self.setAccessibleName("Overview of the graph")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        view.moved.connect(self._follow)
        theme().changed.connect(self._forget)
        self.hide()

    def _follow(self) -> None:
        whole, room = self.view.extent, self.view.viewport().size()
        self.setVisible(not self.view.fits and bool(self.view.nodes) and room.width() > 2 * _LARGEST.width())
        if not self.isHidden():
            size = QSize(round(whole.width() / 12), round(whole.height() / 12))
            size = size.boundedTo(_LARGEST).expandedTo(_SMALLEST)
            self.setGeometry(room.width() - size.width() - 12, room.height() - size.height() - 12, *size.toTuple())
            self.update()

    def _forget(self) -> None:
        self._of = None
        self.update()

    # ----------------------------------------------------------------------------------------------- geometry

    def _place(self, area: QRectF) -> QRectF:
        """Where a part of the graph is in the overview."""
        whole, room = self.view.extent, QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        across, down = room.width() / whole.width(), room.height() / whole.height()
        corner = QPointF((area.x() - whole.x()) * across, (area.y() - whole.y()) * down)
        return QRectF(room.x() + corner.x(), room.y() + corner.y(), area.width() * across, area.height() * down)

    def _centre_on(self, place: QPointF) -> None:
        whole, room = self.view.extent, QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        share = QPointF((place.x() - room.x()) / room.width(), (place.y() - room.y()) / room.height())
        share = QPointF(min(1.0, max(0.0, share.x())), min(1.0, max(0.0, share.y())))
        self.view.centerOn(whole.x() + share.x() * whole.width(), whole.y() + share.y() * whole.height())

    # ----------------------------------------------------------------------------------------------- Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Moves what is seen to the mouse."""
        self._centre_on(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags what is seen."""
        self._centre_on(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the nodes, drawn once for each graph, and the frame."""
        drawn = (self.view.placed, self.size(), self.devicePixelRatio())
        if drawn != self._of:
            self._of = drawn
            self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)
        inside = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(colour("accent"), 1.5))
        painter.setBrush(colour("accent", 0.12))
        painter.drawRect(self._place(self.view.in_view).intersected(inside))

    def _draw(self) -> None:
        ratio = self.devicePixelRatio()
        self._drawn = QPixmap(self.size() * ratio)
        self._drawn.setDevicePixelRatio(ratio)
        self._drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("line"), 1.0))
        painter.setBrush(colour("panel", 0.94))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        placed = self.view.placed
        for node, (x, y) in placed.nodes.items():
            box = self._place(QRectF(x, y - NODE_HEIGHT / 2, placed.widths[node], NODE_HEIGHT))
            painter.setBrush(op_colour(op_of(node)))
            painter.drawRect(box.adjusted(0, 0, 0, max(0.0, 1.0 - box.height())))
        painter.end()
