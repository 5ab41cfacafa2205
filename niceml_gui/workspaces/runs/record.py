"""What the rows of one run's stream amount to: curves, ops, results and log, ready to be shown.

Live rows and the rows of an old run are fed in the same way, in portions of any size.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal, NamedTuple

from niceml_engine.events import (
    Analysis,
    Artifact,
    Check,
    Event,
    Level,
    Log,
    Metrics,
    OpEnded,
    OpStarted,
    Phase,
    Progress,
    RunEnded,
    RunStarted,
    Tried,
)
from niceml_gui import words
from niceml_gui.workspaces.runs.series import EpochScale, Series

Split = Literal["train", "validation"]
RATE_WINDOW = 8.0  #: seconds over which the rate is measured
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")


class SeriesKey(NamedTuple):
    """Which curve: the metric without `val_`, the level at which it was measured, and on which data."""

    metric: str
    level: Literal["batch", "epoch"]
    split: Split


class Line(NamedTuple):
    """One line of the log."""

    seq: int
    time: float
    op: str
    level: Level
    text: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class OpState:
    """Where an op of the run stands.

    Attributes:
        status: `waiting`, or as in `RunState.status`.
        started: Seconds since the epoch; 0 before.
        seconds: How long it took; 0 until it ended.
        progress: The latest progress, if it told any.
        rate: Progress units per second; 0 if unknown.
        key: The config key that is to blame for a failure, if known.
    """

    name: str
    status: str = "waiting"
    started: float = 0.0
    seconds: float = 0.0
    message: str = ""
    details: str = ""
    key: str = ""
    progress: Progress | None = None
    rate: float = 0.0

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1; `None` if unknown."""
        if self.status == "succeeded":
            return 1.0
        progress = self.progress
        if progress is None or not progress.total:
            return None
        return min(progress.done / progress.total, 1.0)

    @property
    def remaining(self) -> float | None:
        """Seconds that are left at the present rate; `None` if unknown."""
        progress = self.progress
        if progress is None or not progress.total or not self.rate:
            return None
        return max(progress.total - progress.done, 0) / self.rate


@dataclass
class RunRecord:
    """Everything known about a run from its stream.

    Attributes:
        run: The run's id.
        seq: Number of the last row that was taken up.
        series: The curves, in the order in which they appeared.
        epochs: Turns steps into epochs.
        ops: By name, in the order in which they started.
        analysis: The latest analysis of each subset.
        checks: The latest outcome of each experiment test.
        log: The log, with what happened between the lines put into words.
        notes: All rows but lines of the log and what comes with every batch.
        ended: The last row, once the run has ended.
    """

    run: str = ""
    seq: int = 0
    started: float = 0.0
    time: float = 0.0  #: of the last row
    series: dict[SeriesKey, Series] = field(default_factory=dict)
    epochs: EpochScale = field(default_factory=EpochScale)
    ops: dict[str, OpState] = field(default_factory=dict)
    phases: list[Phase] = field(default_factory=list)
    analysis: dict[str, Analysis] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    log: list[Line] = field(default_factory=list)
    notes: list[Event] = field(default_factory=list)
    ended: RunEnded | None = None
    _by_name: dict[tuple[str, str], Series] = field(default_factory=dict)
    _paces: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def last_step(self) -> float:
        """The highest step of any curve; 0 without one."""
        return max((float(series.steps.view[-1]) for series in self.series.values() if len(series)), default=0.0)

    @property
    def failed_op(self) -> OpState | None:
        """The op that failed, if one did."""
        return next((op for op in self.ops.values() if op.status == "failed"), None)

    def feed(self, events: Iterable[Event]) -> bool:
        """Takes up rows; those that were fed before are dropped.

        Returns:
            Whether anything was new.
        """
        before = self.seq
        for event in events:
            if event.seq <= self.seq:
                continue
            self.seq = event.seq
            self.time = event.time
            if not self.started:
                self.started = event.time
            self._take(event)
        return self.seq != before

    def _take(self, event: Event) -> None:
        if isinstance(event, Metrics):
            self._measure(event)
            if event.level == "batch":
                return
        elif isinstance(event, Progress):
            self._progress(event)
            return
        elif isinstance(event, OpStarted):
            self._paces.clear()
            self.ops[event.op] = OpState(event.op, "running", started=event.time)
        elif isinstance(event, OpEnded):
            self.ops[event.op] = replace(
                self._op(event.op),
                status=event.status,
                seconds=event.seconds,
                message=event.message,
                details=event.details,
                key=event.key,
            )
        elif isinstance(event, Phase):
            self.phases.append(event)
        elif isinstance(event, Analysis):
            self.analysis[event.subset] = event
        elif isinstance(event, Check):
            self.checks[event.name] = event
        elif isinstance(event, Artifact):
            self.artifacts.append(event)
        elif isinstance(event, RunEnded):
            self._end(event)
        if not isinstance(event, Log):
            self.notes.append(event)
        if not isinstance(event, Metrics | Phase | Artifact):  # of these the ops tell in their own words
            self.log.append(line_of(event))

    def _op(self, name: str) -> OpState:
        return self.ops.get(name) or OpState(name, "running")

    def _end(self, event: RunEnded) -> None:
        self.ended = event
        for name, op in self.ops.items():
            if op.status == "running":  # the worker died, or was stopped, in the middle of it
                took = max(event.time - op.started, 0.0)
                self.ops[name] = replace(
                    op, status=event.status, seconds=took, message=event.message, details=event.details
                )

    def _progress(self, event: Progress) -> None:
        if self._paces and event.done < self._paces[-1][1]:
            self._paces.clear()
        self._paces.append((event.time, event.done))
        while event.time - self._paces[0][0] > RATE_WINDOW and len(self._paces) > 2:
            self._paces.popleft()
        first_time, first_done = self._paces[0]
        spent = event.time - first_time
        rate = (event.done - first_done) / spent if spent > 0 else 0.0
        self.ops[event.op] = replace(self._op(event.op), progress=event, rate=rate)
        if event.epochs and event.total:
            self.epochs.steps_per_epoch = event.total // event.epochs

    def _new_series(self, name: str, level: Literal["batch", "epoch"]) -> Series:
        split: Split = "validation" if name.startswith("val_") else "train"
        series = self._by_name[name, level] = self.series[SeriesKey(name.removeprefix("val_"), level, split)] = Series()
        return series

    def _measure(self, event: Metrics) -> None:
        for name, value in event.values.items():
            series = self._by_name.get((name, event.level))
            if series is None:
                series = self._new_series(name, event.level)
            if value is None or not math.isfinite(value):
                series.mark(event.step, event.time, event.nonfinite.get(name, "nan" if value is None else str(value)))
            else:
                series.add(event.step, event.time, value)
        if event.level == "epoch":
            self.epochs.ended(event.epoch, event.step)
            return
        self.epochs.ended(event.epoch - 1, event.step - 1)


def severity(event: Event) -> Level:
    """How bad a row is."""
    if isinstance(event, Log):
        return event.level
    if isinstance(event, OpEnded | RunEnded) and event.status != "succeeded":
        return "error" if event.status == "failed" else "warning"
    if isinstance(event, Check) and not event.passed:
        return "error"
    return "warning" if isinstance(event, Metrics) and event.nonfinite else "info"


def line_of(event: Event) -> Line:
    """A row as a line of the log."""
    return Line(event.seq, event.time, event.op, severity(event), in_words(event), getattr(event, "details", ""))


def in_words(event: Event) -> str:
    """A row in words, one line."""
    match event:
        case Log(text=text):
            return text
        case RunStarted(pid=pid):
            return f"worker {pid} is up"
        case RunEnded(status=status, message=message):
            return f"run {status}" + (f": {message}" if message else "")
        case OpStarted():
            return "started"
        case OpEnded(status=status, seconds=seconds, message=message):
            return f"{status} after {words.duration(seconds)}" + (f": {message}" if message else "")
        case Phase(name=name, seconds=seconds):
            return f"{name} took {words.duration(seconds)}"
        case Metrics(epoch=epoch, values=values, nonfinite=bad):
            shown = (f"{name} {bad.get(name) or words.number(value)}" for name, value in values.items())
            return f"epoch {epoch}  " + "  ".join(shown)
        case Analysis(subset=subset, metrics=values):
            return f"{subset}  " + "  ".join(f"{name} {words.number(value)}" for name, value in values.items())
        case Check(name=name, passed=passed, message=message):
            return f"{name} {'passed' if passed else 'failed'}" + (f": {message}" if message else "")
        case Artifact(kind=kind, path=path, size=size):
            return f"{kind} {path}" + (f"  ({words.size(size)})" if size else "")
        case Progress(done=done, total=total, unit=unit):
            return f"{done}/{total or '?'} {unit}"
        case Tried(name=name, status=status):
            return f"{name} {status}"


def merged(ops: tuple[str, ...], record: RunRecord) -> tuple[OpState, ...]:
    """The ops of a job in order, as far as the record knows them; ops it does not declare come last."""
    names = dict.fromkeys((*ops, *record.ops))
    return tuple(record.ops.get(name) or OpState(name) for name in names)


def portions(events: tuple[Event, ...], length: int) -> Iterable[tuple[Event, ...]]:
    """Cuts rows into portions, in order."""
    for start in count(0, length):
        if start >= len(events):
            return
        yield events[start : start + length]
