"""`niceml-engine usages` and `mv`, in process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from niceml_engine.cli import app
from tests.engine.projects import copy_project

LONG = "ops/train/train_params/trainparams_default"


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = copy_project(tmp_path)
    monkeypatch.chdir(made)
    return made


def test_usages_are_listed_by_id_or_path(root: Path) -> None:
    line = "configs/ops/train/op_train_base.yaml:4  train_params: trainparams_default.yaml\n"
    assert call("usages", LONG).stdout == line
    assert call("usages", f"configs/{LONG}.yaml").stdout == line
    assert json.loads(call("usages", LONG, "--format", "json").stdout)[0]["line"] == 4
    assert call("usages", "ops/train/train_params/trainparams_long").stdout.startswith("nothing names")
    assert call("usages", "hydra/launcher/basic").stdout == "nothing names hydra/launcher/basic\n"
    override = root / "configs/experiment/quiet.yaml"
    override.parent.mkdir(exist_ok=True)
    override.write_text("# @package _global_\ndefaults:\n  - override /hydra/job_logging: none\n")
    line = "configs/experiment/quiet.yaml:3  override /hydra/job_logging: none"
    assert call("usages", "hydra/job_logging/none").stdout.startswith(line)
    refused = call("usages", "ops/nope")
    assert refused.exit_code == 2
    assert "there is no such option" in refused.stderr


def test_mv_shows_or_does_it(root: Path) -> None:
    base = root / "configs/ops/train/op_train_base.yaml"
    before = base.read_text()
    shown = call("mv", LONG, "short", "--dry-run")
    assert "-  - train_params: trainparams_default.yaml\n+  - train_params: short.yaml\n" in shown.stdout
    assert base.read_text() == before
    done = call("mv", LONG, "short")
    assert done.stdout == "Rename trainparams_default to short: 1 entry in 1 file\n"
    assert base.read_text() == before.replace("trainparams_default", "short")
    assert (root / "configs/ops/train/train_params/short.yaml").exists()
    call("mv", "ops/train/train_params/short", "lengths/short")
    assert "- /lengths@train_params: short.yaml" in base.read_text()


def test_mv_says_what_a_job_would_notice(root: Path) -> None:
    job = root / "configs/jobs/odd.yaml"
    job.write_text("defaults:\n  - db: mysql\n  - size: ${db}_big\n")
    for name in ("db/mysql", "size/mysql_big"):
        (root / f"configs/jobs/{name}.yaml").parent.mkdir()
        (root / f"configs/jobs/{name}.yaml").write_text("a: 1\n")
    done = call("mv", "jobs/db/mysql", "maria", "--dry-run")
    assert "affected: configs/jobs/odd.yaml: " in done.stderr
