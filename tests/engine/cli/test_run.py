"""`niceml-engine run` with a real worker: what the terminal shows, and the exit status."""

from __future__ import annotations

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.runs.folder import all_runs
from tests.engine.programs import write_program
from tests.engine.projects import CONFIGS, CURVE, GENERATION, SMALL, TRAIN, copy_project, write_curve
from tests.waiting import wait_until


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


def test_a_job_that_a_check_is_against_is_run_only_if_the_person_insists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path)
    monkeypatch.chdir(project)
    wrong = ["ops.data_split.config.seed=x", "+ops.data_crop.config.nope=1"]
    run = ["run", GENERATION, *SMALL, "ops.data_generation.config.generator._target_=niceml_engine.nope.Nope", *wrong]
    refused = CliRunner().invoke(app, run)
    assert refused.exit_code == 2
    *errors, last = refused.stderr.splitlines()
    assert errors
    assert all(line.startswith("error: ") for line in errors)
    assert any("niceml_engine.nope.Nope does not exist" in line for line in errors)
    assert last == "not started; --anyway runs it nevertheless"
    assert not (project / ".niceml" / "runs").exists()
    result = CliRunner().invoke(app, [*run, "--anyway"])
    assert result.exit_code == 1
    assert "cannot be found" in result.stderr


def test_an_interpreter_that_is_not_there_is_told_before_a_start_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".niceml").mkdir(exist_ok=True)
    (tmp_path / ".niceml" / "project.yaml").write_text("python: nope\n")
    refused = CliRunner().invoke(app, ["run", "train.py"])
    assert refused.exit_code == 2
    assert refused.stderr.splitlines() == [
        "error: .niceml/project.yaml:1: python: there is no interpreter nope; make it, or name another",
        "not started; --anyway runs it nevertheless",
    ]
    asked = CliRunner().invoke(app, ["run", "train.py", "--python", sys.executable])
    assert "would run train.py" in asked.stderr


def test_a_hydra_program_of_ones_own_is_run_by_its_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = write_program(tmp_path)
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["run", "train.py", "steps=12"])
    assert refused.exit_code == 2
    assert "would run train.py" in refused.stderr
    result = CliRunner().invoke(app, ["run", "--trust", "train.py", "steps=12", "model=large"])
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "started.json").read_text())["argv"] == ["train.py", "steps=12", "model=large"]
    listed = json.loads(CliRunner().invoke(app, ["runs", "list", "--format", "json"]).stdout)
    assert [(run["status"], run["dagster_job"]) for run in listed] == [("succeeded", "job_program")]
    told = [line for line in result.stdout.splitlines() if line.startswith("program      step ")]
    assert told[0].startswith("program      step 0  ")
    assert told[-1].startswith("program      step 11  ")
    assert len(told) < 12
    text = CliRunner().invoke(app, ["runs", "list"]).stdout
    assert "accuracy 0.9583" in text
    compared = CliRunner().invoke(app, ["diff", str(script), "--against", "last"])
    assert "model.width" in compared.stdout
    failed = CliRunner().invoke(app, ["run", "train.py", "fails_at=0"])
    assert failed.exit_code == 1
    error, place, advice = failed.stderr.splitlines()
    assert error == "error: program: ValueError: cannot go on at step 0 (train.py ended with exit status 1)"
    assert place.startswith("  raised in train.py:")
    assert advice.startswith("  what to try: mend the code")
    assert "runs resume" not in failed.stdout  # there is nothing before it


def test_a_failure_names_the_projects_own_line_and_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path)
    monkeypatch.chdir(project)
    (project / "my").mkdir()
    (project / "my" / "gen.py").write_text("class Gen:\n    def __init__(self, **_):\n        raise ValueError('no')\n")
    own = "ops.data_generation.config.generator._target_=my.gen.Gen"
    failed = CliRunner().invoke(app, ["run", "--anyway", "--trust", GENERATION, *SMALL, own])
    assert failed.exit_code == 1, failed.output
    lines = failed.stderr.splitlines()
    assert "ValueError: no" in lines[0]
    assert lines[1] == "  raised in my/gen.py:3"
    assert lines[2].startswith("  what to try: ")
    assert "go on" not in failed.stdout  # nothing is kept
    failed = CliRunner().invoke(app, ["run", "--anyway", GENERATION, *SMALL, "ops.data_crop.config.size=0"])
    assert failed.exit_code == 1, failed.output
    run = failed.stdout.split()[failed.stdout.split().index("run") + 1]
    (hint,) = (line for line in failed.stdout.splitlines() if line.startswith("go on"))
    assert hint == f"go on from data_crop with: niceml-engine runs resume {run}"


def test_a_second_run_says_in_a_line_what_ran_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(tmp_path)
    monkeypatch.chdir(project)
    run = ["run", GENERATION, *SMALL]
    first = CliRunner().invoke(app, run)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("run ")
    second = CliRunner().invoke(app, run)
    assert second.stdout.splitlines()[0].startswith("this very config has run before, as job_data_generation …")
    assert second.stdout.splitlines()[0].endswith(": succeeded")


def test_a_run_whose_folder_is_deleted_while_it_is_followed_is_gone_and_so_is_its_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_curve(tmp_path))
    with ThreadPoolExecutor(1) as pool:
        followed = pool.submit(CliRunner().invoke, app, ["run", CURVE])
        wait_until(lambda: any(run.worker() and run.stream.exists() for run in all_runs(tmp_path)))
        (run,) = all_runs(tmp_path)
        worker = run.worker()
        assert worker is not None
        wait_until(lambda: not run.path.exists() or bool(shutil.rmtree(run.path, ignore_errors=True)))
        wait_until(followed.done)
    assert followed.result().exit_code == 1, followed.result().output
    assert followed.result().stderr == (
        f"error: run {run.id} cannot be followed any more: its folder is gone, and its worker ends\n"
    )
    assert not psutil.pid_exists(worker.pid), "the command leaves no process behind, not even a dead one"
