"""Sweeps expand as Hydra's own sweeper expands them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.sweeps import compose_first, expand, with_params
from niceml_engine.config.exporting.export import export
from niceml_engine.config.projects.project import Setting
from niceml_engine.errors import ConfigError
from niceml_engine.values import Selection

VALUES = ("1", "1,2", "range(1,4)", "choice('a b',c)", "[1,2],[3]", "'x,y'", "sort(3,1,2)", "1e-3,1e-4", "null")
KEYS = ("a", "+b", "++c", "d.e")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".niceml").mkdir()
    (tmp_path / "db").mkdir()
    for name in ("mysql", "mongo", "sqlite"):
        (tmp_path / "db" / f"{name}.yaml").write_text(f"kind: {name}\n")
    (tmp_path / "job.yaml").write_text("defaults: [db: sqlite, _self_]\na: 0\nd: {e: 0}\n")
    return tmp_path


def of(project: Path, *overrides: str) -> Selection:
    return Selection(str(project / "job.yaml"), overrides)


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=5))
def test_the_runs_are_those_of_hydras_sweeper(pairs: list[tuple[str, str]]) -> None:
    overrides = tuple(f"{key}={value}" for key, value in pairs)
    parser = OverridesParser.create()
    expected = BasicSweeper.split_arguments(parser.parse_overrides(list(overrides)), None)[0]
    found = expand(Composer(Setting(Path("/"))), Selection("job.yaml", overrides))
    assert len(found.runs) == len(expected)
    for run, wanted in zip(found.runs, expected, strict=True):
        last = {one.get_key_element(): one for one in parser.parse_overrides(list(run))}
        hydras = {one.get_key_element(): one for one in parser.parse_overrides(list(wanted))}
        assert {key: one.value() for key, one in last.items()} == {key: one.value() for key, one in hydras.items()}
        assert len(run) == len(overrides)


def test_each_place_of_a_sweep_holds_its_own_value(project: Path) -> None:
    found = expand(Composer(Setting(project)), of(project, "a=1,2", "d.e=7", "db=glob(m*)"))
    assert found.swept == (0, 2)
    assert found.runs == (
        ("a=1", "d.e=7", "db=mongo"),
        ("a=1", "d.e=7", "db=mysql"),
        ("a=2", "d.e=7", "db=mongo"),
        ("a=2", "d.e=7", "db=mysql"),
    )


def test_the_first_run_is_composed_and_said_to_be_one_of_several(project: Path) -> None:
    composer, swept = Composer(Setting(project)), of(project, "d.e=7", "a=1,2", "db=mysql,mongo")
    composed = compose_first(composer, swept)
    assert (composed.selection, composed.runs) == (swept, 4)
    leaves = {leaf.key: leaf for leaf in composed.leaves}
    assert (leaves["a"].value, leaves["db.kind"].value) == (1, "mysql")
    assert (leaves["a"].origin.line, leaves["a"].origin.text) == (2, "a=1"), "the place of the override stays"
    assert [one.message for one in composed.problems] == [
        "this selection stands for 4 runs; shown is the first, a=1, db=mysql"
    ]
    single = compose_first(composer, of(project, "a=1"))
    assert (single.runs, single.problems) == (1, ())


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("a=interval(0,1)", "has no end of values; write range"),
        ("a=range(0,100000)", "more than 1,000"),
        ("db=glob(x*)", "no run at all"),
    ],
)
def test_what_cannot_be_expanded_says_so(project: Path, override: str, words: str) -> None:
    composer = Composer(Setting(project))
    with pytest.raises(ConfigError, match=words):
        expand(composer, of(project, override))
    refused = compose_first(composer, of(project, override)).error
    assert refused is not None
    assert words in refused.message


def test_what_hydra_cannot_parse_is_left_to_composing(project: Path) -> None:
    refused = compose_first(Composer(Setting(project)), of(project, "a=[1")).error
    assert refused is not None
    assert "a=[1" in refused.message


def test_a_sweep_is_exported_as_a_command_that_makes_its_runs(project: Path) -> None:
    composer, swept = Composer(Setting(project)), of(project, "a=1,2")
    assert "run --multirun" in export(composer, swept, "command").text
    assert export(composer, swept, "overrides").text == "a=1,2\n"
    assert "--multirun" not in export(composer, of(project, "a=1"), "command").text
    with pytest.raises(ConfigError, match="several values"):
        export(composer, swept, "yaml")


def test_what_the_job_itself_sweeps_is_offered_and_added(project: Path) -> None:
    sweeper = "hydra:\n  sweeper:\n    params: {a: '1,2', d.e: 'range(3)', +f: 'x,y'}\n"
    (project / "job.yaml").write_text(f"defaults: [db: sqlite, _self_]\na: 0\nd: {{e: 0}}\n{sweeper}")
    composer, selection = Composer(Setting(project)), of(project, "a=5")
    problem = next(one for one in compose_first(composer, selection).problems if one.code == "sweep-params")
    assert (problem.severity, problem.fixes[0].adds) == ("info", ("d.e=range(3)", "+f=x,y"))
    assert (problem.file, problem.line) == (str(project / "job.yaml"), 6)
    added = with_params(composer, selection)
    assert added.overrides == ("d.e=range(3)", "+f=x,y", "a=5")
    assert len(expand(composer, added).runs) == 6
    composed = compose_first(composer, added)
    assert [one.code for one in composed.problems] == ["sweep"]
    assert with_params(composer, added) == added


@pytest.mark.parametrize(
    "sweeper", ["{sweeper: {params: null}}", "{}", "{sweeper: {_target_: my.Sweeper, params: {a: 'x,y'}}}"]
)
def test_a_job_that_sweeps_nothing_or_with_another_sweeper_is_left_alone(project: Path, sweeper: str) -> None:
    (project / "job.yaml").write_text(f"a: 0\nhydra: {sweeper}\n")
    composer, selection = Composer(Setting(project)), of(project)
    assert with_params(composer, selection) == selection
    assert not compose_first(composer, selection).problems
