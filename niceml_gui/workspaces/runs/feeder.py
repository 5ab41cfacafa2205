"""Brings the rows of the selected run, and of those that are compared, into their records, a slice at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import monotonic, perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.columns import Rows
from niceml_gui.session import Session
from niceml_gui.workspaces.runs.record import RunRecord

SLICE = 0.012  #: seconds of work between two turns of the event loop
KEPT = 4  #: records that are kept besides those that are watched, so that going back to a run is immediate


class Feeder(QObject):
    """Watches runs, and keeps the records of the last few.

    Args:
        session: Where the rows come from.
        parent: The Qt parent.
    """

    grown = Signal()  #: a record has taken up rows

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record = RunRecord()  #: of the selected run
        self.records: dict[str, RunRecord] = {}  #: of all runs that are known, the latest last
        self._session = session
        self._compared: frozenset[str] = frozenset()
        self._watched: set[str] = set()
        self._waiting: deque[tuple[str, Rows]] = deque()
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
        """Selects another run; empty for none."""
        if run != self.record.run:
            self.record = self._record(run) if run else RunRecord()
            self._settle()
        return self.record

    def compare(self, runs: Iterable[str]) -> None:
        """Watches these runs besides the selected one."""
        self._compared = frozenset(runs)
        for run in sorted(self._compared):
            if run not in self.records:
                self._record(run)
        self._settle()

    def forget(self, runs: set[str]) -> None:
        """Drops the records of runs that are gone: of all but `runs`."""
        self.records = {run: record for run, record in self.records.items() if run in runs}
        self._compared &= runs
        self._settle()

    def close(self) -> None:
        """Watches nothing any more."""
        self._compared = frozenset()
        self.watch("")
        self._settle()

    def _record(self, run: str) -> RunRecord:
        record = self.records.pop(run, None) or RunRecord(run)
        self.records[run] = record
        return record

    def _settle(self) -> None:
        """Watches what is to be watched, and nothing else; a run that has ended is read once."""
        wanted = {run for run in self._compared if self.records[run].ended is None}
        wanted |= {self.record.run} & self.records.keys()
        for run in self._watched - wanted:
            self._session.runs.unwatch(run)
        for run in sorted(wanted - self._watched):
            self._session.runs.watch(run, self.records[run].seq)
        self._watched = wanted
        self._waiting = deque(one for one in self._waiting if one[0] in wanted)
        if not self._waiting:
            self._timer.stop()
        others = [run for run in self.records if run not in self._compared and run != self.record.run]
        for run in others[: max(len(others) - KEPT + 1, 0)]:
            del self.records[run]

    def _take(self, run: str, rows: Rows) -> None:
        if run not in self._watched or not rows:
            return
        self._waiting.append((run, rows))
        if run == self.record.run:
            self.came = monotonic()
        if self._timer.isActive():
            return
        if perf_counter() - self._fed > SLICE:
            self._feed()  # the first rows after a silence are not to wait for a turn of the loop
        else:
            self._timer.start()

    def _feed(self) -> None:
        begin = perf_counter()
        new = ended = False
        while self._waiting and perf_counter() - begin < SLICE:
            run, rows = self._waiting.popleft()
            record = self.records[run]
            new = record.feed(rows) or new
            ended = ended or (record.ended is not None and run != self.record.run)
        self._fed = perf_counter()
        if ended:
            self._settle()
        if not self._waiting:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
        if new:
            self.grown.emit()
