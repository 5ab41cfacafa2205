"""`niceml-engine diff` and `check` in the terminal, and the same comparison asked of the service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from niceml_engine.cli import app
from niceml_engine.protocol.comparing import Compare
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import Selection
from tests.engine.projects import GENERATION, HANDWRITTEN, compose, copy_project, enqueue_job
from tests.engine.service.client import Client, RefusedError

COUNT = "ops.data_generation.config.generator.sample_count"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPERIMENT_URI", str(tmp_path / "experiments"))
    monkeypatch.chdir(tmp_path)
    return copy_project(tmp_path)


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def data(*words: str) -> Any:
    result = call("diff", *words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def kinds(changes: Any) -> dict[str, str]:
    return {change["key"]: change["kind"] for change in changes}


def test_what_an_override_or_another_option_changes_is_told_with_file_and_line(project: Path) -> None:
    result = call("diff", GENERATION, f"{COUNT}=7")
    assert result.exit_code == 0, result.stderr
    first, was, now, total = result.stdout.splitlines()
    assert first.startswith(f"~ changed {COUNT}")
    assert first.endswith("→ 7")
    assert "was  configs/ops/data_generation/op_data_printed.yaml:" in was
    assert now.endswith(f"is   override 1: {COUNT}=7")
    assert total == "1 value differs"
    assert call("diff", GENERATION).stdout == "no differences\n"
    (change,) = data(GENERATION, f"{COUNT}=.nan")
    assert change["after"] == ".nan"


def test_another_job_can_be_compared_with(project: Path) -> None:
    changes = data(GENERATION, "--against", HANDWRITTEN)
    assert kinds(changes)[f"{COUNT.rpartition('.')[0]}._target_"] == "changed"
    origins = {Path(change["origin"]["file"]).name for change in changes if "origin" in change}
    assert "op_data_printed.yaml" in origins


def test_a_plugin_that_is_missing_on_the_other_side_stops_no_comparison(project: Path) -> None:
    for name, optim in (("a", "adam"), ("b", "sgd"), ("c", "gone")):
        text = f"defaults: [optim: {optim}, _self_, override hydra/launcher: joblib]\n"
        (project / f"{name}.yaml").write_text(text)
    (project / "optim").mkdir()
    (project / "optim/adam.yaml").write_text("lr: 1\n")
    (project / "optim/sgd.yaml").write_text("lr: 2\n")
    around = "hydra/launcher=basic"
    assert kinds(data("a.yaml", around, "optim.lr=2")) == {"optim.lr": "changed"}
    assert kinds(data("a.yaml", around, "--against", "b.yaml")) == {"optim.lr": "changed"}
    result = call("diff", "a.yaml", around, "--against", "c.yaml")
    assert "what it is compared with, c.yaml, does not compose: there is no config `optim/gone`" in result.stderr


def test_a_run_and_the_last_run_can_be_compared_with(project: Path) -> None:
    assert call("diff", GENERATION, "--against", "last").exit_code == 2
    run = enqueue_job(project, GENERATION, f"{COUNT}=7")
    for name in ("last", run.id, run.short_id):
        (change,) = data(GENERATION, f"{COUNT}=8", "--against", name)
        assert (change["kind"], change["before"], change["after"]) == ("changed", 7, 8)
        assert change["before_origin"]["text"] == f"{COUNT}=7"
        assert data(GENERATION, f"{COUNT}=7", "--against", name) == []


def test_an_experiment_can_be_compared_with(project: Path) -> None:
    run = enqueue_job(project, GENERATION)
    then = compose(project, GENERATION, f"{COUNT}=7")
    for name, run_id in (("EXP-id_aaaa", run.id), ("EXP-id_bbaa", "gone")):
        folder = ExperimentFolder(Location.of(str(project / "experiments" / name)))
        info = {"created": 1.0, "overrides": [f"{COUNT}=7"], "run_id": run_id}
        folder.write("experiment_info.yaml", yaml.safe_dump(info))
        folder.write("run/config.yaml", then.yaml)
    assert data(GENERATION, f"{COUNT}=7", "--against", "aaaa") == []
    assert data(GENERATION, f"{COUNT}=7", "--against", "experiments/EXP-id_bbaa/") == []
    (change,) = data(GENERATION, f"{COUNT}=8", "--against", "EXP-id_bbaa")
    assert change["before_origin"]["text"] == f"{COUNT}=7"
    result = call("diff", GENERATION, "--against", "aa")
    assert result.exit_code == 2
    assert "0 runs and 2 experiments" in result.stderr


def test_a_path_is_read_where_it_leads_and_nowhere_else(project: Path) -> None:
    run = enqueue_job(project, GENERATION, f"{COUNT}=7")
    elsewhere = project / "copies"
    for place, count in ((project / "experiments", 7), (elsewhere, 5)):
        folder = ExperimentFolder(Location.of(str(place / "EXP-id_aaaa")))
        folder.write("experiment_info.yaml", yaml.safe_dump({"created": 1.0, "overrides": []}))
        folder.write("run/config.yaml", compose(project, GENERATION, f"{COUNT}={count}").yaml)
    (elsewhere / "EXP-id_aaaa").rename(elsewhere / "renamed")
    named = {".niceml/runs/" + run.id: 7, "experiments/EXP-id_aaaa": 7, str(elsewhere / "renamed"): 5}
    for path, count in named.items():
        (change,) = data(GENERATION, f"{COUNT}=8", "--against", path)
        assert change["before"] == count
    assert "name         renamed\n" in call("experiments", "show", "copies/renamed").stdout
    unlike = call("experiments", "show", "./EXP-id_aaaa")
    assert (unlike.exit_code, "EXP-id_aaaa: there is no such folder" in unlike.stderr) == (2, True)
    (project / "empty").mkdir()
    for path, why in (
        ("/nowhere/EXP-id_aaaa", "there is no such file or folder"),
        ("./EXP-id_aaaa", "there is no such file or folder"),
        ("EXP-id_aaaa/", "there is no such file or folder"),
        ("./empty", "neither a run's nor an experiment's"),
    ):
        result = call("diff", GENERATION, "--against", path)
        assert (result.exit_code, why in result.stderr) == (2, True)


def test_what_is_not_there_is_bad_input(project: Path) -> None:
    result = call("diff", GENERATION, "--against", "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--against nowhere: there is no job file, run or experiment of that name" in result.stderr


def test_the_service_compares_with_the_saved_job_another_selection_a_run_and_an_experiment(project: Path) -> None:
    run = enqueue_job(project, GENERATION, f"{COUNT}=7")
    job = str(project / GENERATION)
    folder = ExperimentFolder(Location.of(str(project / "experiments" / "EXP-id_aaaa")))
    folder.write("experiment_info.yaml", yaml.safe_dump({"overrides": []}))
    folder.write("run/config.yaml", compose(project, GENERATION).yaml)
    now = Selection(job, (f"{COUNT}=8",))
    client = Client()
    try:
        client.ask(OpenProject(str(project)))
        asked = (
            Compare(now),
            Compare(now, other=Selection(job)),
            Compare(now, run=run.id),
            Compare(now, experiment=folder.uri),
        )
        for request in asked:
            answer = client.ask(request)
            assert [(one.kind, one.key, one.after) for one in answer.changes] == [("changed", COUNT, 8)]
            assert answer.digest == compose(project, GENERATION, f"{COUNT}=8").digest
        with pytest.raises(RefusedError, match="nowhere"):
            client.ask(Compare(now, run="nowhere"))
        with pytest.raises(RefusedError, match="there is no"):
            client.ask(Compare(Selection(job, ("nope=1",))))
    finally:
        assert client.close() == 0


def test_check_tells_how_a_problem_can_be_mended(project: Path) -> None:
    broken = (project / GENERATION).read_text().replace("op_data_printed.yaml", "op_data_printd.yaml")
    (project / GENERATION).write_text(broken)
    result = call("check", GENERATION)
    assert result.exit_code == 2
    fixes = [line.strip() for line in result.stdout.splitlines() if line.startswith("    fix: ")]
    assert "fix: write op_data_printed instead of op_data_printd in job_data_generation.yaml" in fixes
    assert any(line.endswith("=op_data_printed") for line in fixes)
