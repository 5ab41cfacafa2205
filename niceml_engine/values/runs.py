"""Runs and trials, the queue that they wait in, and the experiments that they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import field

from niceml_engine.values.composed import Selection
from niceml_engine.values.frozen import Frozen
from niceml_engine.values.jobs import PROGRAM_JOB
from niceml_engine.values.projects import OPS_PATH

RunStatus = Literal["queued", "starting", "running", "succeeded", "failed", "stopped"]
ACTIVE: frozenset[str] = frozenset({"queued", "starting", "running"})
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "stopped"})
HEADLINE = ("f1", "accuracy", "val_accuracy", "val_loss", "loss")  #: what tells how good a model is, the best first
LOGGERS = ("tensorboard", "mlflow")  #: who may read along while a run goes on
FULL_DISK = ("stop", "continue")  #: what a run does that can write down no more what it measures


class RunSettings(Frozen, frozen=True):
    """How a run is to be executed; not part of the config, so not of the digest."""

    python: str = ""  #: interpreter; empty: ours
    device: str = ""  #: `cpu`, `gpu:0`; empty: what TensorFlow finds
    threads: int = 0  #: intra-op threads; 0: what TensorFlow chooses
    log_to: tuple[str, ...] | None = None  #: who reads along, of `LOGGERS`; `None`: whom the project names
    full_disk: str = ""  #: of `FULL_DISK`; empty: what the project says


class Continuation(Frozen, frozen=True):
    """Some ops of a job, upon what an earlier run of it has made."""

    ops: tuple[str, ...]  #: the only ones that run, in the job's order
    experiment: str = ""  #: URI of the experiment that is continued; empty for a job that makes none
    parent: str = ""  #: id of the run that made it, if it is known
    goes_on: bool = False  #: the first of the ops goes on from the last checkpoint that the parent has saved, if any


class QueueSettings(Frozen, frozen=True):
    """How the queue of a project works, for every window and command line alike."""

    limit: int = 1  #: runs at a time
    paused: bool = False  #: start nothing; what runs goes on
    patience: float = 30.0  #: seconds that a run has to stop before its processes are ended
    spare: bool = True  #: keep a worker ready that has imported Dagster and TensorFlow


class Spare(Frozen, frozen=True):
    """The worker that is kept ready for the next run."""

    pid: int = 0  #: 0: there is none, or another window keeps it
    ready: bool = False  #: whether it has imported everything
    memory: int = 0  #: bytes
    problem: str = ""  #: why there is none although one is wanted
    elsewhere: bool = False  #: whether another window of the project keeps it, for the runs of all of them


class Trial(Frozen, frozen=True):
    """What is tried before anybody waits for it: some parts of a config, or a job on one batch for each op."""

    title: str  #: what the person sees it as: `train`, `op_train_cls_binary`
    keys: tuple[str, ...] = ()  #: everything below these is made once, an empty key being all of it; none: the job


class RunSpec(Frozen, frozen=True):
    """What a worker needs to run: written once as `spec.json`, never changed."""

    id: str
    root: str
    selection: Selection
    dagster_job: str
    config: str  #: composed, unresolved YAML
    digest: str
    created: float
    settings: RunSettings = RunSettings()
    origins: dict[str, str] = field(default_factory=dict)  #: `file:line` of each leaf, to name where one failed
    group: str = ""  #: what the runs of one sweep share
    python_path: tuple[str, ...] = ()  #: folders of the project in which its packages lie, besides the root
    modules: tuple[str, ...] = ()  #: of the project, imported first: they register resolvers
    trial: Trial | None = None  #: only tries what is configured
    continues: Continuation | None = None  #: not from the first op on
    ops_path: str = OPS_PATH  #: where the configs of ops lie in `config`
    script: str = ""  #: the Hydra program that is started with the overrides, where no ops of ours run
    leaves: dict[str, Any] = field(
        default_factory=dict
    )  #: what the config held, resolved as far as it was then; short, secrets masked
    variables: dict[str, str | None] = field(
        default_factory=dict
    )  #: what the environment variables held that the config reads, without secrets; `None`: not set


class RunState(Frozen, frozen=True):
    """A run as the list of runs shows it."""

    id: str
    name: str
    status: RunStatus
    job: str  #: job file
    dagster_job: str = ""
    digest: str = ""
    created: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    op: str = ""  #: the op that runs, or ran last
    op_done: bool = False  #: that ended well, and none after it has begun
    message: str = ""  #: one line: progress, headline metric or error
    experiment: str = ""  #: URI of the experiment folder
    folder: str = ""  #: run folder
    pid: int = 0
    overrides: tuple[str, ...] = ()
    metrics: dict[str, float | None] = field(default_factory=dict)  #: last value of each headline metric
    nonfinite: dict[str, str] = field(default_factory=dict)  #: how those are not finite that are `None`: `nan`, `inf`
    group: str = ""  #: what the runs of one sweep share
    rank: float = 0.0  #: place in the queue: what waits starts in this order
    stopping: bool = False  #: somebody asked it to stop, and it has not ended yet
    stop_asked: float = 0.0  #: when that was, by the clock of its machine; it has the queue's patience from then on
    continues: Continuation | None = None  #: not from the first op on
    resumed: bool = False  #: it went on from a checkpoint of the run that it continues
    lows: dict[str, float] = field(default_factory=dict)  #: the smallest value of each metric at the end of an epoch
    highs: dict[str, float] = field(default_factory=dict)  #: the largest
    tags: tuple[str, ...] = ()  #: words that a person has put on it
    sweep: str = ""  #: what a person calls the sweep that it is of
    script: str = ""  #: the Hydra program that it starts
    advice: str = ""  #: what to try, of a run whose end could not be written into its stream
    clock_set: float = 0.0  #: seconds by which the clock of its machine was set since it began; its times do not follow
    missing: int = 0  #: rows of its stream that are missing, as far as that was noticed while it went on
    unsaved: tuple[int, ...] = ()  #: epochs whose checkpoints are missing, as the disk had no room for them
    no_room: bool = False  #: its disk is full at this moment, and it goes on without what it measures

    @property
    def at(self) -> str:
        """Where it is, or ended: `at train`, `after train`; empty before its first op."""
        return f"{'after' if self.op_done else 'at'} {self.op}" if self.op else ""

    def next_op(self, ops: Sequence[str]) -> str:
        """The first op of its job that it has not brought to a good end; empty if there is none.

        Args:
            ops: Those of its job.
        """
        left = ops[len(self.done_of(ops)) :] if self.op in ops else ()
        return left[0] if left else ""

    def done_of(self, ops: Sequence[str]) -> Sequence[str]:
        """The ops that it has brought to a good end, of those that it does."""
        if self.status == "succeeded":
            return ops
        return ops[: ops.index(self.op) + self.op_done] if self.op in ops else ()

    def lasted(self, now: float) -> float:
        """How long it took, or takes until now, in seconds; 0 before it began.

        Args:
            now: Seconds since the epoch, by the clock of its machine.
        """
        if not self.started:
            return 0.0
        return max((self.ended or now - self.clock_set) - self.started, 0.0)

    @property
    def headline(self) -> str:
        """Which metric says best how good the model is, `validation.f1`; empty without one.

        It is that of the subset which is looked at first: the one for validation.
        """
        for name in HEADLINE:
            found = [key for key in self.metrics if f".{key}".endswith(f".{name}") and self.metrics[key] is not None]
            if found:
                return min(found, key=lambda key: ("." not in key, not key.startswith("val")))
        return ""

    def does(self, dagster_job: str, script: str) -> bool:
        """Whether it is a run of a Dagster job, or of one of the project's programs, that was not stopped unbegun."""
        if self.status == "stopped" and not self.started:
            return False
        return self.dagster_job == dagster_job and (dagster_job != PROGRAM_JOB or self.script == script)


class Checkpoint(Frozen, frozen=True):
    """A saved model: which one, and what it was worth when it was saved."""

    file: str  #: in the experiment
    which: str = ""  #: `best` or `last`
    epoch: int = 0  #: from 1; 0: not known
    monitor: str = ""  #: what tells which is the best
    value: float | None = None  #: of that; `None`: not measured

    def in_words(self) -> str:
        """Which one it is: `best checkpoint: epoch 2, val_loss 0.3125`."""
        facts = [f"epoch {self.epoch}"] if self.epoch else []
        if self.monitor and self.value is not None:
            facts.append(f"{self.monitor} {self.value:.4g}")
        return f"{self.which} checkpoint: {', '.join(facts) or self.file}".strip()


def measured(of: RunState | Experiment, name: str) -> float | None:
    """The last value of a metric, which may be infinite or no number; `None` where it is not defined.

    What training measured is always defined; of old runs it is not known how it was not finite.
    """
    value = of.metrics.get(name)
    if value is not None or name not in of.metrics:
        return value
    kind = of.nonfinite.get(name, "" if "." in name else "nan")
    return float(kind) if kind else None


class Experiment(Frozen, frozen=True):
    """An experiment folder as the list of experiments shows it."""

    uri: str
    name: str
    created: float
    status: str = ""
    job: str = ""
    digest: str = ""
    run_id: str = ""
    metrics: dict[str, float | None] = field(default_factory=dict)
    lows: dict[str, float] = field(default_factory=dict)  #: as of its run
    highs: dict[str, float] = field(default_factory=dict)
    nonfinite: dict[str, str] = field(default_factory=dict)
