"""Projects as people lay them out open as expected, compose as in Hydra, and are only told what is really missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.checks import check
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.environment import environment
from niceml_engine.config.projects.layout import Layout
from niceml_engine.config.projects.project import project_of, read_layout
from niceml_engine.values import Selection
from tests.engine.config.layouts import Wild
from tests.engine.config.more_layouts import ALL
from tests.engine.config.reference import assert_same, importable, write


@pytest.fixture(params=ALL)
def wild(request: pytest.FixtureRequest) -> Wild:
    return ALL[request.param]


@pytest.fixture
def layout(wild: Wild, tmp_path: Path) -> Layout:
    return read_layout(write(tmp_path, wild.files))


def test_what_a_person_expects_is_found(wild: Wild, layout: Layout) -> None:
    project = project_of(layout)
    root = layout.root
    assert layout.config_dirs == tuple(root / folder for folder in wild.dirs)
    assert tuple(job.id for job in project.tree.jobs) == (wild.jobs or (Path(wild.job).stem,))
    assert str(root / wild.job) in {project.job, *(job.file for job in project.tree.jobs)}
    assert layout.setting.of(str(root / wild.job)).version_base == wild.base
    assert {str(root / folder) for folder in wild.path} <= set(map(str, layout.python_path))
    assert [program.problem for program in project.programs if program.problem] == []
    assert environment(project, {}).problems == ()


def test_it_composes_as_in_hydra_whatever_is_typed(wild: Wild, layout: Layout) -> None:
    composer = Composer(layout.setting)
    with importable(layout.root):
        for line in ("", *wild.lines):
            assert_same(composer, layout.root / wild.job, line.split(" ") if line else [])


@pytest.mark.parametrize("base", ["1.1", "1.2", "1.3"])
def test_it_composes_as_in_hydra_under_each_version(wild: Wild, layout: Layout, base: str) -> None:
    with importable(layout.root):
        for job in project_of(layout).tree.jobs:
            assert_same(Composer(layout.setting.with_version(base)), Path(job.file), [])


def test_only_what_is_really_missing_is_an_error(wild: Wild, layout: Layout) -> None:
    composer = Composer(layout.setting)
    composed = composer.compose(Selection(str(layout.root / wild.job)))
    found = check(composed, layout.setting)
    errors = [one for one in found if one.severity == "error"]
    assert {(one.code, key) for one in errors for key in (one.key, *one.also)} == wild.wants
    for leaf in composed.leaves:
        assert leaf.origin.file
        assert leaf.origin.line
        assert leaf.reason or "${" not in str(leaf.resolved)
    for line in wild.lines:
        composed = composer.compose(Selection(str(layout.root / wild.job), tuple(line.split(" "))))
        for one in check(composed, layout.setting):
            assert one.message
            assert "\n" not in one.message


def test_every_choice_that_has_a_key_is_made_by_it(wild: Wild, layout: Layout) -> None:
    composer, job = Composer(layout.setting), str(layout.root / wild.job)
    composed = composer.compose(Selection(job))
    for choice in composed.choices:
        written = f"[{','.join(choice.chosen)}]" if choice.is_list else "".join(choice.chosen)
        if choice.key and choice.options and written and composed.error is None:
            again = composer.compose(Selection(job, (f"{choice.key}={written}",)))
            assert again.digest == composed.digest, (choice, again.error)


def test_options_below_a_group_are_offered_where_they_are_what_is_chosen(tmp_path: Path) -> None:
    wild = ALL["options in folders below their group"]
    layout = read_layout(write(tmp_path, wild.files))
    composed = Composer(layout.setting).compose(Selection(str(layout.root / wild.job)))
    options = {choice.key: choice.options for choice in composed.choices}
    assert options["task"] == ("grid/walk", "grid/big/run")
    assert options["model"] == ("sequence", "layers/gnn", "layers/mlp")
    (missing,) = check(composed, layout.setting)
    assert [fix.adds for fix in missing.fixes] == [("task=grid/walk",), ("task=grid/big/run",)]
