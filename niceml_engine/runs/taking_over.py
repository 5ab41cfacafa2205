"""What a run that continues another one takes over of that one's stream, so that it tells the whole story.

It comes before the run begins, and keeps its times; what another process took of the machine is left out. So is what
was told by ops after the first that runs again: they spoke of what there was before. Of an op that goes on where it
was, what it told up to its last checkpoint is taken over.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from niceml_engine.errors import StoreError
from niceml_engine.events import Artifact, Event, OpEnded, OpStarted, Progress, Resources
from niceml_engine.runs.continuing import ops_of
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.stream import StreamReader
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.models import read_models
from niceml_engine.values import Continuation


def taken_over(parent: RunFolder, dagster_job: str, continues: Continuation, saved: int = 0) -> Iterator[Event]:
    """The rows of another run's stream that are kept, with their own numbers.

    Args:
        parent: The other run.
        dagster_job: The job of both.
        continues: Which ops run again.
        saved: The row with which the first of them goes on; 0: it begins anew.
    """
    ops = ops_of(dagster_job)
    first = min(ops.index(op) for op in continues.ops)
    for event in _rows(parent):
        own = event.op == ops[first] and event.seq <= saved and not isinstance(event, OpStarted | OpEnded | Progress)
        if isinstance(event, Artifact) and event.kind == "experiment" and continues.experiment:
            event = msgspec.structs.replace(event, path=continues.experiment)  # the project may be a copy
        if (event.op in ops[:first] or own) and not isinstance(event, Resources):
            yield event


def last_saved(parent: RunFolder, op: str, experiment: ExperimentFolder) -> int:
    """The row in which a run told of the last checkpoint that its experiment has, and that an op can go on from.

    A checkpoint of which the run does not tell is of an earlier training: the run saved none of its own.

    Args:
        parent: The run.
        op: The op.
        experiment: Its experiment.

    Returns:
        The number of the row; 0 where there is no such checkpoint.
    """
    try:
        models = read_models(experiment)
        if not models.last_epoch or not experiment.exists(models.last):
            return 0
    except StoreError:
        return 0
    told = (row for row in _rows(parent) if isinstance(row, Artifact) and row.op == op and row.path == models.last)
    return max((row.seq for row in told), default=0)


def _rows(run: RunFolder) -> Iterator[Event]:
    reader = StreamReader(run.stream)
    while events := reader.read():
        yield from events
