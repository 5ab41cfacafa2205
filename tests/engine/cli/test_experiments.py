"""Past experiments in the terminal."""

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import RunState


@pytest.fixture
def experiments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, created in (("CLB-1-id_aaaa", 1.0), ("CLB-2-id_bbbb", 2.0)):
        folder = ExperimentFolder(Location.of(name, tmp_path))
        folder.write("experiment_info.yaml", f"created: {created}\ndigest: abc\n")
        state = RunState(id="r", name=name, status="succeeded", job="j", metrics={"test.f1": 0.5, "loss": 1.0})
        folder.write("run/state.json", msgspec.json.encode(state))
    monkeypatch.setenv("EXPERIMENT_URI", str(tmp_path))
    return tmp_path


def test_experiments_are_listed_newest_first(experiments: Path) -> None:
    result = CliRunner().invoke(app, ["experiments", "list"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == ["CLB-2-id_bbbb", "CLB-1-id_aaaa"]
    assert "f1 0.5" in result.output


def test_one_is_shown_by_the_end_of_its_name(experiments: Path) -> None:
    result = CliRunner().invoke(app, ["experiments", "show", "aaaa", "--format", "json"])
    shown = json.loads(result.output)
    assert shown["name"] == "CLB-1-id_aaaa"
    assert shown["files"] == ["experiment_info.yaml", "run/state.json"]


def test_a_metric_that_is_not_finite_is_told_as_it_is(experiments: Path) -> None:
    metrics = {"test.mine": None, "test.auc": None, "loss": None}
    state = RunState("r", "c", "succeeded", "j", metrics=metrics, nonfinite={"test.mine": "inf", "loss": "nan"})
    folder = ExperimentFolder(Location.of("CLB-1-id_aaaa", experiments))
    folder.write("run/state.json", msgspec.json.encode(state))
    listed = CliRunner().invoke(app, ["experiments", "list"]).stdout.splitlines()
    assert listed[-1].endswith("succeeded  mine inf")
    shown = CliRunner().invoke(app, ["experiments", "show", "aaaa"]).stdout
    told = dict(line.split() for line in shown.splitlines() if line.split()[0] in metrics)
    assert told == {"test.mine": "inf", "test.auc": "–", "loss": "nan"}


def test_an_unknown_one_is_bad_input(experiments: Path) -> None:
    result = CliRunner().invoke(app, ["experiments", "show", "nosuch"])
    assert result.exit_code == 2
    assert "0 experiments match" in result.output


def test_they_are_looked_for_by_a_query(experiments: Path) -> None:
    ExperimentFolder(Location.of("CLB-1-id_aaaa", experiments)).write("run/config.yaml", "train: {epochs: 3}\n")
    for text in ("config.epochs = 3", "metric.test.f1 > 0.4 and created < 1970-01-01T23:00 and epochs < 9"):
        result = CliRunner().invoke(app, ["experiments", "list", "--where", text])
        assert [line.split()[0] for line in result.stdout.splitlines()] == ["CLB-1-id_aaaa"], text
