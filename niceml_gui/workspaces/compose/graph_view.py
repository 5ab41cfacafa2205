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
from niceml_gui.workspaces.compose.graph_items import ArrowItem, NodeItem, label_width, node_width, short_package
from niceml_gui.workspaces.compose.layout import Placed, place
from niceml_gui.workspaces.compose.paint import colour
from niceml_gui.workspaces.compose.usage import path_to, root_of

_SMALLEST, _LARGEST = 0.08, 3.0
_READABLE = 0.55  #: a fit does not go below this; then the graph starts at the job and is panned
_MARGIN = 28.0


class GraphView(QGraphicsView):
    """Shows the graph of a composed config; knows nothing of sessions."""

    node_picked = Signal(str)  #: the person selected a node
    source_wanted = Signal(str)  #: the person asked for a node's file

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodes: dict[str, NodeItem] = {}
        self.arrows: dict[tuple[str, str], ArrowItem] = {}
        self.current = ""
        self._placed = Placed({}, {}, {}, [])
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
        above = {edge.target: edge.package for edge in reversed(composed.edges)}
        arriving = Counter(target for _, target in includes)
        texts = {ends: short_package(edges, above.get(ends[0], "")) for ends, edges in includes.items()}
        labels = {ends[1]: label_width(text) for ends, text in texts.items() if arriving[ends[1]] == 1}
        self._placed = place([node.id for node in composed.nodes], includes, widths, labels)
        for ends, edges in includes.items():
            points, room = self._placed.arrows[ends], self._placed.widths[ends[1]]
            arrow = ArrowItem(edges, points, texts[ends], room, crowded=arriving[ends[1]] > 1)
            self.arrows[ends] = arrow
            self._canvas.addItem(arrow)
        for node in composed.nodes:
            item = NodeItem(node, self._placed.widths[node.id], node.id == self._root)
            item.setPos(*self._placed.nodes[node.id])
            item.setToolTip(node.file or node.id)
            self.nodes[node.id] = item
            self._canvas.addItem(item)
        area = self._area()
        room = max(area.width(), area.height(), 2000.0)
        self._canvas.setSceneRect(area.adjusted(-room, -room, room, room))
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
        area = self._area()
        room = self.viewport().rect()
        if not self.nodes or room.width() < 10:
            return
        zoom = min(room.width() / area.width(), room.height() / area.height(), 1.0)
        self.resetTransform()
        self.scale(max(zoom, _READABLE), max(zoom, _READABLE))
        centre = area.center()
        if zoom < _READABLE:
            half = room.width() / _READABLE / 2
            centre.setX(min(centre.x(), area.left() + half))
            if area.height() * _READABLE > room.height():
                root = self.nodes.get(self._root)
                centre.setY(root.pos().y() if root else centre.y())
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

    def _area(self) -> QRectF:
        area = QRectF()
        for item in self.nodes.values():
            area = area.united(item.sceneBoundingRect())
        for arrow in self.arrows.values():
            area = area.united(arrow.shape().boundingRect())
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
