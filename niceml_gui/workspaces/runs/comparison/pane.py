"""The compared runs, or all that are listed, as a table, on parallel axes, and as points."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic, time

import msgspec
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.values import RunState
from niceml_gui.session import Session
from niceml_gui.state import project_file, replace_file
from niceml_gui.widgets.basics import Empty, button, icon_button, label
from niceml_gui.widgets.fields import Segments
from niceml_gui.widgets.saving import ask_file
from niceml_gui.words import counted
from niceml_gui.workspaces.runs.comparison.choosing import ColumnChooser
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.grid import (
    Choice,
    Grid,
    Value,
    all_columns,
    grid_of,
    name_of,
    usual_columns,
)
from niceml_gui.workspaces.runs.comparison.parallel import Parallel
from niceml_gui.workspaces.runs.comparison.scatter import Scatter
from niceml_gui.workspaces.runs.comparison.table import RunsTable

TABLE, PARALLEL, SCATTER = range(3)
VIEWS = [
    ("Table", "Config values and metrics, sorted by any column"),
    ("Parallel", "An axis for each column; drag along one to mark a range"),
    ("Scatter", "A point for each run, over two columns"),
]
PAUSE_MS = 150  #: between two looks at what has changed
SHARE = 10  #: so many times as long as a look took, others have their turn before the next one
AXES = 8  #: parallel axes that are there by themselves


class TablePane(QWidget):
    """The table and its two pictures.

    Args:
        session: Knows runs and configs.
        comparison: What is compared.
        listed: Says which runs the list shows.
    """

    said = Signal(str, bool)  #: what came of saving or copying, and whether it is an error

    def __init__(self, session: Session, comparison: Comparison, listed: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._session = session
        self._comparison = comparison
        self._listed = listed
        self._choice = Choice()
        self._key = ""
        self._stale = True
        self._looked = self._took = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self.views = Segments(VIEWS)
        self.views.choose(TABLE)
        self.count = label("", "muted")
        self.brushed = button("", "Compare the runs within what is marked", role="ghost")
        self.across, self.up = _chooser("Across"), _chooser("Up")
        self.columns = icon_button("list", "Choose the columns…")
        self.copy_button = icon_button("copy", "Copy the table", tip="Copy the table, to be pasted into a sheet")
        self.export_button = icon_button("export", "Save the table as CSV…")
        self.table = RunsTable(comparison)
        self.parallel = Parallel(comparison)
        self.scatter = Scatter(comparison)
        self.chooser: ColumnChooser | None = None
        self.empty = Empty("No runs to show", "What is listed at the left, or ticked there, stands here as a table.")
        self._lay_out()
        self.views.chosen.connect(self._turn)
        self.brushed.clicked.connect(lambda: comparison.set(self.parallel.inside))
        self.columns.clicked.connect(self.choose)
        self.copy_button.clicked.connect(self.copy)
        self.export_button.clicked.connect(self.save)
        self.table.clicked.connect(lambda index: self._select(index.row()))
        self.table.customContextMenuRequested.connect(self._popup)
        self.table.horizontalHeader().customContextMenuRequested.connect(self._popup_column)
        self.parallel.brushed.connect(self._count)
        self.parallel.chosen.connect(session.runs.select)
        self.scatter.chosen.connect(session.runs.select)
        self.across.activated.connect(lambda _: self._show_points())
        self.up.activated.connect(lambda _: self._show_points())
        for changed in (comparison.changed, session.runs.changed, session.leaves.changed):
            changed.connect(self.soon)
        session.project_changed.connect(self._open_project)
        self._open_project()

    # ------------------------------------------------------------------------------------------ content

    @property
    def grid(self) -> Grid:
        """What is shown, in the order in which it is."""
        return self.table.grid.grid

    def runs(self) -> list[RunState]:
        """The runs that are shown: those that are compared, else those that are listed."""
        states = self._session.runs.states
        wanted = self._comparison.chosen.runs or self._listed()
        return [states[run] for run in wanted if run in states]

    def soon(self) -> None:
        """Looks again, once there is time and somebody sees it."""
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            rest = max(PAUSE_MS, SHARE * self._took) - (monotonic() - self._looked) * 1000
            self._timer.start(max(round(rest), 0))

    def refresh(self) -> None:
        """Shows what is known now."""
        begin, self._stale = monotonic(), False
        states, table = self.runs(), self._session.leaves.table
        columns = self._choice.of(self._usual(states))
        self.table.show_grid(grid_of(columns, states, table, time()))
        self._offer()
        self._show_pictures()
        self._count()
        self.pages.setCurrentWidget(self.empty if not states else self._views[self._view])
        self._looked = monotonic()
        self._took = (self._looked - begin) * 1000

    def turn(self, column: str, on: bool) -> None:
        """Adds a column, or takes it out; the project keeps that."""
        self._choice = self._choice.turned(column, on, self._usual(self.runs()))
        if self._key:
            with contextlib.suppress(OSError):  # columns are not worth a word
                replace_file(project_file("columns", self._key), msgspec.json.encode(self._choice))
        self.refresh()

    def choose(self) -> None:
        """Pops up the columns that there are."""
        if self.chooser is None:
            self.chooser = ColumnChooser(self.window())
            self.chooser.turned.connect(self.turn)
        place = self.columns.mapToGlobal(QPoint(self.columns.width(), self.columns.height() + 4))
        self.chooser.open(all_columns(self.runs(), self._session.leaves.table), set(self.grid.columns), place)

    def copy(self) -> None:
        """Copies the table: the rows that are selected, if there are several, else all of them."""
        chosen = self.table.chosen()
        rows = [row for row, run in enumerate(self.grid.runs) if len(chosen) < 2 or run.id in chosen]
        grid = Grid(
            self.grid.columns,
            tuple(self.grid.runs[row] for row in rows),
            tuple(self.grid.values[row] for row in rows),
        )
        QGuiApplication.clipboard().setText(grid.text("\t"))
        self.said.emit(f"Copied {counted(len(rows), 'row')}", False)

    def save(self) -> None:
        """Asks for a file, and saves the table as CSV."""
        path = ask_file(self, "Save the table", "runs", "csv")
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Saves the table as CSV."""
        try:
            replace_file(path, self.grid.text().encode())
        except OSError as error:
            self.said.emit(f"{path} was not saved: {error.strerror or error}", True)
        else:
            self.said.emit(f"Saved {path}", False)

    def show_view(self, view: int) -> None:
        """Shows the table, the axes, or the points."""
        self.views.choose(view)
        self._turn(view)

    # ------------------------------------------------------------------------------------------ Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Shows what came while nobody looked."""
        super().showEvent(event)
        self._session.leaves.want()
        if self._stale:
            self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copies by the usual keys; the space bar compares the selected rows."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Space and self.table.chosen():
            self._comparison.toggle(self.table.chosen())
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------------------------------ inner workings

    def _usual(self, states: Sequence[RunState]) -> list[str]:
        jobs = {state.id: (state.dagster_job, state.script) for state in states}
        most = Counter(jobs.values()).most_common(1)
        # Of what is only listed, whatever another job has otherwise says no more than which job it is.
        runs = [run for run, job in jobs.items() if self._comparison.active or job == most[0][0]]
        found = self._session.leaves.table.distinctions(runs)
        found.sort(key=lambda one: (not one.varies, -one.holders))
        return usual_columns(states, [one.keys[0] for one in found])

    def _open_project(self) -> None:
        key = self._session.address.key if self._session.project is not None else ""
        if key != self._key:
            self._key, self._choice = key, Choice()
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                self._choice = msgspec.json.decode(project_file("columns", key).read_bytes(), type=Choice)
            self.parallel.brushes.clear()

    def _turn(self, view: int) -> None:
        self._view = view
        self.pages.setCurrentWidget(self._views[view] if self.grid.runs else self.empty)
        self._show_pictures()
        self._count()

    def _axes(self) -> list[str]:
        """The columns that are worth an axis: those of configs and metrics in which runs differ, and that most have."""
        found = [one for one in self.grid.columns if name_of(one).space and _spreads(self.grid.column(one))]
        configs = [one for one in found if name_of(one).space == "config"]
        metrics = [one for one in found if name_of(one).space == "metric"]  # the most telling one stands last
        metrics += [one for one in found if name_of(one).space in ("min", "max")]
        room = max(AXES - len(configs), 2)
        return [*configs[:AXES], *reversed(metrics[:room])]

    def _offer(self) -> None:
        """Offers the columns for the points, and keeps what was chosen."""
        found = self._axes()
        usual = (found[:1], found[-1:])
        for box, first in zip((self.across, self.up), usual, strict=True):
            columns = [one for one in self.grid.columns if one not in ("name", "status", "tag")]
            kept = box.currentData() if box.currentData() in columns and box.property("touched") else ""
            box.blockSignals(True)
            box.clear()
            for column in columns:
                box.addItem(self.grid.title(column), column)
            box.setCurrentIndex(max(box.findData(kept or (first[0] if first else "")), 0))
            box.blockSignals(False)

    def _show_pictures(self) -> None:
        if self._view == PARALLEL:
            self.parallel.show_grid(self.grid, self._axes())
        elif self._view == SCATTER:
            self.scatter.show_grid(self.grid, self.across.currentData() or "", self.up.currentData() or "")

    def _show_points(self) -> None:
        for box in (self.across, self.up):
            box.setProperty("touched", True)
        self._show_pictures()

    def _count(self) -> None:
        count, word = len(self.grid.runs), "compared" if self._comparison.active else "listed"
        self.count.setText(f"{counted(count, 'run')} {word}" if count else "")
        inside = len(self.parallel.inside) if self._view == PARALLEL and self.parallel.brushes else 0
        marked = self._view == PARALLEL and bool(self.parallel.brushes)
        self.brushed.setVisible(marked)
        self.count.setVisible(not marked)
        self.brushed.setEnabled(bool(inside))
        self.brushed.setText(f"Compare {inside} of {count}" if inside else "None within the marks")

    def _select(self, row: int) -> None:
        run = self.table.grid.run(row)
        if run is not None:
            self._session.runs.select(run.id)

    def _popup(self, place: QPoint) -> None:
        chosen = self.table.chosen()
        if not chosen:
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        word = f"these {len(chosen)}" if len(chosen) > 1 else "this run"
        inside = set(chosen) <= set(self._comparison.chosen.runs)
        more = f"Compare {word} no more" if inside else f"Compare {word}"
        menu.addAction(more, partial(self._comparison.toggle, chosen))
        menu.addAction(f"Compare only {word}", partial(self._comparison.set, chosen))
        if len(chosen) == 1:
            menu.addAction("Open as selection", partial(self._session.use_run, chosen[0]))
            menu.addAction("Run again", partial(self._session.runs.again, chosen[0]))
        menu.addSeparator()
        menu.addAction("Copy", self.copy)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _popup_column(self, place: QPoint) -> None:
        header = self.table.horizontalHeader()
        section = header.logicalIndexAt(place)
        if not 0 <= section < len(self.grid.columns):
            return
        column = self.grid.columns[section]
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(f"Hide {self.grid.title(column)}", partial(self.turn, column, False))
        name = name_of(column)
        if name.space == "config":
            menu.addAction(f"Group curves by {self.grid.title(column)}", partial(self._comparison.group_by, name.key))
        for space in ("metric", "min", "max"):
            other = f"{space}.{name.key}"
            if name.space in ("metric", "min", "max") and other not in self.grid.columns:
                what = f"last {name.key}" if space == "metric" else self.grid.title(other)
                menu.addAction(f"Show {what}", partial(self.turn, other, True))
        menu.addAction("Copy its name", partial(QGuiApplication.clipboard().setText, column))
        menu.addSeparator()
        menu.addAction("Columns…", self.choose)
        menu.popup(header.mapToGlobal(place))

    def _lay_out(self) -> None:
        self._view = TABLE
        scroll = QScrollArea()
        scroll.setWidget(self.parallel)
        scroll.setWidgetResizable(True)
        points = QWidget()
        choosers = QHBoxLayout()
        choosers.setContentsMargins(12, 0, 12, 6)
        choosers.setSpacing(8)
        for word, box in (("across", self.across), ("up", self.up)):
            choosers.addWidget(label(word, "muted"))
            choosers.addWidget(box)
        choosers.addStretch(1)
        rows = QVBoxLayout(points)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(choosers)
        rows.addWidget(self.scatter, 1)
        self._views: tuple[QWidget, ...] = (self.table, scroll, points)
        self.pages = QStackedWidget()
        for page in (*self._views, self.empty):
            self.pages.addWidget(page)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 8, 8)
        bar.setSpacing(10)
        bar.addWidget(self.views)
        bar.addWidget(self.count)
        bar.addWidget(self.brushed)
        bar.addStretch(1)
        bar.addWidget(self.columns)
        bar.addWidget(self.copy_button)
        bar.addWidget(self.export_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.pages, 1)
        self.brushed.hide()


def _spreads(values: Sequence[Value]) -> bool:
    """Whether there are different values, and not of a few runs only, such as those of another job."""
    return len(set(values)) > 1 and 2 * sum(value is not None for value in values) >= len(values)


def _chooser(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(f"What stands {name.lower()}")
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMaximumWidth(180)
    return box
