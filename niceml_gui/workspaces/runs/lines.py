"""What a run says, line by line: the rows of its stream in words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from niceml_engine.events import (
    Analysis,
    Artifact,
    Check,
    ClockSet,
    DagsterEvent,
    Event,
    Flag,
    Level,
    Log,
    Metrics,
    Missing,
    OpEnded,
    OpStarted,
    Phase,
    PhaseStarted,
    Progress,
    Resources,
    RunEnded,
    RunStarted,
    Tried,
    Unsaved,
)
from niceml_gui import words

Source = Literal["run", "dagster", "stdout", "stderr"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")


class Line(NamedTuple):
    """One line of a log.

    Attributes:
        seq: Its number among those of its source.
        time: Seconds since the epoch; 0 if unknown.
        op: During which op; empty if unknown.
        key: The config leaf that is to blame.
        code: The line of the project's own code that it speaks of, `file:line`.
        more: It is a further piece of the line before it, which is too long to be one.
    """

    seq: int
    time: float
    op: str
    level: Level
    text: str
    details: str = ""
    key: str = ""
    source: Source = "run"
    code: str = ""
    more: bool = False

    @property
    def link(self) -> str:
        """What a line leads to: the config leaf, else the code."""
        return self.key or self.code


def severity(event: Event) -> Level:
    """How bad a row is."""
    if isinstance(event, Log | DagsterEvent):
        return event.level
    if isinstance(event, Missing | Unsaved | ClockSet):
        return "warning"
    if isinstance(event, OpEnded | RunEnded) and event.status != "succeeded":
        return "error" if event.status == "failed" else "warning"
    if (isinstance(event, Check) and not event.passed) or (isinstance(event, Phase) and event.failed):
        return "error"
    return "info"


def line_of(event: Event) -> Line:
    """A row as a line of the log."""
    return Line(
        event.seq,
        event.time,
        event.op,
        severity(event),
        in_words(event),
        getattr(event, "details", ""),
        event.key if isinstance(event, OpEnded) else "",
        "dagster" if isinstance(event, DagsterEvent) else "run",
        event.code if isinstance(event, Log | OpEnded) else "",
    )


def in_words(event: Event) -> str:
    """A row in words, one line unless it is what somebody logged."""
    match event:
        case Log(text=text):
            return text
        case Missing() | Unsaved() | ClockSet():
            return event.in_words()
        case DagsterEvent(kind=kind, text=text):
            return f"{kind}  {text}"
        case RunStarted(pid=pid):
            return f"worker {pid} is up"
        case RunEnded(status=status, message=message):
            return f"run {status}" + (f": {words.reason(status, message)}" if message not in ("", status) else "")
        case OpStarted(attempt=attempt, attempts=attempts):
            most = f" of {attempts}" if attempts > 1 else ""
            return "started" if attempt == 1 else f"started again, attempt {attempt}{most}"
        case OpEnded(status=status, seconds=seconds, message=message, again_in=again):
            said = f"{status} after {words.duration(seconds)}" + (f": {message}" if message not in ("", status) else "")
            soon = "at once" if not again else f"in {words.duration(again)}"
            return said if again is None else f"{said}; begins again {soon}"
        case PhaseStarted(name=name, part=part):
            return f"{name} {part}".rstrip()
        case Phase(name=name, part=part, seconds=seconds, failed=failed):
            return f"{name} {part}".rstrip() + f" {'failed after' if failed else 'took'} {words.duration(seconds)}"
        case Analysis(subset=subset, metrics=values):
            return f"{subset}  " + "  ".join(f"{name} {words.number(value)}" for name, value in values.items())
        case Check(name=name, passed=passed, message=message):
            return f"{name} {'passed' if passed else 'failed'}" + (f": {message}" if message else "")
        case Artifact(kind=kind, path=path, size=size):
            return f"{kind} {path}" + (f"  ({words.size(size)})" if size else "")
        case Flag(text=text):
            return text
        case Metrics(level=level, step=step):
            return f"measured after {level} at step {step}"
        case Progress(done=done, total=total, unit=unit):
            return f"{done}/{total or '?'} {unit}"
        case Resources(cpu=cpu, memory=memory):
            return f"CPU {cpu:.0f} %, memory {words.size(memory)}"
        case Tried(name=name, status=status):
            return f"{name} {status}"
