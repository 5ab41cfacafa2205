"""The ops and jobs: their order, what each one's config may hold, and which function does the work.

Dagster's ops and jobs, the op reference, the checks and the window's forms are all made from this.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from niceml_engine.errors import ConfigError
from niceml_engine.jobs.declaration_data import DATA_JOBS, DATA_OPS
from niceml_engine.values import PROGRAM_JOB, PROGRAM_OP, FieldSpec, JobSpec, OpSpec

RETRIES, RETRY_DELAY = "retries", "retry_delay"
_DATASET = "niceml_engine.data.pipeline.ImageDataset"
_DATASET_EXAMPLE = """\
  _target_: niceml_engine.data.pipeline.ImageDataset
  location: ${globals.data_location}
  subset: train
  batch_size: 16
  shuffle: true"""

TRAIN_OPS: tuple[OpSpec, ...] = (
    OpSpec(
        name="experiment",
        description="Makes the experiment folder, with the configs, the selection and the version of the code.",
        function="niceml_engine.learning.experiment:run",
        fields=(
            FieldSpec(
                name="name",
                expects="str",
                description="What the experiment is called in lists.",
                example="name: SampleClsBinary",
            ),
            FieldSpec(
                name="prefix",
                expects="str",
                description="Begins the folder's name: <prefix>-<timestamp>-id_<short id>.",
                example="prefix: CLB",
            ),
            FieldSpec(
                name="location",
                expects="niceml_engine.store.location.Location",
                description="Where the folder is made: a folder or any URL, and the credentials for it.",
                example="location:\n  uri: s3://bucket/experiments\n  credentials: {key: ..., secret: ...}",
            ),
            FieldSpec(
                name="git_version",
                expects="bool",
                description="Whether the commit and the uncommitted changes of the project are kept.",
                default=True,
                required=False,
                example="git_version: false",
            ),
        ),
    ),
    OpSpec(
        name="train",
        description="Trains a Keras model, reports its metrics, and saves it.",
        function="niceml_engine.learning.train:run",
        fields=(
            FieldSpec(
                name="exp_initializer",
                expects="collections.abc.Callable",
                description="Called once before everything else; sets the seeds.",
                required=False,
                example="exp_initializer:\n  _target_: niceml_engine.learning.initializer.Initializer\n  seed: 42",
            ),
            FieldSpec(
                name="data_train",
                expects=_DATASET,
                description="The images that the model is trained on, and how they are fed to it.",
                example=f"data_train:\n{_DATASET_EXAMPLE}",
            ),
            FieldSpec(
                name="data_validation",
                expects=_DATASET,
                description="The images that the model is validated on after each epoch; null for none.",
                required=False,
                example=f"data_validation:\n{_DATASET_EXAMPLE.replace('train', 'validation').replace('true', 'false')}",
            ),
            FieldSpec(
                name="model",
                expects="keras.Model | niceml_engine.learning.models.Classifier",
                description="A keras.Model, or anything that makes one when it is called with the data description.",
                example="model:\n  _target_: niceml_engine.learning.models.SmallCnn\n  filters: [16, 32, 64]",
            ),
            FieldSpec(
                name="learner",
                expects="niceml_engine.learning.learner.Learner",
                description="Optimizer, loss and metrics.",
                example=(
                    "learner:\n  _target_: niceml_engine.learning.learner.Learner\n"
                    "  optimizer: {_target_: keras.optimizers.Adam}\n"
                    "  loss: {_target_: keras.losses.BinaryCrossentropy}"
                ),
            ),
            FieldSpec(
                name="learning_rate",
                expects="float",
                description="The first learning rate, which the optimizer refers to.",
                default=0.001,
                required=False,
                example="learning_rate: 3e-4",
                least=0,
            ),
            FieldSpec(
                name="callbacks",
                expects="dict[str, keras.callbacks.Callback]",
                description="Keras callbacks by a name of one's own; null leaves one out.",
                required=False,
                example="callbacks:\n  early_stopping:\n    _target_: keras.callbacks.EarlyStopping\n    patience: 3",
            ),
            FieldSpec(
                name="train_params",
                expects="dict[str, int]",
                description="epochs, and steps_per_epoch (batches; null: as many as the data hold).",
                example="train_params:\n  epochs: 10\n  steps_per_epoch: 80",
                least=1,
                keys=("epochs", "steps_per_epoch"),
            ),
        ),
    ),
    OpSpec(
        name="prediction",
        description="Writes a probability per class for every image of some subsets.",
        function="niceml_engine.learning.prediction:run",
        fields=(
            FieldSpec(
                name="datasets",
                expects=f"dict[str, {_DATASET}]",
                description="The subsets to predict, by name.",
                example="datasets:\n  test:\n" + _DATASET_EXAMPLE.replace("  ", "    ").replace("train", "test"),
            ),
            FieldSpec(
                name="prediction_handler",
                expects="niceml_engine.learning.prediction.VectorHandler",
                description="Turns probabilities into a parquet file.",
                example="prediction_handler:\n  _target_: niceml_engine.learning.prediction.VectorHandler",
            ),
            FieldSpec(
                name="model",
                expects="str",
                description="Which saved model predicts: best or last.",
                default="best",
                required=False,
                example="model: last",
            ),
        ),
    ),
    OpSpec(
        name="analysis",
        description="Compares predictions with the truth, subset by subset.",
        function="niceml_engine.learning.analysis:run",
        fields=(
            FieldSpec(
                name="analyzer",
                expects="niceml_engine.learning.analysis.ClassificationAnalyzer",
                description="Measures what the predictions of a subset are worth, by metrics, matrix and curves.",
                example=(
                    "analyzer:\n  _target_: niceml_engine.learning.analysis.ClassificationAnalyzer\n"
                    "  metrics:\n    accuracy: {_target_: sklearn.metrics.accuracy_score, _partial_: true}"
                ),
            ),
        ),
    ),
    OpSpec(
        name="exptests",
        description="Checks what the experiment folder must hold, and fails the run if it does not.",
        function="niceml_engine.learning.exptests:run",
        fields=(
            FieldSpec(
                name="tests",
                expects="dict[str, collections.abc.Callable]",
                description="Tests by name: called with the experiment folder, they return what they found or raise.",
                example="tests:\n  model:\n    _target_: niceml_engine.learning.exptests.ModelSaved",
            ),
        ),
    ),
)

#: What the config of every op may say besides.
RETRY_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name=RETRIES,
        expects="int",
        description="How often the op is begun again after it has failed.",
        default=0,
        required=False,
        example="retries: 2",
        least=0,
    ),
    FieldSpec(
        name=RETRY_DELAY,
        expects="float",
        description="Seconds to wait before that.",
        default=0,
        required=False,
        example="retry_delay: 30",
        least=0,
    ),
)
OPS: tuple[OpSpec, ...] = tuple(
    msgspec.structs.replace(spec, fields=(*spec.fields, *RETRY_FIELDS)) for spec in (*DATA_OPS, *TRAIN_OPS)
)
JOBS: tuple[JobSpec, ...] = (
    *DATA_JOBS,
    JobSpec(
        name="job_train",
        description="Trains a model, predicts with it, analyses the predictions and checks the experiment.",
        ops=tuple(spec.name for spec in TRAIN_OPS),
    ),
)
#: What runs a Hydra program of a project's own; no config belongs to it, so that it is none of `JOBS`.
PROGRAM = JobSpec(
    name=PROGRAM_JOB,
    description="Runs a Hydra program of the project's own, as `python train.py key=value` does.",
    ops=(PROGRAM_OP,),
)
_OPS = {spec.name: spec for spec in OPS}
_JOBS = {spec.name: spec for spec in (*JOBS, PROGRAM)}


def op(name: str) -> OpSpec:
    """Finds an op.

    Raises:
        ConfigError: There is none of this name.
    """
    if name not in _OPS:
        raise ConfigError(f"there is no op {name}; there are {', '.join(_OPS)}", key=f"ops.{name}")
    return _OPS[name]


def job(name: str) -> JobSpec:
    """Finds a job.

    Raises:
        ConfigError: There is none of this name.
    """
    if name not in _JOBS:
        raise ConfigError(f"there is no job {name}; there are {', '.join(spec.name for spec in JOBS)}")
    return _JOBS[name]


def job_of(config_path: str, ops: Iterable[str] = ()) -> str:
    """Finds the job that a config belongs to.

    Args:
        config_path: As Hydra writes it; the first folder below `jobs/` names the job, if there is a job of that name.
        ops: The keys below `ops` in the composed config; else the job with exactly these ops.

    Returns:
        The job's name; empty if none fits.
    """
    parts = config_path.split("/")
    known = {spec.name for spec in JOBS}
    for parent, name in pairwise(parts[:-1]):
        if parent == "jobs" and name in known:
            return name
    wanted = set(ops)
    return next((spec.name for spec in JOBS if set(spec.ops) == wanted), "")
