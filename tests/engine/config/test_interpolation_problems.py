"""What is wrong with interpolations and with what lies in lists is said in words, with a fix where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.fixes import changes_of
from tests.engine.config.broken import SHOP, found, look
from tests.engine.config.reference import write


@pytest.mark.parametrize(
    ("text", "mended", "line", "shown"),
    [
        ("x: {name: b, w: ${o.lr}}\n", 'x: {name: b, w: "${o.lr}"}\n', 1, "${o.lr}"),
        ("x: [a/${o.lr}/b,\n  ${o.lr}]  # c\n", 'x: ["a/${o.lr}/b",\n  "${o.lr}"]  # c\n', 1, "a/${o.lr}/b"),
        ("x:\n  - {\n    w: ${o.lr},\n    }\n", 'x:\n  - {\n    w: "${o.lr}",\n    }\n', 3, "${o.lr}"),
    ],
)
def test_an_interpolation_within_brackets_of_a_file_is_put_into_quotes(
    tmp_path: Path, text: str, mended: str, line: int, shown: str
) -> None:
    rest = "o:\n  lr: 1\n"
    write(tmp_path, {**SHOP, "job.yaml": text + rest})
    (problem,) = look(tmp_path)
    said = f'invalid YAML: `{shown}` stands within brackets; put it into quotes, "{shown}"'
    assert (problem.message, problem.line) == (said, line)
    (fix,) = problem.fixes
    (change,) = changes_of(fix.edits)
    assert change.after == mended + rest
    write(tmp_path, {"job.yaml": mended + rest})
    assert look(tmp_path) == ()


def test_an_interpolation_within_brackets_of_an_override_is_put_into_quotes(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "x: {a: 1}\ny: 2\n"})
    (problem,) = look(tmp_path, "x={a: ${oc.env:NOWHERE,${y}}}")
    right = 'x={a: "${oc.env:NOWHERE,${y}}"}'
    assert problem.message.endswith(f"cannot be read: put ${{…}} within brackets into quotes, {right}")
    assert [fix.adds for fix in problem.fixes] == [(right,)]
    assert [*look(tmp_path, right)] == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("${oc.dict.values:nope}", "there is no `nope`"),
        ("${oc.deprecated:nope}", "there is no `nope`"),
        ("${y.z}", "there is no `y.z`: `y` is a single value"),
        ("${oc.dict.keys:y}", "`oc.dict.keys` takes a mapping, not int"),
        ("${oc.decode:'{a'}", "the text cannot be read as a value"),
    ],
)
def test_why_an_interpolation_fails_is_said_in_words(tmp_path: Path, value: str, said: str) -> None:
    write(tmp_path, {**SHOP, "job.yaml": f"x: {value}\ny: 3\n"})
    assert [(one.key, one.message) for one in look(tmp_path)] == [("x", f"x: {said}")]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("x.3=1", "the list has no such item; to add one, write the whole list"),
        ("~x.0", "no override takes an item out of a list; write the whole list"),
        ("x.w=3", "an item of a list is named by its number"),
    ],
)
def test_what_overrides_cannot_do_with_lists_is_said(tmp_path: Path, override: str, said: str) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "x: [{a: 1}]\n"})
    assert look(tmp_path, override)[0].message.endswith(f"does not work: {said}")


def test_no_name_is_offered_in_the_place_of_itself(tmp_path: Path) -> None:
    code = "def f(a, /, *args, b=1): ...\n"
    write(tmp_path, {"calls.py": code, ".niceml/keep": "", "job.yaml": "x: {_target_: calls.f, a: 1, args: 2}\n"})
    told = {one.key: one.message for one in look(tmp_path) if one.code == "unexpected-argument"}
    assert told == {
        "x.a": "calls.f takes no argument a by name; give it in _args_",
        "x.args": "calls.f takes no argument args by name; give it in _args_",
    }


def test_all_that_fails_in_a_list_is_told(tmp_path: Path) -> None:
    text = "x:\n  - a: ${nope}\n    b: ???\n  - ${gone}\n"
    write(tmp_path, {**SHOP, "job.yaml": text})
    assert found(look(tmp_path)) == [
        ("error", "interpolation", "x[0].a", "job.yaml", 2),
        ("error", "missing-value", "x[0].b", "job.yaml", 3),
        ("error", "interpolation", "x[1]", "job.yaml", 4),
    ]


def test_an_interpolation_of_a_defaults_list_that_names_nothing_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "job.yaml": "defaults:\n  - db: small\n  - net: ${bd}_x\n"})
    (problem,) = look(tmp_path)
    said = "`${bd}_x` names no option here; it may name what is chosen before: db"
    assert (problem.message, Path(problem.file).name, problem.line) == (said, "job.yaml", 3)
    write(tmp_path, {"job.yaml": "defaults:\n  - net: deep\n", "net/deep.yaml": "defaults:\n  - /db@k: ${bd}\n"})
    (problem,) = look(tmp_path)
    assert (Path(problem.file).name, problem.line) == ("deep.yaml", 2)
    write(tmp_path, {"job.yaml": "defaults:\n  - db: small\n"})
    assert look(tmp_path, "db=${bd}")[0].message.startswith("the override `db=${bd}`: `${bd}` names no option here")
