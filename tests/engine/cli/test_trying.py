"""`niceml-engine try`: options alone and in a job, and jobs on one batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.runs.trust import set_trust
from tests.engine.digits import write_digits
from tests.engine.projects import GENERATION, SMALL, TRAIN, copy_project, write_own_model


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_project(tmp_path)
    write_digits(tmp_path / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_option_is_tried_where_a_job_uses_it_or_could_use_it(project: Path) -> None:
    words = ["try", "ops/train/op_train_cls_binary_mlp", "--job", TRAIN, "ops.train.config.model.units=[8]"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    head, *rows = result.stdout.splitlines()
    lines = {line.split()[0]: line for line in rows}
    column = head.index("result")
    assert {line[column - 2 : column] for line in rows} == {"  "}
    assert {line[column:].split()[0] for line in rows} == {"ok"}
    assert len({line.index(" s  ") for line in rows}) == 1
    assert "keras.Functional" in lines["model"]
    assert "18,449 parameters · n×48×48×1 → n×1" in lines["model"]
    assert "56 images: 28 of 0, 28 of 1 · a batch 16×48×48×1, labels 16×1" in lines["data_train"]
    assert "keras.Adam · keras.BinaryCrossentropy · keras.BinaryAccuracy" in lines["learner"]
    assert "callbacks.checkpoints" in lines


def test_an_option_in_several_places_is_imported_once(project: Path) -> None:
    result = CliRunner().invoke(app, ["try", "shared/datasets/dataset_cls_test", "--job", TRAIN])
    assert result.exit_code == 0, result.output
    parts = [line.split()[0] for line in result.stdout.splitlines()]
    assert parts[:2] == ["part", "import"]
    assert len(parts) == len({*parts}) > 3


def test_an_option_alone_says_what_only_a_job_would_give_it(project: Path) -> None:
    result = CliRunner().invoke(app, ["try", "configs/shared/datasets/dataset_cls_test.yaml"])
    assert result.exit_code == 1
    assert "configs/shared/datasets/dataset_cls_test.yaml:3: " in result.stdout
    assert "globals.data_location" in result.stdout
    assert "--job" in result.stderr
    good = CliRunner().invoke(app, ["try", "ops/exptests/exptests_default"])
    assert good.exit_code == 0
    assert "niceml_engine.learning.exptests.ModelSaved" in good.stdout


def test_a_job_is_tried_on_one_batch(project: Path) -> None:
    result = CliRunner().invoke(app, ["try", TRAIN, "--format", "json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["status"] == "succeeded"
    tried = {one["name"]: one for one in told["tried"]}
    assert list(tried) == ["experiment", "train", "prediction", "analysis", "exptests"]
    assert told["not_tried"] == []
    assert "16 images to train, 8 to validate" in tried["train"]["found"]
    assert [text.split()[:2] for text in tried["analysis"]["found"]] == [
        [subset, "accuracy"] for subset in ("validation", "test", "train_eval")
    ]
    assert not (project / "experiment_outputs").exists()
    assert not (project / ".niceml" / "runs").exists()


def test_a_failure_is_told_with_its_place_and_status_1(project: Path) -> None:
    result = CliRunner().invoke(app, ["try", GENERATION, *SMALL, "ops.data_split.config.subsets.train=0.9"])
    assert result.exit_code == 1
    _, generated, split, crop = result.stdout.splitlines()
    assert generated.startswith("data_generation  ok  ")
    assert split.startswith("data_split       failed  ")
    assert "override ops.data_split.config.subsets.train=0.9: subsets are" in split
    assert crop.startswith("data_crop        not tried  ")
    assert crop.endswith("  data_split failed")


def test_bad_input_is_one_line_and_status_2(project: Path) -> None:
    for words, says in (
        (["ops/train/op_nope"], "there is no such option"),
        (["ops/data_crop/op_crop_small", "--job", TRAIN], "has no place for ops/data_crop/op_crop_small"),
        (["ops/train/op_train_base", "--job", "nope.yaml"], "there is no such job file"),
    ):
        result = CliRunner().invoke(app, ["try", *words])
        assert result.exit_code == 2, result.output
        (line,) = result.stderr.splitlines()
        assert says in line
    write_own_model(project)
    set_trust(project, False)
    refused = CliRunner().invoke(app, ["try", "ops/train/op_train_my_net", "--job", TRAIN])
    assert refused.exit_code == 2
    assert "--trust" in refused.stderr
    allowed = CliRunner().invoke(app, ["try", "--trust", "ops/exptests/exptests_default"])
    assert allowed.exit_code == 0, allowed.output
