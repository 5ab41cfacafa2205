"""What Dagster records of a run that somebody stops: errors by its word, but none to whoever wanted them."""

from __future__ import annotations

from dagster import DagsterEvent, DagsterExecutionInterruptedError

INTERRUPTS = (DagsterExecutionInterruptedError.__name__, KeyboardInterrupt.__name__)


def is_stop(event: DagsterEvent | None) -> bool:
    """Whether an event says only that a step, or a run, was interrupted.

    Args:
        event: Of Dagster's record; none where a line of it is no event.
    """
    error = getattr(event.event_specific_data, "error", None) if event is not None else None
    return error is not None and error.cls_name in INTERRUPTS
