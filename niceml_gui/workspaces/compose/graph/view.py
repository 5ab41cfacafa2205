"""The defaults graph: which file includes which, at which package."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGraphicsScene, QWidget

from niceml_engine.values import Composed
from niceml_gui.theme import theme
from niceml_gui.workspaces.compose.graph.arrows import CAPTION_HEIGHT, ArrowItem
from niceml_gui.workspaces.compose.graph.draft import READABLE, Draft, draft
from niceml_gui.workspaces.compose.graph.items import NODE_HEIGHT, NodeItem
from niceml_gui.workspaces.compose.graph.layout import Placed
from niceml_gui.workspaces.compose.graph.model import Graph, Way, first_folds, matches, neighbour
from niceml_gui.workspaces.compose.graph.zooming import MARGIN, ZoomingView
from niceml_gui.workspaces.compose.paint import colour

_WAYS: dict[int, Way] = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
}
_NARROW = 10  #: pixels of a view in which nothing can be shown
_PAUSE_MS = 400  #: after which nobody is taken to be waiting
_AIRY = 1.45  #: how far rows are pulled apart where there is room
_WIDER = 56.0  #: by how many pixels layers are moved apart where there is room


class GraphView(ZoomingView):
    """Shows the graph of a composed config; knows nothing of sessions."""

    node_picked = Signal(str)  #: the person selected a node
    source_wanted = Signal(str)  #: the person asked for a node's file
    menu_wanted = Signal(str, object)  #: the person asked for the menu of a node (or none), at a `QPoint` on screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodes: dict[str, NodeItem] = {}
        self.arrows: dict[tuple[str, str], ArrowItem] = {}
        self.called: dict[tuple[str, str], ArrowItem] = {}  #: includes that only have an arrow while an end is selected
        self.current = ""
        self.lit = ""  #: the node that the merge is at
        self.graph = Graph({}, {}, {}, {}, "")
        self._drawn: tuple[object, ...] = ("", (), ())
        self._draft = draft(self.graph, frozenset(), {})
        self._drafts: dict[frozenset[str], Draft] = {}  # of this graph and order, by what is folded
        self._placed = self._draft.placed  # as it stands
        self._folds: dict[str, frozenset[str]] = {}  # by job, so that each comes back as it was left
        self._numbers: Mapping[str, list[int]] = {}
        self._found: list[str] = []
        self._at = -1  # which of the found it is at
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(_PAUSE_MS)
        self._ahead.timeout.connect(lambda: self._drafted(frozenset()))
        self.setAccessibleName("Defaults graph")
        self.setToolTip("")
        self._retint()
        theme().changed.connect(self._retint)

    # ----------------------------------------------------------------------------------------------- what is shown

    def show_composed(self, composed: Composed, python: frozenset[str] = frozenset()) -> None:
        """Draws the graph of a composed config; the same graph again only keeps its place.

        Args:
            composed: The config.
            python: The options that only Python code makes.
        """
        to_choose = [choice for choice in composed.choices if choice.missing]
        drawn = (composed.selection.job, composed.nodes, composed.edges, to_choose, python)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self.graph = graph = Graph.of(composed, python)
        self._folds.setdefault(graph.root, first_folds(graph))
        self._drafts.clear()
        self._build()
        self._ahead.start()

    def _drafted(self, folded: frozenset[str]) -> Draft:
        """The graph with that folded; half of the time that drawing takes, so it is done ahead while nobody waits."""
        if folded not in self._drafts:
            self._drafts[folded] = draft(self.graph, folded, self._numbers)
        return self._drafts[folded]

    def set_current(self, node: str) -> None:
        """Selects a node, unfolding what hides it, and lights up the way from the job to it."""
        self.current = node
        if node in self.graph.nodes and node not in self.nodes:
            self._unfold_way_to(node)
        way = self.graph.way_to(node) if node in self.nodes else []
        steps = set(pairwise(way))
        self._call({ends for ends in self._draft.references if ends[0] == node or ends in steps})
        for name, item in self.nodes.items():
            item.show_state(selected=name == node, names_it=(name, node) in self._draft.references)
        for ends, arrow in (*self.arrows.items(), *self.called.items()):
            arrow.show_state(on_path=ends in steps, strong=ends in steps and ends[1] == node)
        if node in self.nodes:
            self.setAccessibleDescription(f"{node}, included by {way[-2]}" if len(way) > 1 else node)
            self._reveal(node)

    def set_lit(self, node: str) -> None:
        """Shows at which node the merge is: that one, or the fold that hides it."""
        self.lit = node
        seen_for = self.graph.holder(node, self.folded) if node in self.graph.nodes else ""
        for name, item in self.nodes.items():
            item.show_lit(name == seen_for)
        if seen_for in self.nodes:
            self._reveal(seen_for)

    def set_order(self, numbers: Mapping[str, list[int]]) -> None:
        """Writes the places in the merge order into the boxes; takes them out when there are none."""
        if numbers != self._numbers:
            self._numbers = numbers
            self._drafts.clear()
            self._build()

    # ----------------------------------------------------------------------------------------------- folding

    @property
    def folded(self) -> frozenset[str]:
        """The files whose includes are hidden."""
        return self._folds.get(self.graph.root, frozenset())

    def set_folded(self, folded: frozenset[str], keep: str = "") -> None:
        """Hides what those files include; `keep` stays where it is on screen."""
        before = self.centre_of(keep) if keep in self.nodes else None
        self._folds[self.graph.root] = folded
        self._build()
        if before is not None and keep in self.nodes and not self.fits:
            shift = self.centre_of(keep) - before
            for bar, by in ((self.horizontalScrollBar(), shift.x()), (self.verticalScrollBar(), shift.y())):
                bar.setValue(bar.value() + round(by))
        if self.current in self.graph.nodes and self.current not in self.nodes:
            self.node_picked.emit(self.graph.holder(self.current, folded))

    def toggle(self, node: str) -> None:
        """Folds or unfolds one file."""
        if node in self.graph.below:
            self.set_folded(self.folded ^ {node}, keep=node)

    def fold_all(self) -> None:
        """Leaves the job and what it includes itself."""
        self.set_folded(frozenset(self.graph.below) - {self.graph.root})

    def unfold_all(self) -> None:
        """Shows every file."""
        self.set_folded(frozenset(), keep=self.current)

    def _unfold_way_to(self, node: str) -> None:
        if hiding := self.folded.intersection(self.graph.way_to(node)[:-1]):
            self._folds[self.graph.root] = self.folded - hiding
            self._build()

    # ----------------------------------------------------------------------------------------------- search

    @property
    def line(self) -> int:
        """Which of its matches the search is at, from 0; -1 before it is at any."""
        return self._at

    def search(self, needle: str) -> int:
        """Marks the files whose path or package holds a text, and returns how many there are."""
        found = matches(self.graph, needle)
        if found != self._found:
            self._found, self._at = found, -1
        self._show_found()
        return len(found)

    def next_match(self, step: int = 1) -> int:
        """Goes to the next (`1`) or previous (`-1`) match, round the ends; returns its number from 1, 0 for none."""
        if not self._found:
            return 0
        self._at = (self._at + step) % len(self._found) if self._at >= 0 else 0 if step > 0 else len(self._found) - 1
        self.node_picked.emit(self._found[self._at])
        return self._at + 1

    def _show_found(self) -> None:
        found = set(self._found)
        for name, item in self.nodes.items():
            item.show_found(name in found or not found.isdisjoint(self._draft.hidden.get(name, ())))

    # ----------------------------------------------------------------------------------------------- geometry

    @property
    def placed(self) -> Placed:
        """Where everything stands."""
        return self._placed

    def fit(self) -> None:
        """Shows the whole graph, or as much of it as stays readable, from its top left on, with the job."""
        room = self.viewport().rect()
        if not self.nodes or room.width() < _NARROW:
            return
        tight = _extent(self._draft.placed)
        zoom = max(READABLE, min(room.width() / tight.width(), room.height() / tight.height(), 1.0))
        wide, high = room.width() / zoom, room.height() / zoom
        gaps = max(len(self._draft.placed.columns) - 1, 1)
        rows = tight.height() - NODE_HEIGHT - CAPTION_HEIGHT - 2 * MARGIN  # what grows when rows are pulled apart
        self._arrange(
            max(0.0, min(_WIDER, (wide - tight.width()) / gaps)),
            max(1.0, min(_AIRY, 1.0 + (high - tight.height()) / max(rows, 1.0))),
            tight.top() + high / 2 if tight.height() > high + 1 else math.inf,
        )
        area = self.extent
        self.resetTransform()
        self.scale(zoom, zoom)
        centre = area.center()
        if area.width() > wide + 1:
            centre.setX(area.left() + wide / 2)
        if area.height() > high + 1:
            centre.setY(area.top() + high / 2)
        self.centerOn(centre)
        if self.current in self.nodes:
            self._reveal(self.current)
        self.fitting = True
        self.moved.emit()

    def fit_all(self) -> None:
        """Shows everything, the job in the middle of what it includes."""
        self._arrange(0.0, 1.0)
        super().fit_all()

    def centre_of(self, node: str) -> QPointF:
        """Where the middle of a node is, in pixels of the viewport."""
        item = self.nodes[node]
        middle = item.pos() + QPointF(item.width / 2, 0)
        return QPointF(self.mapFromScene(middle))

    def plain(self) -> QGraphicsScene:
        """The graph as it stands, without what is only for who looks at it now: selection, matches, marks of folds."""
        canvas, drafted, widths = QGraphicsScene(), self._draft, self._draft.placed.widths
        for ends, line in drafted.lines.items():
            canvas.addItem(arrow := ArrowItem(line, widths[ends[1]]))
            arrow.set_route(self._placed.arrows[ends])
        for name, look in drafted.looks.items():
            canvas.addItem(node := NodeItem(replace(look, foldable=False), widths[name], ""))
            node.setPos(*self._placed.nodes[name])
        return canvas

    def _build(self) -> None:
        """Draws what is seen, with the least room."""
        graph, canvas = self.graph, self.scene()
        self.called = {}
        canvas.clear()
        self._draft = drafted = self._drafted(self.folded)
        widths = drafted.placed.widths
        self.arrows = {ends: ArrowItem(line, widths[ends[1]]) for ends, line in drafted.lines.items()}
        self.nodes = {name: NodeItem(look, widths[name], drafted.tips[name]) for name, look in drafted.looks.items()}
        for item in (*self.arrows.values(), *self.nodes.values()):
            canvas.addItem(item)
        if self.fitting and self.viewport().width() >= _NARROW:
            self.fit()
        else:
            self._arrange(0.0, 1.0)
        if self.current in self.nodes or self.current not in graph.nodes:
            self.set_current(self.current if self.current in self.nodes else "")
        self._show_found()
        self.set_lit(self.lit)
        self.moved.emit()

    def _arrange(self, across: float, down: float, lowest: float = math.inf) -> None:
        """Puts everything in its place; the job no lower than there, so that it is seen beside the top of the graph."""
        self._placed = self._draft.placed.stretched(across, down).lifted(self.graph.root, lowest)
        self.extent = _extent(self._placed)
        for name, item in self.nodes.items():
            item.setPos(*self._placed.nodes[name])
        for ends, arrow in self.arrows.items():
            arrow.set_route(self._placed.arrows[ends])
        self._call(set(self.called))
        area = self.extent
        room = max(area.width(), area.height(), 2000.0)
        self.scene().setSceneRect(area.adjusted(-room, -room, room, room))

    def _call(self, wanted: set[tuple[str, str]]) -> None:
        """Draws these includes, which else are only named, and no others of their kind."""
        for ends in self.called.keys() - wanted:
            self.scene().removeItem(self.called.pop(ends))
        for source, target in wanted:
            if (source, target) not in self.called:
                line = self._draft.references[source, target]
                self.called[source, target] = ArrowItem(line, self._draft.placed.widths[target])
                self.scene().addItem(self.called[source, target])
            (x, y), widths = self._placed.nodes[source], self._placed.widths
            self.called[source, target].set_route([(x + widths[source], y), self._placed.nodes[target]])

    def _reveal(self, node: str) -> None:
        if not self.in_view.contains(self.nodes[node].sceneBoundingRect()):
            self.ensureVisible(self.nodes[node].sceneBoundingRect(), 16, 16)

    def _retint(self) -> None:
        self.setBackgroundBrush(colour("background"))
        self.viewport().update()
        self.moved.emit()

    # ----------------------------------------------------------------------------------------------- Qt

    def _item_at(self, event: QMouseEvent) -> NodeItem | None:
        found = self.items(event.position().toPoint())
        return next((item for item in found if isinstance(item, NodeItem)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects or folds the node below the mouse; elsewhere the graph can be dragged."""
        item = self._item_at(event)
        if item is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.setFocus()
        if item.folds_at(item.mapFromScene(self.mapToScene(event.position().toPoint()))):
            self.toggle(item.node.id)
        else:
            self.node_picked.emit(item.node.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens the file of a node."""
        item = self._item_at(event)
        if item is not None and not item.folds_at(item.mapFromScene(self.mapToScene(event.position().toPoint()))):
            self.source_wanted.emit(item.node.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Asks for the menu of the node below the mouse, or, by keyboard, of the selected one."""
        found = next((item for item in self.items(event.pos()) if isinstance(item, NodeItem)), None)
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        node = self.current if by_key else found.node.id if found is not None else ""
        place = self.centre_of(node).toPoint() if by_key and node in self.nodes else event.pos()
        self.menu_wanted.emit(node, self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the selection, Space folds, F and 0 fit, plus and minus zoom, Enter opens the file."""
        key = event.key()
        if way := _WAYS.get(key):
            if way == "right" and self.current in self.folded:
                self.toggle(self.current)
            elif node := neighbour(self.graph, self._placed, self.current, way):
                self.node_picked.emit(node)
        elif key == Qt.Key.Key_Home:
            self.node_picked.emit(self.graph.root)
        elif key == Qt.Key.Key_Space and self.current:
            self.toggle(self.current)
        elif key == Qt.Key.Key_F and not event.modifiers():
            self.fit()
        elif key == Qt.Key.Key_0 and not event.modifiers():
            self.fit_all()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.2)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.2)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F4) and self.current:
            self.source_wanted.emit(self.current)
        else:
            super().keyPressEvent(event)


def _extent(placed: Placed) -> QRectF:
    """What nodes and arrows take, with the package above the topmost node, and a margin."""
    left, top, right, bottom = placed.extent
    return QRectF(QPointF(left, top), QPointF(right, bottom)).adjusted(
        -MARGIN, -MARGIN - NODE_HEIGHT / 2 - CAPTION_HEIGHT, MARGIN, MARGIN + NODE_HEIGHT / 2
    )
