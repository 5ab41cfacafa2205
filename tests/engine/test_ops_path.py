"""Where the configs of ops lie."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import read_layout
from niceml_engine.events import Tried
from niceml_engine.ops_path import op_at, op_key, ops_in, placed
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.trial import Attempt
from niceml_engine.runs.trust import set_trust
from niceml_engine.values import Composed, RunSettings, RunState, Selection, Trial
from tests.waiting import wait_until

DATA = {"ops": {"train": {"config": {"a": 1}}, "other": None}, "steps": {"fit": {"b": 1}}, "run": {"cfg": {"c": 1}}}


@pytest.mark.parametrize(
    ("path", "op", "key", "ops"),
    [
        ("ops.{op}.config", "train", "ops.train.config", ["train", "other"]),
        ("steps.{op}", "fit", "steps.fit", ["fit"]),
        ("{op}.cfg", "run", "run.cfg", ["run"]),
        ("a.b.{op}", "x", "a.b.x", []),
    ],
)
def test_ops_are_found_where_the_path_says(path: str, op: str, key: str, ops: list[str]) -> None:
    assert op_key(op, path) == key
    assert op_at(key, path) == op_at(f"{key}.more", path) == op
    assert op_at("elsewhere.x", path) == ""
    assert list(ops_in(DATA, path)) == ops


@pytest.mark.parametrize(
    ("key", "path", "there"),
    [
        ("ops.train.config.model", "ops.{op}.config", "ops.train.config.model"),
        ("ops.train.config.model", "steps.{op}", "steps.train.model"),
        ("ops.train.config.callbacks[0]", "{op}.cfg", "train.cfg.callbacks[0]"),
        ("ops.train.config", "{op}.cfg", "train.cfg"),
        ("ops.train.other", "steps.{op}", "ops.train.other"),
        ("globals.x", "steps.{op}", "globals.x"),
    ],
)
def test_keys_that_the_code_of_ops_names_are_told_as_they_stand(key: str, path: str, there: str) -> None:
    assert placed(key, path) == there


JOB = """\
hydra: {searchpath: ["file://conf"]}
made:
  at: {uri: ./data}
steps:
  data_generation: {location: "${made.at}", target: digits, workers: 1, generator: {
    _target_: niceml_engine.data.generation_handwritten.HandwrittenDigits, size: 16, sample_count: 40}}
  data_split: {location: "${made.at}", source: digits, target: split}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that keeps the configs of its ops elsewhere."""
    job = tmp_path / "conf/jobs/job_data_generation/own.yaml"
    job.parent.mkdir(parents=True)
    job.write_text(JOB)
    (tmp_path / ".niceml").mkdir()
    (tmp_path / ".niceml/project.yaml").write_text('ops_path: "steps.{op}"\n')
    set_trust(tmp_path, True)
    return tmp_path


def composed(project: Path, *overrides: str) -> Composed:
    job = str(project / "conf/jobs/job_data_generation/own.yaml")
    found = Composer(read_layout(project).setting).compose(Selection(job, overrides))
    assert found.error is None, found.error
    return found


def run(project: Path, *overrides: str) -> tuple[RunFolder, RunState]:
    queue, made = Queue(project), enqueue(project, composed(project, *overrides), RunSettings())

    def ended() -> bool:
        queue.advance()
        return made.final_state() is not None

    wait_until(ended)
    wait_for_exit(made)
    return made, made.state()


def test_a_worker_runs_ops_whose_configs_lie_elsewhere_and_names_their_keys(project: Path) -> None:
    made, state = run(project)
    assert state.status == "succeeded", state.message
    assert list((project / "data/split/train").glob("*.png"))
    assert "data_crop is not configured" in made.stream.read_text()
    _, state = run(project, "steps.data_split.target=digits")
    assert state.status == "failed"
    assert state.message.startswith("data_split: override steps.data_split.target=digits: the target")


def test_one_batch_is_tried_with_ops_whose_configs_lie_elsewhere(project: Path) -> None:
    attempt = Attempt(project, composed(project, "steps.data_split.target=digits"), Trial("all"), RunSettings())
    tried: dict[str, tuple[str, str]] = {}

    def ended() -> bool:
        events, state = attempt.look()
        tried.update({event.name: (event.status, event.key) for event in events if isinstance(event, Tried)})
        return state is not None

    wait_until(ended)
    attempt.end()
    assert tried == {
        "data_generation": ("succeeded", "steps.data_generation"),
        "data_split": ("failed", "steps.data_split.target"),
    }
    assert not (project / "data").exists()


def test_dagsters_own_command_runs_them_too(project: Path) -> None:
    job = project / "run.yaml"
    job.write_text(OmegaConf.to_yaml(OmegaConf.create({"config": composed(project).yaml})))
    home = project / "home"
    home.mkdir()
    words = ["-m", "niceml_engine.jobs.definitions", "-j", "job_data_generation", "-c", str(job)]
    environment = {**os.environ, "DAGSTER_HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = str(Path(sys.executable).with_name("dagster"))
    done = subprocess.run(
        [program, "job", "execute", *words], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list((project / "data/split/train").glob("*.png"))
