"""`niceml-engine run` with a real worker: what the terminal shows, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from tests.engine.projects import CONFIGS, GENERATION, SMALL, TRAIN, copy_project


def test_a_copied_experiment_runs_where_the_person_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied, here = tmp_path / "copied" / "run" / "config.yaml", tmp_path / "here"
    copied.parent.mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    job = CONFIGS.parent / GENERATION
    copied.write_text(CliRunner().invoke(app, ["compose", str(job), *SMALL]).stdout)
    result = CliRunner().invoke(app, ["run", str(copied), "--job", "job_data_generation"])
    assert result.exit_code == 0, result.output
    assert list((here / "data" / "numbers_cropped_split" / "train").glob("*.png"))
    assert [path.name for path in copied.parent.iterdir()] == ["config.yaml"]
    listed = json.loads(CliRunner().invoke(app, ["runs", "list", "--format", "json"]).stdout)
    assert [run["status"] for run in listed] == ["succeeded"]


def test_a_failure_is_told_once_with_the_place_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(tmp_path)
    (project / "notes.txt").touch()
    monkeypatch.setenv("EXPERIMENT_URI", "notes.txt")
    result = CliRunner().invoke(app, ["run", str(project / TRAIN)])
    assert result.exit_code == 1, result.output
    (line,) = result.stderr.splitlines()
    place = r"exp_locations.yaml:10: globals.experiment_location.uri: cannot write experiment_info.yaml in "
    assert line.startswith("error: experiment: configs/shared/locations/" + place)
    assert line.endswith(": a file lies where a folder is needed; choose another place")
    assert result.output.count("a file lies where") == 1
    assert "experiment   failed" in result.stdout
