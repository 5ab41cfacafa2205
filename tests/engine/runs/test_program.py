"""A plain Hydra program as a run of ours: real processes that measure, fail, are stopped and killed."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import psutil
import pytest
from dagster import DagsterInstance, RunsFilter

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import read_layout
from niceml_engine.errors import ConfigError, RunError, TrustError
from niceml_engine.events import Artifact, Check, Log, Metrics, OpEnded, RunEnded
from niceml_engine.runs.continuing import repeat
from niceml_engine.runs.dagster_home import home
from niceml_engine.runs.enqueue import enqueue_all
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue, write_settings
from niceml_engine.runs.stream import StreamReader
from niceml_engine.runs.trust import set_trust
from niceml_engine.values import QueueSettings, RunSettings, Selection
from tests.engine.programs import SCRIPT, write_program
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

ENDLESS = ("steps=100000", "pause=0.02")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    root = tmp_path / "foreign"
    root.mkdir()
    set_trust(root, True)
    return write_program(root)


def start(opened: Path, *overrides: str, settings: RunSettings | None = None, root: Path | None = None) -> RunFolder:
    """Puts runs of the program into the queue, and returns the first; what was opened is its script or its config."""
    root = root or opened.parent
    composer = Composer(read_layout(opened).setting)
    selection = Selection(str(root / "conf" / "config.yaml"), overrides)
    first, *_ = enqueue_all(root, composer, selection, settings or RunSettings())
    return first


def finished(run: RunFolder) -> RunFolder:
    queue = Queue(run.spec().root)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    return run


def measuring(queue: Queue, run: RunFolder) -> bool:
    queue.advance()
    return any(isinstance(event, Metrics) for event in StreamReader(run.stream).read())


def curve(run: RunFolder, name: str) -> list[tuple[int, float | None]]:
    rows = [event for event in StreamReader(run.stream).read() if isinstance(event, Metrics)]
    return [(row.step, row.values[name]) for row in rows if name in row.values]


def lines(run: RunFolder) -> list[str]:
    return [event.text for event in StreamReader(run.stream).read() if isinstance(event, Log)]


def test_it_runs_as_in_a_terminal_and_shows_what_it_measures(script: Path) -> None:
    overrides = ("model=large", "rate=2.0", "+note='a b, c'", "steps=25")
    run = finished(start(script, *overrides))
    state = run.state()
    assert state.status == "succeeded", state.message
    started = json.loads((script.parent / "started.json").read_text())
    assert started["argv"] == ["train.py", *overrides]
    assert started["python"] == sys.executable
    assert started["blocked"] == []
    assert Path(started["out"]).parts[-3] == "outputs"
    assert curve(run, "loss") == [(step, 2.0 / (step + 1)) for step in range(25)]
    assert curve(run, "val_loss") == [(9, 0.3), (19, 0.15)]
    assert curve(run, "accuracy") == [(step, pytest.approx(1 - 0.5 / (step + 1))) for step in range(25)]
    assert state.metrics == {"loss": 0.08, "val_loss": 0.15, "accuracy": pytest.approx(0.98)}
    said = lines(run)
    assert said[0] == "$ python train.py model=large rate=2.0 '+note='\"'\"'a b, c'\"'\"'' steps=25"
    assert "a plain line" in said
    assert any(line.endswith("- trains large") for line in said)
    assert not any("dagster" in line or "pipes" in line for line in said)
    (output,) = [
        event for event in StreamReader(run.stream).read() if isinstance(event, Artifact) and event.kind == "output"
    ]
    assert output.path == started["out"]
    assert dagster_status(script.parent, run) == "SUCCESS"


def test_it_is_recorded_with_its_config_so_that_it_runs_again(script: Path) -> None:
    first = finished(start(script, "model=large", "steps=3"))
    spec = first.spec()
    assert spec.selection == Selection(str(script.parent / "conf" / "config.yaml"), ("model=large", "steps=3"))
    assert "width: 64" in spec.config
    assert spec.origins["model.width"] == "conf/model/large.yaml:2"
    again = finished(repeat(spec, RunSettings()))
    assert again.state().status == "succeeded"
    assert curve(again, "loss") == curve(first, "loss")


def test_why_it_failed_stands_in_the_run(script: Path) -> None:
    run = finished(start(script, "fails_at=2"))
    state = run.state()
    assert state.status == "failed"
    assert state.message == "program: ValueError: cannot go on at step 2 (train.py ended with exit status 1)"
    rows = StreamReader(run.stream).read()
    (end,) = [event for event in rows if isinstance(event, OpEnded)]
    line = script.read_text().splitlines().index('                    raise ValueError(f"cannot go on at step {step}")')
    assert (end.error, end.code) == ("ValueError", f"train.py:{line + 1}")
    assert "run it again" in end.advice
    told = [event for event in rows if isinstance(event, Log) and event.level == "error"]
    assert told[0].text == "Traceback (most recent call last):"
    assert told[-1].text == "ValueError: cannot go on at step 2"
    assert [event.code for event in told if event.code][-1] == end.code
    assert 'raise ValueError(f"cannot go on at step {step}")' in end.details
    assert [step for step, _ in curve(run, "loss")] == [0, 1, 2]
    assert dagster_status(script.parent, run) == "FAILURE"


def test_configs_of_a_package_are_there_for_the_program_as_they_are_when_composing(script: Path) -> None:
    package = script.parent / "lib" / "more_models"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "huge.yaml").write_text("width: 4096\nname: huge\n", encoding="utf-8")
    config = script.parent / "conf" / "config.yaml"
    config.write_text(config.read_text() + "hydra:\n  searchpath: [pkg://more_models]\n", encoding="utf-8")
    run = finished(start(script, "model=huge", "steps=2"))
    assert run.state().status == "succeeded", run.state().message
    assert any(line.endswith("- trains huge") for line in lines(run))


def test_what_hydra_cannot_find_is_why_the_program_failed(script: Path) -> None:
    run = start(script, "model=large", "steps=2")
    (script.parent / "conf" / "model" / "large.yaml").unlink()
    assert "Could not find 'model/large'" in finished(run).state().message


def test_a_program_that_is_asked_to_stop_may_save_first(script: Path) -> None:
    run = start(script, *ENDLESS)
    queue = Queue(script.parent)
    wait_until(lambda: measuring(queue, run))
    run.ask_to_stop()
    finished(run)
    assert run.state().status == "stopped"
    assert (script.parent / "saved.txt").exists()
    assert any("interrupted, saves what there is" in line for line in lines(run))
    assert dagster_status(script.parent, run) == "CANCELED"


def test_a_program_that_does_not_listen_is_ended_after_its_time(script: Path) -> None:
    write_settings(script.parent, QueueSettings(patience=0.5))
    run = start(script, *ENDLESS, "stubborn=true")
    queue = Queue(script.parent)
    wait_until(lambda: measuring(queue, run))
    worker = run.worker()
    assert worker is not None
    (program,) = psutil.Process(worker.pid).children()
    run.ask_to_stop()
    finished(run)
    assert run.state().status == "stopped"
    wait_until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize("victim", ["worker", "program"])
def test_whoever_is_killed_the_run_fails_and_nothing_goes_on(script: Path, victim: str) -> None:
    run = start(script, *ENDLESS)
    queue = Queue(script.parent)
    wait_until(lambda: measuring(queue, run))
    worker = run.worker()
    assert worker is not None
    (program,) = psutil.Process(worker.pid).children()
    os.kill(worker.pid if victim == "worker" else program.pid, signal.SIGKILL)
    finished(run)
    state = run.state()
    assert state.status == "failed"
    expected = "the worker was killed by SIGKILL" if victim == "worker" else "program: train.py was killed by SIGKILL"
    assert state.message == expected
    kind = RunEnded if victim == "worker" else OpEnded
    (end,) = [event for event in StreamReader(run.stream).read() if isinstance(event, kind)]
    took = (
        r"it took \d+\.\d GB at last, when \d"
        if victim == "worker"
        else "it was killed from outside, .*; what it took of the machine is not known"
    )
    assert re.search(took, end.advice)
    wait_until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)
    wait_until(lambda: dagster_status(script.parent, run) == "FAILURE")


def test_the_interpreter_that_the_project_names_runs_it(script: Path) -> None:
    python = script.parent / "python"
    python.write_text(f'#!/bin/sh\nNAMED=yes exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (script.parent / ".niceml" / "project.yaml").write_text("python: ./python\n")
    script.write_text(SCRIPT.replace('{"argv"', '{"named": __import__("os").environ.get("NAMED"), "argv"'))
    run = finished(start(script, "steps=1"))
    assert run.state().status == "succeeded", run.state().message
    assert json.loads((script.parent / "started.json").read_text())["named"] == "yes"


def test_an_interpreter_that_is_not_there_is_named(script: Path) -> None:
    run = finished(start(script, settings=RunSettings(python="/nowhere/python")))
    expected = "program: there is no interpreter /nowhere/python; name one with `python` in .niceml/project.yaml"
    assert run.state().message == expected


def test_what_it_reports_through_dagster_pipes_stands_in_dagsters_record(script: Path) -> None:
    script.write_text(
        "import hydra\n"
        "from dagster_pipes import open_dagster_pipes\n\n\n"
        '@hydra.main(config_path="conf", config_name="config", version_base=None)\n'
        "def main(cfg):\n"
        "    with open_dagster_pipes() as pipes:\n"
        '        pipes.log.warning("short of memory")\n'
        '        pipes.report_asset_materialization(asset_key="model", metadata={"accuracy": 0.9})\n'
        '        pipes.report_asset_check(asset_key="model", check_name="small", passed=False)\n'
        '        pipes.report_custom_message({"done": 3})\n\n\n'
        "main()\n"
    )
    run = finished(start(script))
    assert run.state().status == "succeeded", run.state().message
    rows = StreamReader(run.stream).read()
    assert [row.text for row in rows if isinstance(row, Log) and row.level == "warning"] == ["short of memory"]
    assert [row.path for row in rows if isinstance(row, Artifact) and row.kind == "asset"] == ["model"]
    assert [(row.name, row.passed) for row in rows if isinstance(row, Check)] == [("model: small", False)]
    assert "reports {'done': 3}" in lines(run)
    with DagsterInstance.from_config(str(home(script.parent))) as instance:
        (record,) = instance.get_runs(filters=RunsFilter(tags={"niceml/run": run.id}))
        logged = instance.all_logs(record.run_id)
    made = [one.dagster_event for one in logged if one.dagster_event and one.dagster_event.is_step_materialization]
    assert [str(one.asset_key.to_user_string()) for one in made if one.asset_key] == ["model"]
    assert any(one.user_message == "short of memory" for one in logged)


def test_a_sweep_of_it_is_a_group_of_runs(script: Path) -> None:
    run = start(script, "steps=2", "rate=1.0,2.0")
    queue = Queue(script.parent)
    (second,) = [one for one in queue.open_runs() if one.id != run.id]
    assert [one.spec().selection.overrides for one in (run, second)] == [
        ("steps=2", "rate=1.0"),
        ("steps=2", "rate=2.0"),
    ]
    assert run.spec().group == second.spec().group != ""
    finished(run)
    finished(second)
    assert [curve(one, "loss")[0] for one in (run, second)] == [(0, 1.0), (0, 2.0)]


def test_of_two_programs_with_one_config_the_one_that_was_named_runs_else_the_training(script: Path) -> None:
    other = script.with_name("evaluate.py")
    other.write_text(SCRIPT)
    assert start(other, "steps=1").spec().script == str(other)
    assert start(script, "steps=1").spec().script == str(script)
    assert start(script.parent / "conf" / "config.yaml", "steps=1", root=script.parent).spec().script == str(script)


def test_it_is_not_started_before_the_project_is_trusted(script: Path) -> None:
    set_trust(script.parent, False)
    with pytest.raises(TrustError, match=r"would run train\.py"):
        start(script)


def test_a_config_that_no_script_starts_is_refused_in_words(script: Path) -> None:
    script.write_text("print('no Hydra')\n")
    with pytest.raises(RunError, match=r"no script with @hydra\.main starts it"):
        start(script)


def test_what_hydra_would_refuse_is_refused_before(script: Path) -> None:
    with pytest.raises(ConfigError, match="modell"):
        start(script, "modell=large")


def test_what_a_program_does_not_ask_for_need_not_be_known(script: Path) -> None:
    config = script.parent / "conf" / "config.yaml"
    config.write_text(config.read_text() + "later: ${oc.env:SET_BY_NOBODY_HERE}\n")
    run = finished(start(script, "steps=2", "pause=0"))
    assert run.state().status == "succeeded", run.state().message
