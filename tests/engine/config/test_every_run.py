"""Of a sweep, what is wrong with any of its values is found before it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.config.checking.every_run import check_every
from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import read_layout
from niceml_engine.runs.folder import all_runs
from niceml_engine.values import Composed, Problem, Selection
from tests.engine.projects import TRAIN, copy_project

RATE, SEED = "ops.train.config.learning_rate", "ops.train.config.exp_initializer.seed"
MODEL = "ops.train.config.model._target_"
SMALL, NOPE = "niceml_engine.learning.models.SmallCnn", "niceml_engine.learning.models.Nope"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def errors(project: Path, *overrides: str, seconds: float = 60.0) -> list[Problem]:
    composer = Composer(read_layout(project / TRAIN).setting)
    found = check_every(composer, Selection(str(project / TRAIN), overrides), seconds)
    return [one for one in found if one.severity == "error"]


def test_an_error_of_a_later_run_names_the_run(project: Path) -> None:
    assert errors(project, f"{RATE}=0.1,0.2") == []
    (error,) = errors(project, f"{RATE}=0.1,0.2,0.3", f"{MODEL}={SMALL},{NOPE}")
    assert error.message.startswith(f"in run 2 of 6, {RATE}=0.1, {MODEL}={NOPE}: ")
    assert "Nope" in error.message.partition(": ")[2]
    assert (error.fixes, error.fix) == ((), "")


def test_an_error_of_all_runs_is_told_once(project: Path) -> None:
    (error,) = errors(project, f"{RATE}=0.1,0.2", f"{MODEL}={NOPE}")
    assert not error.message.startswith("in run")


def test_each_value_is_composed_once_and_no_combination(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[tuple[str, ...]] = []

    def counted(composed: Composed, *more: Any) -> tuple[Problem, ...]:
        checked.append(composed.selection.overrides)
        return check_all(composed, *more)

    monkeypatch.setattr("niceml_engine.config.checking.every_run.check_all", counted)
    rates, seeds = f"{RATE}=0.1,0.2,0.1,0.3", f"{SEED}=1,2"
    errors(project, rates, seeds)
    first, *others = checked
    assert first == (rates, seeds)
    wanted = {("0.1", "2"), ("0.2", "1"), ("0.3", "1")}
    assert {tuple(text.partition("=")[2] for text in one) for one in others} == wanted
    assert len(others) == len(wanted)
    checked.clear()
    errors(project, rates, seeds, seconds=-1.0)
    assert checked == [first]


def test_a_sweep_of_which_one_run_is_certain_to_fail_is_not_started(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    result = CliRunner().invoke(app, ["run", "-m", TRAIN, f"{MODEL}={SMALL},{NOPE}"])
    assert result.exit_code == 2
    *_, error, last = result.stderr.splitlines()
    assert f"in run 2 of 2, {MODEL}={NOPE}: " in error
    assert last == "not started; --anyway runs it nevertheless"
    assert all_runs(project) == []
