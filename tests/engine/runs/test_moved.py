"""A run finds what is its own where its project lies now, and never in the project that it was copied from."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.events import Artifact, OpEnded, OpStarted, RunEnded, RunStarted
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.runs import DeleteRun, ListRuns
from niceml_engine.protocol.samples import ReadAnalysis, Source
from niceml_engine.runs.continuing import remaining, repeat
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.making import create_run
from niceml_engine.runs.moved import moved
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.runs.taking_over import taken_over
from niceml_engine.runs.trust import may_run, set_trust
from niceml_engine.values import Continuation, RunSettings
from tests.engine.past_runs import end
from tests.engine.projects import TRAIN, compose, copy_project
from tests.engine.service.client import Client

INFO = "experiment_info.yaml"


def past(root: Path, experiment: Path) -> RunFolder:
    """A run that failed in its training and has made an experiment at a place."""
    run = create_run(root, compose(root, TRAIN), "job_train", RunSettings())
    run.claim()
    experiment.mkdir(parents=True)
    (experiment / INFO).write_text(f"name: {experiment.name}\nrun_id: {run.id}\n")
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=1))
        writer.op = "experiment"
        writer.emit(OpStarted())
        writer.emit(Artifact(kind="experiment", path=str(experiment)))
        writer.emit(OpEnded(status="succeeded", seconds=1.0))
        writer.op = "train"
        writer.emit(OpStarted())
        writer.emit(OpEnded(status="failed", seconds=1.0, message="no"))
        writer.emit(RunEnded(status="failed"))
    end(run, {})
    return run


@pytest.fixture
def first(tmp_path: Path) -> Path:
    root = tmp_path / "first"
    root.mkdir()
    return copy_project(root)


def copied(root: Path, run: RunFolder) -> RunFolder:
    now = root.with_name("second")
    shutil.copytree(root, now)
    return RunFolder(now / run.path.relative_to(root))


@pytest.mark.parametrize(
    ("path", "now"),
    [
        ("/a/p/experiments/x", "/b/p/experiments/x"),
        ("file:///a/p/experiments/x", "file:///b/p/experiments/x"),
        ("/a/p/../data/x", "/a/p/../data/x"),
        ("/a/pp/x", "/a/pp/x"),
        ("s3://a/p/x", "s3://a/p/x"),
        ("", ""),
    ],
)
def test_what_lay_inside_is_found_inside_and_all_else_where_it_was(path: str, now: str) -> None:
    assert moved(path, "/a/p", "/b/p") == now


def test_a_copied_run_is_told_repeated_and_gone_on_with_in_its_own_project(first: Path) -> None:
    run = past(first, first / "experiments" / "x")
    copy = copied(first, run)
    second = first.with_name("second")
    here = str(second / "experiments" / "x")
    assert (copy.state().experiment, copy.state().job) == (here, str(second / TRAIN))
    (copy.path / "state.json").unlink()  # what only its stream tells
    assert (copy.state().experiment, copy.state().job) == (here, str(second / TRAIN))
    shutil.copy(run.path / "state.json", copy.path)
    assert (copy.spec().root, copy.spec().selection.job) == (str(second), str(second / TRAIN))
    assert copy.recorded().root == str(first)
    assert not may_run(second, copy.recorded()), "what waits in a folder from elsewhere starts when that is trusted"

    set_trust(second, True)
    continues = remaining(copy, "train")
    assert continues == Continuation(("train", "prediction", "analysis", "exptests"), here, run.id)
    told = [one for one in taken_over(copy, "job_train", continues) if isinstance(one, Artifact)]
    assert [one.path for one in told] == [here]
    again = repeat(copy.spec(), RunSettings(), continues)
    assert again.path.parent == copy.path.parent
    assert len(list(run.path.parent.iterdir())) == 1, "nothing is put into the other project's queue"

    assert run.state().experiment == str(first / "experiments" / "x")
    link = first.with_name("link")
    link.symlink_to(first)
    by_link = RunFolder(link / run.path.relative_to(first))
    assert by_link.spec() == run.spec(), "the same project by another name is no copy"
    assert by_link.state().experiment == run.state().experiment


def test_a_run_of_a_copied_project_is_deleted_with_its_own_experiment_only(first: Path) -> None:
    run, outside = past(first, first / "experiments" / "x"), first.with_name("outside")
    other = past(first, outside / "y")
    copy = copied(first, run)
    second = first.with_name("second")
    client = Client()
    client.ask(OpenProject(str(second)))
    states = {state.id: state for state in client.ask(ListRuns())}
    assert states[run.id].experiment == str(second / "experiments" / "x")
    assert states[other.id].experiment == str(outside / "y")
    assert client.ask(ReadAnalysis(Source(run=run.id))).analyses == ()
    client.ask(DeleteRun(run.id, experiment=True))
    assert client.close() == 0
    assert not copy.path.exists()
    assert not (second / "experiments" / "x").exists()
    assert (first / "experiments" / "x" / INFO).exists()
    assert run.path.exists()


def test_the_command_says_which_experiments_stay_before_it_asks(first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = copied(first, past(first, first / "experiments" / "x"))
    second = first.with_name("second")
    spec = msgspec.structs.replace(run.recorded(), group="rate ab3d")
    (run.path / "spec.json").write_bytes(msgspec.json.encode(spec))
    monkeypatch.chdir(second)
    refused = CliRunner().invoke(app, ["runs", "delete", run.id, "--sweep"])
    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[0] == f"its experiment folder stays: {second / 'experiments' / 'x'}"
    assert run.path.exists()
    done = CliRunner().invoke(app, ["runs", "delete", run.id])
    assert done.exit_code == 0
    assert f"its experiment folder stays: {second / 'experiments' / 'x'}" in done.stderr
    assert (second / "experiments" / "x").exists()
