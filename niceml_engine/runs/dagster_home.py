"""The project's own Dagster instance, in `.niceml/dagster`. Only workers open it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.execution.stats import StepEventStatus
from dagster._core.storage.tags import PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG
from dagster_shared.error import SerializableErrorInfo
from filelock import FileLock, Timeout

#: Dagster's own capture of what ops print would take it away from the run folder, and costs two processes; its
#: events are kept in its database, so that they need not also fill the worker's stderr. A run that is started in the
#: web UI starts at once: there is no daemon that would take it from a queue.
SETTINGS = """\
telemetry:
  enabled: false
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
python_logs:
  python_log_level: WARNING
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""

TURN_SECONDS = 60.0  #: for which an instance that another process opens is waited for

_failed: Callable[..., StepFailureData] = StepFailureData  # which declares no types of its own


def home(root: str | Path) -> Path:
    """The instance's folder, made when it is missing."""
    folder = Path(root) / ".niceml" / "dagster"
    settings = folder / "dagster.yaml"
    if not settings.exists():
        folder.mkdir(parents=True, exist_ok=True)
        settings.write_text(SETTINGS, encoding="utf-8")
    return folder


def open_instance(root: str | Path) -> DagsterInstance:
    """Opens the instance of a project; a `DAGSTER_HOME` of the environment does not count.

    Two processes that make its tables at the same time get into each other's way, so they take turns.
    """
    folder = home(root)
    os.environ["DAGSTER_HOME"] = str(folder)
    with ExitStack() as turn:
        with suppress(Timeout):  # whoever takes that long makes no tables any more
            turn.enter_context(FileLock(folder / "opening.lock", timeout=TURN_SECONDS))
        return DagsterInstance.from_config(str(folder))


def lineage(instance: DagsterInstance, parent: str) -> dict[str, str]:
    """The tags by which Dagster knows a run as a repetition of another one.

    Args:
        instance: The project's.
        parent: Our id of the other run; empty if it is not known.
    """
    runs = instance.get_runs(filters=RunsFilter(tags={"niceml/run": parent}), limit=1) if parent else []
    if not runs:
        return {}
    return {PARENT_RUN_ID_TAG: runs[0].run_id, ROOT_RUN_ID_TAG: runs[0].get_root_run_id() or runs[0].run_id}


def mark_as_dead(instance: DagsterInstance, run_id: str, *, stopped: bool) -> None:
    """Ends what Dagster has recorded of a run whose worker is gone, unless it has an end.

    Args:
        instance: The project's.
        run_id: Our id of the run, which Dagster knows as a tag.
        stopped: Whether somebody had asked the run to stop.
    """
    for run in instance.get_runs(filters=RunsFilter(tags={"niceml/run": run_id})):
        if run.is_finished:
            continue
        stopped = stopped or run.status == DagsterRunStatus.CANCELING
        message = "the worker ended after it was asked to stop" if stopped else "the worker died"
        _end_steps(instance, run, message)
        if stopped:
            instance.report_run_canceled(run, message=message)
        else:
            instance.report_run_failed(run, message=message)


def forget_run(instance: DagsterInstance, run_id: str) -> str:
    """Deletes what Dagster has recorded of a run that has ended.

    Args:
        instance: The project's.
        run_id: Our id of the run, which Dagster knows as a tag.

    Returns:
        Dagster's ids of the runs that somebody began from it in Dagster's web UI and that have not ended; those that
        were begun there are no runs of ours, although they have the tag, and are kept.
    """
    found = instance.get_runs(filters=RunsFilter(tags={"niceml/run": run_id}))
    ids = {run.run_id for run in found}
    begun_there = [run for run in found if run.tags.get(PARENT_RUN_ID_TAG) in ids]
    for run in found:
        if run not in begun_there:
            instance.delete_run(run.run_id)
            for file in (Path(instance.root_directory) / "history" / "runs").glob(
                f"{run.run_id}.db*"
            ):  # emptied, not deleted
                with suppress(OSError):
                    file.unlink()
    return ", ".join(run.run_id for run in begun_there if not run.is_finished)


def _end_steps(instance: DagsterInstance, run: DagsterRun, message: str) -> None:
    """Ends the ops that were at work, which Dagster would show as running for ever."""
    for step in instance.get_run_step_stats(run.run_id):
        if step.status is StepEventStatus.IN_PROGRESS:
            failure = _failed(SerializableErrorInfo(message, [], None), user_failure_data=None)
            event = DagsterEvent(
                DagsterEventType.STEP_FAILURE.value,
                run.job_name,
                step_key=step.step_key,
                event_specific_data=failure,
                message=f"{step.step_key}: {message}",
            )
            instance.report_dagster_event(event, run.run_id, logging.ERROR)
