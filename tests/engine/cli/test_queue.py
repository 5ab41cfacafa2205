"""The list of runs in the terminal."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app, queue
from niceml_engine.events import Artifact, Metrics, OpStarted, RunEnded, RunStarted
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader, StreamWriter
from tests.engine.past_runs import end, write_sweep
from tests.engine.projects import CURVE, ENDLESS, GENERATION, SMALL, TRAIN, copy_project, enqueue_job, write_curve
from tests.waiting import wait_until


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
    assert Queue(tmp_path).advance() == []
    assert json.loads(call("list", "--format", "json"))[0]["status"] == "stopped"
    call("delete", run.id)
    assert call("list") == ""


@pytest.mark.parametrize("words", [("stop", "nosuch"), ("delete", "")])
def test_what_cannot_be_done_is_bad_input(run: RunFolder, words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["runs", *words]).exit_code == 2
    assert run.path.exists()


def test_what_waits_is_shown_and_moved_and_the_queue_is_changed(run: RunFolder, tmp_path: Path) -> None:
    second, third = enqueue_job(tmp_path, GENERATION), enqueue_job(tmp_path, GENERATION)
    shown = call("queue", "--limit", "2", "--pause", "--no-spare").splitlines()
    assert shown[0] == "2 runs at a time, paused · 30 s to stop · no worker is kept ready"
    assert [line.split()[0] for line in shown[1:]] == [run.id, second.id, third.id]
    call("move", third.short_id, "--first")
    call("move", run.short_id)
    told = json.loads(call("queue", "--go", "--format", "json"))
    assert [state["id"] for state in told["runs"]] == [third.id, second.id, run.id]
    assert told["settings"] == {"limit": 2, "paused": False, "patience": 30.0, "spare": False}
    for one in (run, second, third):
        call("stop", one.id)
    refused = CliRunner().invoke(app, ["runs", "move", run.id])
    assert refused.exit_code == 2
    assert "does not wait" in refused.stderr
    both = CliRunner().invoke(app, ["runs", "resume", run.id, "--from", "data_split", "--only", "data_split"])
    assert (both.exit_code, "give one of them" in both.stderr) == (2, True)
    refused = CliRunner().invoke(app, ["runs", "resume", run.id, "--from", "nosuch"])
    assert refused.exit_code == 2
    assert "has no op nosuch; its ops are data_generation" in refused.stderr


def test_runs_that_wait_are_told_apart_by_what_fewest_of_them_have(run: RunFolder, tmp_path: Path) -> None:
    seed = "ops.data_generation.config.generator.seed"
    two = [enqueue_job(tmp_path, GENERATION, *SMALL, f"{seed}={value}") for value in (7, 8)]
    shown = call("queue", "--pause").splitlines()
    assert [line.split()[0] for line in shown[2:]] == [one.id for one in two]
    assert [next(word for word in line.split() if "=" in word) for line in shown[2:]] == ["seed=7", "seed=8"]


def test_a_run_is_repeated_ended_at_once_and_resumed(run: RunFolder, tmp_path: Path) -> None:
    call("stop", run.id)
    broken = enqueue_job(tmp_path, GENERATION, *SMALL, "ops.data_split.config.subsets.train=0.9")
    result = CliRunner().invoke(app, ["runs", "again", broken.id])  # waits its turn behind the one that it repeats
    assert result.exit_code == 1, result.output
    assert broken.state().op == "data_split"
    result = CliRunner().invoke(app, ["runs", "resume", broken.id, "ops.data_split.config.subsets.train=0.7"])
    assert result.exit_code == 0, result.output
    continues = all_runs(tmp_path)[-1].spec().continues
    assert continues is not None
    assert (continues.ops, continues.parent) == (("data_split", "data_crop"), broken.id)
    result = CliRunner().invoke(app, ["runs", "resume", broken.id, "--instead", *SMALL])
    assert result.exit_code == 0, result.output
    spec = all_runs(tmp_path)[-1].spec()
    assert (spec.selection.overrides, spec.continues) == (SMALL, continues)
    endless = enqueue_job(tmp_path, GENERATION, *ENDLESS)
    Queue(tmp_path).advance()
    wait_until(endless.is_alive)
    call("stop", "--now", endless.id)
    assert not endless.is_alive()
    assert endless.state().status == "stopped"
    wait_for_exit(endless)


def test_going_on_with_other_values_keeps_those_of_the_runs_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_curve(tmp_path))
    job, steps = tmp_path / CURVE, "${niceml.to_int:${oc.env:STEPS_OF_MINE,7}}"
    job.write_text(job.read_text().replace("steps: 100000", f'steps: "{steps}"'))
    monkeypatch.setenv("STEPS_OF_MINE", "3")
    run = enqueue_job(tmp_path, CURVE)
    call("stop", run.id)
    monkeypatch.setenv("STEPS_OF_MINE", "5")
    call("resume", run.id, "ops.data_generation.config.generator.pause=0")
    assert os.environ["STEPS_OF_MINE"] == "5"
    again = all_runs(tmp_path)[-1]
    assert again.spec().variables == {"STEPS_OF_MINE": "3"}
    assert max(row.step for row in StreamReader(again.stream).read() if isinstance(row, Metrics)) == 3


def test_without_a_name_the_last_run_that_can_go_on_is_offered(run: RunFolder, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(app, ["runs", "resume", *words])
        assert done.exit_code == 2, done.output
        return done.stderr

    assert "none has failed or was stopped" in said()
    stopped, other = enqueue_job(tmp_path, GENERATION, *ENDLESS), enqueue_job(tmp_path, GENERATION, *ENDLESS)
    call("stop", stopped.id)
    called = f"job_data_generation …{stopped.id[-4:]}"
    offered = f"the last one that was stopped is {called}: niceml-engine runs resume {stopped.id}"
    assert offered in said()
    assert offered in said("some.key=3")
    call("stop", other.id)
    assert f"runs resume {other.id}" in said()


def test_a_run_of_which_something_is_kept_is_offered_before_a_later_one_that_never_began(
    run: RunFolder, tmp_path: Path
) -> None:
    call("stop", run.id)
    failed, never = enqueue_job(tmp_path, GENERATION), enqueue_job(tmp_path, GENERATION)
    call("stop", never.id)
    assert failed.claim()
    with closing(StreamWriter(failed.stream)) as writer:
        writer.emit(RunStarted(pid=0))
        writer.emit(OpStarted(op="data_split"))
        writer.emit(RunEnded(status="failed", message="data_split: no"))
    failed.write_final_state(failed.state())
    assert f"runs resume {failed.id}" in CliRunner().invoke(app, ["runs", "resume"]).stderr


def test_a_run_whose_worker_died_unseen_does_not_wait_in_the_queue(run: RunFolder, tmp_path: Path) -> None:
    waiting = enqueue_job(tmp_path, GENERATION)
    assert run.claim()
    with subprocess.Popen([sys.executable, "-c", ""]) as worker:
        run.set_worker(worker.pid)
    assert " failed " in call("list")
    shown = call("queue").splitlines()
    assert [line.split()[0] for line in shown[1:]] == [waiting.id]
    assert [state["id"] for state in json.loads(call("queue", "--format", "json"))["runs"]] == [waiting.id]


def test_a_training_whose_config_is_another_one_is_said_to_begin_anew(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = "ops.train.config.train_params.steps_per_epoch"
    broken = enqueue_job(tmp_path, TRAIN, f"{steps}=20")
    with closing(StreamWriter(broken.stream)) as writer:
        for event in (
            RunStarted(pid=1),
            Artifact(kind="experiment", path=str(tmp_path / "experiment")),
            OpStarted(op="train"),
            RunEnded(status="failed"),
        ):
            writer.emit(event)
    monkeypatch.setattr(queue, "_follow", lambda _: None)
    assert call("resume", broken.id, f"{steps}=3") == (
        "train begins anew, since its config is another one: steps_per_epoch 20 → 3\n"
    )
    assert call("resume", broken.id, f"{steps}=3", "--anew") == ""
    assert call("resume", broken.id, f"{steps}=20") == ""


def test_the_runs_of_a_sweep_are_listed_with_their_values(run: RunFolder, tmp_path: Path) -> None:
    write_sweep(tmp_path, epochs=(4,), rates=(1e-3, 1e-2))
    lines = call("list").splitlines()
    assert [line.split("id_")[1].split()[1:4] for line in lines[:2]] == [
        ["epochs=4", "learning_rate=0.01", "[ab3d]"],
        ["epochs=4", "learning_rate=0.001", "[ab3d]"],
    ]
    call("stop", run.id)


def test_a_metric_of_the_name_of_a_value_is_told(run: RunFolder, tmp_path: Path) -> None:
    past = write_sweep(tmp_path, epochs=(4,), rates=(1e-3, 1e-2))
    end(past[0], {"learning_rate": 1e-6})
    result = CliRunner().invoke(app, ["runs", "list", "--where", "learning_rate > 0.002 and status = succeeded"])
    assert result.stdout.split()[:1] != [past[0].id]
    assert (
        "note: learning_rate is read as metric.learning_rate, its last value; what was set is config.learning_rate"
        in (result.stderr)
    )
    call("stop", run.id)


def test_runs_are_looked_for_by_a_query(run: RunFolder, tmp_path: Path) -> None:
    other = enqueue_job(tmp_path, GENERATION, "ops.data_generation.config.generator.seed=77")
    call("tag", other.short_id, "draft", "odd")
    assert call("tag", other.short_id, "--", "-odd").split() == ["draft"]
    assert len(call("list").splitlines()) == 2
    for text in ("config.seed = 77", "seed > 70 and status = queued", "tag = draft", "draft or seed=77"):
        assert [line.split()[0] for line in call("list", "--where", text).splitlines()] == [other.id], text
    result = CliRunner().invoke(app, ["runs", "list", "--where", "config.sed = 77"])
    assert "note: nothing has config.sed; did you mean config.seed?" in result.stderr
    result = CliRunner().invoke(app, ["runs", "list", "--where", "config.seed = "])
    assert result.exit_code == 2
    assert "error: --where, character 14: after =, a value is missing" in result.stderr
    assert "config.seed = \n             ^" in result.stderr


def test_a_sweep_is_named_by_any_of_its_runs(run: RunFolder, tmp_path: Path) -> None:
    first, second = write_sweep(tmp_path, epochs=(4,), rates=(1e-3, 1e-2))
    call("name", second.short_id, "the night's", "--sweep")
    assert (first.sweep(), second.sweep(), run.sweep()) == ("the night's", "the night's", "")
    assert call("list").count("[the night's]") == 2
    call("name", first.short_id, "", "--sweep")
    assert second.sweep() == ""
    refused = CliRunner().invoke(app, ["runs", "name", run.id, "alone", "--sweep"])
    assert (refused.exit_code, "is of no sweep" in refused.stderr) == (2, True)
    call("stop", run.id)


@pytest.mark.parametrize("called", ["the night's", "STAMP", "RUN"])
def test_a_sweep_is_deleted_as_a_whole_after_a_question(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:
    first, _ = write_sweep(tmp_path, epochs=(4,), rates=(1e-3, 1e-2))
    call("name", first.short_id, "the night's", "--sweep")
    what = {"STAMP": [first.spec().group.rpartition(" ")[2]], "RUN": [first.short_id, "--sweep"]}.get(called, [called])
    words = ("delete", *what)
    refused = CliRunner().invoke(app, ["runs", *words])
    assert refused.exit_code == 2
    assert "Delete all 2 runs of the sweep the night's with --yes; there is no terminal to ask at" in refused.stderr
    monkeypatch.setattr(queue, "can_ask", lambda: True)
    kept = CliRunner().invoke(app, ["runs", *words], input="n\n")
    assert (kept.exit_code, "nothing is deleted" in kept.stderr) == (2, True)
    assert first.path.exists()
    done = CliRunner().invoke(app, ["runs", *words], input="y\n")
    assert done.exit_code == 0
    assert [one.id for one in all_runs(tmp_path)] == [run.id]


def test_a_sweep_stays_as_long_as_one_of_its_runs_has_not_ended(run: RunFolder, tmp_path: Path) -> None:
    first, second = write_sweep(tmp_path, epochs=(4,), rates=(1e-3, 1e-2))
    files = {file: file.read_bytes() for file in (second.path / "state.json", second.stream)}
    for file in files:
        file.unlink()
    refused = CliRunner().invoke(app, ["runs", "delete", first.short_id, "--sweep", "--yes"])
    assert (refused.exit_code, "1 of its 2 runs has not ended; stop them first" in refused.stderr) == (2, True)
    assert first.path.exists()
    for words in (("no such", "--yes"), (run.short_id, "--sweep", "--yes")):
        refused = CliRunner().invoke(app, ["runs", "delete", *words])
        assert (refused.exit_code, "0 sweeps match" in refused.stderr) == (2, True)
    for file, content in files.items():
        file.write_bytes(content)
    call("delete", first.short_id, "--sweep", "--yes")
    assert [one.id for one in all_runs(tmp_path)] == [run.id]
