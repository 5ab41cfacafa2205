"""The configs that come with the program."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from niceml_engine.config.compose import Composer
from niceml_engine.config.composed.resolvers import register
from niceml_engine.config.projects.project import Setting
from niceml_engine.jobs.declaration import job, job_of, op
from niceml_engine.values import Selection
from tests.conftest import REPOSITORY

CONFIGS = REPOSITORY / "configs"
FILES = sorted(CONFIGS.rglob("*.yaml"))
JOBS = [file for file in FILES if file.is_relative_to(CONFIGS / "jobs")]
OPTIONS = [file for file in FILES if file not in JOBS]
DATASET = "shared/datasets/dataset_cls_test"
SAMPLE = "jobs/job_train/job_train_cls/job_train_cls_binary"
INCLUDES = {
    SAMPLE: [
        "ops/experiment/op_experiment_default@ops.experiment.config",
        "ops/train/op_train_cls_binary@ops.train.config",
        "ops/prediction/op_prediction_cls@ops.prediction.config",
        "ops/analysis/op_analysis_cls_binary@ops.analysis.config",
        "ops/exptests/exptests_default@ops.exptests.config.tests",
        "shared/locations/exp_locations@globals",
    ],
    "ops/train/op_train_cls_binary": [
        "ops/train/op_train_base@ops.train.config",
        f"{DATASET}@ops.train.config.data_train",
        f"{DATASET}@ops.train.config.data_validation",
    ],
    "ops/train/op_train_base": [
        "ops/train/callbacks/callbacks_base@ops.train.config.callbacks",
        "ops/train/train_params/trainparams_default@ops.train.config.train_params",
        "ops/train/exp_initializer/exp_initializer_default@ops.train.config.exp_initializer",
    ],
    "ops/prediction/op_prediction_cls": [
        f"{DATASET}@ops.prediction.config.datasets.validation",
        f"{DATASET}@ops.prediction.config.datasets.test",
        f"{DATASET}@ops.prediction.config.datasets.train_eval",
        "ops/prediction/prediction_handler/prediction_handler_vector@ops.prediction.config.prediction_handler",
        "ops/prediction/datasets/datasets_generic_default@ops.prediction.config.datasets",
        "ops/prediction/op_prediction_base@ops.prediction.config",
    ],
    "shared/locations/exp_locations": [
        "shared/credentials/credentials_minio@globals.data_location.credentials",
        "shared/credentials/credentials_minio@globals.experiment_location.credentials",
    ],
}


@pytest.fixture(autouse=True)
def _in_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    register()


def composed(folder: Path, name: str) -> DictConfig:
    with initialize_config_dir(str(folder), version_base="1.3"):
        return compose(name)


def test_sample_job_includes_exactly_its_twenty_files() -> None:
    result = Composer(Setting(root=REPOSITORY)).compose(Selection(str(CONFIGS / f"{SAMPLE}.yaml")))
    names = {node.id: Path(node.file).relative_to(CONFIGS).with_suffix("").as_posix() for node in result.nodes}
    found = Counter((names[edge.source], f"{names[edge.target]}@{edge.package}") for edge in result.edges)
    wanted = Counter((source, target) for source, targets in INCLUDES.items() for target in targets)
    assert found == wanted
    assert found.total() == 20
    assert len({(source, target.split("@")[0]) for source, target in found}) == 16


@pytest.mark.parametrize("file", JOBS, ids=lambda file: file.stem)
def test_job_resolves_and_holds_only_declared_fields(file: Path) -> None:
    config = composed(file.parent, file.stem)
    OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    name = job_of(file.relative_to(REPOSITORY).with_suffix("").as_posix())
    assert list(config.ops) == list(job(name).ops)
    for key, node in config.ops.items():
        declared = {field.name: field for field in op(str(key)).fields}
        assert set(node.config) <= set(declared)
        assert {field.name for field in declared.values() if field.required} <= set(node.config)


@pytest.mark.parametrize("file", OPTIONS, ids=lambda file: file.stem)
def test_option_composes_on_its_own(file: Path) -> None:
    name = file.relative_to(CONFIGS).with_suffix("").as_posix()
    assert composed(CONFIGS, name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_begins_with_what_it_is_for(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 10
