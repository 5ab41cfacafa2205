"""Each kind of problem is found with its place, and each fix that is offered mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest
from hydra.core.config_store import ConfigStore

from niceml_engine.config.checking.checks import check
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


def test_a_package_of_which_nothing_is_here_may_be_installed_where_the_project_runs(tmp_path: Path) -> None:
    targets = (
        "nowhere.Thing",
        "space.more.Thing",
        "some_lib.nets.Net",
        "space.other.Thing",
        "stated_lib.Net",
        "some_lib.x",
    )
    text = "".join(f"k{number}:\n  _target_: {target}\n" for number, target in enumerate(targets))
    code = "def f():\n    from some_lib.nets import Net\nimport space.more\n"
    write(tmp_path, {**SHOP, "shop.py": code, "space/own/a.py": "", "job.yaml": text})
    (tmp_path / "requirements.txt").write_text("stated-lib>=3\n")
    problems = look(tmp_path)
    assert found(problems) == [
        ("error", "unknown-target", "k3._target_", "job.yaml", 8),
        ("warning", "unknown-target", "k0._target_", "job.yaml", 2),
        ("warning", "unknown-target", "k1._target_", "job.yaml", 4),
        ("warning", "unknown-target", "k2._target_", "job.yaml", 6),
        ("warning", "unknown-target", "k4._target_", "job.yaml", 10),
    ]
    assert "`some_lib` is not installed here, and 2 targets need it" in problems[3].message
    assert problems[3].details.splitlines() == ["k2._target_", "k5._target_"]
    write(tmp_path, {".niceml/project.yaml": "python: env/bin/python\n"})
    assert {one.severity for one in look(tmp_path)} == {"error"}, "whoever names an interpreter has said where to look"


def test_a_slip_in_the_name_of_an_own_package_names_that(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "b:\n  _target_: shopp.make\n  width: 1\n"})
    (problem,) = look(tmp_path)
    assert "`shopp` is not installed here, and a target needs it; did you mean `shop`?" in problem.message


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


def test_a_declared_job_runs_here_so_that_a_package_that_is_not_here_is_an_error(tmp_path: Path) -> None:
    job = "jobs/job_train/job.yaml"
    write(tmp_path, {**SHOP, "shop.py": "import nowhere\n", job: "b:\n  _target_: nowhere.Thing\n"})
    setting = Setting(tmp_path, config_dir=tmp_path)
    problems = check(Composer(setting).compose(Selection(str(tmp_path / job))), setting)
    assert ("error", "unknown-target") in {(one.severity, one.code) for one in problems}


def test_an_argument_that_code_may_take_out_is_a_warning_and_a_misspelled_one_an_error(tmp_path: Path) -> None:
    code = "def make(width): ...\n\ndef main(config):\n    config.pop('scale'); config.widht\n    scale.depth()\n"
    job = "_target_: shop.make\nwidth: 1\nscale: 2\nwidht: 3\ndepth: 4\n"
    write(tmp_path, {**SHOP, "shop.py": code, "job.yaml": job})
    assert found(look(tmp_path)) == [
        ("error", "unexpected-argument", "widht", "job.yaml", 4),
        ("error", "unexpected-argument", "depth", "job.yaml", 5),
        ("warning", "unexpected-argument", "scale", "job.yaml", 3),
    ]


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("", "warning"),
        ("instantiate(config.net, width=len('a'))", "info"),
        ("hydra.utils.instantiate(config.net, (1, 2), lr=1)", "info"),
        ("instantiate(config.net, depth=2, *more, **given)", "warning"),
    ],
)
def test_an_argument_that_code_passes_when_it_instantiates_is_a_note(tmp_path: Path, code: str, severity: str) -> None:
    job = "net:\n  _target_: shop.make\n"
    write(tmp_path, {**SHOP, "shop.py": f"def make(width, *, depth=1): ...\n\n{code}\n", "job.yaml": job})
    assert found(look(tmp_path)) == [(severity, "missing-argument", "net._target_", "job.yaml", 2)]


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("group=group, name=name", True),
        ('group="net", name=name', True),
        ('group="net", name=f"{name}_x"', True),
        ('group="other", name=name', False),
        ("name=name", False),
        ('group="net", name="known"', False),
    ],
)
def test_a_config_that_code_may_store_under_a_computed_name_is_said_to_be_perhaps_there(
    tmp_path: Path, store: str, told: bool
) -> None:
    head = "from hydra.core.config_store import ConfigStore\n\n"
    code = f"{head}def add(group, name, node):\n    ConfigStore.instance().store({store}, node=node)\n"
    write(tmp_path, {**SHOP, "shop.py": code, "job.yaml": "defaults: [net: cnn]\n"})
    (problem,) = [one for one in look(tmp_path) if one.severity == "error"]
    assert problem.code == "missing-option"
    assert ("unless shop.py:4 stores it, which only running the project's code tells" in problem.message) is told


def test_a_type_that_python_does_not_look_at_is_a_warning(tmp_path: Path) -> None:
    code = "def make(flags: dict[str, bool], sizes: list[int], rank: int, many: list[int], rate: int = 0.5): ...\n"
    job = "_target_: shop.make\nflags:\n  b: true\n  a: b\nsizes: 3\nrank: null\nmany:\n- 1\n- x\nrate: 1.5\n"
    write(tmp_path, {**SHOP, "shop.py": code, "job.yaml": job})
    assert found(look(tmp_path)) == [  # not of `rate`, whose own default tells that its annotation is wrong
        ("warning", "wrong-type", "flags.a", "job.yaml", 4),
        ("warning", "wrong-type", "sizes", "job.yaml", 5),
        ("warning", "wrong-type", "rank", "job.yaml", 6),
        ("warning", "wrong-type", "many[1]", "job.yaml", 9),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "cfg.net.shape = [3, 4]\n",
        'cfg["net"]["shape"] = [3, 4]\n',
        "def make(shape, cfg):\n    cfg.shape = shape\n    return instantiate(cfg)\n",
        "instantiate(cfg.net, shape=[3, 4])\n",
        "hydra.utils.call(cfg.net, seed=1, shape=[3, 4])\n",
        'OmegaConf.update(cfg, "net.shape", [3, 4])\n',
    ],
)
def test_a_value_that_must_be_given_is_a_warning_where_the_projects_code_gives_it(tmp_path: Path, text: str) -> None:
    files = {**SHOP, "job.yaml": "net:\n  shape: ???\n  rate: ???\n", "own.py": text}
    write(tmp_path, files)
    shape, rate = sorted(look(tmp_path), key=lambda one: one.line)
    assert (shape.severity, shape.code, rate.severity) == ("warning", "missing-value", "error")
    assert shape.message.endswith("unless the project's code, which sets one of that name, gives it")
    write(tmp_path, {**files, "own.py": "class Net:\n    def __init__(self, shape):\n        self.shape = shape\n"})
    assert {one.severity for one in look(tmp_path)} == {"error"}


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
