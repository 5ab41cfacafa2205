"""Whole trainings as real worker processes: in a bucket, stopped, or gone wrong."""

import os
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from niceml_engine.config.checking.checks import check
from niceml_engine.config.projects.project import Setting
from niceml_engine.events import Artifact, Metrics
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import list_experiments
from niceml_engine.store.location import Location
from niceml_engine.values import RunSettings
from tests.engine.digits import write_digits
from tests.engine.projects import TRAIN, compose, copy_project, enqueue_job, write_own_model
from tests.engine.runs.test_worker import dagster_status, ended
from tests.engine.s3 import S3, SECRET
from tests.waiting import wait_until

SMOKE = ("ops/train/train_params@ops.train.config.train_params=trainparams_smoke",)


def test_data_and_experiment_may_lie_in_a_bucket(tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(tmp_path)
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    base = f"s3://{s3.bucket}/{tmp_path.name}"
    monkeypatch.setenv("DATA_URI", f"{base}/data")
    monkeypatch.setenv("EXPERIMENT_URI", f"{base}/experiments")
    system, target = Location(f"{base}/data/numbers_cropped_split", s3.options).open()
    system.put(str(write_digits(tmp_path / "digits", (0, 1), per_class=40)), target, recursive=True)
    run, queue = enqueue_job(project, TRAIN, *SMOKE), Queue(project)
    wait_until(lambda: ended(queue, run), 120)
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message

    (experiment,) = list_experiments(Location(f"{base}/experiments", s3.options))
    assert experiment.status == "succeeded"
    assert experiment.digest == run.spec().digest
    folder = ExperimentFolder(Location(experiment.uri, s3.options))
    assert folder.read("events.jsonl") == run.stream.read_bytes()
    with folder.local("predictions/test.parquet") as path:
        table = pq.read_table(path)
    assert table.num_rows == 16
    for content in (
        *(folder.read(name) for name in folder.files()),
        *(file.read_bytes() for file in (tmp_path / ".niceml").rglob("*") if file.is_file()),
    ):
        assert SECRET.encode() not in content


def test_a_stopped_training_keeps_its_checkpoints(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(tmp_path / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    run = enqueue_job(project, TRAIN, *SMOKE, "ops.train.config.train_params.epochs=10000")
    queue = Queue(project)

    def has_checkpoint() -> bool:
        queue.advance()
        assert run.final_state() is None, run.state().message
        return any(isinstance(row, Artifact) and row.kind == "model" for row in StreamReader(run.stream).read())

    wait_until(has_checkpoint, 120)
    run.ask_to_stop()
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    state = run.state()
    assert state.status == "stopped"
    assert "Traceback" not in run.output(100_000)[1]
    assert "Stack Trace" not in run.output(100_000)[1]
    assert dagster_status(project, run) == "CANCELED"
    files = ExperimentFolder(Location.of(state.experiment)).files()
    assert any(name.startswith("models/") and name.endswith(".keras") for name in files)
    rows = StreamReader(run.stream).read()
    assert any(isinstance(row, Metrics) and row.level == "batch" for row in rows)


def test_a_gpu_that_is_not_there_fails_the_run_before_it_trains(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    run = enqueue(project, compose(project, TRAIN, *SMOKE), RunSettings(device="gpu:99"))
    queue = Queue(project)
    wait_until(lambda: ended(queue, run), 60)
    wait_for_exit(run)
    state = run.state()
    assert state.status == "failed"
    assert state.message.startswith("train: --device gpu:99: there is no such GPU here; available: cpu")


def test_a_killed_training_is_a_failed_experiment_and_leaves_its_stream(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(tmp_path / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    run = enqueue_job(project, TRAIN, *SMOKE, "ops.train.config.train_params.epochs=10000")
    queue = Queue(project)
    queue.advance()
    wait_until(lambda: any(isinstance(row, Metrics) for row in StreamReader(run.stream).read()), 120)
    worker = run.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: ended(queue, run), 5)
    wait_for_exit(run)
    (experiment,) = list_experiments(Location.of("experiment_outputs", project))
    assert experiment.status == "failed"
    assert experiment.run_id == run.id
    folder = ExperimentFolder(Location.of(experiment.uri))
    assert folder.read("events.jsonl") == run.stream.read_bytes()


def test_the_model_of_ones_own_in_the_readme_trains(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(tmp_path / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    write_own_model(project)
    own = ("ops/train@ops.train.config=op_train_my_net", *SMOKE)
    problems = check(compose(project, TRAIN, *own), Setting(project))
    assert [problem for problem in problems if problem.severity != "info"] == []
    run, queue = enqueue_job(project, TRAIN, *own), Queue(project)
    wait_until(lambda: ended(queue, run), 120)
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message


def test_a_loss_that_turns_nan_fails_the_run_and_is_marked(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    write_digits(tmp_path / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    run, queue = enqueue_job(project, TRAIN, *SMOKE, "ops.train.config.learning_rate=1e30"), Queue(project)
    wait_until(lambda: ended(queue, run), 120)
    wait_for_exit(run)
    state = run.state()
    assert state.status == "failed"
    assert state.op == "train"
    assert "nan" in state.message.lower()
    rows = StreamReader(run.stream).read()
    assert any("loss" in row.nonfinite for row in rows if isinstance(row, Metrics))
    assert dagster_status(project, run) == "FAILURE"
