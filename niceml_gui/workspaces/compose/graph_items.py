"""What the defaults graph is drawn with: nodes, and arrows that carry their packages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from niceml_engine.values import Edge, Node
from niceml_gui.theme.style import font
from niceml_gui.workspaces.compose.layout import Point
from niceml_gui.workspaces.compose.paint import colour, op_colour, small
from niceml_gui.workspaces.compose.usage import TIMES, op_of, short

NODE_HEIGHT = 28.0
_LEGIBLE = 0.6  #: below this zoom, labels on arrows are left out
_BLOWN_UP = 2.0  #: so much larger the packages of the selected arrow become, to stay readable


def node_width(node: str, bold: bool = False) -> float:
    """The width of a node's box in pixels; very long names are shortened in the middle."""
    face = font(weight=font().Weight.DemiBold) if bold else font()
    return min(240.0, max(112.0, QFontMetrics(face).horizontalAdvance(short(node)) + 26.0))


def label_width(text: str) -> float:
    """The room that a label takes beside a node, in pixels."""
    return QFontMetrics(small(mono=True)).horizontalAdvance(text) + 12.0 if text else 0.0


def short_package(edges: Sequence[Edge], above: str) -> str:
    """What stands on an arrow: how many includes it is, or its package as seen from the file that includes.

    Args:
        edges: Parallel includes.
        above: A package at which the including file itself stands.
    """
    notes = [word for word, said in (("override", edges[0].override), ("optional", edges[0].optional)) if said]
    if len(edges) > 1:
        return " ".join([f"{TIMES}{len(edges)}", *notes])
    package = edges[0].package
    inside = package.removeprefix(above).lstrip(".") if above else package
    parts = [part for part in inside.split(".") if part]
    if len(parts) > 1 and parts[-1] == "config":
        parts.pop()
    return " ".join([*parts[-1:], *notes])


class NodeItem(QGraphicsItem):
    """A config file."""

    def __init__(self, node: Node, width: float, root: bool) -> None:
        super().__init__()
        self.node = node
        self.width = width
        self.root = root
        self.selected = False
        self.on_path = False
        self.hovered = False
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setZValue(2)

    @property
    def box(self) -> QRectF:
        """The rounded box, without the line around it."""
        return QRectF(0, -NODE_HEIGHT / 2, self.width, NODE_HEIGHT)

    def boundingRect(self) -> QRectF:
        """The box and its line."""
        return self.box.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paints box, mark and name."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = colour("accent") if self.selected or self.on_path else colour("muted" if self.hovered else "line")
        if self.node.missing:
            line = colour("error")
        pen = QPen(line, 1.75 if self.selected else 1.0)
        if self.node.missing:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colour("panel"))
        painter.drawRoundedRect(self.box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("text") if self.root else op_colour(op_of(self.node.id)))
        painter.drawRoundedRect(QRectF(-0.5, -9, 3.5, 18), 1.5, 1.5)
        face = font(weight=font().Weight.DemiBold) if self.root else font()
        name = short(self.node.id) + (" (missing)" if self.node.missing else "")
        name = QFontMetrics(face).elidedText(name, Qt.TextElideMode.ElideMiddle, int(self.width - 20))
        painter.setFont(face)
        painter.setPen(colour("error" if self.node.missing else "text"))
        place = QRectF(12, -NODE_HEIGHT / 2, self.width - 16, NODE_HEIGHT)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Lights up."""
        self.hovered = True
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Goes back to normal."""
        self.hovered = False
        self.update()


class ArrowItem(QGraphicsItem):
    """All includes of one file by another."""

    def __init__(
        self, edges: Sequence[Edge], points: Sequence[Point], label: str, room: float, *, crowded: bool
    ) -> None:
        super().__init__()
        self.edges = tuple(edges)
        self.label = label
        self.on_path = False
        self.strong = False  #: hovered, or one of its ends is selected
        self._path = _curve([QPointF(*point) for point in points])
        self._metrics = QFontMetrics(small(mono=True))
        start, end = QPointF(*points[-2]), QPointF(*points[-1])
        # Beside its target an arrow is alone, unless several arrows meet there: then the label goes to the middle.
        self._spot = (start + end) / 2 if crowded else QPointF(end.x() - 6, end.y())
        self._centred = crowded
        self._end = end
        self._room = room  # width of the node that the arrow leads to
        self.setAcceptHoverEvents(True)
        self.setToolTip("\n".join(self.packages))

    @property
    def packages(self) -> list[str]:
        """The full package of each include."""
        return [edge.package or "the top of the config" for edge in self.edges]

    def boundingRect(self) -> QRectF:
        """The curve with the largest label it may carry."""
        packages = self._packages_box()
        more = (_BLOWN_UP - 1) * packages.width(), (_BLOWN_UP - 1) * packages.height()
        labels = self._label_box().united(packages.adjusted(-more[0], 0, 0, more[1]))
        return self._path.boundingRect().united(labels).adjusted(-4, -4, 4, 4)

    def shape(self) -> QPainterPath:
        """A broader curve, so that it can be hit."""
        stroker = QPainterPathStroker()
        stroker.setWidth(8)
        return stroker.createStroke(self._path)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paints the curve, and its label where that can be read."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(
            colour("accent") if self.on_path else colour("muted") if self.strong else colour("faint", 0.55), 1.25
        )
        if self.on_path:
            pen.setWidthF(1.75)
        if all(edge.optional for edge in self.edges):
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.strokePath(self._path, pen)
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        painter.setFont(small(mono=True))
        if self.label and zoom >= _LEGIBLE:
            painter.fillRect(self._label_box(), colour("background", 0.9))
            painter.setPen(colour("text" if self.on_path else "muted"))
            painter.drawText(self._label_box(), int(Qt.AlignmentFlag.AlignCenter), self.label)
        if self.strong:
            box = self._packages_box()
            painter.translate(box.topRight())
            painter.scale(max(1.0, min(_BLOWN_UP, 0.85 / zoom)), max(1.0, min(_BLOWN_UP, 0.85 / zoom)))
            box.moveTopRight(QPointF(0, 0))
            painter.fillRect(box, colour("background", 0.9))
            painter.setPen(colour("text"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "\n".join(self.packages))

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Shows the full packages, above everything else."""
        self.set_strong(True)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Shows the short label again."""
        self.set_strong(False)

    def set_strong(self, strong: bool) -> None:
        """Says the packages in full, or only in short."""
        self.strong = strong
        self.setZValue(3 if strong else 1 if self.on_path else 0)
        self.update()

    def _label_box(self) -> QRectF:
        width, height = self._metrics.horizontalAdvance(self.label) + 6.0, self._metrics.height() + 0.0
        left = self._spot.x() - (width / 2 if self._centred else width)
        return QRectF(left, self._spot.y() - height / 2, width, height)

    def _packages_box(self) -> QRectF:
        # Below the node that the arrow leads to, where there is room for one line before the next node.
        width = max(map(self._metrics.horizontalAdvance, self.packages)) + 8.0
        left = self._end.x() + min(4.0, self._room - width)
        top = self._end.y() + NODE_HEIGHT / 2 + 3
        return QRectF(left, top, width, self._metrics.height() * len(self.edges))


def _curve(points: Sequence[QPointF]) -> QPainterPath:
    path = QPainterPath(points[0])
    for index, (start, end) in enumerate(pairwise(points)):
        if index % 2:  # the straight part below a layer
            path.lineTo(end)
            continue
        bend = (end.x() - start.x()) / 2
        path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
    return path
