"""The list of runs with its filter, its menus and the line of the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.query.completion import Vocabulary
from niceml_engine.query.names import Name
from niceml_engine.query.subjects import RunSubject
from niceml_engine.short import named
from niceml_engine.values import ACTIVE, RunState
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import Empty
from niceml_gui.widgets.query_edit import NothingFits, QueryEdit
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.listing import menu
from niceml_gui.workspaces.runs.listing.delegate import RunDelegate
from niceml_gui.workspaces.runs.listing.delete_dialog import DeleteDialog
from niceml_gui.workspaces.runs.listing.model import ROW, RunModel
from niceml_gui.workspaces.runs.listing.queue_bar import QueueBar
from niceml_gui.workspaces.runs.listing.rows import One, Row, Sweep, key, runs_of
from niceml_gui.workspaces.runs.listing.view import RunView


class RunList(QWidget):
    """The runs, what waits in the order of the queue.

    Args:
        session: Knows the runs, and does what is asked.
        comparison: Which runs are compared.
        parent: The Qt parent.
    """

    ops_wanted = Signal(str)  #: some ops of a run are to run again
    edited_wanted = Signal(str, str)  #: an op of a run and those after it are to run again with what is composed now
    settings_wanted = Signal()  #: the settings of runs and queue are to be shown
    listed = Signal()  #: which runs are listed has changed
    table_wanted = Signal()  #: what is compared is to be shown as a table

    def __init__(self, session: Session, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.comparison = comparison
        self.model = RunModel(session, comparison)
        self._sweep = ""  #: the key of the marked row, if that is a sweep's, while the rows are set anew
        self.query = QueryEdit("Filter runs", "Filter runs", self._vocabulary, session.leaves.want)
        self.search = self.query.line
        self.view = RunView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(RunDelegate(self.view))
        self.view.setMouseTracking(True)
        self.view.setAccessibleName("Runs")
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = Empty("No runs yet", "Press Run in the Compose workspace: the run appears here and starts.")
        self.empty.setContentsMargins(12, 0, 12, 0)
        self.nothing = NothingFits("runs", self.query)
        self.queue = QueueBar(session)
        search = QHBoxLayout()
        search.setContentsMargins(12, 10, 8, 0)
        search.setSpacing(2)
        search.addWidget(self.query, 1)
        search.addWidget(self.query.help, 0, Qt.AlignmentFlag.AlignTop)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(search)
        layout.addWidget(holder, 1)
        layout.addWidget(self.queue)
        self.query.changed.connect(lambda: self.model.set_query(self.query.query))
        self.query.changed.connect(self._turn_page)
        self.view.ticked.connect(comparison.toggle)
        comparison.ticked.connect(self.view.viewport().update)
        session.leaves.changed.connect(self.query.refresh)
        session.leaves.changed.connect(self._turn_page)
        self.view.selectionModel().currentChanged.connect(self._chosen)
        self.view.customContextMenuRequested.connect(self._popup)
        self.view.turned.connect(lambda sweep, is_open: self.model.turn(sweep, is_open=is_open))
        self.queue.settings_wanted.connect(self.settings_wanted)
        self.model.modelAboutToBeReset.connect(self._note_sweep)
        self.model.modelReset.connect(self._reset)
        session.runs.changed.connect(self._refresh)
        session.runs.selected.connect(self._select)
        session.runs.requested.connect(self._reveal)
        theme().changed.connect(self.view.viewport().update)
        current = session.runs.states.get(session.runs.current)
        if current is not None and current.status in ACTIVE:  # it was to be shown before there was a list
            self.model.reveal(current.id)
        self._refresh()

    def _vocabulary(self) -> Vocabulary:
        states = self._session.runs.states.values()

        def texts(name: str) -> list[str]:
            found = (value for state in states for value in RunSubject(state).values(Name("", name)))
            return list(dict.fromkeys(str(value) for value in found))[:40]

        return Vocabulary(self._session.leaves.known, texts)

    def compare(self, runs: Iterable[str]) -> None:
        """Compares just these runs, as a table first."""
        self.comparison.set(runs)
        self.comparison.lead(self.comparison.chosen.runs)
        self.table_wanted.emit()

    def menu_of(self, row: Row) -> QMenu | None:
        """The menu of a run or a sweep."""
        match row:
            case One(state=state):
                return menu.run_menu(
                    self._session,
                    state,
                    partial(self.rename, state.id),
                    partial(self.delete, state.id),
                    partial(self.ops_wanted.emit, state.id),
                    partial(self.edited_wanted.emit, state.id),
                    parent=self,
                    comparing=self._comparing(row),
                )
            case Sweep(name=name):
                return menu.sweep_menu(
                    self._session,
                    row,
                    lambda is_open: self.model.turn(name, is_open=is_open),
                    partial(self.rename_sweep, name),
                    partial(self.delete_sweep, name),
                    parent=self,
                    comparing=self._comparing(row),
                )
        return None

    def _comparing(self, row: Row) -> list[tuple[str, Callable[[], object]]]:
        """What there is in a menu about comparing."""
        runs, comparison = runs_of(row), self.comparison
        if set(runs) <= set(comparison.chosen.runs):
            found: list[tuple[str, Callable[[], object]]] = [("Compare no more", lambda: comparison.toggle(runs))]
        else:
            word = (
                f"Compare these {len(runs)}"
                if len(runs) > 1
                else "Compare with others"
                if comparison.active
                else "Compare"
            )

            def add() -> None:
                comparison.toggle(runs)
                comparison.lead(runs)

            found = [(word, add)]
        if isinstance(row, Sweep):
            found.append(("Show as table", lambda: self.compare(runs)))
        return found

    def rename(self, run: str) -> None:
        """Edits a run's name in place."""
        row = self.model.row_of(run)
        if row >= 0:
            self.view.edit(self.model.index(row))

    def rename_sweep(self, group: str) -> None:
        """Edits a sweep's name in place."""
        row = self.model.row_of_key(f"* {group}")
        if row >= 0:
            self.view.edit(self.model.index(row))

    def delete(self, run: str) -> None:
        """Deletes a run that has ended, once the person has confirmed it."""
        state = self._session.runs.states.get(run)
        if state is not None:
            self._delete((state,), named(state))

    def delete_sweep(self, group: str) -> None:
        """Deletes all runs of a sweep that has ended, once the person has confirmed it."""
        runs = tuple(state for state in self._session.runs.states.values() if state.group == group)
        if runs:
            keys = group.rpartition(" ")[0]
            named = f"the sweep over {keys}" if words.sweep(runs[0]) == keys else f"the sweep {words.sweep(runs[0])}"
            self._delete(runs, f"{named}, {words.counted(len(runs), 'run')}")

    def _delete(self, runs: Sequence[RunState], what: str) -> None:
        if any(state.status in ACTIVE for state in runs):
            return
        project = self._session.project
        dialog = DeleteDialog(runs, what, project.root if project is not None else "", self)
        if dialog.exec() == DeleteDialog.DialogCode.Accepted:
            for state in runs:
                self._session.runs.delete(state.id, dialog.experiments.isChecked() and bool(state.experiment))
        dialog.deleteLater()

    def keyPressEvent(self, event: Any) -> None:
        """Deletes on Delete."""
        row = self.view.currentIndex().data(ROW)
        if event.matches(QKeySequence.StandardKey.Delete) and isinstance(row, Sweep):
            self.delete_sweep(row.name)
        elif event.matches(QKeySequence.StandardKey.Delete) and self._session.runs.current:
            self.delete(self._session.runs.current)
        else:
            super().keyPressEvent(event)

    def _chosen(self, index: QModelIndex) -> None:
        state = self.model.state(index.row()) if index.isValid() else None
        if state is not None:
            self._session.runs.select(state.id)

    def _reveal(self, run: str) -> None:
        """Unfolds the sweep of a run that is to be shown."""
        self.model.reveal(run)
        self._select()

    def _select(self) -> None:
        """Marks the row of the selected run, or of its sweep, which stays folded."""
        run = self._session.runs.current
        row = self.model.row_of(run)
        if row < 0:
            row = self.model.row_of_sweep(run)
        current = self.view.currentIndex()
        if row >= 0:
            if not isinstance(current.data(ROW), Sweep) or not self.view.hasFocus():
                self.view.setCurrentIndex(self.model.index(row))
        else:
            self.view.selectionModel().clear()

    def _note_sweep(self) -> None:
        """Remembers the sweep that is marked: unlike a run it is not known to the session."""
        row = self.view.currentIndex().data(ROW)
        self._sweep = key(row) if isinstance(row, Sweep) and self.view.hasFocus() else ""

    def _reset(self) -> None:
        row = self.model.row_of_key(self._sweep)
        if self._sweep and row >= 0:
            self.view.setCurrentIndex(self.model.index(row))
        self._refresh()

    def _refresh(self) -> None:
        total, shown = len(self._session.runs.states), self.model.shown()
        self.setWindowTitle(f"Runs  {total if shown == total else f'{shown} of {total}'}" if total else "Runs")
        self._turn_page()
        self._select()
        self.listed.emit()

    def _turn_page(self) -> None:
        total = len(self._session.runs.states)
        nothing = bool(total) and not self.model.shown()
        self._stack.setCurrentWidget(self.nothing if nothing else self.view if total else self.empty)
        self.query.tell_elsewhere(nothing)
        if nothing:
            reading = self.query.query.reads_configs and not self._session.leaves.table.rows
            self.nothing.explain(total, reading)

    def _popup(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        found = self.menu_of(index.data(ROW)) if index.isValid() else None
        if found is not None:
            found.popup(self.view.viewport().mapToGlobal(place))
