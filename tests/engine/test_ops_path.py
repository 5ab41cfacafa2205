"""Where the configs of ops lie."""

from __future__ import annotations

import pytest

from niceml_engine.ops_path import op_at, op_key, ops_in

DATA = {"ops": {"train": {"config": {"a": 1}}, "other": None}, "steps": {"fit": {"b": 1}}, "run": {"cfg": {"c": 1}}}


@pytest.mark.parametrize(
    ("path", "op", "key", "ops"),
    [
        ("ops.{op}.config", "train", "ops.train.config", ["train", "other"]),
        ("steps.{op}", "fit", "steps.fit", ["fit"]),
        ("{op}.cfg", "run", "run.cfg", ["run"]),
        ("a.b.{op}", "x", "a.b.x", []),
    ],
)
def test_ops_are_found_where_the_path_says(path: str, op: str, key: str, ops: list[str]) -> None:
    assert op_key(op, path) == key
    assert op_at(key, path) == op_at(f"{key}.more", path) == op
    assert op_at("elsewhere.x", path) == ""
    assert list(ops_in(DATA, path)) == ops
