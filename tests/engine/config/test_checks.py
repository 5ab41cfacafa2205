"""The checks find what is wrong, all of it at once, with its place; the bundled configs are clean."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from niceml_engine.config.checking.checks import check
from niceml_engine.config.code.annotations import fits
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Problem, Selection

ROOT = Path(__file__).parents[3]
JOBS = sorted((ROOT / "configs" / "jobs").rglob("*.yaml"))

CODE = """
from enum import Enum
from typing import Literal

raise RuntimeError("never imported")

def make(width: int, rate: float = 0.1, name: str | None = None, mode: Literal["a", "b"] = "a", *, deep: bool = False):
    ...

class Act(Enum):
    RELU = "relu"
    TANH = 2

class Open(Enum):
    ONE = 1

    @classmethod
    def _missing_(cls, value): ...

def enumerated(act: Act, other: Act | None = None, open: Open = Open.ONE): ...

def open_ended(first, *rest, **more): ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".niceml").mkdir()
    (tmp_path / "shop.py").write_text(CODE)
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "small.yaml").write_text("size: 1\n")
    (tmp_path / "db" / "big.yaml").write_text("size: 2\n")
    return tmp_path


def problems(project: Path, text: str, *overrides: str) -> list[Problem]:
    job = project / "job.yaml"
    job.write_text(text)
    setting = Setting(project)
    return list(check(Composer(setting).compose(Selection(str(job), overrides)), setting))


def found(project: Path, text: str, *overrides: str) -> set[tuple[str, str, str, int]]:
    return {(one.severity, one.code, one.key, one.line) for one in problems(project, text, *overrides)}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.stem)
def test_the_bundled_jobs_have_no_errors(job: Path) -> None:
    setting = Setting(ROOT)
    composed = Composer(setting).compose(Selection(str(job)))
    assert [one for one in check(composed, setting) if one.severity != "info"] == []


def test_all_problems_of_targets_come_at_once_with_their_lines(project: Path) -> None:
    text = """\
a:
  _target_: shop.mak
b:
  _target_: shop.make
  widht: 3
  width: "3"
c:
  - _target_: shop.make
    _args_: [1, 2]
    width: 4
  - _target_: shop.make
    _partial_: true
    mode: z
d:
  _target_: shop.make
e:
  _target_: shop.open_ended
  first: 1
  anything: 2
f:
  _target_: shop.lazy_thing.x
g:
  _target_: math.sqrt
"""
    assert found(project, text) == {
        ("error", "unknown-target", "a._target_", 2),
        ("error", "unexpected-argument", "b.widht", 5),
        ("warning", "wrong-type", "b.width", 6),
        ("error", "unexpected-argument", "c[0].width", 10),
        ("warning", "wrong-type", "c[1].mode", 13),
        ("warning", "missing-argument", "d._target_", 15),
        ("error", "unknown-target", "f._target_", 21),
        ("info", "cannot-tell", "g._target_", 23),
    }
    by_key = {one.key: one for one in problems(project, text)}
    assert by_key["a._target_"].fix == "a._target_=shop.make"
    assert by_key["b.widht"].fix == "~b.widht"
    assert "did you mean width" in by_key["b.widht"].message
    assert by_key["b.width"].fix == "b.width=3"
    assert "shop" not in sys.modules


def test_a_text_that_names_no_member_of_an_enumeration_is_told(project: Path) -> None:
    text = "a: {_target_: shop.enumerated, act: RELUU, other: two, open: anything}\n"
    assert [(one.severity, one.key, one.message) for one in problems(project, text)] == [
        ("warning", "a.act", "shop.enumerated takes act as Act, not a text, 'RELUU'; it has RELU, TANH"),
        ("warning", "a.other", "shop.enumerated takes other as Act | None, not a text, 'two'; it has RELU, TANH"),
    ]
    for act in ("RELU", "relu", "Tanh", "'2'"):
        assert problems(project, text, f"a.act={act}", "a.other=null") == []


def test_a_fix_mends_what_it_is_offered_for(project: Path) -> None:
    text = "b:\n  _target_: shop.make\n  widht: 3\n  width: '3'\n"
    fixes = [one.fix for one in problems(project, text)]
    assert problems(project, text, *fixes) == []


def test_resolved_interpolations_are_checked_and_open_ones_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIDTH", raising=False)
    text = "b:\n  _target_: shop.make\n  width: ${oc.env:WIDTH,3}\n"
    (problem,) = problems(project, text)
    assert (problem.code, problem.line) == ("wrong-type", 3)
    assert "${niceml.to_int:${oc.env:WIDTH,3}}" in problem.message
    assert found(project, text.replace("${oc.env:WIDTH,3}", "${niceml.to_int:${oc.env:WIDTH,3}}")) == set()
    assert {code for _, code, _, _ in found(project, text.replace(",3", ""))} == {"unset-env"}


def test_a_key_of_a_declared_mapping_that_does_nothing_is_told(project: Path) -> None:
    job = project / "jobs" / "job_train" / "mine.yaml"
    job.parent.mkdir(parents=True)
    params = "{epochs: 3, step_per_epoch: 4, steps_per_epoch: null}"
    job.write_text(f"# @package _global_\nops:\n  train:\n    config:\n      train_params: {params}\n")
    setting = Setting(project, config_dir=project)
    composed = Composer(setting).compose(Selection(str(job)))
    key = "ops.train.config.train_params.step_per_epoch"
    (problem,) = [one for one in check(composed, setting) if one.key.startswith("ops.train.config.train_params")]
    assert (problem.key, problem.severity, problem.line) == (key, "warning", 5)
    assert problem.message == "train_params has no step_per_epoch, which does nothing; did you mean steps_per_epoch?"
    assert problem.fixes[0].adds == (f"~{key}",)


@pytest.mark.parametrize("ops", ["ops", "steps"])
def test_declared_ops_are_checked_against_their_fields(project: Path, ops: str) -> None:
    jobs = project / "jobs" / "job_train"
    jobs.mkdir(parents=True)
    job = jobs / "mine.yaml"
    text = f"# @package _global_\n{ops}:\n  analysis:\n    config:\n      analyser: 1\n  extra: {{config: {{}}}}\n"
    job.write_text(text)
    setting = Setting(project, config_dir=project, ops_path=f"{ops}.{{op}}.config")
    composed = Composer(setting).compose(Selection(str(job)))
    assert composed.dagster_job == "job_train"
    by_key = {one.key: one for one in check(composed, setting)}
    assert by_key[f"{ops}.analysis.config.analyser"].code == "unknown-field"
    assert "analyzer" in by_key[f"{ops}.analysis.config.analyser"].message
    assert by_key[f"{ops}.analysis.config.analyzer"].code == "missing-field"
    left_out = by_key[f"{ops}.train.config"]  # which no run fails for
    assert (left_out.code, left_out.severity) == ("missing-op", "warning")
    assert by_key[f"{ops}.extra"].code == "unknown-op"


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("ops.train.config.train_params.epochs=many", "ops.train.config.train_params.epochs"),
        ("ops.train.config.train_params.epochs=${oc.env:EPOCHS,3}", "ops.train.config.train_params.epochs"),
        ("ops.experiment.config.git_version=perhaps", "ops.experiment.config.git_version"),
        ("ops.train.config.train_params=3", "ops.train.config.train_params"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(override: str, key: str) -> None:
    setting = Setting(ROOT)
    job = ROOT / "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"
    composed = Composer(setting).compose(Selection(str(job), (override,)))
    (problem,) = [one for one in check(composed, setting) if one.severity != "info"]
    assert (problem.code, problem.key) == ("wrong-type", key)


def test_a_choice_written_as_a_value_is_told_how_to_be_written(project: Path) -> None:
    text = "defaults:\n  - db@app.db: small\n  - _self_\n"
    (problem,) = [one for one in problems(project, text, "app.db=big") if one.severity == "error"]
    assert (problem.code, problem.fix) == ("group-override", "db@app.db=big")


def test_a_missing_self_is_told_where_it_changes_who_wins(project: Path) -> None:
    clashing = "defaults:\n  - db: small\n\ndb:\n  size: 5\n"
    assert ("warning", "missing-self", "defaults", 1) in found(project, clashing)
    assert not [one for one in found(project, clashing.replace("small", "small\n  - _self_")) if one[0] == "warning"]


def test_a_package_line_that_hydra_ignores_is_named(project: Path) -> None:
    (project / "db" / "small.yaml").write_text("# a comment\n# @package other\nsize: 1\n")
    text = "defaults:\n  - db: small\n"
    assert ("warning", "ignored-package", "", 2) in found(project, text)
    (project / "db" / "small.yaml").write_text("# @package other\n# a comment\nsize: 1\n")
    assert found(project, text) == set()


def test_shadowed_values_are_told_as_information(project: Path) -> None:
    text = "defaults:\n  - db: small\n  - _self_\ndb:\n  size: 3\n"
    (problem,) = problems(project, text)
    assert (problem.severity, problem.code, problem.key) == ("info", "shadowed", "db.size")
    assert problem.file.endswith("small.yaml")


def test_what_overrides_and_presets_are_for_is_not_told_and_what_is_set_anew_is_told_once(project: Path) -> None:
    (project / "db" / "wide.yaml").write_text("defaults: [small, _self_]\nsize: 2\nname: w\n")
    (project / "db" / "small.yaml").write_text("size: 1\nname: s\nport: 1\n")
    (project / "other").mkdir()
    (project / "other" / "late.yaml").write_text("# @package db\nport: 3\n")
    (project / "exp").mkdir()
    (project / "exp" / "fast.yaml").write_text("# @package _global_\ndb: {size: 9}\n")
    told = problems(project, "defaults: [db: wide, other: late, _self_]\n")
    assert [(one.code, one.key, one.also) for one in told] == [
        ("shadowed", "db.size", ("db.name",)),
        ("shadowed", "db.port", ()),
    ]
    assert told[0].message == "wide.yaml overrides 2 values of what it includes: db.size, db.name"
    assert told[0].details.startswith("small.yaml:1  db.size, overridden by wide.yaml:2\n")
    assert told[1].message == "overridden by late.yaml:2"
    small = "defaults: [db: small, _self_]\n"
    assert problems(project, small, "db.size=3", "db.name=x") == []
    assert problems(project, small, "+exp=fast") == []
    (first,) = problems(project, "defaults: [_self_, db: small]\ndb: {size: 3}\n")
    assert (first.key, first.line) == ("db.size", 2), "a job that loses to what it includes is a surprise"


def test_a_refused_config_keeps_its_error(project: Path) -> None:
    text = "defaults:\n  - db: nope\n"
    (problem,) = [one for one in problems(project, text) if one.severity == "error"]
    assert problem.line == 2


@pytest.mark.parametrize(
    ("value", "annotation", "good"),
    [
        (1, "int", True),
        (True, "int", False),
        (1, "float", True),
        (1.5, "int", False),
        ("a", "str | None", True),
        (None, "str | None", True),
        (None, "int", False),
        ("a", "Optional[int]", False),
        (1, "Union[int, str]", True),
        ("c", "Literal['a', 'b']", False),
        ([1], "list[int]", True),
        (["x"], "list[int]", False),
        (["${y}"], "list[int]", True),
        ({"a": 1}, "dict[str, int]", True),
        ({"a": "b"}, "dict[str, int]", False),
        ({"_target_": "x"}, "list[int]", True),
        ("x", "Path", True),
        ("x", "keras.Model", True),
        (3, "not python(", True),
        ("b", "'int'", False),
    ],
)
def test_simple_types_tell_what_fits(value: object, annotation: str, good: bool) -> None:
    assert fits(value, annotation) is good


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("import os\nos.environ['LAB_ROOT'] = '.'\n", "info"),
        ("import os\nos.environ.setdefault('LAB_ROOT', '.')\n", "info"),
        ("import os\nprint(os.environ.get('LAB_ROOT'))\n", "error"),
        ("import rootutils\n", "error"),
    ],
)
def test_a_variable_that_the_code_sets_is_not_missing(project: Path, code: str, severity: str) -> None:
    (project / "start.py").write_text(code)
    assert found(project, "a: ${oc.env:LAB_ROOT}\n") == {(severity, "unset-env", "a", 1)}


def test_the_root_that_a_known_library_sets_is_not_missing(project: Path) -> None:
    assert found(project, "a: ${oc.env:PROJECT_ROOT}\n") == {("error", "unset-env", "a", 1)}
    (project / "start.py").write_text("import pyrootutils\npyrootutils.setup_root(__file__)\n")
    assert found(project, "a: ${oc.env:PROJECT_ROOT}\n") == {("info", "unset-env", "a", 1)}


def test_a_variable_that_several_values_need_is_one_problem_with_its_places(project: Path) -> None:
    names = ["a", "b", "c", "d"]
    text = "".join(f"{name}: ${{oc.env:LAB_ROOT}}/{name}\n" for name in names) + "e: ${oc.env:LAB_NAME}\n"
    one, other = sorted((one for one in problems(project, text)), key=lambda one: one.line)
    assert (one.severity, one.line, one.key, one.also) == ("error", 1, "a", ("b", "c", "d"))
    assert one.message.startswith("the environment variable LAB_ROOT is not set, and there is no default")
    assert one.message.endswith("; 4 values need it: a, b, c and 1 more")
    assert [line.split()[-1] for line in one.details.splitlines()] == names
    assert [fix.title for fix in one.fixes] == ["set LAB_ROOT in .env"]
    assert (other.key, other.also) == ("e", ())
    (project / "start.py").write_text("import os\nos.environ['LAB_ROOT'] = '.'\n")
    (told,) = (one for one in problems(project, text) if one.severity == "info")
    assert told.message == (
        "the environment variable LAB_ROOT is not set here; the project's code sets it when it runs; "
        "4 values need it: a, b, c and 1 more"
    )
