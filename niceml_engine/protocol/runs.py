"""Requests about runs and experiments, their answers, and news of runs."""

from __future__ import annotations

from typing import Any

import msgspec

from niceml_engine.columns import Rows
from niceml_engine.protocol.base import Asked, Told
from niceml_engine.values import Continuation, Origin, QueueSettings, RunSettings, RunState, Selection, Spare


class StartRun(Asked, frozen=True):
    """Puts a run of the selection into the queue; of one that stands for several all, and answers with the first."""

    selection: Selection
    settings: RunSettings = RunSettings()
    continues: Continuation | None = None


class RepeatRuns(Asked, frozen=True):
    """Puts a run of the very config of each run into the queue, several as one sweep; answers with the first."""

    runs: tuple[str, ...]
    settings: RunSettings = RunSettings()


class ResumeRun(Asked, frozen=True):
    """Puts a run into the queue that does ops of another one again, upon its experiment; answers with its state."""

    run: str
    selection: Selection | None = None  #: for the ops that follow; else the one that the run was started from
    start: str = ""  #: the first op that runs again; else the one that failed, or was stopped
    only: tuple[str, ...] = ()  #: the only ops that run again, instead
    settings: RunSettings = RunSettings()


class StopRun(Asked, frozen=True):
    """Asks a run to stop, or takes it out of the queue."""

    run: str
    now: bool = False  #: end its processes without waiting for them


class MoveRuns(Asked, frozen=True):
    """Moves runs that wait in the queue."""

    runs: tuple[str, ...]
    before: str = ""  #: id of the run that they are to stand before; empty: at the end


class ReadQueue(Asked, frozen=True):
    """Asks how the queue works; `QueueChanged` follows whenever that changes."""


class ChangeQueue(Asked, frozen=True):
    """Changes how the queue works."""

    settings: QueueSettings


class ReadLoggers(Asked, frozen=True):
    """Asks who may read along with runs of the project."""


class Logger(msgspec.Struct, frozen=True):
    """Somebody who may be told what runs measure."""

    name: str  #: of `LOGGERS`
    chosen: bool  #: the project's settings name it
    problem: str = ""  #: why it cannot be told anything; empty also where nobody may look yet


class QueueState(msgspec.Struct, frozen=True):
    """How the queue works, and the worker that is kept ready for its next run."""

    settings: QueueSettings = QueueSettings()
    spare: Spare = Spare()
    problem: str = ""  #: why it cannot go on
    notice: str = ""  #: what else could not be done, which keeps no run from starting


class ListRuns(Asked, frozen=True):
    """Lists all runs, newest first."""


class WatchRun(Asked, frozen=True):
    """Answers at once; `RunRows` follow, from the stream's row `after` + 1 on, until `UnwatchRun`."""

    run: str
    after: int = 0


class UnwatchRun(Asked, frozen=True):
    """Ends the rows of a run."""

    run: str


class RunOutput(Asked, frozen=True):
    """Reads what the worker printed from where the last answer ended; of what is very long, the end only."""

    run: str
    stdout: int = 0  #: bytes that are known
    stderr: int = 0
    limit: int = 1_000_000  #: bytes of each at most; ask again for the rest


class Printed(msgspec.Struct, frozen=True):
    """A piece of what a worker printed."""

    start: int  #: at which byte it begins; what lies between this and what is known is left out
    content: bytes
    size: int  #: bytes that there are in all


class Output(msgspec.Struct, frozen=True):
    """What a worker printed."""

    stdout: Printed = Printed(0, b"", 0)
    stderr: Printed = Printed(0, b"", 0)


class RunSelection(Asked, frozen=True):
    """Asks for the selection that a run was started from."""

    run: str


class PastSelection(msgspec.Struct, frozen=True):
    """The selection of a run; `digest` is what it composed to then."""

    selection: Selection
    digest: str


class ReadRunConfig(Asked, frozen=True):
    """Reads the config that a run was started with."""

    run: str


class RunConfig(msgspec.Struct, frozen=True):
    """The config that a run was started with.

    Attributes:
        text: Unresolved, as YAML.
        keys: For each line the key that stands there; empty inside lists and long texts, or where none is known.
        origins: By key, who set a value then.
        resolved: By key, what an interpolation came to then, as far as that was stored; no secrets.
    """

    text: str
    keys: tuple[str, ...] = ()
    origins: dict[str, Origin] = {}
    resolved: dict[str, Any] = {}


class NameRun(Asked, frozen=True):
    """Gives a run a name of the person's."""

    run: str
    name: str


class NameSweep(Asked, frozen=True):
    """Gives a sweep a name of the person's; an empty one takes it away."""

    group: str  #: what its runs share
    name: str


class TagRun(Asked, frozen=True):
    """Puts words on a run, in place of those that it has."""

    run: str
    tags: tuple[str, ...]


class DeleteRun(Asked, frozen=True):
    """Deletes a run that has ended, with or without its experiment folder."""

    run: str
    experiment: bool = False


class ListExperiments(Asked, frozen=True):
    """Lists the experiments at the location that a selection writes to, newest first."""

    selection: Selection | None = None  #: without one: `EXPERIMENT_URI`, else `./experiment_outputs`
    configs: bool = False  #: whether `ReadLeaves` is to tell of their configs, too


class RunChanged(Told, frozen=True):
    """A run is new, or its line in the list of runs has changed."""

    state: RunState


class RunRemoved(Told, frozen=True):
    """A run is gone from the list."""

    run: str


class QueueChanged(Told, frozen=True):
    """The queue works in another way now, or its spare worker has changed."""

    queue: QueueState


class RunRows(Told, frozen=True):
    """New rows of a watched run's stream, in order; rows that are known may come again."""

    run: str
    rows: Rows
