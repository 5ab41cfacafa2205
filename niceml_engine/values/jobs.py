"""The declaration of ops and jobs."""

from __future__ import annotations

from typing import Any

from niceml_engine.values.frozen import Frozen

PROGRAM_JOB = "job_program"  #: the Dagster job that runs a Hydra program of a project's own
PROGRAM_OP = "program"  #: its one op
TRAIN_OP = "train"  #: the op that saves checkpoints, from which it can go on


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
    keys: tuple[str, ...] = ()  #: of a mapping, all that count; empty: any


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
