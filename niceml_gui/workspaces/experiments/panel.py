"""The Experiments workspace: what runs have left behind, as a table with a detail beside it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.runs import ListExperiments
from niceml_engine.query.completion import Vocabulary
from niceml_engine.query.names import Name
from niceml_engine.query.subjects import ExperimentSubject, Known
from niceml_engine.values import ENDED, ErrorInfo, Experiment
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import ROW
from niceml_gui.values import error_message
from niceml_gui.widgets.basics import Empty, button, icon_button
from niceml_gui.widgets.docks import Docks, Side
from niceml_gui.widgets.query_edit import NothingFits, QueryEdit
from niceml_gui.workspaces.experiments.detail import ExperimentDetail
from niceml_gui.workspaces.experiments.found import ExperimentAnalysis
from niceml_gui.workspaces.experiments.model import ExperimentFilter, ExperimentModel

TIMEOUT = 60.0  #: a bucket far away takes its time
NONE = "No experiments yet"


class ExperimentsWorkspace(Docks):
    """The list of experiments.

    Args:
        session: Where the experiments come from.
    """

    ops_wanted = Signal(str)  #: some ops of a run are to run again

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asked = 0
        self._ended: frozenset[str] = frozenset()
        self._model = ExperimentModel(self)
        self._filter = ExperimentFilter(self)
        self._filter.setSourceModel(self._model)
        self.table = _table()
        self.table.setModel(self._filter)
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.query = QueryEdit("Filter experiments", "Filter experiments", self._vocabulary, session.leaves.want)
        self.query.setMaximumWidth(420)
        self.search = self.query.line
        self.query.changed.connect(self._filter_anew)
        session.leaves.changed.connect(self._leaves_changed)
        self._uris: frozenset[str] = frozenset()  # of experiments whose configs have been asked for
        self.again = icon_button("refresh", "Read the list again")
        self.again.clicked.connect(self.refresh)
        to_compose = button("Run the current job", "Put a run of the current selection into the queue", icon="play")
        to_compose.clicked.connect(lambda: session.start_run())
        self.empty = Empty(
            NONE,
            "A run writes models, predictions and metrics into an experiment folder. Run a job, and it appears here.",
            to_compose,
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.table)
        self.nothing = NothingFits("experiments", self.query)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.nothing)
        self.detail = ExperimentDetail(session)
        self.detail.ops_wanted.connect(self.ops_wanted)
        self.analysis = ExperimentAnalysis(session)
        self._lay_out()
        self._again_soon = QTimer(self)
        self._again_soon.setSingleShot(True)
        self._again_soon.setInterval(500)
        self._again_soon.timeout.connect(self._refresh_if_seen)
        self.table.selectionModel().currentRowChanged.connect(self._selected)
        self._filter.modelReset.connect(self._count)
        session.project_changed.connect(self._again_soon.start)
        session.trust.given.connect(self._again_soon.start)
        session.runs.changed.connect(self._runs_changed)
        theme().changed.connect(self.table.viewport().update)
        self._count()

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(1200, 800)

    def showEvent(self, event: QShowEvent) -> None:
        """Reads the list when it comes into view."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Asks for the list."""
        if self._session.project is None or self._session.connection.away:
            return
        self._session.engine.forget(self._asked)
        self.empty.title.setText("Reading the experiments…")
        request = ListExperiments(self._session.selection if self._session.selection.job else None)
        self._asked = self._session.engine.ask(request, self.show_experiments, self._failed, TIMEOUT)

    def show_experiments(self, experiments: tuple[Experiment, ...]) -> None:
        """Shows experiments; the selected one stays selected."""
        current = self.current()
        wanted = current.uri if current is not None else ""
        if experiments != self._model.experiments:
            self._model.show(experiments)
            self._widths()
        self._count()
        self._select(wanted)

    def current(self) -> Experiment | None:
        """The selected experiment."""
        index = self._filter.mapToSource(self.table.currentIndex())
        return self._model.experiments[index.row()] if index.isValid() else None

    def _select(self, uri: str) -> None:
        rows = range(self._filter.rowCount())
        uris = [self._model.experiments[self._filter.mapToSource(self._filter.index(row, 0)).row()].uri for row in rows]
        if uris:
            self.table.selectRow(uris.index(uri) if uri in uris else 0)
        else:
            self._selected()

    def _selected(self) -> None:
        current = self.current()
        self.detail.show_experiment(current)
        self.analysis.show_experiment(current)

    def _vocabulary(self) -> Vocabulary:
        found, leaves = self._model.experiments, self._session.leaves.table

        def texts(name: str) -> list[str]:
            values = (value for one in found for value in ExperimentSubject(one).values(Name("", name)))
            return list(dict.fromkeys(map(str, values)))[:40]

        return Vocabulary(Known(frozenset(name for one in found for name in one.metrics), leaves), texts)

    def _leaves_changed(self) -> None:
        self.query.refresh()
        if self.query.query.reads_configs:
            self._filter_anew()

    def _ask_configs(self) -> None:
        """Asks for the configs of experiments that no run of the project has made."""
        leaves = self._session.leaves
        lacking = (one for one in self._model.experiments if one.run_id not in leaves.table)
        uris = frozenset(one.uri for one in lacking if one.uri not in leaves.table)
        if not uris <= self._uris:
            self._uris = uris
            selection = self._session.selection if self._session.selection.job else None
            self._session.engine.ask(ListExperiments(selection, configs=True), lambda _: leaves.read(), None, TIMEOUT)

    def _filter_anew(self) -> None:
        query = self.query.query
        if query.reads_configs:
            self._ask_configs()
        self._filter.set_query(query, self._session.leaves.table)
        self._count()
        if not self.table.currentIndex().isValid():
            self._select("")

    def _count(self) -> None:
        total, shown = self._model.rowCount(), self._filter.rowCount()
        self.empty.title.setText(NONE)
        count = f"{shown} of {total}" if shown != total else str(total)
        self.list.setWindowTitle(f"Experiments  {count}" if total else "Experiments")
        nothing = bool(total) and not shown
        self.pages.setCurrentWidget(self.nothing if nothing else self.table if total else self.empty)
        self.query.tell_elsewhere(nothing)
        if nothing:
            self.nothing.explain(total, self.query.query.reads_configs and not self._session.leaves.table.rows)

    def _failed(self, error: ErrorInfo) -> None:
        self._count()
        self._session.message.emit(error_message(error))

    def _runs_changed(self) -> None:
        ended = frozenset(run.id for run in self._session.runs.states.values() if run.status in ENDED)
        if ended != self._ended:
            self._ended = ended
            self._again_soon.start()

    def _refresh_if_seen(self) -> None:
        if self._session.project is None:
            self._model.show(())
            self._count()
        elif self.isVisible():
            self.refresh()

    def _widths(self) -> None:
        self.table.resizeColumnsToContents()
        for column in range(self._model.columnCount()):
            self.table.setColumnWidth(column, min(320, self.table.columnWidth(column) + 4))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 10, 12, 10)
        head.setSpacing(12)
        head.addWidget(self.query, 1)
        head.addWidget(self.query.help, 0, Qt.AlignmentFlag.AlignTop)
        head.addStretch(1)
        head.addWidget(self.again)
        self.list = QWidget()
        column = QVBoxLayout(self.list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        pages = QHBoxLayout()
        pages.setContentsMargins(8, 0, 0, 0)  # so that the names stand below the filter
        pages.addWidget(self.pages)
        column.addLayout(pages, 1)
        panes = ((self.list, "Experiments"), (self.detail, "Experiment"), (self.analysis, "Analysis"))
        for pane, name in panes:
            pane.setObjectName(name.lower())
            pane.setWindowTitle(name)
        self.add(self.list)
        self.add(self.detail, Side.RIGHT)
        self.add(self.analysis, Side.TAB, self.detail)
        self.show_pane(self.detail)
        self.keep_width(self.detail, lambda width: max(360, min(400, width * 3 // 10)))
        self.finish(self.list)


def _table() -> QTableView:
    table = QTableView()
    table.setAccessibleName("Experiments")
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setSortingEnabled(True)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW + 4)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return table
