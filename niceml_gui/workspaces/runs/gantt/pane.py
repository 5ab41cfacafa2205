"""The pane of the gantt chart: how far the run is, and the chart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from niceml_gui import words
from niceml_gui.widgets.basics import ElidedLabel, Empty, Painted, icon_button
from niceml_gui.workspaces.runs.gantt.rows import rows_of
from niceml_gui.workspaces.runs.gantt.view import ZOOM, GanttView
from niceml_gui.workspaces.runs.progress import in_full
from niceml_gui.workspaces.runs.record import OpState, RunRecord


class GanttPane(QWidget):
    """Ops and phases of the selected run over time."""

    wanted = Signal()  #: it is in view, and is to show how the run is

    def __init__(self) -> None:
        super().__init__()
        self._run = ""
        self.progress = ElidedLabel()
        self.view = GanttView()
        self.empty = Empty("Nothing has run yet", "When which op and phase took how long appears here.")
        self.fit = icon_button("fit", "Show the whole run", tip="Show the whole run, and follow its end (Home)")
        self.closer = icon_button("zoom-in", "Zoom in", tip="Zoom in (Ctrl and the wheel, or +)")
        self.farther = icon_button("zoom-out", "Zoom out", tip="Zoom out (Ctrl and the wheel, or −)")
        bar = Painted()
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self.progress, 1)
        for button in (self.farther, self.closer, self.fit):
            row.addWidget(button)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._pages, 1)
        self.fit.clicked.connect(self.view.fit)
        self.closer.clicked.connect(lambda: self.view.zoom(ZOOM))
        self.farther.clicked.connect(lambda: self.view.zoom(1 / ZOOM))

    def show_ops(self, ops: Sequence[OpState], record: RunRecord, now: float) -> None:
        """Shows ops and phases as they are at a time (seconds since the epoch)."""
        if record.run != self._run:
            self._run = record.run
            self.view.forget()
        begun = any(op.started for op in ops)
        self._pages.setCurrentIndex(int(begun))
        running = next((op for op in ops if op.status == "running"), None)
        self.progress.set_full_text(in_full(running, now) if running else _end(record))
        self.view.show_rows(rows_of(ops, record.phases, now), record.started, now, record.clock.at)

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for the state of the run."""
        super().showEvent(event)
        self.wanted.emit()


def _end(record: RunRecord) -> str:
    """How a run ended, in a line; nothing while it goes on."""
    if record.ended is None:
        return ""
    failed = record.failed_op
    where = f" at {failed.name}" if failed is not None else ""
    why = f": {failed.message}" if failed is not None and failed.message else ""
    return f"{record.ended.status}{where} after {words.duration(record.ended.time - record.started)}{why}"
