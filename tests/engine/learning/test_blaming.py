"""Which object of a config, and which argument of it, an error is about."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import pytest
from omegaconf import DictConfig, OmegaConf

from niceml_engine.errors import FULL, DataError, NicemlError, StoreError
from niceml_engine.jobs.composed import explain
from niceml_engine.learning.blaming import NOTED, Made, culprit, source_of
from niceml_engine.learning.build import build
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.exptests import FilesExist
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location

HERE = __name__
ANALYZER = "niceml_engine.learning.analysis.ClassificationAnalyzer"
TABLE = pd.DataFrame({"class": ["a", "b"], "prd_a": [0.9, 0.2], "prd_b": [0.1, 0.8]})


class Part:
    """An object of a project, which fails in many ways."""

    def __init__(self, size: Any = 1, sizes: Sequence[Any] = (), mode: str = "auto", helper: Any = None) -> None:
        self.size, self.sizes, self.mode, self.helper = size, sizes, mode, helper

    def says_nothing(self) -> None:
        raise RuntimeError("broken")

    def names_an_argument(self) -> None:
        raise ValueError("Invalid value for argument `size`")

    def quotes_a_text(self) -> None:
        raise ValueError(f"unknown way '{self.mode}'")

    def works_with_one(self) -> int:
        return 1 // int(self.size)

    def works_with_two(self) -> float:
        return float(self.size) + float(self.mode) if self.size + self.mode else 0.0

    def raises_in_a_loop(self) -> None:
        for one in self.sizes:
            if one < 1:
                raise ValueError("too small")

    def raises_on_a_condition(self) -> None:
        if self.size == 0:
            raise ValueError("nothing to do")

    def asks_the_helper(self) -> None:
        self.helper.names_an_argument()

    def asks_a_function(self) -> float:
        return halved(self.size)

    def is_out_of_memory(self) -> None:
        raise MemoryError("16 GB")

    def meets_a_full_disk(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", self.mode)

    def cannot_be_stored(self) -> None:
        raise StoreError(f"{self.mode}: {FULL}")


def halved(size: float) -> float:
    return 1 / size


def measure(true: Any, predicted: Any, weight: float = 1.0) -> float:
    if weight < 0:
        raise ValueError("less than nothing")
    return 1.0


@pytest.fixture
def made() -> Iterator[list[Made]]:
    noted: list[Made] = []
    token = NOTED.set(noted)
    yield noted
    NOTED.reset(token)


def own(**content: Any) -> DictConfig:
    return OmegaConf.create({"globals": {"uri": "/nowhere"}, "ops": {"train": {"config": content}}})


def built(config: DictConfig, name: str) -> Any:
    return build(config.ops.train.config, name)


@pytest.mark.parametrize(
    ("method", "argument"),
    [
        ("says_nothing", ""),
        ("names_an_argument", ".size"),
        ("quotes_a_text", ".mode"),
        ("works_with_one", ".size"),
        ("works_with_two", ""),
        ("raises_in_a_loop", ".sizes"),
        ("raises_on_a_condition", ".size"),
        ("asks_the_helper", ".helper.size"),
        ("asks_a_function", ".size"),
    ],
)
def test_an_error_is_about_the_object_in_which_it_arose_and_an_argument_if_that_is_clear(
    made: list[Made], method: str, argument: str
) -> None:
    helper = {"_target_": f"{HERE}.Part", "size": 2}
    node = {"_target_": f"{HERE}.Part", "size": 0, "sizes": [1, 0], "mode": "fast", "helper": helper}
    parts = built(own(parts={"first": {"_target_": f"{HERE}.Part", "size": 3}, "second": node}), "parts")
    with pytest.raises((RuntimeError, ValueError, ZeroDivisionError, TypeError)) as caught:
        getattr(parts["second"], method)()
    assert culprit(caught.value, made) == f"ops.train.config.parts.second{argument}"


@pytest.mark.parametrize("method", ["is_out_of_memory", "meets_a_full_disk", "cannot_be_stored"])
def test_what_the_machine_lacks_is_the_fault_of_no_value(made: list[Made], method: str) -> None:
    part = built(own(part={"_target_": f"{HERE}.Part"}), "part")
    with pytest.raises((MemoryError, OSError, StoreError)) as caught:
        getattr(part, method)()
    assert culprit(caught.value, made) == ""


def test_what_a_partial_class_made_is_known_by_its_class(made: list[Made]) -> None:
    maker = built(own(part={"_target_": f"{HERE}.Part", "_partial_": True, "size": 0}), "part")
    with pytest.raises(ZeroDivisionError) as caught:
        maker(mode="x").works_with_one()
    assert culprit(caught.value, made) == "ops.train.config.part.size"


def test_what_arose_in_no_object_blames_none(made: list[Made]) -> None:
    built(own(part={"_target_": f"{HERE}.Part"}), "part")
    with pytest.raises(ZeroDivisionError) as caught:
        halved(0)
    assert culprit(caught.value, made) == ""


def test_an_experiment_that_cannot_be_read_blames_its_location(made: list[Made], tmp_path: Any) -> None:
    test = built(own(test={"_target_": f"{FilesExist.__module__}.FilesExist", "files": ["x"]}), "test")
    with pytest.raises(StoreError) as caught:
        test(ExperimentFolder(Location("nothing-knows-this://x")))
    assert culprit(caught.value, made) == "ops.experiment.config.location.uri"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"threshold": "x"}, "threshold"),
        ({"metrics": {"p": {"_target_": "sklearn.metrics.precision_score", "_partial_": True, "average": "nope"}}},
         "metrics.p.average"),
        ({"metrics": {"mine": {"_target_": f"{HERE}.measure", "_partial_": True, "weight": -1}}},
         "metrics.mine.weight"),
    ],
)  # fmt: skip
def test_an_analyzer_or_its_metric_is_to_blame(made: list[Made], changes: dict[str, Any], key: str) -> None:
    good = {"_target_": "sklearn.metrics.recall_score", "_partial_": True}
    changes = {**changes, "metrics": {"good": good, **changes.get("metrics", {})}}
    config = own(analyzer={"_target_": ANALYZER, "threshold": 0.5, **changes})
    with pytest.raises(ValueError, match=r"\w") as caught:
        built(config, "analyzer").analyse("test", TABLE)
    message, blamed, _ = explain(caught.value, config=config, made=made)
    assert blamed == f"ops.train.config.analyzer.{key}"
    assert message.startswith(f"{blamed}: {type(caught.value).__name__}: ")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"location": {"uri": "${globals.uri}"}}, "globals.uri"),
        ({"location": "${globals}"}, "globals.uri"),
        ({"location": "/nowhere/at/all"}, "ops.train.config.data.location"),
        ({"location": {"uri": "HERE"}}, "ops.train.config.data.subset"),
    ],
)
def test_missing_images_blame_the_value_that_says_where_they_are(
    made: list[Made], tmp_path: Any, data: dict[str, Any], key: str
) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "1_1_a.png").touch()
    if data["location"] == {"uri": "HERE"}:
        data = {"location": {"uri": str(tmp_path)}}
    description = {"_target_": f"{ClassificationData.__module__}.ClassificationData"}
    description |= {"classes": ["a", "b"], "image_size": [4, 4]}
    target = "niceml_engine.data.pipeline.ImageDataset"
    config = own(data={"_target_": target, "subset": "nope", "data_description": description, **data})
    with pytest.raises(DataError) as caught:
        built(config, "data").count()
    message, blamed, _ = explain(caught.value, config=config, made=made)
    assert blamed == key
    assert message.startswith(f"{key}: there is no folder ")


@pytest.mark.parametrize(
    ("key", "source"),
    [
        ("a.rate", "rate"),
        ("a.inner.x", "b.x"),
        ("a.list[1]", "b.x"),
        ("a.chain", "rate"),
        ("a.text", "a.text"),
        ("a.unknown", "a.unknown"),
        ("a.circle", "a.circle"),
        ("a.none.x", "a.none.x"),
        ("", ""),
    ],
)
def test_a_value_is_looked_for_behind_interpolations(key: str, source: str) -> None:
    inner = {"rate": "${rate}", "inner": "${b}", "list": [1, "${b.x}"], "chain": "${.rate}", "text": "${rate}/x"}
    wrong = {"unknown": "${nowhere}", "circle": "${.circle}"}
    config = OmegaConf.create({"rate": 1, "b": {"x": 2}, "a": {**inner, **wrong}})
    assert source_of(config, key) == source


@pytest.mark.parametrize("rate", [0.1, "${rate}", "${globals.uri}"])
def test_an_argument_that_nobody_takes_is_to_blame_where_it_is_given(rate: Any) -> None:
    part = {"_target_": f"{HERE}.Part", "rate": rate}
    config = OmegaConf.create({"rate": 1, "globals": {"uri": 2}, "whole": {"part": part, "other": "${whole.part}"}})
    for name in ("part", "other"):
        with pytest.raises(NicemlError) as caught:
            build(config.whole, name)
        assert explain(caught.value, config=config)[1] == "whole.part.rate"
