"""What is wrong with a choice is told of whoever names the option, and mended there."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Problem, Selection
from tests.engine.config.reference import assert_same, write
from tests.engine.config.test_fixes import mend

TREE = {
    "job.yaml": "defaults:\n  - m: a\n  - several: [one, two]\n  - exp: null\n  - loc: null\n  - _self_\n",
    "m/a.yaml": "defaults:\n  - o: s\nw: 1\n",
    "m/b.yaml": "defaults:\n  - a\n  - override o: typo\n",
    "m/c.yaml": "lr: 1\n",
    "m/o/s.yaml": "lr: 1\n",
    "m/o/t.yaml": "lr: 2\n",
    "several/one.yaml": "a: 1\n",
    "several/two.yaml": "b: 1\n",
    "several/three.yaml": "c: 1\n",
    "exp/alone.yaml": "# @package _global_\ndefaults:\n  - override /m: typo\n",
    "exp/below.yaml": "# @package _global_\ndefaults:\n  - override /m/o: typo\n",
    "exp/list.yaml": "# @package _global_\ndefaults:\n  - override /m/o: t\n  - override /several: [one, twoo]\n",
    "exp/none.yaml": "# @package _global_\ndefaults:\n  - override /several: [one, two, other]\n",
    "exp/both.yaml": "# @package _global_\ndefaults:\n  - alone\n  - override /m: typo\n",
    "exp/number.yaml": "# @package _global_\ndefaults:\n  - override /several: [1, one]\n",
    "exp/open.yaml": '# @package _global_\ndefaults:\n  - override /several:\n    - one\n    - "${m}"\n',
}


def told(root: Path, *overrides: str, job: str = "job.yaml") -> list[Problem]:
    """The errors, of what Hydra refuses as well."""
    composer = Composer(Setting(root, version_base="1.3"))
    selection = Selection(str(root / job), overrides)
    return [one for one in check_all(composer.compose(selection), composer) if one.severity == "error"]


def place(problem: Problem, root: Path) -> tuple[str, int, str]:
    return (str(Path(problem.file).relative_to(root)) if problem.file else "", problem.line, problem.key)


@pytest.mark.parametrize(
    ("overrides", "where", "fixes"),
    [
        (["exp=alone"], ("exp/alone.yaml", 3, "m"), 6),
        (["exp=below"], ("exp/below.yaml", 3, "m/o"), 4),
        (["exp=both"], ("exp/both.yaml", 4, "m"), 6),
        (["m=b"], ("m/b.yaml", 3, "m/o"), 4),
        (["exp=list"], ("exp/list.yaml", 4, "several"), 1),
        (["exp=none"], ("exp/none.yaml", 3, "several"), 1),
        (["several=[one,twoo]"], ("", 0, "several"), 1),
        (["several=[one,gone]"], ("", 0, "several"), 2),
        (["m/o=typo"], ("", 0, "m/o"), 2),
        (["+m@n=typo"], ("", 0, "+m@n"), 3),
        (["+several@n=[one,twoo]"], ("", 0, "+several@n"), 1),
    ],
)
def test_an_option_that_is_not_there_is_told_and_mended_where_it_is_named(
    tmp_path: Path, overrides: list[str], where: tuple[str, int, str], fixes: int
) -> None:
    write(tmp_path, TREE)
    (problem,) = told(tmp_path, *overrides)
    assert (problem.code, place(problem, tmp_path), len(problem.fixes)) == ("missing-option", where, fixes)
    assert where[0] or f"the override `{overrides[0]}`" in problem.message
    for fix in problem.fixes:
        write(tmp_path, TREE)
        assert {edit.file for edit in fix.edits} <= {problem.file}
        then = mend(tmp_path, tuple(overrides), fix)
        assert problem.message.partition("; ")[0] not in {
            one.message.partition("; ")[0] for one in told(tmp_path, *then)
        }
        composed = Composer(Setting(tmp_path, version_base="1.3")).compose(Selection(str(tmp_path / "job.yaml"), then))
        chosen = [one.chosen for one in composed.choices if one.key == problem.key]
        assert all(len(set(one)) == len(one) for one in chosen), "no option twice"


def test_all_options_of_a_list_that_are_not_there_are_told_of_the_override(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    found = told(tmp_path, "several=[here,one,there]")
    assert [place(one, tmp_path) for one in found] == [("", 0, "several")] * 2
    assert {one.message.split("`")[3] for one in found} == {"several/here", "several/there"}
    assert all("the override `several=[here,one,there]`" in one.message for one in found)


@pytest.mark.parametrize(
    ("override", "right"),
    [
        ("several=[1,one]", "several=['1',one]"),
        ("several=[one,1.50]", "several=[one,'1.50']"),
        ("several=['a,b',2]", "several=['a,b','2']"),
        ("several=[one,TRUE]", "several=[one,'TRUE']"),
        ("several=[[one],two]", "several=[one,two]"),
        ("several=[[one]]", "several=[one]"),
        ("+m@n=[1]", "+m@n=['1']"),
        ("several=[null,one]", ""),
        ("several=[{a: b},one]", ""),
    ],
)
def test_an_item_of_a_list_that_is_no_name_is_told_of_the_override(tmp_path: Path, override: str, right: str) -> None:
    write(tmp_path, TREE)
    (problem,) = [one for one in told(tmp_path, override) if one.code == "override"]
    written = f"write {right}" if right else "name each of them by itself"
    assert problem.message == f"the override `{override}`: a list of options takes names; {written}"
    assert place(problem, tmp_path) == ("", 0, override.lstrip("+").partition("=")[0])
    assert problem.fix == right
    assert_same(Composer(Setting(tmp_path, version_base="1.3")), tmp_path / "job.yaml", [override])


@pytest.mark.parametrize(
    ("defaults", "line", "words"),
    [
        ("  - m: [1, a]\n", 2, "an option is named by text; put the name of this one into quotes"),
        ("  - _self_\n  - m: 1\n", 3, "put the name of this one into quotes"),
        ("  - m: a\n  - several: [on]\n", 3, "put the name of this one into quotes"),
        ("  - several: [[one]]\n", 2, "name each option by itself"),
        ("  - several:\n    - null\n", 2, "name each option by itself"),
        ("  - m: {a: b}\n", 2, "name each option by itself"),
        ('  - m: a\n  - several: [one, "${m}"]\n', 3, "take it out of the list, as an entry several/${…}"),
        ('  - several:\n    - "${m}"\n    - one\n  - m: a\n', 2, "as an entry several/${…}"),
    ],
)
def test_an_entry_that_names_an_option_by_no_text_is_told_at_its_line(
    tmp_path: Path, defaults: str, line: int, words: str
) -> None:
    write(tmp_path, {**TREE, "job.yaml": f"defaults:\n{defaults}"})
    (problem,) = told(tmp_path)
    assert (problem.code, place(problem, tmp_path)) == ("composition", ("job.yaml", line, "defaults"))
    assert problem.message.endswith(words)


@pytest.mark.parametrize(("preset", "line"), [("number", 3), ("open", 3)])
def test_an_override_entry_that_names_an_option_by_no_text_is_told_at_its_line(
    tmp_path: Path, preset: str, line: int
) -> None:
    write(tmp_path, TREE)
    (problem,) = told(tmp_path, f"exp={preset}")
    assert place(problem, tmp_path) == (f"exp/{preset}.yaml", line, "defaults")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("several=[one,'${m}']", "takes no interpolation in a list of options; name the option itself"),
        ("+m=1", "names no option; a group takes the name of an option; write +m='1'"),
        ("+m@n=1", "names no option; a group takes the name of an option; write +m@n='1'"),
        ("+m@n=null", "names no option; to choose nothing, leave it out"),
        ("m=1", "names no option; a group takes the name of an option; write m='1'"),
        ("~m=1", "names no option; write ~m, whatever is chosen"),
        ("~several=[one]", "names no option; write ~several, whatever is chosen"),
    ],
)
def test_an_override_that_names_no_option_is_told_of_itself(tmp_path: Path, override: str, words: str) -> None:
    write(tmp_path, TREE)
    problem = next(one for one in told(tmp_path, override) if one.code == "override")
    assert f"the override `{override}`" in problem.message
    assert problem.message.endswith(words)
    assert place(problem, tmp_path)[:2] == ("", 0)
    assert_same(Composer(Setting(tmp_path, version_base="1.3")), tmp_path / "job.yaml", [override])


@pytest.mark.parametrize("override", ["loc=5", "loc={a: b}", "opt=1", "exp={a: b}"])
def test_a_value_where_a_group_chooses_nothing_is_offered_to_be_added(tmp_path: Path, override: str) -> None:
    write(tmp_path, {**TREE, "job.yaml": TREE["job.yaml"].replace("  - _self_", "  - optional opt: x\n  - _self_")})
    problem = next(one for one in told(tmp_path, override) if one.code == "unknown-key")
    assert problem.message == f"there is no `{problem.key}`; to add it, write +{override}"
    assert told(tmp_path, f"+{override}") == []


@pytest.mark.parametrize("key", ["a", "b", "m.c", "i"])
def test_what_hydra_takes_for_not_there_cannot_be_deleted_but_with_a_value(tmp_path: Path, key: str) -> None:
    write(tmp_path, {"job.yaml": "a: null\nb: ???\nm: {c: null}\ni: ${a}\n"})
    problem = next(one for one in told(tmp_path, f"~{key}") if one.code == "unknown-key")
    assert f"the override `~{key}` deletes nothing: Hydra takes `{key}`, which is" in problem.message
    both = [f"{key}=0", f"~{key}"]
    assert problem.message.endswith(f"or give it a value before: {' '.join(both)}")
    composer = Composer(Setting(tmp_path))
    assert_same(composer, tmp_path / "job.yaml", both)
    assert composer.compose(Selection(str(tmp_path / "job.yaml"), (*both,))).error is None


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("n.2=x", "in which 2 is a key that is no text"),
        ("~n.0", "in which 0 is a key that is no text"),
        ("d.e.f=x", "in which a name holds a dot"),
    ],
)
def test_why_no_override_can_name_a_key_is_told(tmp_path: Path, override: str, why: str) -> None:
    write(tmp_path, {"job.yaml": "n: {2: two, 0: zero}\nd: {e.f: 1}\n"})
    (problem,) = told(tmp_path, override)
    key = problem.key
    assert problem.message == f"no override can name `{key}`, {why}; change it in the file that sets it"


@pytest.mark.parametrize(
    ("override", "key", "lacking"),
    [
        ("+m=c", "m", "jobs/m/c"),
        ("+m@n=c", "m@n", "jobs/m/c"),
        ("+several=[one,two]", "several", "jobs/several/two"),
    ],
)
def test_what_is_added_to_a_job_in_a_folder_is_told_of_the_override(
    tmp_path: Path, override: str, key: str, lacking: str
) -> None:
    write(tmp_path, {**TREE, "jobs/job.yaml": "defaults:\n  - /several: [one]\n  - _self_\nx: 1\n"})
    composer = Composer(Setting(tmp_path, config_dir=tmp_path, version_base="1.3"))
    error = composer.compose(Selection(str(tmp_path / "jobs/job.yaml"), (override,))).error
    assert error is not None
    assert (error.code, place(error, tmp_path)) == ("missing-option", ("", 0, key))
    assert f"the override `{override}`: there is no config `{lacking}`; there is no group" in error.message
    assert error.message.endswith(f"so add it as an entry, /{key}: {lacking.rpartition('/')[2]}")
