"""A small training that is thrown away, by a process that waits for a real one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from niceml_engine.values import RunStatus

SIZE = 8  #: pixels of an image's sides
CLASSES = ("0", "1")


def rehearse() -> RunStatus:
    """Runs the sample job on four tiny images, and says how it went.

    Half of what a short run takes, it takes once in a process: Dagster makes its databases' tables, OmegaConf reads its
    grammar, TensorFlow looks up what it knows of each operation. Where there is a GPU nothing is computed, because the
    first computation takes hold of it, and the run that is to come may want another one.
    """
    import keras
    import tensorflow as tf

    from niceml_engine.jobs.execute import execute
    from niceml_engine.runs.dagster_home import open_instance

    with TemporaryDirectory(prefix="niceml-") as folder, _dagster_home_kept(), open_instance(folder) as instance:
        _write_images(Path(folder) / "train")
        status = execute(
            json.dumps(_config(folder)),
            "job_train",
            emit=_ignore,
            set_op=_ignore,
            on_run=_ignore,
            instance=instance,
            run_info={"short_id": "none", "id": "rehearsal", "job": "", "overrides": []},
            ops=("experiment",) if tf.config.list_physical_devices("GPU") else (),
        )
    keras.utils.clear_session()
    return status


def _ignore(_: object) -> None:
    pass


@contextmanager
def _dagster_home_kept() -> Iterator[None]:
    before = os.environ.get("DAGSTER_HOME")
    try:
        yield
    finally:
        os.environ.pop("DAGSTER_HOME", None)
        if before is not None:
            os.environ["DAGSTER_HOME"] = before


def _write_images(folder: Path) -> None:
    from PIL import Image

    folder.mkdir()
    for number in range(2):
        for label in CLASSES:
            Image.new("L", (SIZE, SIZE), 200 * int(label)).save(folder / f"{number}_1_{label}.png")


def _config(folder: str) -> dict[str, Any]:
    """The sample job's parts, by the names of the bundled configs; `${}` so that those are rehearsed, too."""
    own, metric = "niceml_engine.learning", {"_partial_": True, "zero_division": 0}
    data = {
        "_target_": "niceml_engine.data.pipeline.ImageDataset",
        "location": {"uri": "${globals.folder}"},
        "subset": "train",
        "data_description": {
            "_target_": f"{own}.data_description.ClassificationData",
            "classes": CLASSES,
            "image_size": (SIZE, SIZE),
        },
        "batch_size": 2,
        "shuffle": True,
    }
    augmentation = {"_target_": "niceml_engine.data.pipeline.Augmentation", "shift": 0.1}
    train = {
        "train_params": {"epochs": 1, "steps_per_epoch": "${niceml.to_int:${oc.env:NICEML_NOTHING,2}}"},
        "learning_rate": 0.001,
        "data_train": {**data, "augmentation": augmentation},
        "data_validation": data,
        "model": {"_target_": f"{own}.models.SmallCnn", "output": "sigmoid"},
        "learner": {
            "_target_": f"{own}.learner.Learner",
            "optimizer": {"_target_": "keras.optimizers.Adam", "learning_rate": "${...learning_rate}"},
            "loss": {"_target_": "keras.losses.BinaryCrossentropy"},
            "metrics": [{"_target_": "keras.metrics.BinaryAccuracy", "name": "accuracy"}],
        },
        "callbacks": {
            "learning_rate": {"_target_": f"{own}.callbacks.CosineLearningRate"},
            "checkpoints": {"_target_": f"{own}.callbacks.Checkpoints"},
            "csv": {"_target_": f"{own}.callbacks.CsvLog"},
        },
    }
    prediction = {
        "datasets": {"test": data},
        "prediction_handler": {"_target_": f"{own}.prediction.VectorHandler", "prefix": "prd_"},
        "model": "best",
    }
    metrics = {name: {"_target_": f"sklearn.metrics.{name}_score", **metric} for name in ("precision", "recall", "f1")}
    analyzer = {"_target_": f"{own}.analysis.ClassificationAnalyzer", "prefix": "prd_", "metrics": metrics}
    tests = {"model": {"_target_": f"{own}.exptests.ModelSaved"}}
    experiment = {
        "name": "rehearsal",
        "prefix": "R",
        "location": {"uri": "${globals.folder}/experiments"},
        "git_version": False,
    }
    return {
        "ops": {
            "experiment": {"config": experiment},
            "train": {"config": train},
            "prediction": {"config": prediction},
            "analysis": {"config": {"analyzer": analyzer}},
            "exptests": {"config": {"tests": tests}},
        },
        "globals": {"folder": folder},
    }
