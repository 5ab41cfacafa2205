"""The runs workspace: what runs and ran, how it goes, and what came of it."""

from __future__ import annotations

from time import monotonic, time

import msgspec
from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.runs import Output, PastSelection, RunOutput, RunSelection
from niceml_engine.values import ACTIVE, RunState
from niceml_gui.session import Session
from niceml_gui.widgets.basics import Painted
from niceml_gui.widgets.strips import SharedSplitter, TabStrip
from niceml_gui.workspaces.runs.analysis import AnalysisPane
from niceml_gui.workspaces.runs.banner import FailureBanner
from niceml_gui.workspaces.runs.charts import FRAME, ChartsPane
from niceml_gui.workspaces.runs.feeder import Feeder
from niceml_gui.workspaces.runs.journal import Journal
from niceml_gui.workspaces.runs.log_view import PLAIN
from niceml_gui.workspaces.runs.op_strip import OpStrip
from niceml_gui.workspaces.runs.record import RunRecord, merged
from niceml_gui.workspaces.runs.run_list import RunList

FRAME_MS = 100  #: between two updates of everything but the charts, which have a timer of their own
BUSY_FRAME = 0.4  #: seconds between two drawings of the charts while a long run is being read
_DOWN = [700, 180]  #: heights at first, in pixels
TICK_MS = 1000  #: how often times that only pass are shown anew, and the output is read again


def _share(width: int) -> list[int]:
    left, right = max(170, min(264, width // 6)), max(300, min(356, width * 27 // 100))
    return [left, width - left - right, right]


class RunsWorkspace(QWidget):
    """List of runs, ops, charts, log and analysis of the selected run.

    Args:
        session: The open project with its runs.
        parent: The Qt parent.
    """

    compose_wanted = Signal()  #: a key was selected that the Compose workspace shows

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.feeder = Feeder(session, self)
        self._configs: dict[str, str] = {}
        self._reading = False
        self._updated = 0.0
        self.runs = RunList(session)
        self.strip = OpStrip()
        self.banner = FailureBanner()
        self.charts = ChartsPane()
        self.journal = Journal()
        self.analysis = AnalysisPane()
        self.config = QPlainTextEdit()
        self.config.setReadOnly(True)
        self.config.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.config.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.config.setProperty("role", "mono")
        self.config.setStyleSheet(PLAIN)
        self.config.setAccessibleName("Composed config of the run")
        self.config.setPlaceholderText("The config that the run was started with appears here.")
        self._lay_out()
        self._update_timer = QTimer(self)
        self._update_timer.setSingleShot(True)
        self._update_timer.timeout.connect(self._update)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._ticked)
        self.feeder.grown.connect(self._grown)
        self.journal.output_wanted.connect(self._read_output)
        self.banner.key_wanted.connect(self._show_key)
        self.tabs.currentChanged.connect(self._turn)
        session.runs.selected.connect(self._select)
        session.runs.changed.connect(self._runs_changed)
        session.composed_changed.connect(self._soon)
        session.reference_changed.connect(self._soon)
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

    def stop_current(self) -> None:
        """Stops the selected run, if it has not ended."""
        state = self.state
        if state is not None and state.status in ACTIVE:
            self._session.runs.stop(state.id)

    def open_as_selection(self) -> None:
        """Makes the config of the selected run the current selection."""
        if self.state is not None:
            self._session.use_run(self.state.id)

    def save_state(self) -> bytes:
        """Where the splitters stand."""
        return msgspec.msgpack.encode([self._across.save(), bytes(self._down.saveState().data())])

    def restore_state(self, state: bytes) -> None:
        """Puts the splitters where they stood; what cannot be read is ignored."""
        try:
            across, down = msgspec.msgpack.decode(state, type=tuple[bytes, bytes])
        except msgspec.MsgspecError:
            return
        self._across.restore(across)
        self._down.restoreState(QByteArray(down))

    def reset_layout(self) -> None:
        """Puts the splitters back to where they stood at first."""
        self._down.setSizes(_DOWN)
        self._across.reset()

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
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rests; the record goes on."""
        super().hideEvent(event)
        self._tick.stop()
        self._update_timer.stop()

    # ------------------------------------------------------------------------------------------ inner workings

    def _lay_out(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setAccessibleName("Metrics or config")
        self.tabs.addTab("Metrics")
        self.tabs.addTab("Config")
        strip = TabStrip(self.tabs, self.charts.controls)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.charts)
        self._pages.addWidget(self.config)
        top = Painted()
        top.setProperty("role", "canvas")
        upper = QVBoxLayout(top)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        for widget in (self.banner, self.strip, strip):
            upper.addWidget(widget)
        upper.addWidget(self._pages, 1)
        self._down = QSplitter(Qt.Orientation.Vertical)
        self._down.addWidget(top)
        self._down.addWidget(self.journal)
        self._across = SharedSplitter(_share)
        for pane in (self.runs, self._down, self.analysis):
            self._across.addWidget(pane)
        self._across.setStretchFactor(1, 1)
        self._down.setHandleWidth(1)
        self._down.setChildrenCollapsible(False)
        self._down.setStretchFactor(0, 1)
        self._down.setStretchFactor(1, 0)
        self.reset_layout()
        self.runs.setMinimumWidth(170)
        self.analysis.setMinimumWidth(260)
        self.journal.setMinimumHeight(90)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._across)

    def _select(self) -> None:
        self.feeder.watch(self._session.runs.current)
        self.journal.show_output(Output("", ""))
        self._read_config()
        self._update()

    def _runs_changed(self) -> None:
        self.feeder.forget(set(self._session.runs.states))
        self._soon()

    def _grown(self) -> None:
        self.charts.frame = BUSY_FRAME if self.feeder.busy else FRAME
        self.charts.refresh()
        self._soon()

    def _soon(self) -> None:
        if self.isVisible() and not self._update_timer.isActive():
            rest = FRAME_MS - (monotonic() - self._updated) * 1000
            self._update_timer.start(max(round(rest), 0))

    def _update(self) -> None:
        self._updated = monotonic()
        state, record = self.state, self.record
        self.strip.set_ops(merged(self._ops(state), record), time())
        self.banner.show_failure(state, record)
        self.charts.set_record(record, self._waiting_for_metrics(state, record))
        self.journal.show_record(record)
        self.analysis.show_record(record, self._waiting_for_analysis(state, record))

    def _ticked(self) -> None:
        state = self.state
        if state is not None and state.status in ACTIVE:
            self._update()
            if self.journal.shows_output:
                self._read_output()

    def _ops(self, state: RunState | None) -> tuple[str, ...]:
        name = state.dagster_job if state is not None else self._session.composed.dagster_job
        return next((job.ops for job in self._session.reference.jobs if job.name == name), ())

    def _waiting_for_metrics(self, state: RunState | None, record: RunRecord) -> str:
        if state is None:
            return "Press Run, or choose a run on the left: its curves appear here."
        if self.feeder.busy:
            return "reading the run…"
        if state.status == "queued":
            return "queued: it starts when the runs before it have ended"
        if state.status == "starting":
            return "starting the worker…"
        if state.status != "running":
            return f"{state.status} before a metric was measured"
        running = next((op for op in record.ops.values() if op.status == "running"), None)
        if running is None:
            return "starting the ops…"
        if running.name != "train":
            return f"running {running.name}…"
        phases = [phase.name for phase in record.phases if phase.op == running.name]
        done = f" ({phases[-1]} is done)" if phases else ""
        return f"waiting for the first batch…{done}"

    def _waiting_for_analysis(self, state: RunState | None, record: RunRecord) -> str:
        if state is None:
            return "Choose a run: what its analysis found appears here."
        if state.status in ACTIVE:
            return "Metrics, confusion matrix and ROC appear here as each subset is analysed."
        return f"The run {state.status} before a subset was analysed."

    def _turn(self, tab: int) -> None:
        self._pages.setCurrentIndex(tab)
        self.charts.controls.setVisible(tab == 0)
        self._read_config()

    def _read_config(self) -> None:
        run = self._session.runs.current
        if self.tabs.currentIndex() != 1 or not run or run in self._configs:
            self._show_config()
            return

        def show(past: PastSelection) -> None:
            self._configs[run] = past.config
            self._show_config()

        self._session.engine.ask(RunSelection(run), show, self._failed)

    def _show_config(self) -> None:
        text = self._configs.get(self._session.runs.current, "")
        if text != self.config.toPlainText():
            self.config.setPlainText(text)

    def _read_output(self) -> None:
        run = self._session.runs.current
        if not run or self._reading:
            return
        self._reading = True

        def show(output: Output) -> None:
            self._reading = False
            if run == self._session.runs.current:
                self.journal.show_output(output)

        def failed(error: object) -> None:
            self._reading = False
            self._failed(error)

        self._session.engine.ask(RunOutput(run), show, failed)

    def _failed(self, error: object) -> None:
        self._session.complain(str(getattr(error, "message", error)), str(getattr(error, "details", "")))

    def _show_key(self, key: str) -> None:
        self._session.set_focus(key=key)
        self.compose_wanted.emit()
