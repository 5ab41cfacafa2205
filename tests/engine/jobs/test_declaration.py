from __future__ import annotations

import inspect
from importlib import import_module

import pytest
import yaml

from niceml_engine.errors import ConfigError
from niceml_engine.jobs.declaration import JOBS, OPS, job, job_of, op
from niceml_engine.values import OpSpec


def test_job_of_a_path_is_its_first_folder_below_jobs() -> None:
    assert job_of("jobs/job_train/job_train_cls/job_train_cls_binary") == "job_train"
    assert job_of("/home/me/project/configs/jobs/job_data_generation/printed", ("train",)) == "job_data_generation"


def test_job_of_another_path_has_exactly_the_ops_of_the_config() -> None:
    assert job_of("conf/mine", reversed(job("job_train").ops)) == "job_train"
    assert job_of("jobs/other/mine", job("job_data_generation").ops) == "job_data_generation"
    assert job_of("conf/mine", ("train", "shave")) == ""
    assert job_of("job_train/jobs") == ""


@pytest.mark.parametrize("spec", OPS, ids=lambda spec: spec.name)
def test_op_names_a_function_of_one_context_and_examples_of_its_fields(spec: OpSpec) -> None:
    module, name = spec.function.split(":")
    assert len(inspect.signature(getattr(import_module(module), name)).parameters) == 1
    for field in spec.fields:
        assert list(yaml.safe_load(field.example)) == [field.name]


def test_unknown_names_are_told_with_the_known_ones() -> None:
    assert all(op(name).name == name for spec in JOBS for name in spec.ops)
    with pytest.raises(ConfigError, match=r"no op trian.*train"):
        op("trian")
    with pytest.raises(ConfigError, match=r"no job nope.*job_train"):
        job("nope")
