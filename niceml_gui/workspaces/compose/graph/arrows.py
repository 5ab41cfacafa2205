"""The includes of the defaults graph as they are drawn: arrows that carry their packages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from niceml_gui.workspaces.compose.graph.items import NODE_HEIGHT
from niceml_gui.workspaces.compose.graph.layout import Point
from niceml_gui.workspaces.compose.graph.looks import DOT, Line, caption
from niceml_gui.workspaces.compose.graph.model import TOP
from niceml_gui.workspaces.compose.paint import blend, colour, small, text_width

CAPTION_HEIGHT = 17.0  #: what a package takes above the node that it leads to
_LEGIBLE = 0.6  #: below this zoom, packages are left out
_BLOWN_UP = 1.6  #: so much larger packages become where the graph is zoomed out, to stay readable
STEADY = 0.95  #: the zoom at which packages stop getting smaller


def fitted(label: str, metrics: QFontMetrics, across: float) -> str:
    """A label that fits so many pixels: the package's outer parts give way first, what follows it last."""
    package, *notes = label.split(DOT)
    tail = "".join(DOT + note for note in notes)
    room = across - text_width(tail, small)
    if text_width(package, small) <= room:
        return label
    package = package.removesuffix(f" at {TOP}")  # the group says more
    if metrics.horizontalAdvance(package) <= room:
        return package + tail
    parts = package.split(".")
    for number in range(1, len(parts)):
        shorter = "…" + ".".join(parts[number:])
        if text_width(shorter, small) <= room:
            return shorter + tail
    return metrics.elidedText("…" + parts[-1], Qt.TextElideMode.ElideRight, max(0, int(room))) + tail


class ArrowItem(QGraphicsItem):
    """All includes of one file by another.

    Args:
        line: The includes.
        room: Width of the node that the arrow leads to, in pixels.
    """

    def __init__(self, line: Line, room: float) -> None:
        super().__init__()
        self.edges = edges = line.edges
        self.label = line.label
        self.on_path = False
        self.strong = False  #: hovered, or it leads right to what is selected
        self._leads = False
        self._path = QPainterPath()
        self._metrics = QFontMetrics(small())
        # A package stands above the node that it leads to, where nothing can cross it; where arrows meet,
        # and where it only is a number, in the middle of the arrow.
        self.on_middle = line.shared or len(edges) > 1
        self._middle = self._end = QPointF()
        self._room = room
        self.dashed = all(edge.optional for edge in edges)  #: it may lead to nothing
        self.double = any(edge.override for edge in edges)  #: it takes another's place
        #: the full package of each include, and how it is included
        self.packages = [line.label] if line.label and len(edges) == 1 else [caption([edge]) for edge in edges]
        self._level = 0.5 if self.on_middle else 0.0  # no other arrow strikes through what stands on one
        self.setZValue(self._level)
        self._bounds = QRectF()
        self.setAcceptHoverEvents(True)
        self.setToolTip("\n".join(self.packages))

    @property
    def label_box(self) -> QRectF:
        """Where the label stands, in the coordinates of the graph."""
        height = CAPTION_HEIGHT - 2.0
        if self.on_middle:
            width = text_width(self.label, small) + 8.0
            return QRectF(self._middle.x() - width / 2, self._middle.y() - height / 2, width, height)
        return QRectF(self._end.x() + 2, self._end.y() - NODE_HEIGHT / 2 - CAPTION_HEIGHT, self._room - 2, height)

    def set_route(self, points: Sequence[Point]) -> None:
        """Runs along other points."""
        self.prepareGeometryChange()
        self._path = _curve([QPointF(*point) for point in points])
        start, self._end = QPointF(*points[-2]), QPointF(*points[-1])
        self._middle = (start + self._end) / 2
        self._find_bounds()

    def _find_bounds(self) -> None:
        """The curve with its label or packages, as large as these may become; Qt asks for it all the time."""
        box = self._packages_box() if self.strong else self.label_box
        more = (_BLOWN_UP - 1) * box.width(), (_BLOWN_UP - 1) * box.height()
        aside = max(0.0, box.width() - self._room) if self.strong else 0.0  # where it would reach out of the view
        box.adjust(-more[0] - aside, -more[1], more[0], more[1])
        self._bounds = self._path.boundingRect().united(box).adjusted(-4, -4, 4, 4)

    def show_state(self, *, on_path: bool, strong: bool) -> None:
        """Shows whether it is on the way to what is selected, and leads right to it."""
        if on_path != self.on_path or strong != self._leads:
            self.on_path, self._leads = on_path, strong
            self.set_strong(strong)

    def set_strong(self, strong: bool) -> None:
        """Says the packages in full, or only in short."""
        self.prepareGeometryChange()
        self.strong = strong
        self._find_bounds()
        self.setZValue(3 if strong else 1 if self.on_path else self._level)
        self.update()

    def boundingRect(self) -> QRectF:
        """The curve with its labels."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """A broader curve, so that it can be hit."""
        stroker = QPainterPathStroker()
        stroker.setWidth(8)
        return stroker.createStroke(self._path)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paints the curve, and its label where that can be read."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._pen())
        painter.drawPath(self._path)
        if self.double:
            painter.setPen(QPen(colour("background"), 2.0))
            painter.drawPath(self._path)
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        larger = max(1.0, min(_BLOWN_UP, STEADY / zoom))
        painter.setFont(small())
        if self.strong:
            self._paint_packages(painter, larger, widget)
        elif self.label and zoom >= _LEGIBLE:
            self._paint_label(painter, larger)

    def _pen(self) -> QPen:
        # Opaque lines of one pixel, whatever the zoom, are painted ten times faster: there are hundreds of them.
        pen = QPen(colour("accent") if self.on_path else colour("muted") if self.strong else blend("faint", 0.85), 1.0)
        pen.setCosmetic(not (self.on_path or self.double))
        if self.on_path:
            pen.setWidthF(1.75)
        if self.double:
            pen.setWidthF(4.5)
        if self.dashed:
            pen.setDashPattern([4.0 / pen.widthF(), 3.0 / pen.widthF()])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Shows the full packages, above everything else."""
        self.set_strong(True)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Shows the short label again."""
        self.set_strong(self._leads)

    def _paint_label(self, painter: QPainter, larger: float) -> None:
        box = self.label_box
        painter.setPen(colour("text" if self.on_path else "muted"))
        painter.save()
        if self.on_middle:
            painter.translate(box.center())
            painter.scale(larger, larger)
            box.moveCenter(QPointF(0, 0))
            painter.fillRect(box, colour("background"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.label)
        else:
            painter.translate(box.bottomLeft())
            painter.scale(larger, larger)
            place = QRectF(0, -box.height(), box.width() / larger, box.height())
            text = fitted(self.label, self._metrics, place.width())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), text)
        painter.restore()

    def _paint_packages(self, painter: QPainter, larger: float, widget: QWidget | None) -> None:
        box = self._packages_box()
        painter.save()
        painter.translate(box.bottomLeft() - QPointF(self._excess(box.width() * larger, widget), 0.0))
        painter.scale(larger, larger)
        box.moveBottomLeft(QPointF(0, 0))
        painter.setPen(QPen(colour("line"), 1.0) if len(self.edges) > 1 else Qt.PenStyle.NoPen)
        painter.setBrush(colour("background"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(colour("text"))
        painter.drawText(box.adjusted(5, 2, 0, -1), int(Qt.AlignmentFlag.AlignLeft), "\n".join(self.packages))
        painter.restore()

    def _excess(self, width: float, widget: QWidget | None) -> float:
        """By how much packages of a width would reach out of the view; the node's own right end stays below them."""
        view = widget.parentWidget() if widget is not None else None
        if not isinstance(view, QGraphicsView):
            return 0.0
        right = view.mapToScene(view.viewport().rect().topRight()).x() - 4.0
        left = self._end.x() - 3
        return max(0.0, min(left + width - right, width - self._room))

    def _packages_box(self) -> QRectF:
        # Above the node that the arrow leads to, in place of the label.
        width = max(text_width(package, small) for package in self.packages) + 10.0
        height = self._metrics.lineSpacing() * len(self.packages) + 3.0
        return QRectF(self._end.x() - 3, self._end.y() - NODE_HEIGHT / 2 - 1 - height, width, height)


def _curve(points: Sequence[QPointF]) -> QPainterPath:
    path = QPainterPath(points[0])
    for index, (start, end) in enumerate(pairwise(points)):
        if index % 2:  # the straight part below a layer
            path.lineTo(end)
            continue
        bend = (end.x() - start.x()) / 2
        path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
    return path
