"""The defaults graph: which file includes which, at which package."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from niceml_engine.values import Composed, Edge
from niceml_gui.theme import theme
from niceml_gui.workspaces.compose.graph_items import (
    CAPTION_HEIGHT,
    NODE_HEIGHT,
    ArrowItem,
    NodeItem,
    caption,
    label_width,
    node_width,
)
from niceml_gui.workspaces.compose.layout import Placed, place
from niceml_gui.workspaces.compose.paint import colour
from niceml_gui.workspaces.compose.usage import path_to, root_of

_SMALLEST, _LARGEST = 0.08, 3.0
_READABLE = 0.8  #: a fit does not go below this; then the graph starts at the job and is panned
_MARGIN = 16.0
_AIRY = 1.45  #: how far rows are pulled apart where there is room
_WIDER = 56.0  #: by how many pixels layers are moved apart where there is room


class GraphView(QGraphicsView):
    """Shows the graph of a composed config; knows nothing of sessions."""

    node_picked = Signal(str)  #: the person selected a node
    source_wanted = Signal(str)  #: the person asked for a node's file

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodes: dict[str, NodeItem] = {}
        self.arrows: dict[tuple[str, str], ArrowItem] = {}
        self.current = ""
        self._tight = self._placed = Placed({}, {}, {}, [])  # with the least room, and as it stands
        self._root = ""
        self._shown: tuple[object, ...] = ()
        self._edges: tuple[Edge, ...] = ()
        self._fitting = True  #: until the person zooms, a new size or graph is fitted
        self._canvas = QGraphicsScene(self)
        self.setScene(self._canvas)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Defaults graph")
        self.setToolTip("")
        self._retint()
        theme().changed.connect(self._retint)

    # ----------------------------------------------------------------------------------------------- what is shown

    def show_composed(self, composed: Composed) -> None:
        """Draws the graph of a composed config; the same graph again only keeps its place."""
        shown = (composed.nodes, composed.edges)
        if shown == self._shown:
            return
        self._shown, self._edges = shown, composed.edges
        self._canvas.clear()
        self.nodes, self.arrows = {}, {}
        self._root = root_of(composed)
        known = {node.id for node in composed.nodes}
        includes: dict[tuple[str, str], list[Edge]] = {}
        for edge in composed.edges:
            if edge.source in known and edge.target in known:
                includes.setdefault((edge.source, edge.target), []).append(edge)
        widths = {node.id: node_width(node.id, node.id == self._root) for node in composed.nodes}
        arriving = Counter(target for _, target in includes)
        labels: dict[str, float] = {}
        for (_, target), edges in includes.items():
            if arriving[target] > 1 and len(edges) == 1:  # a number needs no more room than the arrow has
                labels[target] = max(labels.get(target, 0.0), label_width(caption(edges)))
        self._tight = place([node.id for node in composed.nodes], includes, widths, labels)
        for ends, edges in includes.items():
            arrow = ArrowItem(edges, self._tight.widths[ends[1]], shared=arriving[ends[1]] > 1)
            self.arrows[ends] = arrow
            self._canvas.addItem(arrow)
        for node in composed.nodes:
            item = NodeItem(node, self._tight.widths[node.id], node.id == self._root)
            item.setToolTip(node.file or node.id)
            self.nodes[node.id] = item
            self._canvas.addItem(item)
        self._arrange(0.0, 1.0)
        self.set_current(self.current if self.current in self.nodes else "")
        if self._fitting:
            self.fit()

    def set_current(self, node: str) -> None:
        """Selects a node and lights up the way from the job to it."""
        self.current = node
        way = path_to(self._edges, self._root, node) if node in self.nodes else []
        steps = set(pairwise(way))
        for name, item in self.nodes.items():
            item.selected, item.on_path = name == node, False
            item.update()
        for ends, arrow in self.arrows.items():
            arrow.on_path = ends in steps
            arrow.set_strong(ends in steps and ends[1] == node)
        if node in self.nodes:
            item = self.nodes[node]
            self.setAccessibleDescription(f"{node}, included by {way[-2]}" if len(way) > 1 else node)
            if not self._visible(item):
                self.ensureVisible(item.sceneBoundingRect(), 16, 16)

    def fit(self) -> None:
        """Shows the whole graph, or as much of it as stays readable, from the job on."""
        room = self.viewport().rect()
        if not self.nodes or room.width() < 10:
            return
        tight = self._extent(self._tight)
        zoom = max(_READABLE, min(room.width() / tight.width(), room.height() / tight.height(), 1.0))
        wide, high = room.width() / zoom, room.height() / zoom
        gaps = max(len(self._tight.layers) - 1, 1)
        rows = tight.height() - NODE_HEIGHT - CAPTION_HEIGHT - 2 * _MARGIN  # what grows when rows are pulled apart
        self._arrange(
            max(0.0, min(_WIDER, (wide - tight.width()) / gaps)),
            max(1.0, min(_AIRY, 1.0 + (high - tight.height()) / max(rows, 1.0))),
        )
        area = self._extent(self._placed)
        self.resetTransform()
        self.scale(zoom, zoom)
        centre = area.center()
        if area.width() > wide + 1:
            centre.setX(area.left() + wide / 2)
        if area.height() > high + 1:
            half = high / 2
            centre.setY(min(max(self.nodes[self._root].y(), area.top() + half), area.bottom() - half))
        self.centerOn(centre)
        if self.current in self.nodes and not self._visible(self.nodes[self.current]):
            self.ensureVisible(self.nodes[self.current].sceneBoundingRect(), 16, 16)
        self._fitting = True

    def zoom(self, factor: float) -> None:
        """Enlarges what is shown, within reason."""
        now = self.transform().m11()
        wanted = min(_LARGEST, max(_SMALLEST, now * factor))
        self.scale(wanted / now, wanted / now)
        self._fitting = False

    def _arrange(self, across: float, down: float) -> None:
        self._placed = self._tight.stretched(across, down)
        for name, item in self.nodes.items():
            item.setPos(*self._placed.nodes[name])
        for ends, arrow in self.arrows.items():
            arrow.set_route(self._placed.arrows[ends])
        area = self._extent(self._placed)
        room = max(area.width(), area.height(), 2000.0)
        self._canvas.setSceneRect(area.adjusted(-room, -room, room, room))

    def _extent(self, placed: Placed) -> QRectF:
        """What nodes and arrows take, with the package above the topmost node, and a margin."""
        area = QRectF()
        above = NODE_HEIGHT / 2 + CAPTION_HEIGHT
        for name, (x, y) in placed.nodes.items():
            area = area.united(QRectF(x, y - above, placed.widths[name], above + NODE_HEIGHT / 2))
        for points in placed.arrows.values():
            for x, y in points:
                area = area.united(QRectF(x, y - 1, 1, 2))
        return area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def _visible(self, item: NodeItem) -> bool:
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        return seen.contains(item.sceneBoundingRect())

    def _retint(self) -> None:
        self.setBackgroundBrush(colour("background"))
        self.viewport().update()

    # ----------------------------------------------------------------------------------------------- Qt

    def _node_at(self, event: QMouseEvent) -> str:
        for item in self.items(event.position().toPoint()):
            if isinstance(item, NodeItem):
                return item.node.id
        return ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects the node below the mouse; elsewhere the graph can be dragged."""
        node = self._node_at(event)
        if node and event.button() == Qt.MouseButton.LeftButton:
            self.setFocus()
            self.node_picked.emit(node)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens the file of a node."""
        if node := self._node_at(event):
            self.source_wanted.emit(node)

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits again, unless the person has zoomed."""
        super().resizeEvent(event)
        if self._fitting:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the selection, F fits, plus and minus zoom, Enter opens the file."""
        key = event.key()
        arrows = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
        if key in arrows:
            if node := self.neighbour(Qt.Key(key)):
                self.node_picked.emit(node)
        elif key == Qt.Key.Key_F and not event.modifiers():
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.2)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.2)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F4) and self.current:
            self.source_wanted.emit(self.current)
        else:
            super().keyPressEvent(event)

    def neighbour(self, key: Qt.Key) -> str:
        """The node to which an arrow key leads: along arrows sideways, within the layer up and down."""
        if self.current not in self.nodes:
            return self._root
        here = self._placed.nodes[self.current]
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            layer = next(layer for layer in self._placed.layers if self.current in layer)
            index = layer.index(self.current) + (1 if key == Qt.Key.Key_Down else -1)
            return layer[index] if 0 <= index < len(layer) else ""
        if key == Qt.Key.Key_Right:
            near = [target for source, target in self.arrows if source == self.current]
        else:
            way = path_to(self._edges, self._root, self.current)
            near = way[-2:-1]
        return min(near, key=lambda node: abs(self._placed.nodes[node][1] - here[1]), default="")

    def centre_of(self, node: str) -> QPointF:
        """Where the middle of a node is, in pixels of the viewport."""
        item = self.nodes[node]
        middle = item.pos() + QPointF(item.width / 2, 0)
        return QPointF(self.mapFromScene(middle))
