from __future__ import annotations

from typing import Any

import pytest
from omegaconf import OmegaConf

from niceml_engine.errors import DataError, OpError
from niceml_engine.learning.build import build

DESCRIPTION = "niceml_engine.learning.data_description.ClassificationData"


def own(**content: Any) -> Any:
    return OmegaConf.create({"ops": {"train": {"config": content}}}).ops.train.config


def test_nested_partial_positional_and_relative_values_are_built() -> None:
    config = own(
        rate=0.5,
        maker={
            "_target_": "builtins.dict",
            "nested": {"_target_": "builtins.complex", "_args_": [1, 2]},
            "later": {"_target_": "builtins.round", "_partial_": True, "ndigits": 1},
            "raw": {"_target_": "builtins.dict", "_recursive_": False, "inner": {"_target_": "builtins.int"}},
            "rate": "${..rate}",
            "list": [1, 2],
        },
    )
    made = build(config, "maker")
    assert made["nested"] == 1 + 2j
    assert made["later"](1.26) == 1.3
    assert made["raw"] == {"inner": {"_target_": "builtins.int"}}
    assert (made["rate"], made["list"], type(made["list"])) == (0.5, [1, 2], list)
    assert build(config, "missing") is None


def test_own_convert_is_kept() -> None:
    made = build(own(maker={"_target_": "builtins.dict", "_convert_": "none", "list": [1]}), "maker")
    assert OmegaConf.is_list(made["list"])


@pytest.mark.parametrize(
    ("node", "key", "message"),
    [
        ({"_target_": "niceml_engine.learning.models.Nope"}, "._target_", "niceml_engine.learning.models has no Nope"),
        ({"_target_": "no_such.Net"}, "._target_", "no_such.Net cannot be found: No module named 'no_such'"),
        ({"inner": {"_target_": "builtins.int", "depth": 2}}, ".inner.depth", "builtins.int cannot be made: "),
        ({"_target_": "builtins.int", "_args_": ["x"]}, "._target_", "ValueError: invalid literal for int() with"),
        ([{"_target_": "no_such.Net"}], "[0]._target_", "no_such.Net cannot be found"),
        ({"_target_": "builtins.dict", "x": "${nope}"}, "", "Interpolation key 'nope' not found"),
    ],
)
def test_what_cannot_be_built_is_told_with_its_key(node: dict[str, Any], key: str, message: str) -> None:
    with pytest.raises(OpError) as caught:
        build(own(model=node), "model")
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.key == f"ops.train.config.model{key}"


def test_an_objects_own_complaint_keeps_its_type_and_gets_the_key() -> None:
    with pytest.raises(DataError, match="`classes` needs two or more") as caught:
        build(own(data={"_target_": DESCRIPTION, "classes": ["a"], "image_size": [1, 1]}), "data")
    assert caught.value.key == "ops.train.config.data.classes"
