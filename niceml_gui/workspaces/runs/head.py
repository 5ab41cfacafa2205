"""What stands above all panes of a run: why it failed or was stopped, how it stops, and how its ops stand.

Of runs that are compared it is said there what is of all of them, and what of the chosen one.
"""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from niceml_engine.values import RunState
from niceml_gui.runs import Runs
from niceml_gui.widgets.basics import Painted
from niceml_gui.workspaces.runs.banner import FailureBanner
from niceml_gui.workspaces.runs.comparison.bar import ComparedBar
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.gone_bar import GoneBar
from niceml_gui.workspaces.runs.no_room_bar import NoRoomBar
from niceml_gui.workspaces.runs.op_strip import OpStrip
from niceml_gui.workspaces.runs.record import OpState, RunRecord
from niceml_gui.workspaces.runs.stop_bars import StoppedBar, StoppingBar
from niceml_gui.workspaces.runs.ways_on import WaysOn


class RunHead(Painted):
    """The bars of a run over the strip of its ops.

    Args:
        runs: The runs.
        comparison: Which of them are compared.
    """

    def __init__(self, runs: Runs, comparison: Comparison) -> None:
        super().__init__()
        self._runs, self._comparison = runs, comparison
        self.compared = ComparedBar(comparison)
        self.gone = GoneBar(runs)
        self.banner = FailureBanner()
        self.stopping = StoppingBar()
        self.stopped = StoppedBar()
        self.full = NoRoomBar()
        self.strip = OpStrip()
        self.setProperty("role", "canvas")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.compared, self.gone, self.banner, self.full, self.stopping, self.stopped, self.strip):
            column.addWidget(part)

    def show_ops(self, ops: tuple[OpState, ...], now: float) -> None:
        """Shows how the ops of a run stand, at a time (seconds since the epoch)."""
        self.strip.set_ops(ops, now)
        self.strip.setVisible(bool(ops) and not self._comparison.active)

    @property
    def ways(self) -> tuple[WaysOn, ...]:
        """The buttons by which a run goes on that has ended too early."""
        return self.banner.ways, self.stopped.ways

    def show_run(
        self, state: RunState | None, record: RunRecord, ops: tuple[str, ...], patience: float, now: float
    ) -> None:
        """Shows what is to be said of a run.

        Args:
            state: The run, if one is chosen.
            record: What its stream says.
            ops: Those of its job.
            patience: Seconds that a run has to stop.
            now: The time where the run is.
        """
        self.compared.show_run(state)
        self.gone.refresh()
        gone = bool(self._runs.gone)  # of which it is said that, and with which nothing else can be done
        alone, told = (None, RunRecord()) if self._comparison.active or gone else (state, record)
        self.banner.show_failure(alone, told, ops)
        self.full.show_run(alone)
        self.stopping.show_run(alone, patience, now)
        self.stopped.show_run(alone, record, ops)
