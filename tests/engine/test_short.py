"""What keys and runs are called where there is little room."""

import msgspec

from niceml_engine.short import shared_overrides, short_key, short_keys, swept
from niceml_engine.values import RunState


def test_keys_are_as_short_as_tells_them_apart() -> None:
    keys = ("train.learning_rate", "train.learner.optimizer.learning_rate", "train.epochs", "seed", "data.seed")
    assert list(short_keys(keys).values()) == [
        *("train.learning_rate", "optimizer.learning_rate", "epochs", "seed", "data.seed")
    ]
    assert short_keys(["a.b.x", "c.b.x"]) == {"a.b.x": "a.b.x", "c.b.x": "c.b.x"}


def test_a_target_is_told_by_what_it_is_of() -> None:
    assert list(short_keys(["train.model._target_", "train.learner.optimizer._target_", "_target_"]).values()) == [
        *("model._target_", "optimizer._target_", "_target_")
    ]


def test_a_run_of_a_sweep_is_told_by_its_values() -> None:
    state = RunState("r", "", "queued", "a.yaml", overrides=("a.rate=0.1", "+a.units=64", "a.epochs=5"))
    assert swept(state) == ""
    assert swept(msgspec.structs.replace(state, group="rate, units k3x9")) == "rate=0.1 units=64"


def test_what_all_runs_have_tells_none_of_them_apart() -> None:
    state = RunState("r", "", "queued", "a.yaml", overrides=("a.rate=0.1", "a.units=64"), group="rate, units k3x9")
    other = msgspec.structs.replace(state, overrides=("a.rate=0.2", "a.units=64"))
    assert swept(state, shared_overrides([state, other])) == "rate=0.1"
    assert swept(state, shared_overrides([state])) == "rate=0.1 units=64"
    assert swept(state, shared_overrides([state, state])) == "rate=0.1 units=64"


def test_an_option_is_told_by_its_group_also_in_sweeps_that_are_called_otherwise() -> None:
    assert short_key("ops/train@ops.train.config") == "train"
    assert short_key("+data/images") == "images"
    assert short_key("ops.train.model._target_") == "model._target_"
    state = RunState("r", "", "queued", "a.yaml", overrides=("ops/train@ops.train.config=slow",), group="config k3x9")
    assert swept(state) == "train=slow"
    assert swept(msgspec.structs.replace(state, group="train k3x9")) == "train=slow"
