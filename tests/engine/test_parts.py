"""What lies inside a list has a key, a line and a history of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.parts import chains, find, holds_parts, part, parts, plain_key, set_apart
from niceml_engine.secrets import MASK
from niceml_engine.values import Leaf, Selection

JOB = """\
rate: 0.1
metrics:
  - _target_: x.F1
    threshold: 0.5
  - steps:
      - name: a
      - [1, 2]
    rate: ${rate}
  - 3
  - nowhere: ${gone}
"""


def leaves(root: Path, *overrides: str) -> dict[str, Leaf]:
    (root / "job.yaml").write_text(JOB)
    composed = Composer(Setting(root)).compose(Selection(str(root / "job.yaml"), overrides))
    assert composed.error is None, composed.error
    return {leaf.key: leaf for leaf in composed.leaves}


def told(leaf: Leaf | None) -> tuple[object, object, int, str]:
    assert leaf is not None
    return leaf.value, leaf.resolved, leaf.origin.line, leaf.origin.text


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("metrics[0]._target_", ("x.F1", "x.F1", 3, "x.F1")),
        ("metrics[0].threshold", (0.5, 0.5, 4, "0.5")),
        ("metrics[1].steps[0].name", ("a", "a", 6, "a")),
        ("metrics[1].steps[1][1]", (2, 2, 7, "2")),
        ("metrics[1].rate", ("${rate}", 0.1, 8, "${rate}")),
        ("metrics[2]", (3, 3, 9, "3")),
    ],
)
def test_a_part_has_the_line_and_the_text_of_its_own(
    tmp_path: Path, key: str, expected: tuple[object, object, int, str]
) -> None:
    assert told(find(leaves(tmp_path), key)) == expected


def test_what_names_nothing_is_nothing(tmp_path: Path) -> None:
    held = leaves(tmp_path)
    for key in ("metrics[9]", "metrics[0].gone", "metrics[2].x", "other[0]", "metrics[x]"):
        assert find(held, key) is None


def test_the_leaves_of_an_item_are_its_values(tmp_path: Path) -> None:
    metrics = leaves(tmp_path)["metrics"]
    assert [leaf.key for leaf in parts(metrics, "[1]")] == ["metrics[1].steps", "metrics[1].rate"]
    steps = part(metrics, "[1].steps")
    assert steps is not None
    assert [(leaf.key, leaf.origin.line) for leaf in parts(steps)] == [
        ("metrics[1].steps[0].name", 6),
        ("metrics[1].steps[1]", 7),
    ]
    (gone,) = parts(metrics, "[3]")
    assert gone.reason == "there is no `gone`"
    assert [value for value in (metrics.value, [1, 2], [], [[]], "x") if holds_parts(value)] == [metrics.value]


def test_an_override_that_reaches_in_set_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    held = leaves(tmp_path, "metrics.0.threshold=0.7", "+metrics.1.more=1")
    threshold = find(held, "metrics[0].threshold")
    assert threshold is not None
    assert (threshold.origin.text, [one.line for one in threshold.shadows]) == ("metrics.0.threshold=0.7", [4])
    more = find(held, "metrics[1].more")
    assert more is not None
    assert (more.origin.text, more.shadows) == ("+metrics.1.more=1", ())
    untouched = chains(held["metrics"], ("[0]._target_", "[1].steps[1]", "[2]"))
    assert [[one.line for one in chain] for chain in untouched] == [[3], [7], [9]]


def test_a_list_that_an_override_set_as_a_whole_was_set_by_it_alone(tmp_path: Path) -> None:
    held = leaves(tmp_path, "metrics.0.threshold=0.7", "metrics=[{_target_:x.F1},[4]]", "metrics.1.0=5")
    target, four = find(held, "metrics[0]._target_"), find(held, "metrics[1][0]")
    assert target is not None
    assert four is not None
    assert (target.origin.text, target.shadows) == ("metrics=[{_target_:x.F1},[4]]", ())
    assert [four.shadows[0].text, four.origin.text] == ["metrics=[{_target_:x.F1},[4]]", "metrics.1.0=5"]


def test_a_list_into_which_overrides_reach_is_set_apart_from_what_they_set(tmp_path: Path) -> None:
    held = leaves(tmp_path, "metrics.0.threshold=0.7", "+metrics.0.more=1")
    found = [(one.key, one.origin.line, one.origin.text) for one in set_apart(held["metrics"])]
    assert found[0][0] == "metrics"
    assert found[1:] == [
        ("metrics[0].threshold", 1, "metrics.0.threshold=0.7"),
        ("metrics[0].more", 2, "+metrics.0.more=1"),
    ]
    assert set_apart(held["rate"]) == [held["rate"]]


def test_long_lists_keep_no_lines(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("long:\n" + "  - a: 1\n" * 101 + "wide:\n" + "  - [1, 2, 3, 4]\n" * 100)
    composed = Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml")))
    assert [len(leaf.origin.inside) for leaf in composed.leaves] == [0, 500]


def test_a_key_is_written_as_hydra_takes_it() -> None:
    assert plain_key("a.b[0].c[12]") == "a.b.0.c.12"


def test_a_secret_inside_a_list_is_masked_as_one_of_its_own_would_be(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("users:\n  - name: ann\n    password: hunter2\n  - credentials: {key: k}\n")
    composed = Composer(Setting(tmp_path)).compose(
        Selection(str(tmp_path / "job.yaml"), ("users.0.password=swordfish",))
    )
    (users,) = composed.leaves
    found = {leaf.key: leaf for leaf in parts(users)}
    assert {key for key, leaf in found.items() if leaf.secret} == {"users[0].password", "users[1].credentials.key"}
    password = found["users[0].password"]
    assert (password.resolved, password.origin.text) == (MASK, f"users.0.password={MASK}")
    assert [one.text for one in password.shadows] == [MASK]
    assert found["users[0].name"].resolved == "ann"
