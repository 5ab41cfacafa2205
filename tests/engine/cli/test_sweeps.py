"""Several runs from one line of the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from niceml_engine.cli import app
from niceml_engine.runs.folder import all_runs
from tests.engine.projects import GENERATION, SMALL, copy_project

SEED = "ops.data_generation.config.generator.seed"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = copy_project(tmp_path)
    monkeypatch.chdir(project)
    return project


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_runs_of_a_sweep_are_listed_before_anything_starts(project: Path) -> None:
    shown = call("expand", GENERATION, f"{SEED}=1,2", *SMALL[:1], "ops.data_split.config.seed=range(3,5)")
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["run", SEED, "ops.data_split.config.seed"],
        ["1", "1", "3"],
        ["2", "1", "4"],
        ["3", "2", "3"],
        ["4", "2", "4"],
    ]
    assert json.loads(call("expand", GENERATION, f"{SEED}=1,2", "--format", "json").stdout) == [
        [f"{SEED}=1"],
        [f"{SEED}=2"],
    ]
    assert call("expand", GENERATION).stdout.startswith("1 run")
    assert all_runs(project) == []


def test_several_values_need_multirun(project: Path) -> None:
    refused = call("run", GENERATION, f"{SEED}=1,2")
    assert refused.exit_code == 2
    assert "stand for 2 runs; start all of them with --multirun" in refused.stderr
    assert all_runs(project) == []


def test_multirun_runs_all_of_them_as_one_group(project: Path) -> None:
    done = call("run", GENERATION, *SMALL, "-m", f"{SEED}=1,2")
    assert done.exit_code == 0, done.output
    assert "1 of 2" in done.stdout
    states = [run.state() for run in all_runs(project)]
    assert [(state.status, state.overrides[-1]) for state in states] == [
        ("succeeded", f"{SEED}=1"),
        ("succeeded", f"{SEED}=2"),
    ]
    assert len({state.group for state in states}) == 1
    short = states[0].group.rpartition(" ")[2]
    listed = [line.partition(states[0].dagster_job)[2].split() for line in call("runs", "list").stdout.splitlines()]
    assert listed == [
        [f"…{state.id[-4:]}", f"seed={seed}", f"[{short}]"] for state, seed in zip(states[::-1], (2, 1), strict=True)
    ]
