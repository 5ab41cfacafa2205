"""The event stream of a run: what is written, line by line, while it happens.

A stream is append-only JSON lines. `seq` counts from 1 without gaps, so that a reader can continue where it
stopped, and can drop what it has seen twice. Watching live and opening an old run read the same lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from niceml_engine.counting import counted
from niceml_engine.results import Result
from niceml_engine.values import Checkpoint, RunStatus

Level = Literal["debug", "info", "warning", "error"]
Every = Literal["batch", "epoch"]  #: how often something is measured


class _Event(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True, kw_only=True):
    seq: int = 0  #: set by the writer
    time: float = 0.0  #: seconds since the epoch; set by the writer, unless it was known before
    op: str = ""  #: set by the writer while an op runs


class RunStarted(_Event, frozen=True, tag="run_started"):
    """The worker is up and Dagster has taken the run."""

    pid: int
    dagster_run: str = ""
    resumed: bool = False  #: the training goes on from a checkpoint of the run that this one continues


class RunEnded(_Event, frozen=True, tag="run_ended"):
    """The last line of every stream whose worker, or whose undertaker, could still write."""

    status: RunStatus
    message: str = ""
    details: str = ""
    advice: str = ""  #: what to try, of a worker that could not say so itself


class OpStarted(_Event, frozen=True, tag="op_started"):
    """An op begins, or begins again; the writer's `op` is set from here on."""

    attempt: int = 1  #: from 1; an op is begun again where its config says so
    attempts: int = 1  #: how often it is begun at most


class OpEnded(_Event, frozen=True, tag="op_ended"):
    """An op ended, well or not."""

    status: RunStatus
    seconds: float
    message: str = ""
    details: str = ""
    key: str = ""  #: config leaf that is to blame, if known
    place: str = ""  #: `file:line` where that leaf was set
    override: str = ""  #: what set it, where no file did
    error: str = ""  #: class of the exception at the bottom of it, unless it is one of our own
    code: str = ""  #: `file:line` of the project's own code that raised it
    advice: str = ""  #: what to try, where the message does not say so itself
    again_in: float | None = None  #: seconds after which it is begun again; `None` if it is not


class PhaseStarted(_Event, frozen=True, tag="phase_started"):
    """A named part of an op begins: loading data, building the model, one epoch.

    It ends with its `Phase`, or, where the op ends before, with the op.
    """

    phase: int  #: its number, unlike that of any other phase of the op
    name: str  #: the same for parts of one kind: `epoch`
    part: str = ""  #: which one: `3`, `validation`
    inside: int = 0  #: the phase that it is a part of


class Phase(_Event, frozen=True, tag="phase"):
    """A phase ends; it began `seconds` ago."""

    name: str
    seconds: float
    part: str = ""
    phase: int = 0
    inside: int = 0
    failed: bool = False  #: it was left by an exception


class Progress(_Event, frozen=True, tag="progress"):
    """How far the op is."""

    done: int
    total: int = 0  #: 0: unknown
    unit: str = "batch"
    epoch: int = 0  #: from 1; 0 outside of training
    epochs: int = 0
    samples: int = 0  #: in each unit, if known


class Metrics(_Event, frozen=True, tag="metrics"):
    """Values measured after a batch or an epoch.

    Names starting with `val_` belong to validation. A value that is not finite is `None` in `values` and is named
    in `nonfinite` (`nan`, `inf`, `-inf`), because JSON has no word for it.
    """

    level: Every
    step: int  #: batches trained so far, from 1
    epoch: int  #: from 1
    values: dict[str, float | None]
    nonfinite: dict[str, str] = {}


class Analysis(_Event, frozen=True, tag="analysis"):
    """What was found for one subset."""

    subset: str
    metrics: dict[str, float | None]
    results: tuple[Result, ...] = ()
    nonfinite: dict[str, str] = {}  #: as of `Metrics`; a metric that is not defined for the subset is only `None`
    model: Checkpoint | None = None  #: whose predictions these were, if that is known

    def in_words(self) -> str:
        """The metrics in a line, for where there is nothing but text."""
        shown = (
            f"{name} {self.nonfinite.get(name, '-') if value is None else f'{value:.4f}'}"
            for name, value in self.metrics.items()
        )
        return "  ".join((self.subset, *shown))


class Check(_Event, frozen=True, tag="check"):
    """One experiment test."""

    name: str
    passed: bool
    message: str = ""


class Artifact(_Event, frozen=True, tag="artifact"):
    """A file or folder that the run made."""

    kind: str  #: `experiment`, `model`, `prediction`, `analysis`, `data`, ...
    path: str  #: URI of the experiment, or a path inside it
    size: int = 0  #: bytes
    epoch: int = 0  #: after which it was made; 0 outside of training


class Flag(_Event, frozen=True, tag="flag"):
    """A moment that is marked in the charts."""

    kind: str  #: `early stop`, `resumed`, ...
    text: str  #: what happened, in words


class Tried(_Event, frozen=True, tag="tried"):
    """What came of a part of a config, or of an op on one batch, when it was tried."""

    key: str  #: in the config
    name: str  #: `model`, `callbacks.checkpoints`; of a job, the op
    status: RunStatus
    seconds: float
    made: str = ""  #: the class of what came out
    found: tuple[str, ...] = ()  #: what is known of it: `23,649 parameters`, `48×48×1 → 1`
    message: str = ""  #: why it failed
    details: str = ""
    place: str = ""  #: `file:line` that is to blame, or that names it


class Gpu(msgspec.Struct, frozen=True):
    """What one GPU is busy with, whoever uses it."""

    name: str
    used: float  #: percent of the time
    memory: int  #: bytes that are taken
    total: int  #: bytes that it has


class Resources(_Event, frozen=True, tag="resources"):
    """What the run takes at this moment, and what the whole machine does."""

    cpu: float  #: percent of one core, of the worker and the processes that it started
    memory: int  #: bytes, likewise
    machine_cpu: float  #: percent of all cores
    machine_memory: int  #: bytes that are taken
    total_memory: int  #: bytes that the machine has
    cores: int
    gpus: tuple[Gpu, ...] = ()


class DagsterEvent(_Event, frozen=True, tag="dagster"):
    """What Dagster noted in its own record of the run."""

    kind: str  #: `STEP_START`, ...
    text: str
    level: Level = "info"


class Missing(_Event, frozen=True, tag="missing"):
    """Rows are missing right before the next one: the disk was full, or what stands there cannot be read.

    Who reads a stream makes it of what it passes over; its number is that of the next row then.
    """

    rows: int = 0  #: how many, by the numbers of those around them
    pieces: int = 0  #: lines that cannot be read; 0 where the disk was full, or lines were taken out
    step: int = 0  #: the last one before that is told of; 0 if that is not known
    full: bool = False  #: the disk was
    since: float = 0.0  #: from when on they are missing, in seconds since the epoch; 0 if that is not known

    def in_words(self) -> str:
        """What happened, in a line."""
        after = f" after step {self.step:,}" if self.step else ""
        lost = f"{counted(self.rows, 'row')} of this run {'is' if self.rows == 1 else 'are'} missing here"
        if self.full:
            return f"the disk was full; {lost}"
        if not self.pieces:
            return lost + after
        passed = f"{counted(self.pieces, 'damaged piece')} of the stream {'was' if self.pieces == 1 else 'were'}"
        return f"{passed} passed over{after}" + (f"; {lost}" if self.rows else "")


class Unsaved(_Event, frozen=True, tag="unsaved"):
    """A checkpoint for which the disk had no room; the run goes on without it."""

    epoch: int
    why: str = ""

    def in_words(self) -> str:
        """Which one, and why, in a line."""
        return f"the checkpoint of epoch {self.epoch} is not saved" + (f": {self.why}" if self.why else "")


class ClockSet(_Event, frozen=True, tag="clock_set"):
    """The clock of the machine was set, or it slept; the times of the rows go on as if that had not been.

    Times of a stream are the time of day when its worker began, plus what has passed since. Those after this row are
    behind the clock of the machine by `seconds` more than those before it, up to the next `RunStarted`.
    """

    seconds: float  #: by which it was set; below 0, back
    slept: float = 0.0  #: how much of that the machine slept

    def in_words(self) -> str:
        """What happened, in a line."""
        by = self.seconds - self.slept
        told = [f"the machine slept for {_span(self.slept)} here"] if self.slept else []
        if abs(by) >= min(1.0, abs(self.seconds)):
            told.append(f"the clock was set {'forward' if by > 0 else 'back'} by {_span(abs(by))} here")
        return ", and ".join(told)


class Log(_Event, frozen=True, tag="log"):
    """A line for the log."""

    text: str
    level: Level = "info"
    code: str = ""  #: `file:line` of the project's own code that it speaks of


Event = (
    RunStarted
    | RunEnded
    | OpStarted
    | OpEnded
    | PhaseStarted
    | Phase
    | Progress
    | Metrics
    | Analysis
    | Check
    | Artifact
    | Flag
    | Resources
    | DagsterEvent
    | Missing
    | Unsaved
    | ClockSet
    | Log
    | Tried
)


def metrics(level: Every, step: int, epoch: int, values: dict[str, float]) -> Metrics:
    """Makes a `Metrics` event, moving what is not finite to where JSON can say it."""
    shown, nonfinite = parted(values)
    return Metrics(level=level, step=step, epoch=epoch, values=shown, nonfinite=nonfinite)


def parted(values: Mapping[str, float]) -> tuple[dict[str, float | None], dict[str, str]]:
    """What was measured, with `None` for what is not finite, and how that is not."""
    nonfinite = {name: str(float(value)) for name, value in values.items() if not math.isfinite(value)}
    return {name: None if name in nonfinite else value for name, value in values.items()}, nonfinite


def _span(seconds: float) -> str:
    """A span of time to its two largest units: `72 h`, `1 h 30 min`, `40 s`."""
    hours, rest = divmod(round(seconds), 3600)
    if not hours:
        minutes, rest = divmod(rest, 60)
        parts = ((minutes, "min"), (rest, "s"))
    else:
        parts = ((hours, "h"), (rest // 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"{seconds:.1f} s"
