"""What a pane of a run says until there is something to show."""

from __future__ import annotations

from collections.abc import Collection

from niceml_engine.values import ACTIVE, PROGRAM_JOB, RunState
from niceml_gui.workspaces.runs.record import RunRecord, merged

READING = "reading the run…"
ANALYSIS = "analysis"  #: the op that analyses


def for_metrics(state: RunState | None, record: RunRecord, *, reading: bool, paused: bool = False) -> str:
    """Why there are no curves yet.

    Args:
        state: The selected run.
        record: What is known of it.
        reading: Whether its rows are still being read.
        paused: Whether the queue starts nothing.
    """
    if state is None:
        return "Press Run, or choose a run on the left: its curves appear here."
    if reading:
        return READING
    if state.status == "queued":
        return (
            "queued: the queue is paused; it goes on by the button below the list"
            if paused
            else "queued: it starts when the runs before it have ended"
        )
    if state.status == "starting":
        return "starting the ops…" if record.began else "starting the worker…"
    if state.status == "succeeded" and state.dagster_job == PROGRAM_JOB:
        return "The program wrote neither event files nor CSV with a column step or epoch: there is nothing to draw."
    if state.status == "succeeded":
        return f"{_what(state)} measures nothing: what it did stands in the log, and in the gantt chart."
    if state.status != "running":
        return f"{state.status} before a metric was measured"
    running = next((op for op in merged((), record) if op.status == "running"), None)
    if running is None:
        return "starting the ops…"
    if state.dagster_job == PROGRAM_JOB:
        return "Its curves appear here once it writes event files, or CSV with a column step or epoch."
    if running.name != "train":
        return f"running {running.name}…"
    return "waiting for the first batch…" + (f" ({running.doing})" if running.doing else "")


def for_analysis(state: RunState | None, ops: Collection[str] = ()) -> str:
    """Why there is no analysis.

    Args:
        state: The selected run.
        ops: Those of its job, if they are known.
    """
    if state is None:
        return "Choose a run: what its analysis found appears here."
    if state.dagster_job == PROGRAM_JOB:
        return "What a program of your own finds out besides what it measures stands in its files and its log."
    if state.status == "succeeded" or (ops and ANALYSIS not in ops):
        return f"{_what(state)} analyses nothing."
    if state.status == "queued":
        return "The run waits for its turn: what it analyses appears here."
    if state.status in ACTIVE:
        return "Metrics, confusion matrix and curves appear here as each subset is analysed."
    return f"The run {state.status} before a subset was analysed."


def _what(state: RunState) -> str:
    return "This job" if state.continues is None else "What ran here"
