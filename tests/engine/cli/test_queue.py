"""The list of runs in the terminal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.queue import Queue
from tests.engine.projects import GENERATION, copy_project, enqueue_job


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    project = copy_project(tmp_path)
    monkeypatch.chdir(project)
    return enqueue_job(project, GENERATION)


def call(*words: str) -> str:
    result = CliRunner().invoke(app, ["runs", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_run_is_listed_named_stopped_and_deleted(run: RunFolder, tmp_path: Path) -> None:
    call("name", run.short_id, "my run")
    assert "queued" in call("list")
    assert "my run" in call("list")
    call("stop", run.short_id)
    Queue(tmp_path).advance()
    assert json.loads(call("list", "--format", "json"))[0]["status"] == "stopped"
    call("delete", run.id)
    assert call("list") == ""


@pytest.mark.parametrize("words", [("stop", "nosuch"), ("delete", "")])
def test_what_cannot_be_done_is_bad_input(run: RunFolder, words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["runs", *words]).exit_code == 2
    assert run.path.exists()
