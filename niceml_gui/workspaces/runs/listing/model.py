"""The rows of the list of runs as Qt sees them; what waits can be dragged."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt

from niceml_engine.query.grammar import Query
from niceml_engine.query.subjects import RunSubject
from niceml_engine.short import missing, named
from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.listing.rows import (
    Heading,
    One,
    Row,
    Sweep,
    key,
    rows,
    runs_of,
    summary,
    waiting,
)

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
TICKED = Qt.ItemDataRole.UserRole + 1
NO_INDEX = QModelIndex()
MIME = "application/x-niceml-waiting-runs"


class Ticked(NamedTuple):
    """Whether the runs of a row are compared: in which colour, empty if none is; and whether all are."""

    color: str = ""
    whole: bool = False


class RunModel(QAbstractListModel):
    """The runs that a query holds of.

    Args:
        session: Knows the runs.
        comparison: Knows which are compared.
    """

    def __init__(self, session: Session, comparison: Comparison) -> None:
        super().__init__(session)
        self._session = session
        self.comparison = comparison
        self._rows: list[Row] = []
        self._opened: set[str] = set()
        self.query = Query()
        session.runs.changed.connect(self.refresh)
        session.runs.selected.connect(self.refresh)
        session.leaves.changed.connect(self._leaves_changed)
        self.refresh()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row's name, its tooltip, or (`ROW`) the row itself."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == TICKED:
            return self._ticked(row)
        if role == Qt.ItemDataRole.CheckStateRole and not isinstance(row, Heading):  # for a screen reader
            ticked = self._ticked(row)
            part = Qt.CheckState.PartiallyChecked if ticked.color else Qt.CheckState.Unchecked
            return Qt.CheckState.Checked if ticked.whole else part
        match row:
            case Heading(title=title):
                return title if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
            case Sweep():
                return _of_sweep(row, role)
            case One(state=state):
                return _of_run(state, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Renames a run or a sweep."""
        row, name = self._rows[index.row()], str(value).strip()
        if isinstance(row, Sweep):
            is_new = role == Qt.ItemDataRole.EditRole and bool(name) and name != row.title
            if is_new:
                self._session.runs.rename_sweep(row.name, name)
            return is_new
        state = self.state(index.row())
        if state is None or role != Qt.ItemDataRole.EditRole or not name or name == state.name:
            return False
        self._session.runs.rename(state.id, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Runs and sweeps can be renamed in place; what waits can be dragged to another place in the queue."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # below the last row
        row = self._rows[index.row()]
        if isinstance(row, Heading):
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if waiting(row) else flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Runs are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Runs that wait."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The runs that wait among some rows."""
        ids = [run for index in sorted(indexes, key=QModelIndex.row) for run in waiting(self._rows[index.row()])]
        data = QMimeData()
        data.setData(MIME, "\n".join(dict.fromkeys(ids)).encode())
        return data

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Between rows that wait, and at their end."""
        return data.hasFormat(MIME) and self._before(row) is not None

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Moves the runs before the one that stands at a row."""
        before = self._before(row)
        if before is not None:
            self._session.runs.move(tuple(bytes(data.data(MIME).data()).decode().split("\n")), before)
        return False  # the rows come back from the service in their new order

    def state(self, row: int) -> RunState | None:
        """The run of a row; none for a sweep and a heading."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found.state if isinstance(found, One) else None

    def row_of(self, run: str) -> int:
        """The row of a run, -1 if it is not shown."""
        return self.row_of_key(run)

    def row_of_key(self, name: str) -> int:
        """The row with a key, -1 if it is not shown."""
        return next((index for index, row in enumerate(self._rows) if key(row) == name), -1)

    def row_of_sweep(self, run: str) -> int:
        """The row of a run's sweep, -1 if it is not shown."""
        sweeps = ((index, row) for index, row in enumerate(self._rows) if isinstance(row, Sweep))
        return next((index for index, row in sweeps if any(state.id == run for state in row.runs)), -1)

    def shown(self) -> int:
        """How many runs there are behind the rows."""
        sweeps = sum(len(row.runs) for row in self._rows if isinstance(row, Sweep))
        return sweeps + sum(isinstance(row, One) and not row.inside for row in self._rows)

    def set_query(self, query: Query) -> None:
        """Shows only the runs that a query holds of."""
        self.query = query
        self.refresh()

    def listed(self) -> list[str]:
        """The ids of all runs behind the rows, folded ones too."""
        found: dict[str, None] = {}
        for row in self._rows:
            every = row.runs if isinstance(row, Sweep) else ()
            found |= dict.fromkeys((*(state.id for state in every), *runs_of(row)))
        return list(found)

    def turn(self, sweep: str, *, is_open: bool) -> None:
        """Unfolds or folds a sweep."""
        (self._opened.add if is_open else self._opened.discard)(sweep)
        self.refresh()

    def reveal(self, run: str) -> None:
        """Unfolds the sweep of a run."""
        state = self._session.runs.states.get(run)
        if state is not None and state.group and state.group not in self._opened:
            self.turn(state.group, is_open=True)

    def refresh(self) -> None:
        """Takes up what has changed in the session, without losing selection or editor where the rows are the same."""
        query, leaves, now = self.query, self._session.leaves.table, time()

        def keeps(state: RunState) -> bool:
            return query.holds(RunSubject(state, leaves, now))

        runs = self._session.runs
        found = rows(runs.states.values(), keeps if query.text else bool, self._opened, runs.followed)
        if [key(row) for row in found] != [key(row) for row in self._rows]:
            self.beginResetModel()
            self._rows = found
            self.endResetModel()
            return
        changed = [index for index, row in enumerate(found) if row != self._rows[index]]
        self._rows = found
        for index in changed:
            self.dataChanged.emit(self.index(index), self.index(index))

    def _ticked(self, row: Row) -> Ticked:
        comparison, runs = self.comparison, runs_of(row)
        among = [run for run in runs if run in comparison]
        if not among:
            return Ticked()
        tokens = theme().tokens
        color = comparison.color(among[0], tokens) if isinstance(row, One) else tokens.accent
        return Ticked(color, len(among) == len(runs))

    def _leaves_changed(self) -> None:
        if self.query.reads_configs:
            self.refresh()

    def _before(self, row: int) -> str | None:
        """The run that what is dropped at a row is to stand before; empty: at the end; none: it cannot stand there."""
        if 0 <= row < len(self._rows) and waiting(self._rows[row]):
            return waiting(self._rows[row])[0]
        return "" if 0 < row <= len(self._rows) and waiting(self._rows[row - 1]) else None


FOLLOWS = "The page follows it from run to run, until one fails or you choose another run"


def _of_run(state: RunState, role: int) -> str | None:
    if role == Qt.ItemDataRole.DisplayRole:
        return named(state)
    if role == Qt.ItemDataRole.EditRole:
        return state.name or state.id
    if role == Qt.ItemDataRole.ToolTipRole:
        created = f"created {words.day(state.created)}"
        tags = (words.tagged(state.tags),)
        came = words.headline(state, fully=True) if state.status == "succeeded" else state.message
        facts = (
            created,
            state.job,
            *state.overrides,
            *_continued(state),
            *tags,
            state.experiment,
            came,
            missing(state),
        )
        return "\n".join((f"{named(state)} · {words.status(state)}", *(fact for fact in facts if fact)))
    if role == Qt.ItemDataRole.AccessibleTextRole:
        told = (
            words.told(state),
            words.status(state),
            words.subtitle(state, time(), fully=True),
            words.tagged(state.tags),
        )
        return ", ".join(filter(None, told))
    return None


def _continued(state: RunState) -> tuple[str, ...]:
    return () if state.continues is None else (f"only {', '.join(state.continues.ops)}",)


def _of_sweep(sweep: Sweep, role: int) -> str | None:
    keys = sweep.name.rpartition(" ")[0]
    if role == Qt.ItemDataRole.DisplayRole:
        return sweep.apart
    if role == Qt.ItemDataRole.EditRole:
        return sweep.title
    if role == Qt.ItemDataRole.ToolTipRole:
        tags = words.tagged(sweep.tags)
        title = sweep.title if sweep.title != keys else ""
        follows = FOLLOWS if sweep.followed else ""
        return "\n".join(filter(None, (title, f"A sweep over {keys}", summary(sweep), follows, tags)))
    if role == Qt.ItemDataRole.AccessibleTextRole:
        called = sweep.apart if sweep.title != keys else sweep.name
        follows = ", followed" if sweep.followed else ""
        told = (f"sweep {called}", f"{summary(sweep)}{follows}", "open" if sweep.is_open else "folded")
        return ", ".join(filter(None, (*told, words.tagged(sweep.tags))))
    return None
