"""The list of runs with its filter, its menus and the line of the queue."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QListView,
    QMenu,
    QMessageBox,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.values import ACTIVE, RunState
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import Empty, filter_edit
from niceml_gui.workspaces.runs.listing import menu
from niceml_gui.workspaces.runs.listing.delegate import RunDelegate
from niceml_gui.workspaces.runs.listing.model import ROW, RunModel
from niceml_gui.workspaces.runs.listing.queue_bar import QueueBar
from niceml_gui.workspaces.runs.listing.rows import One, Row, Sweep


class _View(QListView):
    """A list whose sweeps unfold by a click or an arrow key."""

    turned = Signal(str, bool)  #: a sweep is to be open, or folded

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Unfolds or folds the sweep that is clicked."""
        super().mouseReleaseEvent(event)
        row = self.indexAt(event.position().toPoint()).data(ROW)
        if event.button() == Qt.MouseButton.LeftButton and isinstance(row, Sweep):
            self.turned.emit(row.name, not row.is_open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Unfolds by the right arrow, folds by the left one; Return does either."""
        row = self.currentIndex().data(ROW)
        opens = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}
        if isinstance(row, Sweep) and event.key() in opens:
            self.turned.emit(row.name, opens[Qt.Key(event.key())])
        elif isinstance(row, Sweep) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.turned.emit(row.name, not row.is_open)
        elif isinstance(row, One) and row.inside and event.key() == Qt.Key.Key_Left:
            self.turned.emit(row.state.group, False)
        else:
            super().keyPressEvent(event)


class RunList(QWidget):
    """The runs, what waits in the order of the queue.

    Args:
        session: Knows the runs, and does what is asked.
        parent: The Qt parent.
    """

    settings_wanted = Signal()  #: the settings of runs and queue are to be shown

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = RunModel(session)
        self.search = filter_edit("Filter runs", "Filter runs")
        self.view = _View()
        self.view.setModel(self.model)
        self.view.setItemDelegate(RunDelegate(self.view))
        self.view.setMouseTracking(True)
        self.view.setAccessibleName("Runs")
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.view.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.view.setDropIndicatorShown(True)
        self.empty = Empty("No runs yet", "Press Run in the Compose workspace: the run appears here and starts.")
        self.empty.setContentsMargins(12, 0, 12, 0)
        self.queue = QueueBar(session)
        search = QHBoxLayout()
        search.setContentsMargins(12, 10, 12, 0)
        search.addWidget(self.search)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(search)
        layout.addWidget(holder, 1)
        layout.addWidget(self.queue)
        self.search.textChanged.connect(self.model.set_filter)
        self.view.selectionModel().currentChanged.connect(self._chosen)
        self.view.customContextMenuRequested.connect(self._popup)
        self.view.turned.connect(lambda sweep, is_open: self.model.turn(sweep, is_open=is_open))
        self.queue.settings_wanted.connect(self.settings_wanted)
        self.model.modelReset.connect(self._refresh)
        session.runs.changed.connect(self._refresh)
        session.runs.selected.connect(self._select)
        theme().changed.connect(self.view.viewport().update)
        self._refresh()

    def menu_of(self, row: Row) -> QMenu | None:
        """The menu of a run or a sweep."""
        match row:
            case One(state=state):
                do = (lambda: self.rename(state.id)), (lambda: self.delete(state.id))
                return menu.run_menu(self._session, state, *do, parent=self)
            case Sweep(name=name):
                return menu.sweep_menu(
                    self._session, row, lambda is_open: self.model.turn(name, is_open=is_open), parent=self
                )
        return None

    def rename(self, run: str) -> None:
        """Edits a run's name in place."""
        row = self.model.row_of(run)
        if row >= 0:
            self.view.edit(self.model.index(row))

    def delete(self, run: str) -> None:
        """Deletes a run that has ended, once the person has confirmed it."""
        state = self._session.runs.states.get(run)
        if state is None or state.status in ACTIVE:
            return
        box, also = _question(state, self)
        sure = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        if box.clickedButton() is sure:
            self._session.runs.delete(run, also.isChecked())

    def keyPressEvent(self, event: Any) -> None:
        """Deletes on Delete."""
        if event.matches(QKeySequence.StandardKey.Delete) and self._session.runs.current:
            self.delete(self._session.runs.current)
        else:
            super().keyPressEvent(event)

    def _chosen(self, index: QModelIndex) -> None:
        state = self.model.state(index.row()) if index.isValid() else None
        if state is not None:
            self._session.runs.select(state.id)

    def _select(self) -> None:
        run = self._session.runs.current
        row = self.model.row_of(run)
        if row < 0 and run:
            self.model.reveal(run)
            row = self.model.row_of(run)
        current = self.view.currentIndex()
        if row >= 0:
            if not isinstance(current.data(ROW), Sweep) or not self.view.hasFocus():
                self.view.setCurrentIndex(self.model.index(row))
        else:
            self.view.selectionModel().clear()

    def _refresh(self) -> None:
        total, shown = len(self._session.runs.states), self.model.shown()
        self.setWindowTitle(f"Runs  {total if shown == total else f'{shown} of {total}'}" if total else "Runs")
        self._stack.setCurrentIndex(0 if total else 1)
        self._select()

    def _popup(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        found = self.menu_of(index.data(ROW)) if index.isValid() else None
        if found is not None:
            found.popup(self.view.viewport().mapToGlobal(place))


def _question(state: RunState, parent: QWidget) -> tuple[QMessageBox, QCheckBox]:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Delete run")
    box.setText(f"Delete {state.name or state.id}?")
    box.setInformativeText("Its stream, log and output are deleted for good.")
    also = QCheckBox("Delete the experiment folder with its models too")
    also.setToolTip(state.experiment)
    also.setEnabled(bool(state.experiment))
    box.setCheckBox(also)
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    return box, also
