"""TensorBoard and MLflow read along, say what our stream says, and never stand in the way of a run."""

from __future__ import annotations

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import types
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from niceml_engine.errors import ProjectError, RunError
from niceml_engine.events import Analysis, Artifact, Event, Metrics, metrics
from niceml_engine.runs.along import reading
from niceml_engine.runs.along.board import Board
from niceml_engine.runs.along.reading import ReadingAlong, check, missing
from niceml_engine.runs.along.tracking import Tracking, _leaves
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import RunSettings
from tests.engine.projects import CURVE, compose, write_curve
from tests.engine.runs.test_worker import ended
from tests.engine.s3 import free_ports
from tests.waiting import wait_until

SHORT = ("ops.data_generation.config.generator.steps=40", "ops.data_generation.config.generator.pause=0.001")
#: Starts the server without TensorFlow, whose import takes seconds.
SERVER = (
    "import sys, types; sys.modules['tensorboard.compat.notf'] = types.ModuleType('notf'); "
    "from tensorboard.main import run_main; run_main()"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_curve(tmp_path / "curve")


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorBoard without TensorFlow, whose import takes seconds."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", types.ModuleType("notf"))


def start(project: Path, *overrides: str, log_to: tuple[str, ...] | None = None) -> RunFolder:
    return enqueue(project, compose(project, CURVE, *overrides), RunSettings(log_to=log_to))


def finished(run: RunFolder) -> RunFolder:
    queue = Queue(run.spec().root)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    return run


def curve(run: RunFolder) -> list[tuple[int, float]]:
    rows = [event for event in StreamReader(run.stream).read() if isinstance(event, Metrics)]
    return [(row.step, value) for row in rows if (value := row.values["loss"]) is not None]


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard reads in a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    accumulator.Reload()
    return {tag: [(one.step, one.value) for one in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]}


def recorded(project: Path, query: str) -> list[tuple[Any, ...]]:
    """What stands in MLflow's own database."""
    with closing(sqlite3.connect(f"file:{project / '.niceml' / 'mlflow.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def close(values: list[tuple[int, float]]) -> list[tuple[int, Any]]:
    """Values as single precision keeps them."""
    return [(step, pytest.approx(value, rel=1e-6)) for step, value in values]


def test_a_run_opens_in_tensorboard(project: Path, light: None) -> None:
    (project / ".niceml" / "project.yaml").write_text("log_to: tensorboard\n")
    run = finished(start(project, *SHORT))
    assert run.state().status == "succeeded", run.state().message
    assert len(curve(run)) == 40
    assert scalars(run.path / "tensorboard" / "train") == {"batch/loss": close(curve(run))}
    (port,) = free_ports(1)
    words = ["--logdir", str(run.path.parent), "--host", "127.0.0.1", "--port", str(port), "--load_fast", "false"]
    tags = f"http://127.0.0.1:{port}/data/plugin/scalars/tags"
    with (
        (project / "board.log").open("wb") as log,
        subprocess.Popen([sys.executable, "-c", SERVER, *words], stdout=log, stderr=log) as server,
    ):
        try:
            wait_until(lambda: list(ask(tags)) == [f"{run.id}/tensorboard/train"], 60, "TensorBoard")
            assert list(ask(tags)[f"{run.id}/tensorboard/train"]) == ["batch/loss"]
        finally:
            server.terminate()


def ask(address: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except OSError:
        return {}


def test_train_and_validation_batches_and_epochs_are_told_apart(tmp_path: Path, light: None, project: Path) -> None:
    board = Board(tmp_path / "board")
    events: list[Event] = [
        metrics("batch", 1, 1, {"loss": 0.5}),
        metrics("batch", 2, 1, {"loss": math.nan}),
        metrics("epoch", 2, 1, {"loss": 0.5, "val_loss": math.inf}),
        Analysis(subset="test", metrics={"f1": 0.75, "auc": None}),
    ]
    board.take([msgspec.structs.replace(event, time=100.0 + place) for place, event in enumerate(events)])
    board.end(start(project).state())
    train = scalars(tmp_path / "board" / "train")
    assert list(train) == ["batch/loss", "epoch/loss", "analysis/test/f1"]
    assert train["epoch/loss"] == [(2, 0.5)]
    assert train["analysis/test/f1"] == [(2, 0.75)]
    assert [step for step, _ in train["batch/loss"]] == [1, 2]
    assert math.isnan(train["batch/loss"][1][1])
    assert scalars(tmp_path / "board" / "validation") == {"epoch/loss": [(2, math.inf)]}


def test_mlflow_gets_values_parameters_and_status(project: Path) -> None:
    run = finished(start(project, *SHORT, "+password=hidden", log_to=("mlflow",)))
    assert run.state().status == "succeeded", run.output(4000)
    measured = recorded(project, "select step, value from metrics where key = 'batch/loss' order by step")
    assert measured == curve(run)
    times = [int(run.state().started * 1000), int(run.state().ended * 1000)]
    assert recorded(project, "select status, start_time, end_time from runs") == [("FINISHED", *times)]
    assert recorded(project, "select name from runs") == [(f"curve …{run.id[-4:]}",)]
    params = dict(recorded(project, "select key, value from params"))
    assert params["ops.data_generation.config.generator.steps"] == "40"
    assert "hidden" not in params["password"]
    assert ("niceml.run", run.id) in recorded(project, "select key, value from tags")


def test_mlflow_is_told_of_a_run_whose_worker_was_killed(project: Path) -> None:
    run, queue = start(project, log_to=("mlflow",)), Queue(project)

    def status() -> list[tuple[Any, ...]]:
        queue.advance()
        try:
            return recorded(project, "select status from runs where run_uuid in (select run_uuid from metrics)")
        except sqlite3.OperationalError:  # MLflow is making its database
            return []

    wait_until(lambda: status() == [("RUNNING",)])
    worker = run.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: status() == [("FAILED",)])


def test_what_is_not_installed_is_said_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"mlflow is not installed in .*python.*; install it there, or take it out"):
        check("mlflow")


def test_the_interpreter_that_runs_the_jobs_is_asked_what_it_has(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert missing("mlflow", str(python)) == f"mlflow is not installed in {python}; install it there"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    assert missing("mlflow", str(python)) == ""
    assert "cannot be asked" in missing("mlflow", str(tmp_path / "none"))


def test_a_run_may_do_without_those_whom_the_project_names(project: Path) -> None:
    (project / ".niceml" / "project.yaml").write_text("log_to: tensorboard\n")
    assert start(project, log_to=()).spec().settings.log_to == ()
    assert start(project, log_to=None).spec().settings.log_to == ("tensorboard",)


def test_who_cannot_read_along_is_refused_with_the_line(project: Path) -> None:
    (project / ".niceml" / "project.yaml").write_text("# of ours\nlog_to: [tensorboard, wandb]\n")
    with pytest.raises(ProjectError, match=r"project\.yaml:2: log_to: nothing called wandb .* tensorboard, mlflow"):
        start(project)


def test_who_cannot_read_along_with_one_run_is_refused_before_it(project: Path) -> None:
    with pytest.raises(RunError, match="nothing called wandb can read along; there are tensorboard, mlflow"):
        start(project, log_to=("wandb",))


def test_whoever_fails_is_left_out_and_the_run_goes_on(project: Path, light: None) -> None:
    run = start(project, log_to=("tensorboard",))
    (run.path / "tensorboard").write_text("a file where a folder is needed")
    run.stream.write_text("")
    said: list[Event] = []
    along = ReadingAlong(run, said.append)
    along.begin()
    wait_until(lambda: bool(said))
    along.close(run.state())
    (line,) = said
    assert "tensorboard reads along no more: " in getattr(line, "text", "")


def test_parameters_are_resolved_and_hold_no_secret() -> None:
    found = dict(_leaves("rate: 0.5\ntwice: ${rate}\napi_key: abcdef\nurl: http://${api_key}@host\nlost: ${nowhere}\n"))
    assert found["twice"] == 0.5
    assert found["lost"] == "${nowhere}"
    assert "abcdef" not in str(found)


def test_a_parameter_that_refers_to_a_part_of_the_config_is_its_values_without_credentials() -> None:
    found = dict(_leaves("place: {uri: ./a, credentials: {key: null, secret: xyzabc}}\nlocation: ${place}\n"))
    assert found["location.uri"] == found["place.uri"] == "./a"
    assert not any(name.startswith("location.credentials") or name == "location" for name in found)
    assert "xyzabc" not in str(found)


def test_in_mlflow_a_run_is_called_as_everywhere(project: Path) -> None:
    run, client = start(project), Mock()
    tracking = Tracking(client, "1", run)
    tracking.take([Artifact(kind="experiment", path="file:///a/b/CURVE-20261128T124449-id_mqqd")])
    client.update_run.assert_called_once_with("1", name="CURVE-20261128T124449-id_mqqd")
    run.set_name("the good one")
    tracking.take([Artifact(kind="experiment", path="file:///a/b/CURVE-20261128T124449-id_mqqd")])
    assert client.update_run.call_args.kwargs == {"name": "the good one"}
    run.set_name("the best one")
    tracking.end(msgspec.structs.replace(run.first_state(), status="succeeded"))
    assert client.update_run.call_args.kwargs == {"name": "the best one"}
