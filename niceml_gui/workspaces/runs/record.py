"""What the rows of one run's stream amount to: curves, ops, results and log, ready to be shown.

Live rows and the rows of an old run are fed in the same way, in portions of any size: what was measured as columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple

import numpy as np

from niceml_engine.columns import Rows
from niceml_engine.events import (
    Analysis,
    Artifact,
    Check,
    ClockSet,
    DagsterEvent,
    Event,
    Flag,
    Log,
    Missing,
    OpEnded,
    OpStarted,
    Phase,
    PhaseStarted,
    Progress,
    Resources,
    RunEnded,
    RunStarted,
    Unsaved,
)
from niceml_engine.values import PROGRAM_OP, Continuation, RunState
from niceml_gui.workspaces.runs.lines import Line, line_of
from niceml_gui.workspaces.runs.measured import Measured
from niceml_gui.workspaces.runs.phases import Phases
from niceml_gui.workspaces.runs.usage import Usage
from niceml_gui.workspaces.runs.wall_clock import WallClock

RATE_WINDOW = 8.0  #: seconds over which the rate is measured


class Moment(NamedTuple):
    """What the charts mark: `checkpoint`, `early stop`, `retry`, `failed`, and whatever else a run tells of."""

    time: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of an op that came to nothing: when, for how long, and how it ended."""

    started: float
    seconds: float
    status: str


@dataclass(frozen=True, slots=True)
class OpState:
    """Where an op of the run stands.

    Attributes:
        status: `waiting`, or `not run` once the run has ended, `kept` as long as nothing is told of what an earlier run
            did, or as in `RunState.status`.
        started: Seconds since the epoch; 0 before.
        seconds: How long it took; 0 until it ended.
        progress: The latest progress, if it told any.
        rate: Progress units per second; 0 if unknown.
        failure: The row that says how it ended badly, if it did.
        attempts: Those before this one.
        most: How often it is begun at most; 0 if it was not said.
        doing: The phases that are open, in words.
        kept: It was done by an earlier run, whose experiment this one continues; its times are of then.
    """

    name: str
    status: str = "waiting"
    started: float = 0.0
    seconds: float = 0.0
    message: str = ""
    details: str = ""
    failure: OpEnded | None = None
    progress: Progress | None = None
    rate: float = 0.0
    attempts: tuple[Attempt, ...] = ()
    most: int = 0
    doing: str = ""
    kept: bool = False

    def attempt(self) -> str:
        """Which attempt this is, in words: `attempt 2 of 3`."""
        number = len(self.attempts) + 1
        return f"attempt {number} of {self.most}" if self.most >= number else f"attempt {number}"

    @property
    def seconds_of_all(self) -> float:
        """How long all attempts took together."""
        return self.seconds + sum(attempt.seconds for attempt in self.attempts)

    @property
    def again_in(self) -> float | None:
        """Seconds from its failure to the next attempt; `None` if there is none."""
        return self.failure.again_in if self.failure is not None else None

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
class RunRecord(Measured):
    """Everything known about a run from its stream.

    Attributes:
        run: The run's id.
        seq: Number of the last row that was taken up.
        began: When the run itself began; 0 as long as that is not told.
        ops: By name, in the order in which they started.
        analysis: The latest analysis of each subset.
        checks: The latest outcome of each experiment test.
        log: The log, with what happened between the lines put into words.
        moments: What the charts mark, in order.
        gaps: When rows are missing that were written before, in order.
        phases: What the ops were busy with.
        usage: What the run took of its machine.
        clock: Tells the time of day at times of the stream.
        notes: All rows but lines of the log, progress, beginnings of phases, and what was measured.
        ended: The last row, once the run has ended.
    """

    run: str = ""
    seq: int = 0
    began: float = 0.0
    ops: dict[str, OpState] = field(default_factory=dict)
    phases: Phases = field(default_factory=Phases)
    usage: Usage = field(default_factory=Usage)
    clock: WallClock = field(default_factory=WallClock)
    analysis: dict[str, Analysis] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    log: list[Line] = field(default_factory=list)
    notes: list[Event] = field(default_factory=list)
    ended: RunEnded | None = None
    _paces: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def started(self) -> float:
        """When the run began; 0 before."""
        return self.began or self.first

    @property
    def measured_from(self) -> float:
        """From when on the time of curves counts: the run's own start, or, where it kept them, that of the other."""
        track = self.tracks.get("batch") or self.tracks.get("epoch")
        return self.first if track and float(track.times.view[0]) < self.started else self.started

    @property
    def retried(self) -> tuple[float, ...]:
        """When the op that measures began again, in order."""
        op = self.ops.get(self.measured_by)
        return (*(attempt.started for attempt in op.attempts[1:]), op.started) if op and op.attempts else ()

    @property
    def resumed(self) -> list[float]:
        """When a training went on from a checkpoint, in another process than before, in order."""
        return [moment.time for moment in self.moments if moment.kind == "resumed"]

    @property
    def anew(self) -> list[float]:
        """When attempts after the first began that did not go on from a checkpoint, in order."""
        spans = zip(self.retried, (*self.retried[1:], inf), strict=False)
        return [begin for begin, end in spans if not any(begin <= one < end for one in self.resumed)]

    @property
    def begun_anew(self) -> float:
        """When the last attempt began that did not go on from a checkpoint; 0 where that is the first."""
        return max(self.anew, default=0.0)

    def attempt_at(self, time: float) -> int:
        """In which attempt of the op that measures something was measured, from 1."""
        return 1 + bisect_right(self.retried, time)

    def nearest_row(self, place: float, *, by_time: bool) -> tuple[float, float]:
        """Step and time of the row that is nearest to a step, or to a time."""
        track = self.tracks.get("batch") or self.tracks.get("epoch")
        if not track:
            return 0.0, self.measured_from
        source = track.times.view if by_time else track.steps.view
        row = int(np.abs(source - place).argmin())
        return float(track.steps.view[row]), float(track.times.view[row])

    def saved_epoch(self, op: str) -> int:
        """The epoch of the last checkpoint that an op has saved, and from which it may go on; 0 without one."""
        saved = (one.epoch for one in reversed(self.artifacts) if one.op == op and one.kind == "model")
        return next(saved, 0)

    @property
    def failed_op(self) -> OpState | None:
        """The op that failed, if one did."""
        return next((op for op in self.ops.values() if op.status == "failed"), None)

    def feed(self, rows: Rows) -> bool:
        """Takes up rows; those that were fed before are dropped.

        Returns:
            Whether anything was new.
        """
        known = self.seq
        if rows.last <= known:
            return False
        self.seq = rows.last
        flags = (event for event in rows.events if isinstance(event, Flag) and event.seq > known)
        self.measure(rows.columns, known, [flag.seq for flag in flags if flag.kind == "resumed"])
        for event in rows.events:
            if event.seq > known:
                self._note_time(event.time)
                self._take(event)
        return True

    def line_of(self, event: Event) -> Line:
        """A row as a line of the log, at its time of day."""
        line = line_of(event)
        return line._replace(time=self.clock.at(line.time))

    def close(self, state: RunState) -> None:
        """Ends what goes on, as its run has ended in a way that nobody could write down."""
        if self.ended is None:
            self._end(RunEnded(status=state.status, message=state.message, advice=state.advice, time=state.ended))

    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress(event)
            return
        elif isinstance(event, Resources):
            self.usage.add(event)
            return
        elif isinstance(event, PhaseStarted):
            self.phases.begin(event)
            return
        elif isinstance(event, RunStarted):
            self.began = event.time
            self.clock.begins_anew(event.time, self.notes[-1].time if self.notes else event.time)
        elif isinstance(event, OpStarted):
            self._begin(event)
        elif isinstance(event, OpEnded):
            self.phases.end_all(event.op, event.time, failed=event.status != "succeeded")
            self.ops[event.op] = replace(
                self._op(event.op),
                status=event.status,
                seconds=event.seconds,
                message=event.message,
                details=event.details,
                failure=event if event.status == "failed" else None,
            )
            if event.status == "failed":
                self.moments.append(Moment(event.time, "failed", f"{event.op} failed: {event.message}"))
        elif isinstance(event, Phase):
            self.phases.end(event)
        elif isinstance(event, Analysis):
            self.analysis[event.subset] = event
        elif isinstance(event, Check):
            self.checks[event.name] = event
        elif isinstance(event, Artifact):
            self.artifacts.append(event)
            if event.kind == "model":
                self.moments.append(Moment(event.time, "checkpoint", event.path))
        elif isinstance(event, Flag):
            self.moments.append(Moment(event.time, event.kind, event.text))
        elif isinstance(event, ClockSet):
            self.clock.was_set(event.time, event.seconds)
            self.moments.append(Moment(event.time, "clock set", event.in_words()))
        elif isinstance(event, Unsaved):
            self.moments.append(Moment(event.time, "missing", event.in_words()))
        elif isinstance(event, Missing):
            self.moments.append(Moment(event.time, "missing", event.in_words()))
            if event.rows:
                self.gaps.append(event.time)
                self.phases.lose(event.since)
        elif isinstance(event, RunEnded):
            self._end(event)
        if not isinstance(event, Log):
            self.notes.append(event)
        if not isinstance(event, Phase | Artifact | DagsterEvent):  # of these the ops tell in their own words
            self.log.append(self.line_of(event))

    def _op(self, name: str) -> OpState:
        return self.ops.get(name) or OpState(name, "running")

    def _begin(self, event: OpStarted) -> None:
        self._paces.clear()
        before = self.ops.get(event.op)
        attempts: tuple[Attempt, ...] = ()
        if before is not None:
            attempts = (*before.attempts, Attempt(before.started, before.seconds, before.status))
        op = OpState(event.op, "running", started=event.time, attempts=attempts)
        op = self.ops[event.op] = replace(op, most=event.attempts if event.attempts > 1 else 0)
        if attempts:
            self.moments.append(Moment(event.time, "retry", f"{event.op} began again: {op.attempt()}"))

    def _end(self, event: RunEnded) -> None:
        self.ended = event
        for name, op in self.ops.items():
            if op.status == "running":  # the worker died, or was stopped, in the middle of it
                self.phases.end_all(name, event.time, failed=event.status != "succeeded")
                took = max(event.time - op.started, 0.0)
                self.ops[name] = replace(
                    op, status=event.status, seconds=took, message=event.message, details=event.details
                )

    def _progress(self, event: Progress) -> None:
        if self._paces and (event.done < self._paces[-1][1] or event.time < self._paces[-1][0]):
            self._paces.clear()  # it, or the clock, begins again
        elif self._paces and not self._paces[-1][1]:
            self._paces.clear()  # the first step, in which everything is compiled, tells nothing of the others
        self._paces.append((event.time, event.done))
        while event.time - self._paces[0][0] > RATE_WINDOW and len(self._paces) > 2:
            self._paces.popleft()
        first_time, first_done = self._paces[0]
        spent = event.time - first_time
        rate = (event.done - first_done) / spent if spent > 0 else 0.0
        self.ops[event.op] = replace(self._op(event.op), progress=event, rate=rate)
        if event.epochs and event.total:
            self.epochs.steps_per_epoch = event.total // event.epochs


def failed_at(state: RunState, ops: tuple[str, ...]) -> str:
    """The op of a job from which a run can go on that failed or was stopped; empty where it cannot."""
    return state.next_op(ops) if state.status in ("failed", "stopped") else ""


def merged(ops: tuple[str, ...], record: RunRecord, continues: Continuation | None = None) -> tuple[OpState, ...]:
    """The ops of a job in order, as far as the record knows them; ops it does not declare come last.

    Args:
        ops: Those that the job declares.
        record: What is known of the run.
        continues: Which ops the run does itself, if not all of them.
    """
    names = tuple(dict.fromkeys((*ops, *record.ops)))
    own = names if continues is None else continues.ops
    before = names[: names.index(own[0])] if own and own[0] in names else ()

    def still(name: str) -> str:
        if record.ended is not None:
            return "not run"
        return "waiting" if name in own else "kept" if name in before else "not run"

    found = (record.ops.get(name) or OpState(name, still(name)) for name in names)
    return tuple(
        replace(op, doing=record.phases.current(op.name) or (record.reached if op.name == PROGRAM_OP else ""))
        if op.status == "running"
        else replace(op, kept=op.name not in own and op.name in record.ops)
        for op in found
    )
