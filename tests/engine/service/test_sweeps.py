"""A sweep is called as a person calls it, by window, query and command line alike."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.runs import ListRuns, NameSweep
from niceml_engine.query.grammar import parse
from niceml_engine.query.subjects import RunSubject
from tests.engine.past_runs import GROUP, write_sweep
from tests.engine.projects import TRAIN, copy_project
from tests.engine.service.here import answering, ask


def test_the_name_of_a_sweep_is_kept_with_each_of_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(tmp_path)
    write_sweep(project, epochs=(4,), rates=(1e-3, 1e-2))
    with answering() as (handlers, _):
        ask(handlers, OpenProject(str(project / TRAIN)))
        ask(handlers, NameSweep(GROUP, " the night's "))
        states = ask(handlers, ListRuns())
        assert [(state.sweep, state.group) for state in states] == [("the night's", GROUP)] * 2
        assert all(parse("sweep ~ night and learning_rate").holds(RunSubject(state)) for state in states)
    monkeypatch.chdir(project)
    listed = CliRunner().invoke(app, ["runs", "list"]).stdout
    assert listed.count("[the night's]") == 2
    with answering() as (handlers, _):
        ask(handlers, OpenProject(str(project / TRAIN)))
        assert {state.sweep for state in ask(handlers, ListRuns())} == {"the night's"}, "after the end of the service"
        ask(handlers, NameSweep(GROUP, ""))
        assert {state.sweep for state in ask(handlers, ListRuns())} == {""}
