"""Where the time of a run went, as its stream tells."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from niceml_engine.events import Event, Metrics, OpEnded, OpStarted, Phase, RunEnded, RunStarted


def spans(events: Iterable[Event]) -> str:
    """The parts of a run in one line: start of the job, ops with the phases of `train`, and its steps."""
    parts: list[str] = []
    steps: list[float] = []
    started = first_op = 0.0
    for event in events:
        match event:
            case RunStarted(time=time):
                started = time
            case OpStarted(time=time) if not first_op:
                first_op = time
                parts.append(f"Dagster's start {time - started:.2f} s")
            case Phase(name=name, seconds=seconds) if event.op == "train":
                parts.append(f"{name} {seconds:.2f}")
            case Metrics(level="batch", values=values):
                steps.append(values.get("step_ms") or 0.0)
            case OpEnded(op=op, seconds=seconds):
                parts.append(f"[{op} {seconds:.2f} s]")
            case RunEnded(time=time):
                parts.append(f"from the job's start to its end {time - started:.2f} s")
    if steps:
        parts.append(f"first step {steps[0] / 1000:.2f} s, the others {median(steps[1:]):.1f} ms (median)")
    return ", ".join(parts)
