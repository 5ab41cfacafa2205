"""How the list of runs takes clicks and keys, and shows where something would land that is dragged."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QListView

from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.listing.delegate import in_tick
from niceml_gui.workspaces.runs.listing.model import ROW
from niceml_gui.workspaces.runs.listing.rows import Heading, One, Sweep, runs_of

HELD = QPoint(-14, -10)  #: pixels from the picture of what is dragged to the pointer, which points beside it
SEEN_THROUGH = 0.55  #: how much of that picture covers what lies below
MOST = 3  #: rows in it


class RunView(QListView):
    """A list whose sweeps unfold by a click or an arrow key."""

    turned = Signal(str, bool)  #: a sweep is to be open, or folded
    ticked = Signal(list)  #: ids of runs that are to be compared, or no more

    def __init__(self) -> None:
        super().__init__()
        self._anchor = -1  #: the row that was ticked last
        self._on_tick = False  #: whether the button is held on the tick of a row
        self._landing = -1  #: before which row something would land that is dragged
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)  # Qt's line is one pixel, and cannot be styled

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ticks a row; with Shift, all from the one that was ticked last."""
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        self._on_tick = left and index.isValid() and in_tick(event.position().toPoint(), self.visualRect(index))
        if not self._on_tick or isinstance(index.data(ROW), Heading):
            super().mousePressEvent(event)
            return
        first = index.row()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._anchor >= 0:
            first = self._anchor
        self._anchor = index.row()
        self.ticked.emit(self._runs(*sorted((first, index.row()))))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Of a tick, the same as another click."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and in_tick(event.position().toPoint(), self.visualRect(index)):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Drags what waits as a picture that can be seen through, beside the pointer."""
        indexes = [index for index in self.selectedIndexes() if index.flags() & Qt.ItemFlag.ItemIsDragEnabled]
        if indexes:
            drag = QDrag(self)
            drag.setMimeData(self.model().mimeData(indexes))
            drag.setPixmap(self.picture_of(indexes))
            drag.setHotSpot(HELD)
            drag.exec(supported, self.defaultDropAction())
            self._land(-1)

    def picture_of(self, indexes: list[QModelIndex]) -> QPixmap:
        """What is dragged of some rows."""
        places = [self.visualRect(index) for index in indexes[:MOST]]
        ratio = self.devicePixelRatioF()
        picture = QPixmap(QSize(places[0].width(), sum(place.height() for place in places)) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            painter.setOpacity(SEEN_THROUGH)
            top = 0
            for place in places:
                painter.drawPixmap(QPoint(0, top), self.viewport().grab(place))
                top += place.height()
        return picture

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Marks where it would land."""
        super().dragMoveEvent(event)
        if event.source() is not self or not self.mark(event.position().toPoint(), event.mimeData()):
            event.ignore()

    def mark(self, place: QPoint, data: QMimeData) -> bool:
        """Marks where something would land that is dropped at a place; returns whether it would land at all."""
        index = self.indexAt(place)
        row = index.row() + (place.y() > self.visualRect(index).center().y()) if index.isValid() else self._end
        can = self.model().canDropMimeData(data, Qt.DropAction.MoveAction, row, 0, QModelIndex())
        self._land(row if can else -1)
        return can

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Takes the mark away."""
        super().dragLeaveEvent(event)
        self._land(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Takes the mark away."""
        super().dropEvent(event)
        self._land(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the rows, and between them where something would land."""
        super().paintEvent(event)
        line = self.landing
        if not line.isNull():
            color = QColor(theme().tokens.accent)
            with QPainter(self.viewport()) as painter:
                painter.fillRect(line, color)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(QRect(line.left(), line.center().y() - 3, 7, 7))

    @property
    def landing(self) -> QRect:
        """The line where something would land that is dragged; null where it would nowhere."""
        if self._landing < 0:
            return QRect()
        above = self._landing == self._end
        place = self.visualRect(self.model().index(self._landing - above, 0))
        edge = place.bottom() if above else place.top() - 1
        return QRect(place.left() + 4, edge - 1, place.width() - 8, 3)

    @property
    def _end(self) -> int:
        return self.model().rowCount()

    def _land(self, row: int) -> None:
        if row != self._landing:
            self._landing = row
            self.viewport().update()

    def _runs(self, first: int, last: int) -> list[str]:
        """The ids of the runs of some rows."""
        rows = [self.model().index(row, 0).data(ROW) for row in range(first, last + 1)]
        return [run for row in rows for run in runs_of(row)]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Unfolds or folds the sweep that is clicked."""
        if self._on_tick:
            self._on_tick = False
            return
        super().mouseReleaseEvent(event)
        row = self.indexAt(event.position().toPoint()).data(ROW)
        if event.button() == Qt.MouseButton.LeftButton and isinstance(row, Sweep):
            self.turned.emit(row.name, not row.is_open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Unfolds by the right arrow, folds by the left one; Return does either. The space bar ticks."""
        row = self.currentIndex().data(ROW)
        if self.state() == QAbstractItemView.State.EditingState:  # the Return that ends a name comes here, too
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Space and isinstance(row, Sweep | One):
            self._anchor = self.currentIndex().row()
            self.ticked.emit(list(runs_of(row)))
            return
        opens = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}
        if isinstance(row, Sweep) and event.key() in opens:
            self.turned.emit(row.name, opens[Qt.Key(event.key())])
        elif isinstance(row, Sweep) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.turned.emit(row.name, not row.is_open)
        elif isinstance(row, One) and row.inside and event.key() == Qt.Key.Key_Left:
            self.turned.emit(row.state.group, False)
        else:
            super().keyPressEvent(event)
