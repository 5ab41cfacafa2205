"""A finished run with a real experiment, made in a second: a small model of scikit-learn in place of a network."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

from niceml_engine.data.pipeline import ImageDataset, Images
from niceml_engine.events import Analysis, Artifact, Check, RunEnded, RunStarted
from niceml_engine.learning.analysis import ClassificationAnalyzer
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.prediction import VectorHandler
from niceml_engine.results import brief
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.making import create_run
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import RunSettings
from tests.engine.digits import write_digits
from tests.engine.projects import compose

TWO = "configs/jobs/job_train/job_train_cls/job_train_cls_binary_handwritten.yaml"
TEN = "configs/jobs/job_train/job_train_cls/job_train_cls_softmax.yaml"
SUBSETS = {"validation": "validation", "test": "test", "train_eval": "train"}
NOISE = 120.0  #: grey values by which pixels are off, so that the model is wrong at times


@dataclass(frozen=True)
class Finished:
    """What was made."""

    run: RunFolder
    experiment: ExperimentFolder
    tables: dict[str, pd.DataFrame]
    analyses: dict[str, Analysis]


def finish(root: Path, job: str = TWO, *, data: Location | None = None, to: Location | None = None) -> Finished:
    """Makes a run that trained on handwritten digits, predicted, analysed and was tested.

    Args:
        root: A project of the bundled configs.
        job: Its job, of two or of ten classes.
        data: Where the images go that `DATA_URI` of the config means; without one, into the project.
        to: Where the experiment goes; without one, into the project.
    """
    classes = (3, 8) if job == TWO else tuple(range(10))
    local = write_digits(root / "data" / "digits_handwritten_split", classes, per_class=80)
    if data is not None:
        system, target = (data / "digits_handwritten_split").open()
        system.put(str(local), target, recursive=True)
    composed = compose(root, job)
    run = create_run(root, composed, "job_train", RunSettings())
    run.claim()
    folder = ExperimentFolder(
        (to or Location.of("experiment_outputs", root)) / f"CLH-20260102T030405-id_{run.short_id}"
    )
    tables = _predict(local, tuple(map(str, classes)), folder)
    analyzer = ClassificationAnalyzer(threshold=0.5, metrics={"accuracy": accuracy_score})
    analyses = {subset: analyzer.analyse(subset, table) for subset, table in tables.items()}
    for subset, found in analyses.items():
        folder.write(f"analysis/{subset}.json", msgspec.json.encode(found))
    folder.write("run/config.yaml", composed.yaml)
    folder.write("experiment_info.yaml", yaml.safe_dump({"name": "digits", "created": 1.0, "run_id": run.id}))
    folder.write("exptests/results.yaml", yaml.safe_dump({"model": {"passed": True, "message": "1 saved"}}))
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=1))
        writer.emit(Artifact(kind="experiment", path=folder.uri))
        for found in analyses.values():
            writer.emit(msgspec.structs.replace(found, results=brief(found.results)))
        writer.emit(Check(name="model", passed=True, message="1 saved"))
        writer.emit(RunEnded(status="succeeded"))
    state = run.state()
    run.write_final_state(state)
    folder.write("run/state.json", msgspec.json.encode(msgspec.structs.replace(state, folder="")))
    return Finished(run, folder, tables, analyses)


def _predict(local: Path, classes: tuple[str, ...], folder: ExperimentFolder) -> dict[str, pd.DataFrame]:
    description = ClassificationData(classes=classes, image_size=(8, 8))
    images = {subset: ImageDataset({"uri": str(local)}, name, description).load({}) for subset, name in SUBSETS.items()}
    random = np.random.default_rng(5)

    def seen(part: Images) -> np.ndarray:
        pixels = part.pixels.reshape(len(part), -1).astype(np.float64)
        return (pixels + random.normal(scale=NOISE, size=pixels.shape)) / 255.0

    model = LogisticRegression(max_iter=500).fit(seen(images["train_eval"]), images["train_eval"].labels)
    tables = {}
    for subset, part in images.items():
        probabilities = model.predict_proba(seen(part)).astype(np.float32)
        folder.write(f"predictions/{subset}.parquet", VectorHandler().table(part, classes, probabilities))
        with folder.local(f"predictions/{subset}.parquet") as file:
            tables[subset] = pd.read_parquet(file)
    return tables
