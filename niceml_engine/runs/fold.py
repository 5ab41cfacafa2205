"""What the rows of a stream amount to for the list of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from niceml_engine.columns import Rows, ends_of, last_of
from niceml_engine.events import (
    Analysis,
    Artifact,
    ClockSet,
    Event,
    Every,
    Log,
    Metrics,
    Missing,
    OpEnded,
    OpStarted,
    Progress,
    RunEnded,
    RunStarted,
    Unsaved,
)
from niceml_engine.values import PROGRAM_JOB, RunState

HEADLINE = ("val_loss", "loss")


def fold(state: RunState, events: Iterable[Event]) -> RunState:
    """The state of a run after some more rows of its stream."""
    for event in events:
        state = _step(state, event)
    return state


def fold_rows(state: RunState, rows: Rows) -> RunState:
    """The state of a run after some more rows that were gathered: of what was measured, the last epoch counts.

    A program of a project's own may know no epochs, and measure one thing here and another there.
    """
    own = state.dagster_job == PROGRAM_JOB
    counted = [columns for columns in rows.columns if own or columns.level == "epoch"]
    for columns in counted:
        state = _spread(state, ends_of(columns))
    return fold(state, (*(last_of(columns, of_each=own) for columns in counted), *rows.events))


def _step(state: RunState, event: Event) -> RunState:
    replace = msgspec.structs.replace
    match event:
        case RunStarted(pid=pid, time=time, resumed=resumed):
            return replace(state, status="running", started=time, pid=pid, resumed=resumed, clock_set=0.0)
        case OpStarted(op=op):
            return replace(state, op=op, op_done=False, message=op)
        case Progress(done=done, total=total, unit=unit, epoch=epoch, epochs=epochs):
            if not epoch:
                return replace(state, message=f"{event.op} · {done}/{total} {unit}" if total else state.message)
            return replace(state, message=f"epoch {epoch}/{epochs}")
        case Metrics(level=level, values=values, epoch=epoch, step=step) if _counts(state, level):
            state = _measure(state, values, event.nonfinite)
            metrics = state.metrics
            shown = next((f" · {name} {metrics[name]:.4g}" for name in HEADLINE if metrics.get(name) is not None), "")
            where = f"epoch {epoch}" if level == "epoch" else f"step {step}"
            ends = {name: (value, value) for name, value in values.items() if value is not None}
            return _spread(replace(state, message=f"{where}{shown}"), ends)
        case Analysis(subset=subset, metrics=found, nonfinite=broken):
            values = {f"{subset}.{name}": value for name, value in found.items()}
            return _measure(state, values, {f"{subset}.{name}": kind for name, kind in broken.items()})
        case Artifact(kind="experiment", path=path):
            return replace(state, experiment=path, name=state.name or path.rstrip("/").rsplit("/", 1)[-1])
        case ClockSet(seconds=seconds):
            return replace(state, clock_set=state.clock_set + seconds)
        case Missing(rows=rows):
            return replace(state, missing=state.missing + rows, message=event.in_words())
        case Unsaved(epoch=epoch):  # which is told again once there is room
            return replace(state, unsaved=tuple(dict.fromkeys((*state.unsaved, epoch))), message=event.in_words())
        case Log(level="warning", text=text):
            return replace(state, message=text)
        case OpEnded(status="succeeded", op=op):
            return replace(state, op=op, op_done=True)
        case OpEnded(status="failed", op=op, message=message):
            return replace(state, op=op, message=message)
        case RunEnded(status=status, message=message, time=time):
            return replace(state, status=status, ended=time, message=message or _headline(state), stopping=False)
        case _:
            return state


def _counts(state: RunState, level: Every) -> bool:
    return level == "epoch" or state.dagster_job == PROGRAM_JOB


def _measure(state: RunState, values: Mapping[str, float | None], broken: Mapping[str, str]) -> RunState:
    """The state with some more values, of which some are not finite."""
    before = {name: kind for name, kind in state.nonfinite.items() if name not in values}
    return msgspec.structs.replace(state, metrics={**state.metrics, **values}, nonfinite={**before, **broken})


def _spread(state: RunState, ends: Mapping[str, tuple[float, float]]) -> RunState:
    """The state with the smallest and the largest value of some more epochs taken into account."""
    lows, highs = dict(state.lows), dict(state.highs)
    for name, (low, high) in ends.items():
        lows[name] = min(low, lows.get(name, low))
        highs[name] = max(high, highs.get(name, high))
    if lows == state.lows and highs == state.highs:
        return state
    return msgspec.structs.replace(state, lows=lows, highs=highs)


def _headline(state: RunState) -> str:
    name = state.headline
    return f"{name} {state.metrics[name]:.4g}" if "." in name else ""  # only what an analysis found
