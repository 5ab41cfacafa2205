"""Runs a job inside this process, as a run of Dagster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from time import time
from typing import Any
from uuid import uuid4

from dagster import DagsterInstance, DagsterRunStatus, EventLogEntry, ExecuteInProcessResult

from niceml_engine.errors import RunError
from niceml_engine.events import DagsterEvent, Event, Level
from niceml_engine.jobs.composed import parse
from niceml_engine.jobs.declaration import job
from niceml_engine.jobs.definitions import defs
from niceml_engine.jobs.session import HOOKS, Hooks
from niceml_engine.jobs.stops import is_stop
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.values import OPS_PATH, RunStatus


def execute(
    config: str,
    dagster_job: str,
    *,
    emit: Callable[[Event], None],
    set_op: Callable[[str], None],
    on_run: Callable[[str], None],
    instance: DagsterInstance,
    tags: Mapping[str, str] | None = None,
    run_info: Mapping[str, Any] | None = None,
    ops_path: str = OPS_PATH,
    ops: Sequence[str] = (),
    experiment: ExperimentFolder | None = None,
    program: Mapping[str, Any] | None = None,
    now: Callable[[], float] = time,
) -> RunStatus:
    """Runs a job in the working directory, in the main thread if it is to be interruptible.

    To stop it, call `instance.report_run_canceling` and send this process SIGINT or SIGTERM.

    Args:
        config: Composed, unresolved YAML; only this is stored by Dagster.
        dagster_job: Name of the job.
        emit: Takes the events of the ops, `OpStarted` and `OpEnded` among them; from any thread.
        set_op: Told the op that later events belong to.
        on_run: Told Dagster's id of the run, once Dagster has started it.
        instance: Where the run is kept.
        tags: Of the run in Dagster.
        run_info: What is known of the run; see `OpContext`.
        ops_path: Where the configs of ops lie in the config.
        ops: The only ones that run; none: all.
        experiment: The one that they continue.
        program: What `job_program` is configured with besides: `script`, `overrides` and `python`.
        now: The time of day that the events are given.

    Returns:
        `succeeded`, `failed` or `stopped`. Why an op failed stands in its `OpEnded`.

    Raises:
        NicemlError: The config is not one of the job's.
        RunError: Dagster failed outside of the ops.
    """
    job(dagster_job)
    parse(config)
    ended: list[str] = []

    def watch(event: Event) -> None:
        if getattr(event, "status", "") == "failed":
            ended.append("failed")
        emit(event)

    run_id = str(uuid4())
    early: list[DagsterEvent] = []
    take: Callable[[DagsterEvent], object] = early.append

    def begun(dagster_run: str) -> None:
        nonlocal take
        on_run(dagster_run)
        for noted in early:  # what Dagster noted before it took the run is told after that
            emit(noted)
        take = emit

    instance.add_event_listener(run_id, lambda entry: take(_noted(entry)))
    info = run_info or {}
    hooks = Hooks(watch, set_op, begun, run_info=info, ops_path=ops_path, experiment=experiment, now=now)
    token = HOOKS.set(hooks)
    try:
        result = defs.resolve_job_def(dagster_job).execute_in_process(
            run_config={"config": config, **(program or {})},
            instance=instance,
            raise_on_error=False,
            op_selection=list(ops) or None,
            tags=dict(tags or {}),
            run_id=run_id,
        )
    finally:
        HOOKS.reset(token)
    if result.success:
        return "succeeded"
    run = instance.get_run_by_id(run_id)
    if run is not None and run.status == DagsterRunStatus.CANCELED:
        return "stopped"
    if not ended:
        raise _failure(result)
    return "failed"


def _noted(entry: EventLogEntry) -> DagsterEvent:
    """What Dagster writes into its record."""
    event = entry.dagster_event
    number = entry.level if isinstance(entry.level, int) and event is None else logging.INFO
    level: Level = "info"
    if number >= logging.ERROR or (event is not None and event.is_failure and not is_stop(event)):
        level = "error"
    elif number != logging.INFO:
        level = "warning" if number > logging.INFO else "debug"
    text = next(iter((entry.user_message or entry.message).splitlines()), "")
    kind = event.event_type_value if event is not None else "LOG"
    return DagsterEvent(kind=kind, text=text, level=level, op=entry.step_key or "")


def _failure(result: ExecuteInProcessResult) -> RunError:
    """Finds out why Dagster did not get as far as an op."""
    for event in result.all_events:
        if event.is_job_failure and event.job_failure_data.error is not None:
            error = event.job_failure_data.error
            while error.cause is not None:
                error = error.cause
            line = next(iter(error.message.splitlines()), error.cls_name or "")
            return RunError(f"Dagster could not run the job: {line}", details=event.job_failure_data.error.to_string())
    return RunError("Dagster could not run the job and gives no reason")
