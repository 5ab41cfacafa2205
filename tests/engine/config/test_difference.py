"""Two configs are compared value by value, with their types and with whose file set them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.composed.difference import Entry, as_saved, difference, past_side, resolved_side_of, side_of
from niceml_engine.config.composed.digest import digest
from niceml_engine.config.projects.project import Setting
from niceml_engine.leaves import token
from niceml_engine.protocol.comparing import Change
from niceml_engine.values import Origin, Selection
from tests.engine.config.reference import write

MASK = "••••••"
NAN = float("nan")


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[Any, ...]]:
    sides = ({key: Entry(value) for key, value in side.items()} for side in (before, after))
    return [(one.kind, one.before_key, one.key, one.before, one.after) for one in difference(*sides)]


def test_leaves_are_added_removed_and_changed_in_the_order_of_the_keys() -> None:
    before = {"a": 1, "gone": 2, "b.c": 3, "b.old": 4}
    after = {"a": 5, "b.new": 6, "b.c": 3}
    assert changes(before, after) == [
        ("changed", "", "a", 1, 5),
        ("removed", "", "gone", 2, None),
        ("added", "", "b.new", None, 6),
        ("removed", "", "b.old", 4, None),
    ]
    assert changes(before, before) == []


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (1, 1.0), (1, True), ("", None), (0.0, False), ([1], ["1"])])
def test_values_of_different_types_differ_and_so_do_their_digests(one: Any, other: Any) -> None:
    assert changes({"a": one}, {"a": other}) == [("changed", "", "a", one, other)]
    assert digest({"a": one}) != digest({"a": other})


@pytest.mark.parametrize("value", [NAN, float("inf"), [NAN, 1], {"x": NAN}, 1e-3])
def test_what_is_no_number_equals_itself(value: Any) -> None:
    assert changes({"a": value}, {"a": json.loads(json.dumps(value))}) == []
    assert digest({"a": value}) == digest({"a": json.loads(json.dumps(value))})


def test_a_digest_tells_keys_of_different_types_apart() -> None:
    assert len({digest(data) for data in ({1: 2}, {"1": 2}, {True: 2}, {"true": 2}, {1.5: 2}, {"1.5": 2})}) == 6
    assert digest({1: 2, "a": 3}) == digest({"a": 3, 1: 2})


def test_a_mapping_that_became_a_value_is_one_change() -> None:
    assert changes({"a.b": 1, "a.c.d": 2, "x": 1}, {"a": "${x}", "x": 1}) == [
        ("changed", "", "a", {"b": 1, "c": {"d": 2}}, "${x}")
    ]
    assert changes({"a": None}, {"a.b": 1}) == [("changed", "", "a", None, {"b": 1})]


def test_lists_of_mappings_are_compared_item_by_item() -> None:
    stop = {"_target_": "keras.Stop", "patience": 3, "deep": {"x": 1}}
    log = {"_target_": "keras.Log"}
    later = {**stop, "patience": 4, "deep": {"x": 2}}
    assert changes({"cb": [stop, log]}, {"cb": [log, later]}) == [
        ("moved", "cb[1]", "cb[0]", log, log),
        ("changed", "cb[0].patience", "cb[1].patience", 3, 4),
        ("changed", "cb[0].deep.x", "cb[1].deep.x", 1, 2),
    ]
    assert changes({"cb": [stop]}, {"cb": [stop, log]}) == [("added", "", "cb[1]", None, log)]
    assert changes({"cb": [log, stop]}, {"cb": [stop]}) == [("removed", "", "cb[0]", log, None)]
    assert changes({"cb": [log, stop]}, {"cb": [stop, log]}) == [("moved", "cb[1]", "cb[0]", stop, stop)]
    assert changes({"cb": [log]}, {"cb": [stop]})[0] == ("changed", "", "cb[0]._target_", "keras.Log", "keras.Stop")
    assert changes({"sizes": [1, 2]}, {"sizes": [1, 3]}) == [("changed", "", "sizes", [1, 2], [1, 3])]


def test_very_long_lists_are_one_value() -> None:
    before = [{"n": number} for number in range(800)]
    (change,) = changes({"a": before}, {"a": [*before, {"n": -1}]})
    assert change[0] == "changed"


def test_a_value_that_stands_elsewhere_has_moved() -> None:
    assert changes({"train.model.filters": [1, 2], "x": 1}, {"x": 1, "train.net.model.filters": [1, 2]}) == [
        ("moved", "train.model.filters", "train.net.model.filters", [1, 2], [1, 2])
    ]
    # Of two that could be meant, the key that ends most alike.
    assert changes({"a.b.rate": 0.5}, {"z.rate": 0.5, "y.b.rate": 0.5}) == [
        ("added", "", "z.rate", None, 0.5),
        ("moved", "a.b.rate", "y.b.rate", 0.5, 0.5),
    ]
    # `true` may be anywhere.
    assert [kind for kind, *_ in changes({"a.on": True}, {"b.on": True, "c.on": True})] == ["removed", "added", "added"]
    assert [kind for kind, *_ in changes({"a.x": 5}, {"b.y": 5})] == ["removed", "added"]
    assert [kind for kind, *_ in changes({"a.x": 5}, {"b.x": "5"})] == ["removed", "added"]


def test_each_side_says_whose_file_set_the_value(tmp_path: Path) -> None:
    files = {
        "job.yaml": "defaults:\n  - db: a\n  - _self_\nx: 1\n",
        "db/a.yaml": "size: 1\nkey: 2\n",
        "db/b.yaml": "# big\nsize: 3\n",
    }
    write(tmp_path, files)
    composer, job = Composer(Setting(tmp_path)), str(tmp_path / "job.yaml")
    before = composer.compose(Selection(job))
    after = composer.compose(Selection(job, ("db=b", "x=2")))
    found = {one.key: one for one in difference(side_of(before), side_of(after))}
    assert {key: one.kind for key, one in found.items()} == {"db.size": "changed", "db.key": "removed", "x": "changed"}
    size, x = found["db.size"], found["x"]
    assert size.before_origin is not None
    assert size.origin is not None
    assert x.origin is not None
    assert (Path(size.before_origin.file).name, size.before_origin.line) == ("a.yaml", 1)
    assert (Path(size.origin.file).name, size.origin.line) == ("b.yaml", 2)
    assert (x.origin.node, x.origin.text) == ("override", "x=2")


def test_a_stored_config_compares_like_the_one_it_came_from(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "a: 1\nb: '1'\nc: 1.0\nd: {e: .nan, f: {}, g: [1, {h: 2}]}\npassword: hunter2\n"})
    overrides = ("a=7", "+new.key=x")
    composed = Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml"), overrides))
    places = {"d.e": "job.yaml:4"}
    stored = past_side(composed.yaml, places, overrides, tmp_path)
    assert difference(stored, side_of(composed)) == ()
    assert stored["d.e"].origin == Origin("job", str(tmp_path / "job.yaml"), 4)
    assert stored["a"].origin == Origin("override", line=1, text="a=7")
    assert stored["new.key"].origin == Origin("override", line=2, text="+new.key=x")
    assert stored["c"].origin is None


def test_secrets_stay_hidden() -> None:
    before = {"password": "old", "s3": [{"name": "x", "secret_key": "abc"}], "db.token": "${oc.env:A}"}
    after = {"password": "new", "s3": [{"name": "y", "secret_key": "abc"}], "db.token": "${oc.env:B}"}
    assert changes(before, after) == [
        ("changed", "", "password", MASK, MASK),
        ("changed", "", "s3[0].name", "x", "y"),
        ("changed", "", "db.token", "${oc.env:A}", "${oc.env:B}"),
    ]
    assert changes({}, {"s3": [{"secret_key": "abc"}]}) == [("added", "", "s3", None, [{"secret_key": MASK}])]


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(width=16), st.text("ab1", max_size=2))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
SIDES = st.dictionaries(st.sampled_from(["a", "b", "c.d", "c.e", "c.f.g", "h.d"]), VALUES, max_size=5)


@given(SIDES, SIDES)
def test_configs_differ_exactly_where_their_values_do(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = ({key: Entry(value) for key, value in side.items()} for side in (one, other))
    found = difference(before, after)
    assert (found == ()) == (token(one) == token(other))
    back = difference(after, before)
    opposite = {"added": "removed", "removed": "added"}
    if not any(change.kind == "moved" for change in (*found, *back)):
        assert sorted(map(_where, found)) == sorted(_where(change, opposite) for change in back)


def _where(change: Change, renamed: dict[str, str] | None = None) -> tuple[str, str]:
    kind = (renamed or {}).get(change.kind, change.kind)
    return kind, min(change.key, change.before_key or change.key)


def test_what_a_job_leaves_open_is_as_it_is_chosen_in_the_saved_state_too(tmp_path: Path) -> None:
    files = {
        "job.yaml": "defaults:\n- db: ???\n- _self_\nrate: 1\n",
        "db/pg.yaml": "defaults:\n- pool: ???\n- _self_\n",
        "db/pool/big.yaml": "n: 9\n",
    }
    write(tmp_path, files)
    compose = Composer(Setting(tmp_path, version_base="1.3")).compose
    selection = Selection(str(tmp_path / "job.yaml"), ("rate=2", "db=pg", "db/pool=big"))
    saved = as_saved(compose, selection)
    assert saved.error is None
    (change,) = difference(side_of(saved), resolved_side_of(compose(selection)))
    assert (change.key, change.before, change.after) == ("rate", 1, 2)
    lacking = as_saved(compose, Selection(selection.job, ("rate=2", "db=pg")))
    assert lacking.error is not None
    assert lacking.error.key == "db/pool"
