"""What can be done with a run that did not come to its end: go on where it was, or run it again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from niceml_engine.values import RunState
from niceml_gui.widgets.basics import button
from niceml_gui.workspaces.runs.record import RunRecord, failed_at

KEPT = "the ops before it are kept, and so is the config"


class WaysOn(QWidget):
    """The buttons for that."""

    resume_wanted = Signal()  #: the run is to go on from the op in which it ended
    again_wanted = Signal()  #: all of it is to run again

    def __init__(self) -> None:
        super().__init__()
        self.resume = button("", "")
        self.again = button("Run again", "All of it, with the very config, from its beginning")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for one in (self.resume, self.again):
            row.addWidget(one)
        self.resume.clicked.connect(self.resume_wanted)
        self.again.clicked.connect(self.again_wanted)

    def show_run(self, state: RunState | None, record: RunRecord, ops: tuple[str, ...]) -> None:
        """Says where a run can go on.

        Args:
            state: The run, which has ended.
            record: What its stream says.
            ops: Those of its job.
        """
        first = failed_at(state, ops) if state is not None else ""
        done, progress = record.saved_epoch(first), record.ops[first].progress if first in record.ops else None
        last = progress is not None and 0 < progress.epochs <= done
        # With nothing kept it is a run like any other.
        self.resume.setVisible(bool(first) and first != ops[0])
        self.resume.setText(f"Go on from {first}" + (f" at epoch {done + 1}" if done and not last else ""))
        self.resume.setToolTip(
            f"From the checkpoint of epoch {done}, with what the optimizer was; {KEPT}"
            if done
            else f"Run that op from its beginning, and those after it; {KEPT}"
        )
