"""Each kind of problem is found with its place, and each fix that is offered mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest
from hydra.core.config_store import ConfigStore

from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import OPS_PATH, Selection
from tests.engine.config.broken import BROKEN, MORE, SHOP, found, look
from tests.engine.config.reference import write


class _Act(Enum):
    RELU = 1


@dataclass
class _Typed:
    width: int = 1
    rate: float = 0.1
    ok: int = 1
    act: _Act = _Act.RELU


def test_all_missing_choices_come_at_once_with_their_options(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, **MORE, "job.yaml": BROKEN["two choices"][0]})
    problems = look(tmp_path)
    assert found(problems) == [
        ("error", "missing-choice", "db", "job.yaml", 2),
        ("error", "missing-choice", "net@n", "job.yaml", 3),
    ]
    assert "options: big, small" in problems[0].message
    assert [fix.adds for fix in problems[0].fixes] == [("db=big",), ("db=small",)]


def test_all_defaults_that_name_nothing_come_at_once(tmp_path: Path) -> None:
    text = BROKEN["three includes"][0].replace("  - lst", "  - optional foo: bar\n  - lst")
    write(tmp_path, {**SHOP, **MORE, "job.yaml": text})
    problems = look(tmp_path)
    assert found(problems) == [
        ("error", "missing-option", "db", "job.yaml", 2),
        ("error", "missing-option", "net@n", "job.yaml", 3),
        ("error", "missing-option", "lst", "job.yaml", 5),
        ("info", "missing-optional", "", "job.yaml", 4),
    ]
    assert "did you mean `small`" in problems[0].message
    assert [fix.title for fix in problems[0].fixes] == ["choose small", "write small instead of smal in job.yaml"]


def test_an_interpolation_is_told_where_it_stands_and_what_waits_for_it_only_noted(tmp_path: Path) -> None:
    text = "a: ${b.widht}\nb:\n  width: ???\nc: x${a}\nd:\n  - 1\n  - ${nowhere}\ne: ${b.width}\n"
    write(tmp_path, {**SHOP, "job.yaml": text})
    problems = look(tmp_path)
    assert found(problems) == [
        ("error", "interpolation", "a", "job.yaml", 1),
        ("error", "missing-value", "b.width", "job.yaml", 3),
        ("error", "interpolation", "d[1]", "job.yaml", 7),
        ("info", "waiting", "c", "job.yaml", 4),
        ("info", "waiting", "e", "job.yaml", 8),
    ]
    by_key = {one.key: one for one in problems}
    assert by_key["d[1]"].message == "d[1]: there is no `nowhere`"
    assert by_key["c"].message == "c: waits for a: there is no `b.widht`"
    assert by_key["e"].message == "e: waits for b.width, which must be given"
    assert by_key["a"].fixes[0].adds == ("a=${b.width}",)


def test_all_is_told_at_once_beside_options_that_do_not_exist(tmp_path: Path) -> None:
    text = "defaults:\n  - db: ???\n  - net@n: nothere\n  - lst: [one, tow]\n  - _self_\n"
    write(tmp_path, {**SHOP, "net/cnn.yaml": "a: 1\n", "lst/one.yaml": "b: 1\n"})
    write(tmp_path, {"job.yaml": text + "ref: ${nope.nada}\nt: {_target_: shop.made}\nd: ${db.size}\n"})
    setting = Setting(tmp_path)
    composer = Composer(setting)
    composed = composer.compose(Selection(str(tmp_path / "job.yaml")))
    assert found(check_all(composed, composer)) == [
        ("error", "missing-choice", "db", "job.yaml", 2),
        ("error", "missing-option", "net@n", "job.yaml", 3),
        ("error", "missing-option", "lst", "job.yaml", 4),
        ("error", "interpolation", "ref", "job.yaml", 6),
        ("error", "unknown-target", "t._target_", "job.yaml", 7),
    ]


def test_a_config_that_is_not_there_or_cannot_be_read_hides_nothing_of_the_rest(tmp_path: Path) -> None:
    text = "defaults:\n  - nothere\n  - db: small\n  - net@n: broken\n  - _self_\n"
    write(tmp_path, {**SHOP, "net/broken.yaml": "a: [1\n", "db/small.yaml": "defaults: [gone]\nsize: ${n.size}\n"})
    write(tmp_path, {"job.yaml": text + "ref: ${nope.nada}\nt: {_target_: shop.made}\nd: ${db.size}\n"})
    composer = Composer(Setting(tmp_path, version_base="1.3"))
    problems = check_all(composer.compose(Selection(str(tmp_path / "job.yaml"))), composer)
    assert found(problems) == [
        ("error", "missing-option", "", "small.yaml", 1),
        ("error", "missing-option", "", "job.yaml", 2),
        ("error", "unknown-target", "t._target_", "job.yaml", 7),
        ("error", "file", "", "broken.yaml", 2),
        ("warning", "interpolation", "ref", "job.yaml", 6),
    ], "of what may stand in a file that is empty for now, nothing is said"
    assert "unless it is in `nothere`" in problems[-1].message


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("defaults:\n  - db: small\n\ndb:\n  size: 1\n", "size: 1\n"),  # the same value
        ("defaults:\n  - db: small\n\nother: 1\n", "size: 1\n"),  # nothing in common
        ("defaults:\n  - db: small\n\ndb:\n  size: 5\n", "size: ???\n"),  # it waits to be given
    ],
)
def test_a_missing_self_that_changes_no_winner_is_not_told(text: str, small: str, tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "db/small.yaml": small, "job.yaml": text})
    assert found(look(tmp_path), "missing-self") == []


def test_a_missing_self_counts_only_where_the_final_winner_is_concerned(tmp_path: Path) -> None:
    text = "defaults:\n  - db: small\n\ndb:\n  size: 5\n"
    write(tmp_path, {**SHOP, "job.yaml": text})
    (problem,) = [one for one in look(tmp_path) if one.code == "missing-self"]
    assert (problem.line, "db.size" in problem.message) == (1, True)
    assert [fix.edits[0].line for fix in problem.fixes] == [3, 2]
    assert found(look(tmp_path, "db.size=7"), "missing-self") == []
    assert found(look(tmp_path, version_base="1.3"), "hydra") == []
    assert found(look(tmp_path), "hydra") == []  # the check says more than Hydra's warning


def test_deprecations_are_told_with_their_file(tmp_path: Path) -> None:
    text = BROKEN["an old override"][0]
    small = "# @package _group_\nsize: 1\n"
    write(tmp_path, {**SHOP, "db/small.yaml": small, "job.yaml": text})
    problems = look(tmp_path)
    assert found(problems, "hydra") == [
        ("warning", "hydra", "", "small.yaml", 1),
        ("warning", "hydra", "", "job.yaml", 2),
    ]
    assert "requires 'override' keyword" in problems[1].message
    assert "deprecated keyword in package header" in problems[0].message


def test_shadowed_values_are_notes_with_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "defaults:\n  - db: small\n  - _self_\ndb:\n  size: 5\n"})
    assert found(look(tmp_path)) == [("info", "shadowed", "db.size", "small.yaml", 1)]


def test_what_hydra_refuses_hides_nothing_of_the_rest(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "conf/config.yaml": "defaults:\n  - one: ???\n  - two: ???\n  - _self_\nv: ${nothing.here}\nport: 3\n"
            "w: ${one.size}\n",
            "conf/one/a.yaml": "size: 1\n",
            "conf/two/b.yaml": "size: 2\n",
        },
    )
    composer = Composer(Setting(root))
    composed = composer.compose(Selection(str(root / "conf/config.yaml"), ("nope=1", "port=4", "also.nope=2")))
    found = check_all(composed, composer)
    assert {(one.code, one.key, one.line) for one in found if one.severity == "error"} == {
        ("missing-choice", "one", 2),
        ("missing-choice", "two", 3),
        ("unknown-key", "nope", 0),
        ("unknown-key", "also.nope", 0),
        ("interpolation", "v", 5),
    }


@pytest.mark.parametrize(
    ("override", "ops_path", "right"),
    [
        ("ops.train.config.retries=1", OPS_PATH, "+ops.train.config.retries=1"),
        (
            "ops.train.config.train_params.steps_per_epoch=1",
            OPS_PATH,
            "+ops.train.config.train_params.steps_per_epoch=1",
        ),
        ("ops.train.config.train_params.nonsense=1", OPS_PATH, ""),
        ("ops.train.config.nonsense=1", OPS_PATH, ""),
        ("ops.nobody.config.retries=1", OPS_PATH, ""),
        ("ops.train.config.retries=1", "jobs.{op}", ""),
        ("jobs.train.retries=1", "jobs.{op}", "+jobs.train.retries=1"),
        ("~ops.train.config.retries", OPS_PATH, ""),
    ],
)
def test_a_field_that_an_op_declares_is_offered_to_be_added(
    tmp_path: Path, override: str, ops_path: str, right: str
) -> None:
    params = "{train_params: {epochs: 1}}"
    root = write(tmp_path, {"job.yaml": f"ops: {{train: {{config: {params}}}}}\njobs: {{train: {params}}}\n"})
    composer = Composer(Setting(root, ops_path=ops_path))
    error = composer.compose(Selection(str(root / "job.yaml"), (override,))).error
    assert error is not None
    assert ("the op takes it, though" in error.message, error.fix if right else "") == (bool(right), right)
    if right:
        assert error.message.endswith(f"to add it, write {right}")
        assert composer.compose(Selection(str(root / "job.yaml"), (right,))).error is None


@pytest.mark.parametrize(
    ("override", "key", "words", "fixes"),
    [
        (
            "db=smal",
            "db",
            "the override `db=smal`: there is no config `db/smal`; did you mean `small`? db has",
            ["db=small"],
        ),
        ("db@net=small", "db@net", "no defaults list has a choice `db@net`; did you mean `db`?", ["db=small"]),
        ("b={c: 5}", "b", "there is no `b.c`; to add it, write +b.c=VALUE", []),
        ("b.d.e=5", "b.d.e", "no override can name `b.d.e`, in which a name holds a dot; change it in the file", []),
    ],
)
def test_what_is_wrong_with_an_override_is_told_of_the_override(
    tmp_path: Path, override: str, key: str, words: str, fixes: list[str]
) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "defaults: [db: small, _self_]\nb: {a: 1, d.e: 2}\n"})
    (problem,) = [one for one in look(tmp_path, override) if one.severity == "error"]
    assert (problem.key, problem.file, problem.line) == (key, "", 0)
    assert words in problem.message
    assert [fix.adds for fix in problem.fixes] == [(fix,) for fix in fixes]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 2\nb:\n  c: 1\n  null: 11\n", 4, '`null` cannot be a key; give it another name, or write "null"'),
        ("~: 1\n", 1, "`~` cannot be a key"),
        ("a:\n- b: 1\n- ?\n  : 3\n", 3, "nothing, which is null, cannot be a key"),
    ],
)
def test_a_key_that_is_null_is_told_at_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    write(tmp_path, {"job.yaml": text})
    (problem,) = [one for one in look(tmp_path) if one.severity == "error"]
    assert (Path(problem.file).name, problem.line) == ("job.yaml", line)
    assert problem.message.startswith(words)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1: 9\nb: {x: 1}\ntrue: 10\n", [(3, "`true` is the same key as `1` in line 1")]),
        ("a:\n- {on: 4, 0x10: 1,\n   16: 2, 1: 3}\n", [(3, "`16` is the same"), (3, "`1` is the same key as `on`")]),
        ("1: 9\n1: 10\n", [(2, "`1` stands in line 1, whose value is lost; take one out")]),
        ("x: &a {1: 3}\ny:\n  <<: *a\n  true: 4\nz: *a\n", []),
        ("'1': 2\n1: 3\nno: 4\n2020: {1: 2}\n'true': 1\n", []),
    ],
)
def test_a_key_that_another_one_swallows_is_a_warning(tmp_path: Path, text: str, lines: list[tuple[int, str]]) -> None:
    write(tmp_path, {"job.yaml": text})
    problems = [one for one in look(tmp_path) if one.code == "swallowed-key"]
    assert [(one.severity, one.line) for one in problems] == [("warning", line) for line, _ in lines]
    assert all(one.message.startswith(words) for one, (_, words) in zip(problems, lines, strict=True))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("db/smal", "there is no config `db/smal`; did you mean `small`?"),
        ("db/none", "there is no config `db/none`; db has big, small"),
        ("db/${kind}_x", "there is no config `db/small_x`; did you mean `small`?"),
        ("dbs/small", "there is no config `dbs/small`; there is no group dbs"),
        ("db", "there is no config `db`; check its name"),
    ],
)
def test_an_entry_that_is_a_path_is_told_what_lies_in_its_group(tmp_path: Path, entry: str, words: str) -> None:
    job = f"defaults:\n  - kind: small\n  - {entry}\n  - _self_\n"
    write(tmp_path, {**SHOP, "kind/small.yaml": "a: 1\n", "job.yaml": job})
    (problem,) = [one for one in look(tmp_path, version_base="1.3") if one.severity == "error"]
    assert (Path(problem.file).name, problem.line, problem.message) == ("job.yaml", 3, words)


def test_of_what_hydra_says_in_several_lines_none_is_lost(tmp_path: Path) -> None:
    inner = "defaults:\n  - override /kind: small\n"
    job = "defaults:\n  - kind: small\n  - db: ${kind}\n  - _self_\n"
    write(tmp_path, {**SHOP, "kind/small.yaml": "a: 1\n", "db/small.yaml": inner, "job.yaml": job})
    (problem,) = [one for one in look(tmp_path, version_base="1.3") if one.severity == "error"]
    assert (
        "not allowed in the subtree of an in interpolated config group (override kind@db.kind=small)" in problem.message
    )
    job = "defaults:\n  - kind: small\n  - db: ${defaults.0.kind}\n  - _self_\n"
    write(tmp_path, {"job.yaml": job, "db/small.yaml": "size: 1\n"})
    (problem,) = [one for one in look(tmp_path, version_base="1.3") if one.severity == "error"]
    assert problem.message.endswith("is using a deprecated interpolation form")
    assert "See http://hydra.cc" in problem.details.partition("Traceback")[0]


def test_an_override_entry_that_stands_too_early_is_told_at_its_line(tmp_path: Path) -> None:
    job = "defaults:\n  - db: small\n  - override db: big\n  - db@other: small\n  - _self_\n"
    write(tmp_path, {**SHOP, "job.yaml": job})
    (problem,) = [one for one in look(tmp_path, version_base="1.3") if one.severity == "error"]
    assert (Path(problem.file).name, problem.line) == ("job.yaml", 3)
    assert problem.message == "`override db` stands before entries that choose; move it to the end of the defaults list"
    assert "Overrides must be at the end" in problem.details.partition("Traceback")[0]


def test_every_value_that_hydra_cannot_merge_is_told_at_its_place(tmp_path: Path) -> None:
    store = ConfigStore.instance()
    store.store(name="typed_for_this_test", node={"net": _Typed})
    try:
        text = "defaults: [typed_for_this_test, part@net, _self_]\nnet:\n  rate:\n    a: 1\n  ok: 3\n  act: NOPE\n"
        write(tmp_path, {".niceml/keep": "", "part.yaml": "# why\nwidth: wide\n", "job.yaml": text})
        composer = Composer(Setting(tmp_path, version_base="1.3"))
        composed = composer.compose(Selection(str(tmp_path / "job.yaml")))
        told = check_all(composed, composer)
    finally:
        del store.repo["typed_for_this_test.yaml"]
    places = [(one.key, Path(one.file).name, one.line) for one in told if one.severity == "error"]
    assert places == [("net.rate", "job.yaml", 3), ("net.act", "job.yaml", 6), ("net.width", "part.yaml", 2)]
    assert {Path(one.file).parent for one in told} == {tmp_path}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("pkg://no_such.conf", "there is no package no_such.conf; name where it lies with `python_path`"),
        ("file://no/where", "there is no folder no/where; mend it, or name `working_dir`"),
    ],
)
def test_an_entry_of_the_search_path_that_leads_nowhere_is_told_at_its_line(
    tmp_path: Path, entry: str, words: str
) -> None:
    write(tmp_path, {"job.yaml": f"x: 1\nhydra:\n  searchpath:\n    - {entry}.more\n    - {entry}\n"})
    told = [one for one in look(tmp_path) if one.code == "hydra"]
    assert [(Path(one.file).name, one.line) for one in told] == [("job.yaml", 4), ("job.yaml", 5)]
    assert words in told[1].message
    assert "is not available" in told[1].details
