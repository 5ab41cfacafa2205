"""Brings the rows of the selected run into its record, a slice at a time, so that the window never waits."""

from __future__ import annotations

from collections import deque
from time import monotonic, perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.columns import Rows
from niceml_gui.session import Session
from niceml_gui.workspaces.runs.record import RunRecord

SLICE = 0.012  #: seconds of work between two turns of the event loop
KEPT = 4  #: records that are kept, so that going back to a run is immediate


class Feeder(QObject):
    """Watches one run at a time, and keeps the records of the last few.

    Args:
        session: Where the rows come from.
        parent: The Qt parent.
    """

    grown = Signal()  #: the record has taken up rows

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record = RunRecord()
        self._session = session
        self._records: dict[str, RunRecord] = {}
        self._waiting: deque[Rows] = deque()
        self._fed = 0.0
        self.came = monotonic()  #: when the last rows came, on a clock that nobody sets
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._feed)
        session.runs.rows.connect(self._take)

    @property
    def busy(self) -> bool:
        """Whether rows are waiting to be taken up."""
        return bool(self._waiting)

    def watch(self, run: str) -> RunRecord:
        """Leaves the run that was watched and watches another one; empty for none."""
        if run == self.record.run:
            return self.record
        if self.record.run:
            self._session.runs.unwatch(self.record.run)
        self._waiting.clear()
        self._timer.stop()
        record = self._records.pop(run, None) or RunRecord(run)
        self.record = record
        if run:
            self._records[run] = record
            while len(self._records) > KEPT:
                del self._records[next(iter(self._records))]
            self._session.runs.watch(run, record.seq)
        return record

    def forget(self, runs: set[str]) -> None:
        """Drops the records of runs that are gone: of all but `runs`."""
        self._records = {run: record for run, record in self._records.items() if run in runs}

    def close(self) -> None:
        """Watches nothing any more."""
        self.watch("")

    def _take(self, run: str, rows: Rows) -> None:
        if run != self.record.run or not rows:
            return
        self._waiting.append(rows)
        self.came = monotonic()
        if self._timer.isActive():
            return
        if perf_counter() - self._fed > SLICE:
            self._feed()  # the first rows after a silence are not to wait for a turn of the loop
        else:
            self._timer.start()

    def _feed(self) -> None:
        begin = perf_counter()
        new = False
        while self._waiting and perf_counter() - begin < SLICE:
            new = self.record.feed(self._waiting.popleft()) or new
        self._fed = perf_counter()
        if not self._waiting:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
        if new:
            self.grown.emit()
