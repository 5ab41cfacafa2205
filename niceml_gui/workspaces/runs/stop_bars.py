"""Bars above the ops of a run that is to stop, or was stopped: what happens next, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from niceml_engine.values import ACTIVE, RunState
from niceml_gui import words
from niceml_gui.widgets.basics import ElidedLabel, button, label
from niceml_gui.workspaces.runs.marked_bar import MarkedBar
from niceml_gui.workspaces.runs.record import RunRecord
from niceml_gui.workspaces.runs.ways_on import WaysOn


class StoppingBar(MarkedBar):
    """Shown while the selected run is to stop and has not ended yet."""

    end_wanted = Signal()  #: its processes are to be ended at once

    def __init__(self) -> None:
        super().__init__("warning")
        self.what = ElidedLabel()
        self.now = button("End now", "End its processes at once, whatever they do; what is not saved yet is lost")
        _fill(self, "stopping…", self.what, self.now)
        self.now.clicked.connect(self.end_wanted)

    def show_run(self, state: RunState | None, patience: float, now: float) -> None:
        """Shows what happens to a run; hides where it is not to stop.

        Args:
            state: The run.
            patience: Seconds that a run has to stop.
            now: The time where the run is.
        """
        stopping = state is not None and state.stopping and state.status in ACTIVE
        self.setVisible(stopping)
        if state is None or not stopping:
            return
        left = patience - max(now - (state.stop_asked or now), 0.0)
        when = f"in {f'{left:.0f} s' if left < 60 else words.duration(left)}" if left >= 1 else "now"
        self.what.set_full_text(f"It may end by itself, else it is ended by force {when}; what is saved stays.")


class StoppedBar(MarkedBar):
    """Shown while the selected run is one that was stopped."""

    def __init__(self) -> None:
        super().__init__("warning")
        self.what = ElidedLabel()
        self.ways = WaysOn()
        self.title = _fill(self, "stopped", self.what, self.ways)

    def show_run(self, state: RunState | None, record: RunRecord, ops: tuple[str, ...]) -> None:
        """Shows where a run was stopped; hides where it was not.

        Args:
            state: The run.
            record: What its stream says.
            ops: Those of its job.
        """
        stopped = state is not None and state.status == "stopped"
        self.setVisible(stopped)
        if state is None or not stopped:
            return
        self.title.setText(f"stopped {state.at}".rstrip())
        why = words.reason(state.status, state.message)
        how = "" if why == state.status else why.removeprefix(f"{state.status} ")
        self.what.set_full_text(" · ".join(filter(None, (record.reached, how, "what is saved is kept"))))
        self.ways.show_run(state, record, ops)


def _fill(bar: QWidget, title: str, what: QWidget, more: QWidget) -> QLabel:
    made = label(title, "warning")
    row = QHBoxLayout(bar)
    row.setContentsMargins(16, 7, 10, 8)
    row.setSpacing(8)
    row.addWidget(made)
    row.addWidget(what, 1)
    row.addWidget(more)
    return made
