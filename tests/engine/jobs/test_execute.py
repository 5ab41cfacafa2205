"""The training job from end to end."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import pandas as pd
import pytest
import yaml
from dagster import DagsterRunStatus

from niceml_engine.errors import ConfigError
from niceml_engine.events import (
    Analysis,
    Artifact,
    Check,
    DagsterEvent,
    Metrics,
    OpEnded,
    OpStarted,
    Phase,
    PhaseStarted,
    Progress,
)
from niceml_engine.jobs.declaration import job
from niceml_engine.results import Confusion, Histogram, Lines
from niceml_engine.values import ENDED
from tests.engine.jobs.conftest import Bench

BenchMaker = Callable[[Path], Bench]
TINY = (
    "ops/train/train_params@ops.train.config.train_params=trainparams_smoke",
    "ops.train.config.model.filters=[4]",
)


EPOCHS, STEPS = 10, 40


@pytest.fixture(scope="module")
def bench(make_bench: BenchMaker, all_digits: Path) -> Bench:
    params = "ops.train.config.train_params"
    return make_bench(all_digits).run(f"{params}.epochs={EPOCHS}", f"{params}.steps_per_epoch={STEPS}")


class TestWholeJob:
    """One run that really learns, looked at from all sides."""

    def test_it_succeeds_in_dagster_too(self, bench: Bench) -> None:
        assert bench.ended.details == ""
        assert bench.status == "succeeded"
        assert bench.run_in_dagster.status == DagsterRunStatus.SUCCESS
        assert bench.run_in_dagster.tags["niceml/run"] == "r1"

    def test_ops_begin_and_end_in_order(self, bench: Bench) -> None:
        names = list(job("job_train").ops)
        rows = [event for event in bench.events if isinstance(event, OpStarted | OpEnded)]
        assert [event.op for event in rows] == [name for name in names for _ in range(2)]
        assert all(event.status == "succeeded" for event in rows if isinstance(event, OpEnded))
        assert {event.op for event in bench.events if isinstance(event, Metrics)} == {"train"}

    def test_every_phase_begins_and_ends(self, bench: Bench) -> None:
        begun = {event.phase: event for event in bench.events if isinstance(event, PhaseStarted)}
        ended = [event for event in bench.events if isinstance(event, Phase)]
        assert {event.phase for event in ended} == set(begun)
        assert not any(event.failed for event in ended)
        epochs = [event for event in begun.values() if event.name == "epoch"]
        assert [event.part for event in epochs] == [str(number) for number in range(1, EPOCHS + 1)]
        inside = {event.name: begun[event.inside].name for event in begun.values() if event.inside}
        assert inside == {"load images": "load data", "first batch": "epoch", "validation": "epoch"}
        analysed = [event for event in begun.values() if event.op == "analysis"]
        assert {event.name for event in analysed} == {"analyse"}
        assert analysed[0].part == "validation"

    def test_progress_tells_how_many_samples_a_step_has(self, bench: Bench) -> None:
        assert {event.samples for event in bench.events if isinstance(event, Progress) and event.op == "train"} == {16}

    def test_what_dagster_notes_is_told_with_its_op(self, bench: Bench) -> None:
        noted = [event for event in bench.events if isinstance(event, DagsterEvent)]
        assert noted[0].kind == "PIPELINE_START"
        assert [event.op for event in noted if event.kind == "STEP_SUCCESS"] == list(job("job_train").ops)

    def test_every_batch_and_epoch_is_measured(self, bench: Bench) -> None:
        rows = [event for event in bench.events if isinstance(event, Metrics)]
        batches = [event for event in rows if event.level == "batch"]
        epochs = [event for event in rows if event.level == "epoch"]
        assert [event.step for event in batches] == list(range(1, EPOCHS * STEPS + 1))
        assert [event.epoch for event in epochs] == list(range(1, EPOCHS + 1))
        assert all(value is not None and math.isfinite(value) for event in rows for value in event.values.values())
        assert set(batches[0].values) == {"loss", "accuracy", "learning_rate", "step_ms"}
        assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(epochs[0].values)

    def test_batches_tell_their_own_values_and_not_the_mean_of_the_epoch(self, bench: Bench) -> None:
        rows = [event for event in bench.events if isinstance(event, Metrics) and event.epoch == 1]
        *batches, epoch = rows
        for name in ("loss", "accuracy"):
            values = [event.values[name] or 0.0 for event in batches]
            assert sum(values) / len(values) == pytest.approx(epoch.values[name], rel=1e-3)
        assert {round((event.values["accuracy"] or 0.0) * 16, 3) % 1 for event in batches} == {0.0}

    def test_threes_and_eights_are_told_apart(self, bench: Bench) -> None:
        results = {event.subset: event for event in bench.events if isinstance(event, Analysis)}
        assert list(results) == ["validation", "test", "train_eval"]
        assert (results["test"].metrics["f1"] or 0.0) >= 0.98
        matrix, roc, *others = results["test"].results
        assert isinstance(matrix, Confusion)
        assert matrix.labels == ("3", "8")
        assert sum(matrix.sums) == len(table(bench, "test"))
        assert isinstance(roc, Lines)
        assert 0.98 <= (roc.curves[0].value or 0.0) <= 1.0
        assert [one.name for one in others if isinstance(one, Lines | Histogram)] == ["pr", "scores", "calibration"]
        stored = msgspec.json.decode(bench.experiment.read("analysis/test.json"), type=Analysis)
        assert stored.results == results["test"].results

    def test_predictions_hold_a_probability_per_class(self, bench: Bench) -> None:
        found = table(bench, "validation")
        assert list(found.columns) == ["file", "class", "prd_3", "prd_8"]
        assert (found["prd_3"] + found["prd_8"]).to_numpy() == pytest.approx(1.0)
        assert all(name.endswith(f"_{label}.png") for name, label in zip(found["file"], found["class"], strict=True))

    def test_the_experiment_folder_is_complete(self, bench: Bench) -> None:
        folder = bench.experiment
        assert folder.name.startswith("CLH-")
        assert folder.name.endswith("-id_k3x9")
        files = folder.files()
        wanted = [f"configs/ops/{name}.yaml" for name in job("job_train").ops]
        wanted += ["experiment_info.yaml", "git_version.yaml", "train_logs.csv", "exptests/results.yaml"]
        wanted += ["run/config.yaml", "run/selection.yaml", "models/models.yaml"]
        assert set(wanted) <= set(files)
        models = yaml.safe_load(folder.read("models/models.yaml"))
        assert {name for name in files if name.endswith(".keras")} == {models["best"], models["last"]}
        assert models["last"].endswith(f"model-id_k3x9-ep{EPOCHS:03d}.keras")
        for row in (event for event in bench.events if isinstance(event, Analysis)):
            assert row.model is not None
            assert (row.model.which, row.model.file, row.model.epoch) == ("best", models["best"], models["best_epoch"])
            assert row.model.in_words().startswith(f"best checkpoint: epoch {models['best_epoch']}, val_loss 0.")
        info = yaml.safe_load(folder.read("experiment_info.yaml"))
        assert (info["status"], info["run_id"], info["short_id"]) == ("succeeded", "r1", "k3x9")
        assert len(pd.read_csv(io.BytesIO(folder.read("train_logs.csv")))) == EPOCHS

    def test_the_stream_names_experiment_models_and_checks(self, bench: Bench) -> None:
        kinds = {event.kind: event.path for event in bench.events if isinstance(event, Artifact)}
        assert kinds["experiment"] == bench.experiment.uri
        assert {"model", "prediction", "analysis", "exptests"} <= set(kinds)
        checks = [event for event in bench.events if isinstance(event, Check)]
        assert len(checks) == 5
        assert all(check.passed for check in checks)

    def test_no_secret_is_written_anywhere(self, bench: Bench) -> None:
        folder = bench.experiment
        assert "very-secret" not in str(bench.run_in_dagster.run_config)
        assert all(b"very-secret" not in folder.read(name) for name in folder.files())
        assert b"credentials" not in folder.read("configs/ops/experiment.yaml")
        assert b"${oc.env:AWS_SECRET_ACCESS_KEY,null}" in folder.read("run/config.yaml")


def table(bench: Bench, subset: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(bench.experiment.read(f"predictions/{subset}.parquet")))


def test_a_stopped_run_is_canceled_and_keeps_its_checkpoints(make_bench: BenchMaker, digits: Path) -> None:
    bench = make_bench(digits).run(*TINY, stop_at_step=8)
    assert bench.status == "stopped"
    assert bench.run_in_dagster.status == DagsterRunStatus.CANCELED
    assert (bench.ended.op, bench.ended.status) == ("train", "stopped")
    assert "models/model-id_k3x9-ep001.keras" in bench.experiment.files()
    assert yaml.safe_load(bench.experiment.read("experiment_info.yaml"))["status"] == "stopped"


def test_a_loss_that_is_no_number_is_marked_and_fails_the_run(make_bench: BenchMaker, digits: Path) -> None:
    bench = make_bench(digits).run(*TINY, "ops.train.config.learning_rate=inf")
    assert bench.status == "failed"
    assert bench.run_in_dagster.status == DagsterRunStatus.FAILURE
    last = [event for event in bench.events if isinstance(event, Metrics)][-1]
    assert last.values["loss"] is None
    assert last.nonfinite["loss"] == "nan"
    assert "the loss became nan at step" in bench.ended.message
    assert bench.ended.key == "ops.train.config.learning_rate"
    assert {event.op for event in bench.events if isinstance(event, OpStarted)} == {"experiment", "train"}
    info = yaml.safe_load(bench.experiment.read("experiment_info.yaml"))
    assert info["status"] == "failed"
    assert "nan" in info["message"]


NET = """\
import keras

class Net:
    def __init__(self, units):
        self.units = units

    def __call__(self, data):
        layers = [keras.Input(data.input_shape), keras.layers.Flatten(), keras.layers.Dense(self.units, "relu")]
        return keras.Sequential([*layers, keras.layers.Dense(1, "sigmoid")])
"""


def test_a_class_of_ones_own_needs_only_its_target(make_bench: BenchMaker, digits: Path) -> None:
    bench = make_bench(digits)
    (bench.root / "own_package").mkdir()
    (bench.root / "own_package" / "net.py").write_text(NET)
    model = "{_target_: own_package.net.Net, units: 3}"
    bench.run(*TINY[:1], "~ops.train.config.model", f"+ops.train.config.model={model}")
    assert bench.status == "succeeded"
    saved = yaml.safe_load(bench.experiment.read("configs/ops/train.yaml"))
    assert saved["model"] == {"_target_": "own_package.net.Net", "units": 3}


BREAKS = """\
import keras

class Breaks(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise RuntimeError("it breaks")
"""


@pytest.mark.parametrize(
    ("override", "op", "key", "message"),
    [
        ("ops.train.config.model._target_=no.such.Net", "train", "ops.train.config.model", "No module named 'no'"),
        ("+ops.train.config.model.depth=3", "train", "ops.train.config.model", "unexpected keyword argument 'depth'"),
        ("ops.train.config.learning_rate=${oc.env:NO_SUCH_NAME}", "train", "", "NO_SUCH_NAME"),
        ("ops.train.config.train_params.epochs=0", "train", "ops.train.config.train_params.epochs", "1 or more"),
        (
            "globals.experiment_location.uri=/proc/nowhere",
            "experiment",
            "globals.experiment_location.uri",
            "no folder can be made there",
        ),
        (
            "ops.train.config.data_train.data_description.classes=[3,8,9]",
            "train",
            "ops.train.config.data_train.data_description.classes",
            "has no image of class 9",
        ),
        (
            "ops.train.config.data_train.subset=nope",
            "train",
            "ops.train.config.data_train.subset",
            "there is no folder",
        ),
        (
            "ops.train.config.data_train.location=${globals.experiment_location}",
            "train",
            "globals.experiment_location.uri",
            "there is no folder train in",
        ),
        (
            "ops.prediction.config.datasets.test.subset=nope",
            "prediction",
            "ops.prediction.config.datasets.test.subset",
            "`subset` may be test, train, validation",
        ),
        (
            "ops.analysis.config.analyzer.threshold=x",
            "analysis",
            "ops.analysis.config.analyzer.threshold",
            "could not convert string to float: 'x'",
        ),
        (
            "+ops.train.config.callbacks.early={_target_: keras.callbacks.EarlyStopping, patience: many}",
            "train",
            "ops.train.config.callbacks.early.patience",
            "TypeError: '>=' not supported",
        ),
        (
            "+ops.train.config.callbacks.own={_target_: own_breaks.Breaks}",
            "train",
            "ops.train.config.callbacks.own",
            "RuntimeError: it breaks",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_key(
    make_bench: BenchMaker, digits: Path, override: str, op: str, key: str, message: str
) -> None:
    bench = make_bench(digits)
    (bench.root / "own_breaks.py").write_text(BREAKS)
    bench.run(*TINY, override)
    assert bench.status == "failed"
    assert bench.ended.op == op
    assert message in bench.ended.message
    assert "\n" not in bench.ended.message
    assert key in bench.ended.key
    assert "Traceback" in bench.ended.details


def test_failed_experiment_tests_are_named(make_bench: BenchMaker, digits: Path) -> None:
    missing = "ops.exptests.config.tests.info.files=[no_such_file.txt]"
    bench = make_bench(digits).run(*TINY, missing)
    assert bench.status == "failed"
    assert bench.ended.op == "exptests"
    assert bench.ended.message.endswith("1 of 5 experiment tests failed: info: missing: no_such_file.txt")
    assert [event.passed for event in bench.events if isinstance(event, Check)] == [False, True, True, True, True]
    assert not yaml.safe_load(bench.experiment.read("exptests/results.yaml"))["info"]["passed"]


def test_a_job_that_does_not_exist_is_refused(make_bench: BenchMaker, digits: Path) -> None:
    from niceml_engine.jobs.execute import execute

    bench = make_bench(digits)
    with pytest.raises(ConfigError, match="there is no job job_nope"):
        execute(
            "a: 1", "job_nope", emit=print, set_op=print, on_run=print, instance=bench.instance, tags={}, run_info={}
        )
    assert ENDED.isdisjoint({bench.status})
