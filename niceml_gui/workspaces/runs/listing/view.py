"""How the list of runs takes clicks and keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from niceml_gui.workspaces.runs.listing.delegate import in_tick
from niceml_gui.workspaces.runs.listing.model import ROW
from niceml_gui.workspaces.runs.listing.rows import Heading, One, Sweep, runs_of


class RunView(QListView):
    """A list whose sweeps unfold by a click or an arrow key."""

    turned = Signal(str, bool)  #: a sweep is to be open, or folded
    ticked = Signal(list)  #: ids of runs that are to be compared, or no more

    def __init__(self) -> None:
        super().__init__()
        self._anchor = -1  #: the row that was ticked last
        self._on_tick = False  #: whether the button is held on the tick of a row
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)

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
