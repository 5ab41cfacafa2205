"""The frozen values that engine, service and window share.

They travel as MessagePack between processes and as JSON to files and to the terminal, and hold nothing but
plain data. A key is written as OmegaConf writes it (`ops.train.config.callbacks[0].patience`); a file is an
absolute path; a line counts from 1; a time is seconds since the epoch (UTC); a node id is a config path
without `.yaml` (`ops/train/op_train_base`).
"""

from niceml_engine.values.composed import (
    Assigned,
    Choice,
    Composed,
    Default,
    Edge,
    Head,
    Leaf,
    MergeStep,
    Node,
    Origin,
    Place,
    Selection,
    merge_order,
)
from niceml_engine.values.frozen import Frozen
from niceml_engine.values.jobs import PROGRAM_JOB, PROGRAM_OP, TRAIN_OP, FieldSpec, JobSpec, OpSpec
from niceml_engine.values.problems import ErrorInfo, Fix, Problem, Severity, TextEdit
from niceml_engine.values.projects import OPS_PATH, ConfigTree, Job, Option, Program, Project, ProjectSetting
from niceml_engine.values.runs import (
    ACTIVE,
    ENDED,
    FULL_DISK,
    HEADLINE,
    LOGGERS,
    Checkpoint,
    Continuation,
    Experiment,
    QueueSettings,
    RunSettings,
    RunSpec,
    RunState,
    RunStatus,
    Spare,
    Trial,
    measured,
)

__all__ = [
    "ACTIVE",
    "ENDED",
    "FULL_DISK",
    "HEADLINE",
    "LOGGERS",
    "OPS_PATH",
    "PROGRAM_JOB",
    "PROGRAM_OP",
    "TRAIN_OP",
    "Assigned",
    "Checkpoint",
    "Choice",
    "Composed",
    "ConfigTree",
    "Continuation",
    "Default",
    "Edge",
    "ErrorInfo",
    "Experiment",
    "FieldSpec",
    "Fix",
    "Frozen",
    "Head",
    "Job",
    "JobSpec",
    "Leaf",
    "MergeStep",
    "Node",
    "OpSpec",
    "Option",
    "Origin",
    "Place",
    "Problem",
    "Program",
    "Project",
    "ProjectSetting",
    "QueueSettings",
    "RunSettings",
    "RunSpec",
    "RunState",
    "RunStatus",
    "Selection",
    "Severity",
    "Spare",
    "TextEdit",
    "Trial",
    "measured",
    "merge_order",
]
