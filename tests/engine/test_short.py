"""What keys and runs are called where there is little room."""

import msgspec

from niceml_engine.short import short_keys, swept
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
