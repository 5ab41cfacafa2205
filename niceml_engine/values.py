"""The frozen values that engine, service and window share.

They travel as MessagePack between processes and as JSON to files and to the terminal, and hold nothing but
plain data. A key is written as OmegaConf writes it (`ops.train.config.callbacks[0].patience`); a file is an
absolute path; a line counts from 1; a time is seconds since the epoch (UTC); a node id is a config path
without `.yaml` (`ops/train/op_train_base`).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning", "info"]
RunStatus = Literal["queued", "starting", "running", "succeeded", "failed", "stopped"]
ACTIVE: frozenset[str] = frozenset({"queued", "starting", "running"})
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "stopped"})
PROGRAM_JOB = "job_program"  #: the Dagster job that runs a Hydra program of a project's own
PROGRAM_OP = "program"  #: its one op
HEADLINE = ("f1", "accuracy", "val_accuracy", "val_loss", "loss")  #: what tells how good a model is, the best first
LOGGERS = ("tensorboard", "mlflow")  #: who may read along while a run goes on
FULL_DISK = ("stop", "continue")  #: what a run does that can write down no more what it measures
OPS_PATH = "ops.{op}.config"  #: where an op's config lies in a composed config, unless a project says otherwise


class Frozen(msgspec.Struct, frozen=True, gc=False):
    """Base of all values: immutable, comparable, cheap to copy with `msgspec.structs.replace`.

    What is immutable refers to nothing younger, so that the garbage collector need not look at it.
    """


# --------------------------------------------------------------------------------------------- what can be chosen


class Option(Frozen, frozen=True):
    """One config file that can be chosen in a group."""

    group: str  #: config group, `ops/train`; empty at the top of a config root
    name: str  #: `op_train_cls_binary`
    file: str
    help: str = ""  #: the comment at the head of the file, without `#`
    python: str = ""  #: the class or value that it is made of, where it exists only in Python, in `file`
    line: int = 0  #: where in `file` Python code makes it
    source: str = ""  #: the folder on the search path that it comes from
    hides: tuple[str, ...] = ()  #: files of the same id that come later on the search path
    is_global: bool = False  #: its own header puts it at the top of the config, `# @package _global_`
    provider: str = ""  #: who brings it with Hydra, `hydra-core` or a plugin; empty: the project

    @property
    def id(self) -> str:
        """The config path, which is also the id of the node in the defaults graph."""
        return f"{self.group}/{self.name}" if self.group else self.name


class Job(Frozen, frozen=True):
    """A primary config that can be opened: below `jobs/`, at the top of a root, or named by a program."""

    id: str  #: config path, `jobs/job_train/job_train_cls/job_train_cls_binary`
    file: str
    dagster_job: str = ""  #: `job_train`; empty when no job of ours fits
    script: str = ""  #: the Python file that starts Hydra with it


class ConfigTree(Frozen, frozen=True):
    """Everything that a project offers to choose from, sorted by id."""

    options: tuple[Option, ...] = ()
    jobs: tuple[Job, ...] = ()
    hydra: tuple[Option, ...] = ()  #: what Hydra and its plugins bring


class Program(Frozen, frozen=True):
    """Python code that starts Hydra, as its text says."""

    file: str
    line: int
    kind: Literal["main", "compose"] = "main"  #: `@hydra.main`, or `initialize` with `compose`
    config_dir: str = ""  #: folder of the primary; empty: none
    config_name: str = ""  #: without `.yaml`
    version_base: str | None = "1.1"
    job: str = ""  #: the primary's file; the program's own where that config exists only in Python; empty: none
    problem: str = ""  #: why it cannot be opened, in one line


class ProjectSetting(Frozen, frozen=True):
    """What decides, besides configs, what a project's jobs compose to and how they run."""

    name: str  #: its key in `.niceml/project.yaml`
    values: tuple[str, ...]  #: folders are relative to the root where they lie in it
    source: Literal["set", "guessed", "default"]
    why: str = ""  #: what the guess rests on, in words
    file: str = ""  #: where it is set, or what the guess rests on
    line: int = 0
    help: str = ""


class Project(Frozen, frozen=True):
    """An opened project."""

    root: str  #: working directory that relative paths mean
    name: str
    config_dirs: tuple[str, ...]
    tree: ConfigTree
    job: str = ""  #: the job file to open first
    python: str = ""  #: interpreter that runs the workers
    ops_path: str = OPS_PATH  #: where an op's config lies in a composed config
    settings: tuple[ProjectSetting, ...] = ()
    programs: tuple[Program, ...] = ()
    problems: tuple[Problem, ...] = ()  #: what could not be read while it was opened


class Selection(Frozen, frozen=True):
    """What a person chose: a job file and overrides in Hydra's grammar, choices among them, in order."""

    job: str
    overrides: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------------- what was composed


class Place(Frozen, frozen=True):
    """Where something inside a list stands, in the file that sets the list."""

    path: str  #: the way from the list, `[0].patience`
    line: int
    text: str = ""  #: as written there, of a single value
    comment: str = ""  #: what the file says of it


class Origin(Frozen, frozen=True):
    """A place that sets a value."""

    node: str  #: node id of the file; `override` for an override
    file: str = ""  #: empty for an override
    line: int = 0  #: line of the key in `file`, or which override (from 1)
    package: str = ""  #: the package at which the file was included
    text: str = ""  #: the value as written there (the whole override for an override)
    inside: tuple[Place, ...] = ()  #: what lies in the value, where that is a list of few
    comment: str = ""  #: what the file says of the value, above it or behind it


class Leaf(Frozen, frozen=True):
    """One value of the composed config: a scalar, a whole list, or an empty mapping."""

    key: str
    value: Any  #: unresolved
    origin: Origin  #: who won
    shadows: tuple[Origin, ...] = ()  #: who lost, in merge order
    resolved: Any = None  #: equals `value` where there is nothing to resolve; masked where secret
    reason: str = ""  #: why it cannot be resolved, in one line
    secret: bool = False
    own: bool = False  #: resolved by code of the project

    @property
    def comment(self) -> str:
        """What the files say of it: the one that set it last, or else one whose value that took the place of."""
        return next((one.comment for one in (self.origin, *reversed(self.shadows)) if one.comment), "")


class Node(Frozen, frozen=True):
    """A config file in the defaults graph."""

    id: str
    file: str
    missing: bool = False  #: nothing of it is in the config

    @property
    def lack(self) -> str:
        """Why nothing of it is in the config: it is `missing`, or `unreadable` where there is a file; else empty."""
        return ("unreadable" if self.file else "missing") if self.missing else ""


class Edge(Frozen, frozen=True, rename={"source": "from", "target": "to"}):
    """One include: an entry of a defaults list."""

    source: str
    target: str
    package: str
    line: int = 0  #: line of the entry in the source's file
    optional: bool = False
    override: bool = False


class Default(Frozen, frozen=True):
    """One entry of the final defaults list, in merge order."""

    config_path: str
    package: str
    parent: str | None
    is_self: bool = False


class Choice(Frozen, frozen=True):
    """A place in a defaults list at which another option can be chosen."""

    key: str  #: what stands left of `=` in an override, `ops/train@ops.train.config`; empty if it cannot be written
    group: str
    package: str
    chosen: tuple[str, ...]  #: option names without `.yaml`; empty for `null` or `???`
    options: tuple[str, ...]
    node: str  #: id of the file whose defaults list holds the entry
    file: str = ""
    line: int = 0
    is_list: bool = False
    optional: bool = False
    missing: bool = False  #: the entry says `???` and nothing was chosen
    changed: bool = False  #: an override of the selection made the choice
    nothing: bool = False  #: without that, nothing is chosen


class TextEdit(Frozen, frozen=True):
    """A change of some lines of a file, which fits as long as these lines still read as they did."""

    file: str
    line: int  #: where the first of them stands
    before: str  #: the lines, with their ends; empty to insert
    after: str  #: what takes their place; empty to take them out


class Fix(Frozen, frozen=True):
    """One way to mend a problem: other overrides, edits of files, or a variable to set."""

    title: str  #: what it does: `choose small`, `move the line to the top of small.yaml`
    drops: tuple[str, ...] = ()  #: overrides of the selection that it takes out
    adds: tuple[str, ...] = ()  #: overrides that it puts at the end
    edits: tuple[TextEdit, ...] = ()
    variable: str = ""  #: of the environment, which a person is to set


class Assigned(Frozen, frozen=True):
    """A leaf that a layer of the merge sets."""

    path: tuple[str, ...]  #: its keys from the top
    value: Any  #: unresolved; masked where secret
    line: int = 0  #: its line in the layer's file; 0 if it has none of its own

    @property
    def key(self) -> str:
        """The same as a leaf's key."""
        return ".".join(self.path)


class MergeStep(Frozen, frozen=True):
    """What one layer of the merge does."""

    origin: Origin  #: the file at its package, or the override with its number and text
    sets: tuple[Assigned, ...] = ()
    drops: tuple[tuple[str, ...], ...] = ()  #: paths of leaves that it takes away


class Problem(Frozen, frozen=True):
    """Something wrong, or worth knowing, about a composed config."""

    severity: Severity
    code: str  #: short kebab-case name, `missing-choice`
    message: str
    file: str = ""
    line: int = 0
    key: str = ""
    details: str = ""
    fix: str = ""  #: an override that mends it, if one does
    fixes: tuple[Fix, ...] = ()  #: all known ways to mend it, the best first; found by a check
    also: tuple[str, ...] = ()  #: other keys with which the same is wrong


class Composed(Frozen, frozen=True):
    """A composed config, with where everything in it comes from.

    `error` is set when Hydra refused: then the data is empty, while nodes, edges and choices hold whatever could
    still be read, so that a person can mend the choice that broke it.
    """

    selection: Selection
    digest: str = ""
    dagster_job: str = ""
    yaml: str = ""  #: as `OmegaConf.to_yaml` prints it, unresolved, without the `hydra` node
    resolved_yaml: str = ""  #: the same with every leaf resolved that can be; secrets masked
    lines: tuple[str, ...] = ()  #: the key that stands on each line of `yaml`; empty inside lists and long texts
    resolved_lines: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    defaults: tuple[Default, ...] = ()
    choices: tuple[Choice, ...] = ()
    hydra: tuple[Choice, ...] = ()  #: what is chosen of Hydra's own groups; their options stand in the tree
    problems: tuple[Problem, ...] = ()
    error: Problem | None = None
    milliseconds: float = 0.0
    runs: int = 1  #: how many runs the selection stands for; composed is the first


# --------------------------------------------------------------------------------------------- ops and jobs


class FieldSpec(Frozen, frozen=True):
    """One field of an op's config."""

    name: str
    expects: str  #: dotted path of the class or a type name: `keras.Model`, `list[...Callback]`, `int`
    description: str
    default: Any = None
    required: bool = True
    example: str = ""  #: YAML
    least: float | None = None  #: of a number, or of each number in a mapping
    most: float | None = None


class OpSpec(Frozen, frozen=True):
    """One op: its config lives at `ops.<name>.config`."""

    name: str
    description: str
    fields: tuple[FieldSpec, ...]
    function: str = ""  #: `package.module:function`, loaded only in the worker


class JobSpec(Frozen, frozen=True):
    """A Dagster job: ops that run one after the other."""

    name: str
    description: str
    ops: tuple[str, ...]


# --------------------------------------------------------------------------------------------- runs


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


class QueueSettings(Frozen, frozen=True):
    """How the queue of a project works, for every window and command line alike."""

    limit: int = 1  #: runs at a time
    paused: bool = False  #: start nothing; what runs goes on
    patience: float = 30.0  #: seconds that a run has to stop before its processes are ended
    spare: bool = True  #: keep a worker ready that has imported Dagster and TensorFlow


class Spare(Frozen, frozen=True):
    """The worker that is kept ready for the next run."""

    pid: int = 0  #: 0: there is none
    ready: bool = False  #: whether it has imported everything
    memory: int = 0  #: bytes
    problem: str = ""  #: why there is none although one is wanted


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
    origins: dict[str, str] = {}  #: `file:line` of each leaf, to name where a failure comes from
    group: str = ""  #: what the runs of one sweep share
    python_path: tuple[str, ...] = ()  #: folders of the project in which its packages lie, besides the root
    modules: tuple[str, ...] = ()  #: of the project, imported first: they register resolvers
    trial: Trial | None = None  #: only tries what is configured
    continues: Continuation | None = None  #: not from the first op on
    ops_path: str = OPS_PATH  #: where the configs of ops lie in `config`
    script: str = ""  #: the Hydra program that is started with the overrides, where no ops of ours run
    leaves: dict[str, Any] = {}  #: what the config held, resolved as far as it was then; short, secrets masked


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
    op: str = ""  #: running or failed op
    message: str = ""  #: one line: progress, headline metric or error
    experiment: str = ""  #: URI of the experiment folder
    folder: str = ""  #: run folder
    pid: int = 0
    overrides: tuple[str, ...] = ()
    metrics: dict[str, float | None] = {}  #: last value of each headline metric
    group: str = ""  #: what the runs of one sweep share
    rank: float = 0.0  #: place in the queue: what waits starts in this order
    stopping: bool = False  #: somebody asked it to stop, and it has not ended yet
    continues: Continuation | None = None  #: not from the first op on
    lows: dict[str, float] = {}  #: the smallest value of each metric at the end of an epoch
    highs: dict[str, float] = {}  #: the largest
    tags: tuple[str, ...] = ()  #: words that a person has put on it
    script: str = ""  #: the Hydra program that it starts

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
        """Whether it is a run of a Dagster job, or of one of the project's own programs."""
        return self.dagster_job == dagster_job and (dagster_job != PROGRAM_JOB or self.script == script)


class Experiment(Frozen, frozen=True):
    """An experiment folder as the list of experiments shows it."""

    uri: str
    name: str
    created: float
    status: str = ""
    job: str = ""
    digest: str = ""
    run_id: str = ""
    metrics: dict[str, float | None] = {}
    lows: dict[str, float] = {}  #: as of its run
    highs: dict[str, float] = {}


class ErrorInfo(Frozen, frozen=True):
    """A `NicemlError` (or an unexpected one) as a value."""

    message: str
    file: str = ""
    line: int = 0
    key: str = ""
    details: str = ""
