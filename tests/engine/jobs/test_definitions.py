"""What Dagster's own command and web UI see."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from dagster import DagsterRunStatus
from omegaconf import OmegaConf

from niceml_engine.errors import ConfigError
from niceml_engine.events import RunEnded, RunStarted
from niceml_engine.jobs import standalone
from niceml_engine.jobs.declaration import JOBS
from niceml_engine.jobs.definitions import defs, run_config
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import JobSpec, RunState
from tests.conftest import REPOSITORY
from tests.engine.jobs.conftest import JOB, Bench


def composed(given: dict[str, object]) -> str:
    text: str = run_config(given)["resources"]["session"]["config"]["yaml"]
    return text


@pytest.mark.parametrize("spec", JOBS, ids=lambda spec: spec.name)
def test_jobs_are_their_declaration(spec: JobSpec) -> None:
    job = defs.resolve_job_def(spec.name)
    assert [node.name for node in job.nodes_in_topological_order] == list(spec.ops)
    assert job.description == spec.description


def test_job_file_composes_as_its_path_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    given = json.loads(json.dumps(yaml.safe_load(JOB.read_text()), sort_keys=True))
    config = OmegaConf.create(composed(given))
    assert config.globals.exp_prefix == "CLH"
    assert config.ops.train.config.data_train.data_description.classes == ["3", "8"]
    assert "${oc.env:AWS_SECRET_ACCESS_KEY,null}" in composed(given)


def test_composed_config_and_text_pass_unchanged() -> None:
    text = "b: ${oc.env:X}\na: 1\n"
    assert composed({"config": text}) == text
    assert composed({"b": "${oc.env:X}", "a": 1, "hydra": {"searchpath": []}}) == text


def test_job_file_that_does_not_compose_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="nope"):
        run_config({"defaults": [{"nope": "option"}]})


def test_without_a_worker_the_stream_lies_beside_the_experiment(
    make_bench: Callable[[Path], Bench],
    digits: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = make_bench(digits)
    (bench.root / "configs").symlink_to(REPOSITORY / "configs")
    (bench.root / ".env").write_text("TRAINING_EPOCHS=1\nSTEPS_PER_EPOCH=2\n")
    for name in ("TRAINING_EPOCHS", "STEPS_PER_EPOCH"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    printed: list[str] = []
    # capsys would do, but Dagster closes the log handlers that other tests have opened on other streams
    monkeypatch.setattr(standalone, "print", lambda text, flush: printed.append(text), raising=False)
    given = yaml.safe_load(JOB.read_text())
    result = defs.resolve_job_def("job_train").execute_in_process(run_config=given, instance=bench.instance)
    assert result.dagster_run.status == DagsterRunStatus.SUCCESS
    assert "exptests    5 experiment tests passed" in printed
    assert sum(text.startswith("analysis    validation  accuracy ") for text in printed) == 1
    rows = StreamReader(bench.experiment.path("events.jsonl")).read()
    assert isinstance(rows[0], RunStarted)
    assert rows[-1] == RunEnded(status="succeeded", seq=len(rows), time=rows[-1].time)
    state = RunState(**json.loads(bench.experiment.read("run/state.json")))
    assert state.status == "succeeded"
