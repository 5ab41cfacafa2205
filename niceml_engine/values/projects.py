"""What an opened project offers: its options and jobs, the programs in it, its settings."""

from __future__ import annotations

from typing import Literal

from niceml_engine.values.frozen import Frozen
from niceml_engine.values.problems import Problem

OPS_PATH = "ops.{op}.config"  #: where an op's config lies in a composed config, unless a project says otherwise


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
    apart: tuple[str, ...] = ()  #: files of the same id in folders that no job searches together with that one
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
    hydra: tuple[Option, ...] = ()  #: what Hydra and its plugins bring into Hydra's own groups
    incomplete: bool = False  #: a plugin that has not run may add more


class Program(Frozen, frozen=True):
    """Python code that starts Hydra, as its text says."""

    file: str
    line: int
    kind: Literal["main", "compose"] = "main"  #: `@hydra.main`, or `initialize` with `compose`
    config_dir: str = ""  #: folder of the primary; empty: none
    config_name: str = ""  #: without `.yaml`
    version_base: str | None = "1.1"
    start: int = 0  #: line of the call that starts Hydra, where `line` is that of `compose`; 0: in another file
    unversioned: bool = False  #: it names no `version_base`, and Hydra assumes one
    pathless: bool = False  #: it names no `config_path` either, and Hydra looks beside it
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
