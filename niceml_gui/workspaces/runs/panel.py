"""The runs workspace: what runs and ran, how it goes, and what came of it."""

from __future__ import annotations

from time import monotonic, time

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from niceml_engine.ops_path import op_key
from niceml_engine.short import named
from niceml_engine.values import ACTIVE, OPS_PATH, RunState
from niceml_gui.commands import Command
from niceml_gui.paths import pure
from niceml_gui.session import Message, Session
from niceml_gui.widgets.basics import Empty, Painted
from niceml_gui.widgets.docks import Docks, Side
from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane
from niceml_gui.workspaces.runs.charts.pane import ChartsPane
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.pane import TABLE, TablePane
from niceml_gui.workspaces.runs.comparison.side import ComparisonPane
from niceml_gui.workspaces.runs.config_pane import ConfigPane
from niceml_gui.workspaces.runs.feeder import Feeder
from niceml_gui.workspaces.runs.gantt.pane import GanttPane
from niceml_gui.workspaces.runs.head import RunHead
from niceml_gui.workspaces.runs.journal import EventsPane, LinesPane, OutputPane
from niceml_gui.workspaces.runs.leading import Leading
from niceml_gui.workspaces.runs.listing.run_list import RunList
from niceml_gui.workspaces.runs.op_menu import op_menu
from niceml_gui.workspaces.runs.reading import Reading
from niceml_gui.workspaces.runs.record import RunRecord, merged
from niceml_gui.workspaces.runs.resources.pane import ResourcesPane
from niceml_gui.workspaces.runs.waiting import READING, for_analysis, for_metrics

FRAME_MS = 100  #: between two updates of everything but the charts, which have a timer of their own
SHARE = 30  #: so many times as long as an update took, others have their turn before the next one,
LONGEST_MS = 400  #: but no longer than this
TICK_MS = 1000  #: how often times that only pass are shown anew, and the output is read again


class RunsWorkspace(Docks):
    """List of runs, ops, charts, log and analysis of the selected run.

    Args:
        session: The open project with its runs.
    """

    settings_wanted = Signal()  #: the settings of runs and queue are to be shown
    ops_wanted = Signal(str, str)  #: some ops of a run are to run again, this one among them
    edited_wanted = Signal(str, str)  #: an op of a run and those after it are to run again with what is composed now
    compose_wanted = Signal()  #: a key was selected that the Compose workspace shows

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.feeder = Feeder(session, self)
        self._updated = self._took = 0.0
        self.comparison = Comparison(session, self)
        self.runs = RunList(session, self.comparison)
        self.head = RunHead(session.runs, self.comparison)
        self.strip, self.banner, self.stopping = self.head.strip, self.head.banner, self.head.stopping
        self.charts = ChartsPane()
        self.gantt = GanttPane()
        self.resources = ResourcesPane()
        self.log = LinesPane("Log", Empty("Nothing logged yet", "What the ops of the run say appears here."), ops=True)
        self.events = EventsPane(Empty("Nothing happened yet", "Starts, ends, phases and files appear here."))
        self.output = OutputPane(Empty("Nothing printed yet", "What the worker prints appears here."))
        self.analysis = AnalysisPane(session)
        self.config = ConfigPane(session, self.comparison)
        self.table = TablePane(session, self.comparison, self.runs.model.listed)
        self.side = ComparisonPane(session, self.comparison, self.charts.controls)
        self._compared = False  # whether anything was
        self._leading = Leading(session, self)
        self._reading = Reading(session, self.config, self.output, self)
        self._lay_out()
        self._update_timer = QTimer(self)
        self._update_timer.setSingleShot(True)
        self._update_timer.timeout.connect(self._update)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._ticked)
        self.runs.settings_wanted.connect(self.settings_wanted)
        self.feeder.grown.connect(self._grown)
        self.gantt.wanted.connect(self._soon)
        self.resources.wanted.connect(self._soon)
        for pane in (self.banner, self.log, self.events, self.config):
            pane.key_wanted.connect(self._show_key)
        for pane in (self.banner, self.log, self.events):
            pane.code_wanted.connect(self._show_code)
        for ways in self.head.ways:
            ways.resume_wanted.connect(lambda: session.runs.resume(session.runs.current))
            ways.again_wanted.connect(lambda: session.runs.again(session.runs.current))
        for one in (self.strip, self.gantt.view):
            one.opened.connect(self._show_op)
        self.stopping.end_wanted.connect(lambda: session.runs.stop(session.runs.current, now=True))
        self._leading.led.connect(self.compose_wanted)
        self.strip.selected.connect(self._select_op)
        self.strip.menu_wanted.connect(self._show_op_menu)
        self.runs.ops_wanted.connect(lambda run: self.ops_wanted.emit(run, ""))
        self.runs.edited_wanted.connect(self.edited_wanted)
        self.gantt.view.selected.connect(self._select_span)
        self.charts.said.connect(self._say)
        self.table.said.connect(self._say)
        self.runs.listed.connect(self.table.soon)
        self.runs.table_wanted.connect(self._show_table)
        self.comparison.changed.connect(self._compare)
        session.project_changed.connect(self._open_project)
        session.runs.selected.connect(self._select)
        session.runs.changed.connect(self._runs_changed)
        session.runs.queue_changed.connect(self._soon)
        session.composed_changed.connect(self._soon)
        session.reference_changed.connect(self._soon)
        self._open_project()
        self._select()

    # ------------------------------------------------------------------------------------------ for the window

    @property
    def record(self) -> RunRecord:
        """What is known about the selected run."""
        return self.feeder.record

    @property
    def state(self) -> RunState | None:
        """The selected run as the list shows it."""
        return self._session.runs.states.get(self._session.runs.current)

    def commands(self) -> tuple[Command, ...]:
        """What can be done here: comparing."""

        def toggle() -> None:
            self.comparison.toggle([self._session.runs.current])

        return (
            Command("run.compare", "Compare this run", toggle, "", "Run", "on_runs and run", group="compare"),
            Command(
                "run.compare-none", "Compare no more", self.comparison.clear, "", "Run", "on_runs", group="compare"
            ),
            Command(
                "run.table", "Runs as a table", self._show_table, "Ctrl+Shift+T", "Run", "on_runs", group="compare"
            ),
        )

    def fronts(self) -> tuple[str, ...]:
        """What is in front; what stands beside compared runs comes with them, and goes with them."""
        names = super().fronts()
        return tuple(self.analysis.objectName() if name == self.side.objectName() else name for name in names)

    def close_plots(self) -> None:
        """Stops all timers and takes the plots apart; called before the window is closed."""
        self._tick.stop()
        self._update_timer.stop()
        self.feeder.close()
        self.charts.close_plots()

    # ------------------------------------------------------------------------------------------ Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Shows what came while nobody looked."""
        super().showEvent(event)
        self._tick.start()
        self._session.runs.select_any()
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rests; the record goes on."""
        super().hideEvent(event)
        self._tick.stop()
        self._update_timer.stop()

    # ------------------------------------------------------------------------------------------ inner workings

    def _lay_out(self) -> None:
        self.metrics = Painted()
        self.metrics.setProperty("role", "canvas")
        controls = QHBoxLayout()
        controls.setContentsMargins(12, 0, 4, 0)
        controls.addWidget(self.charts.controls)
        column = QVBoxLayout(self.metrics)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(controls)
        column.addWidget(self.charts, 1)
        for pane, name in (
            (self.runs, "Runs"),
            (self.metrics, "Metrics"),
            (self.gantt, "Gantt"),
            (self.resources, "Resources"),
            (self.config, "Config"),
            (self.table, "Table"),
            (self.log, "Log"),
            (self.events, "Events"),
            (self.output, "Output"),
            (self.analysis, "Analysis"),
            (self.side, "Compared"),
        ):
            pane.setObjectName(name.lower())
            pane.setWindowTitle(pane.windowTitle() or name)
        self.runs.setMinimumWidth(170)
        self.analysis.setMinimumWidth(260)
        self.log.setMinimumHeight(90)
        self.add(self.metrics)
        for pane in (self.gantt, self.resources, self.config, self.table):
            self.add(pane, Side.TAB, self.metrics)
        self.add(self.runs, Side.LEFT)
        self.add(self.analysis, Side.RIGHT)
        self.add(self.side, Side.TAB, self.analysis)
        self.add(self.log, Side.BELOW, self.metrics)
        self.add(self.events, Side.TAB, self.log)
        self.add(self.output, Side.TAB, self.log)
        self.crown(self.head, self.metrics)
        self.show_pane(self.log)
        self.show_pane(self.metrics)
        self.show_pane(self.analysis)
        self.keep_width(self.runs, lambda width: max(170, min(264, width // 6)))
        self.keep_width(self.analysis, lambda width: max(300, min(384, width * 30 // 100)))
        self.keep_height(self.log, lambda height: min(216, height * 3 // 10))
        self.finish(self.metrics)

    def _open_project(self) -> None:
        project = self._session.project
        self.charts.set_project(self._session.address.key if project is not None else "")

    def _show_table(self) -> None:
        self.show_pane(self.table)
        self.table.show_view(TABLE)
        self.table.setFocus()

    def _say(self, text: str, is_error: bool) -> None:
        self._session.message.emit(Message("error" if is_error else "info", text))

    def _select(self) -> None:
        self.feeder.watch(self._session.runs.current)
        self.strip.choose("")
        self._reading.select()
        self._update()

    def _compare(self) -> None:
        """Draws what is compared now; when that begins or ends, the pane beside the charts comes or goes."""
        comparison = self.comparison
        self.feeder.compare(comparison.chosen.runs)
        if comparison.active != self._compared:
            self._compared = comparison.active
            self.show_pane(self.side if comparison.active else self.analysis)
            self.share()
        self._update()

    def _show_charts(self, state: RunState | None, record: RunRecord) -> None:
        if not self.comparison.active:
            name = named(state) if state is not None else ""
            paused = self._session.runs.queue.settings.paused
            waiting = for_metrics(state, record, reading=self._is_reading, paused=paused)
            self.charts.set_record(record, waiting, name)
            return
        shown = self.comparison.shown(self.feeder.records)
        waiting = "reading the runs…" if self.feeder.busy else "none of these runs has measured anything yet"
        if not self.comparison.chosen.drawn:
            waiting = "all runs are hidden"
        if [one.key for one in shown] == [one.key for one in self.charts.shown]:
            self.charts.say(waiting)
        else:
            self.charts.show_runs(shown, waiting)
            if not self.feeder.busy:  # a person hides, shows or groups runs
                self.charts.redraw()

    @property
    def _is_reading(self) -> bool:
        """Whether there are rows of the selected run that have not been taken up: of what has begun there is one."""
        state = self.state
        begun = state is not None and bool(state.started) and state.status not in ("queued", "starting")
        return self.feeder.busy or (begun and not self.record.seq)

    def _runs_changed(self) -> None:
        self.feeder.forget(set(self._session.runs.states))
        if self.isVisible():
            self._session.runs.select_any()
        self._soon()

    def _grown(self) -> None:
        self.charts.refresh()
        self._soon()

    def _soon(self) -> None:
        if self.isVisible() and not self._update_timer.isActive():
            rest = min(max(FRAME_MS, SHARE * self._took), LONGEST_MS) - (monotonic() - self._updated) * 1000
            self._update_timer.start(max(round(rest), 0))

    def _update(self) -> None:
        self._updated = monotonic()
        state, record = self.state, self.record
        if state is not None and state.advice and not self.feeder.busy:
            record.close(state)
        now = self._now(state)
        ops = merged(self._ops(state), record, state.continues if state is not None else None)
        self.head.show_ops(ops, now)
        if self.gantt.isVisible():
            self.gantt.show_ops(ops, record, now)
        if self.resources.isVisible():
            self.resources.show_usage(record.usage, record.started, now)
        self.head.show_run(
            state, record, self._ops(state), self._session.runs.queue.settings.patience, record.clock.at(now)
        )
        self._show_charts(state, record)
        self.log.show_record(record)
        self.events.show_record(record)
        coming = state is not None and state.status in ACTIVE
        unread = READING if self._is_reading else for_analysis(state, self._ops(state))
        self.analysis.show_record(record, unread, coming=coming)
        self._took = (monotonic() - self._updated) * 1000

    def _ticked(self) -> None:
        state = self.state
        if state is not None and state.status in ACTIVE and not self._session.connection.away:
            self._update()
            if self.output.isVisible():
                self._reading.read_output()

    def _now(self, state: RunState | None) -> float:
        """The time where the run is, whose clock may be another one: that of the last row, and what has passed since.

        A run that has ended, and one of which nothing came yet, has no other.
        """
        if not self.record.time or state is None or state.status not in ACTIVE:
            return self.record.time or time()
        away = self._session.connection.last_seen  # of which nobody knows what has happened since
        return self.record.time + max(monotonic() - away - self.feeder.came, 0.0)

    def _ops(self, state: RunState | None) -> tuple[str, ...]:
        return self._session.ops_of(state.dagster_job if state is not None else self._session.composed.dagster_job)

    def _select_op(self, op: str) -> None:
        self.gantt.view.choose(op)
        started = next((one.started for one in self.record.ops.values() if one.name == op), 0.0)
        if started:
            self._go_to(started)

    def _select_span(self, op: str, start: float) -> None:
        self.strip.choose(op)
        self._go_to(start)

    def _go_to(self, moment: float) -> None:
        for pane in (self.log, self.events):
            pane.go_to(self.record.clock.at(moment))

    def _show_op(self, op: str) -> None:
        project = self._session.project
        self._show_key(op_key(op, project.ops_path if project is not None else OPS_PATH))

    def _show_op_menu(self, op: str, place: QPoint) -> None:
        def some() -> None:
            self.ops_wanted.emit(self._session.runs.current, op)

        op_menu(self._session, self.state, op, lambda: self._show_op(op), some, self).popup(place)

    def _show_code(self, place: str) -> None:
        """Shows a line of the project's own code, `file:line`."""
        file, _, line = place.rpartition(":")
        project = self._session.project
        self._session.open_source(str(pure(project.root if project is not None else "") / file), int(line))
        self.compose_wanted.emit()

    def _show_key(self, key: str) -> None:
        self._leading.lead(self.state, key)
