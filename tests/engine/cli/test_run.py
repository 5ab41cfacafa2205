"""`niceml-engine run` with a real worker: what the terminal shows, and the exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from tests.engine.projects import TRAIN, copy_project


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
