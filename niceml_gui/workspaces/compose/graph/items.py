"""The files of the defaults graph as they are drawn."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneHoverEvent, QStyleOptionGraphicsItem, QWidget

from niceml_gui.workspaces.compose.graph.looks import FOLD, LEFT, Look
from niceml_gui.workspaces.compose.paint import chevron, colour, op_colour, small, text_width
from niceml_gui.workspaces.compose.usage import op_of

NODE_HEIGHT = 28.0
_LEGIBLE = 0.3  #: below this zoom, texts are left out
_MARK_FAR = 8.0  #: pixels of the mark of a node without a text


class NodeItem(QGraphicsItem):
    """A config file.

    Args:
        look: What is written in it.
        across: The width of its box, which it shares with the others of its layer.
        tip: What else is known of the file.
    """

    def __init__(self, look: Look, across: float, tip: str) -> None:
        super().__init__()
        self.look = look
        self.node = look.node
        self.width = across
        self.selected = False
        self.names_it = False  #: it includes what is selected, without an arrow
        self.found = False  #: a search has found it, or what it hides
        self.lit = False  #: the merge is at one of its layers
        self.hovered = False
        self._name = look.label(across - look.before - look.after)
        self._bounds = self.box.adjusted(-5, -5, 5, 5)
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tip)
        self.setZValue(2)

    @property
    def box(self) -> QRectF:
        """The rounded box, without the line around it."""
        return QRectF(0, -NODE_HEIGHT / 2, self.width, NODE_HEIGHT)

    def folds_at(self, place: QPointF) -> bool:
        """Whether a place, in the item's own coordinates, is the mark at which it is folded."""
        return self.look.foldable and place.x() >= self.width - FOLD

    def show_state(self, *, selected: bool, names_it: bool) -> None:
        """Shows whether it is selected, or names what is."""
        if (selected, names_it) != (self.selected, self.names_it):
            self.selected, self.names_it = selected, names_it
            self.update()

    def show_found(self, found: bool) -> None:
        """Shows whether a search has found it."""
        if found != self.found:
            self.found = found
            self.update()

    def show_lit(self, lit: bool) -> None:
        """Shows whether the merge is at it."""
        if lit != self.lit:
            self.lit = lit
            self.setZValue(4 if lit else 2)
            self.update()

    def boundingRect(self) -> QRectF:
        """The box and the lines around it."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paints box, mark and texts; of a graph seen from far away only boxes and marks."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) < _LEGIBLE:
            self._paint_far(painter)
            return
        look, missing = self.look, self.node.missing
        if self.lit:
            painter.setPen(QPen(colour("accent", 0.45), 3.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.box.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8)
        pen = QPen(self._line(), 1.75 if self.selected or self.lit else 1.0)
        if missing:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colour("background" if missing else "panel"))
        painter.drawRoundedRect(self.box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._paint_mark(painter)
        before = look.before
        if look.number:
            self._write(painter, look.number, small(mono=True), colour("accent"), LEFT, self.width)
        if self.found:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("warning", 0.35))
            painter.drawRoundedRect(QRectF(before - 4, -10, text_width(self._name, bold=look.root) + 8, 20), 3, 3)
        self._write(painter, self._name, look.face, colour(look.tint), before, self.width)
        if look.also:
            self._paint_reference(painter)
        if look.count:
            self._paint_count(painter)
        if look.foldable:
            place = QPointF(self.width - FOLD / 2 - 1, 0)
            chevron(painter, place, "right" if look.folded else "down", colour("text" if self.hovered else "muted"))

    def _paint_far(self, painter: QPainter) -> None:
        pen = QPen(self._line(), 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(colour("warning" if self.found else "accent" if self.lit else "panel"))
        painter.drawRect(self.box)
        painter.fillRect(QRectF(0, -NODE_HEIGHT / 2, _MARK_FAR, NODE_HEIGHT), self._tint())

    def _line(self) -> QColor:
        if self.selected or self.names_it or self.lit:
            return colour("accent")
        if self.node.missing:
            return colour(self.look.tint)
        return colour("muted" if self.hovered else "line")

    def _tint(self) -> QColor:
        """The colour of its mark."""
        if self.node.missing:
            return colour(self.look.tint)
        return colour("text") if self.look.root else op_colour(op_of(self.node.id))

    def _paint_mark(self, painter: QPainter) -> None:
        bar = QRectF(-0.5, -9, 3.5, 18)
        if self.node.missing:  # hollow: there is nothing behind the name
            painter.setPen(QPen(self._tint(), 1.0))
            painter.setBrush(colour("background"))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._tint())
        painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_reference(self, painter: QPainter) -> None:
        right = self.width - self.look.after + self.look.aside
        metrics = QFontMetrics(small())
        text = metrics.elidedText(self.look.reference, Qt.TextElideMode.ElideMiddle, int(self.look.aside - 11.0))
        tint = colour("accent" if self.names_it else "muted")
        self._write(painter, text, small(), tint, right - self.look.aside + 10.0, right)

    def _paint_count(self, painter: QPainter) -> None:
        size = text_width(self.look.count, small) + 10.0
        pill = QRectF(self.width - FOLD - size, -8, size, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(pill, 8, 8)
        painter.setFont(small())
        painter.setPen(colour("muted"))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), self.look.count)

    @staticmethod
    def _write(painter: QPainter, text: str, face: QFont, tint: QColor, left: float, right: float) -> None:
        painter.setFont(face)
        painter.setPen(tint)
        place = QRectF(left, -NODE_HEIGHT / 2, right - left, NODE_HEIGHT)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Lights up."""
        self.hovered = True
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Goes back to normal."""
        self.hovered = False
        self.update()
