"""Jobs that want plugins of Hydra which are not installed: what they want, where they say so, and the rest of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import parse
from niceml_engine.values import Composed, Selection
from tests.engine.config.reference import ask_hydra, write

STAND_INS = "pkg://niceml_engine.config.stand_ins"
TREE = {
    "conf/train.yaml": """\
defaults:
  - _self_
  - search: null
  - optional where: null
  - hydra: plain
rate: 0.1
""",
    "conf/old.yaml": "defaults:\n  - hydra/job_logging: colorlog\nrate: 0.1\n",
    "conf/seeded.yaml": """\
defaults:
  - search: found
  - override hydra/job_logging: colorlog
  - override hydra/sweeper: optuna
  - override hydra/sweeper/sampler: tpe
  - _self_
hydra: {searchpath: ["file://more, here"], sweeper: {sampler: {seed: 1}, n_trials: 3}}
rate: 0.1
""",
    "more, here/search/found.yaml": "found: 1\n",
    "conf/hydra/plain.yaml": "run: {dir: 'out/${now:%H}'}\n",
    "conf/hydra/coloured.yaml": """\
# logs in colour
defaults:
  - override hydra_logging: colorlog
  - override job_logging: colorlog
run: {dir: 'out/${now:%H}'}
""",
    "conf/search/wide.yaml": """\
# @package _global_
defaults:
  - override /hydra/sweeper: optuna
rate: 0.2
hydra:
  mode: MULTIRUN
  sweeper: {_target_: a.Sweeper, direction: maximize, params: {rate: "interval(0, 1)"}}
""",
    "conf/search/seeded.yaml": """\
# @package _global_
defaults:
  - override /hydra/sweeper: optuna
  - override /hydra/sweeper/sampler: tpe
hydra: {sweeper: {sampler: {seed: 1}}}
""",
    "conf/where/cluster.yaml": """\
# @package _global_
defaults:
  - override /hydra/launcher: submitit_slurm
hydra: {launcher: {timeout_min: 60}}
""",
    "conf/where/unheard_of.yaml": "# @package _global_\ndefaults:\n  - override /hydra/launcher: my_cluster\n",
}


def compose(root: Path, *overrides: str, job: str = "train", base: str = "1.3") -> Composed:
    setting = Setting(write(root, TREE), version_base=base)
    return Composer(setting).compose(Selection(str(root / f"conf/{job}.yaml"), overrides))


@pytest.mark.parametrize("base", ["1.1", "1.2", "1.3"])
@pytest.mark.parametrize(
    ("overrides", "places", "package", "rest"),
    [
        (
            ("hydra=coloured",),
            ["hydra/job_logging hydra/coloured.yaml:4", "hydra/hydra_logging hydra/coloured.yaml:3"],
            "hydra-colorlog",
            ("hydra=coloured", "hydra/job_logging=default", "hydra/hydra_logging=default"),
        ),
        (
            ("search=wide",),
            ["hydra/sweeper search/wide.yaml:3"],
            "hydra-optuna-sweeper",
            ("search=wide", "~hydra/sweeper"),
        ),
        (
            ("search=seeded", "rate=1"),
            ["hydra/sweeper search/seeded.yaml:3", "hydra/sweeper/sampler search/seeded.yaml:4"],
            "hydra-optuna-sweeper",
            ("search=seeded", "rate=1", f"hydra.searchpath=[{STAND_INS}]"),
        ),
        (
            ("where=cluster",),
            ["hydra/launcher where/cluster.yaml:3"],
            "hydra-submitit-launcher",
            ("where=cluster", "~hydra/launcher"),
        ),
        (("hydra/launcher=ray",), ["hydra/launcher "], "hydra-ray-launcher", ()),
        (
            ("where=unheard_of",),
            ["hydra/launcher where/unheard_of.yaml:3"],
            "the plugin that brings it",
            ("where=unheard_of", "hydra/launcher=basic"),
        ),
    ],
)
def test_a_plugin_is_told_with_its_place_its_package_and_how_to_look_at_the_rest(
    tmp_path: Path, base: str, overrides: tuple[str, ...], places: list[str], package: str, rest: tuple[str, ...]
) -> None:
    composed = compose(tmp_path, *overrides, base=base)
    assert composed.error == composed.problems[0]
    told = []
    for problem in composed.problems:
        assert problem.code == "missing-plugin"
        assert f"install {package}" in problem.message
        place = f"{Path(problem.file).relative_to(tmp_path / 'conf')}:{problem.line}" if problem.file else ""
        told.append(f"{problem.key} {place}")
    assert told == places
    (fix,) = composed.problems[0].fixes
    assert all(problem.fixes == (fix,) for problem in composed.problems)
    assert (*(text for text in overrides if text not in fix.drops), *fix.adds) == rest
    job = tmp_path / "conf/train.yaml"
    theirs = ask_hydra(job, rest, tmp_path, version_base=base, with_defaults=False)
    assert theirs.config is not None, theirs.error
    assert compose(tmp_path, *rest, base=base).error is None


@pytest.mark.parametrize("base", ["1.1", "1.3"])
def test_a_job_whose_sampler_has_no_group_is_looked_at_as_a_whole(
    tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = compose(tmp_path, job="seeded", base=base)
    assert [one.key for one in refused.problems] == ["hydra/job_logging", "hydra/sweeper", "hydra/sweeper/sampler"]
    (fix,) = refused.problems[0].fixes
    assert fix.adds == ("hydra/job_logging=default", f"hydra.searchpath=['file://more, here',{STAND_INS}]")
    composed = compose(tmp_path, *fix.adds, job="seeded", base=base)
    theirs = ask_hydra(tmp_path / "conf/seeded.yaml", fix.adds, tmp_path, version_base=base, with_defaults=False)
    assert composed.error is None
    assert theirs.config == parse(composed.yaml).data, theirs.error
    assert theirs.config == {"search": {"found": 1}, "rate": 0.1}


def test_a_sampler_of_another_sweeper_stays_told(tmp_path: Path) -> None:
    tree = "defaults:\n  - override hydra/sweeper/sampler: tpe\nrate: 1\n"
    write(tmp_path, {"conf/lone.yaml": tree})
    (problem,) = compose(tmp_path, job="lone").problems
    assert (problem.key, problem.fixes) == ("hydra/sweeper/sampler", ())


def test_what_else_is_wrong_is_told_once_the_plugin_is_left_out(tmp_path: Path) -> None:
    composed = compose(tmp_path, "where=unheard_of", "rat=1")
    assert composed.error is not None
    assert composed.error.fix == "hydra/launcher=basic"
    rest = compose(tmp_path, "where=unheard_of", composed.error.fix, "rat=1")
    assert rest.error is not None
    assert (rest.error.code, rest.error.fix) == ("unknown-key", "rate=1")


def test_a_job_of_an_older_hydra_names_its_plugin_without_override(tmp_path: Path) -> None:
    (problem,) = compose(tmp_path, job="old", base="1.1").problems
    assert (problem.code, problem.line, problem.fix) == ("missing-plugin", 2, "hydra/job_logging=default")


def test_a_slip_in_the_name_of_hydras_own_option_is_no_plugin(tmp_path: Path) -> None:
    error = compose(tmp_path, "hydra/job_logging=disabeld").error
    assert error is not None
    assert (error.code, "disabled" in error.message) == ("missing-option", True)


@pytest.mark.parametrize("override", ["serch@p=wide", "+serch@p=wide", "~serch@p", "nothing@p=a", "+nothing@p=a"])
def test_a_package_for_a_group_that_is_not_there_is_told_and_never_offered(tmp_path: Path, override: str) -> None:
    error = compose(tmp_path, override).error
    assert error is not None
    assert error.code == "unknown-choice"
    assert f"there is no group `{override.lstrip('+~').partition('@')[0]}`" in error.message
    assert "+" not in error.message
    assert "@" not in error.fix


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("search@a:b=wide", "write +search@b=wide"),
        ("search@a:=wide", "write +search=wide"),
        ("a/../b@c=x", "is no key"),
    ],
)
def test_an_override_that_the_grammar_cannot_read_is_told_with_what_it_can(
    tmp_path: Path, override: str, words: str
) -> None:
    error = compose(tmp_path, override).error
    assert error is not None
    assert (error.code, error.fix) == ("override", "")
    assert words in error.message


def test_keys_that_overrides_cannot_write_are_not_offered(tmp_path: Path) -> None:
    write(tmp_path, {"conf/odd.yaml": "'learning rate': 1\nsub: {'a b': 1}\n"})
    error = compose(tmp_path, "learning_rate=2", job="odd").error
    assert error is not None
    assert error.fix == ""
    assert "did you mean" not in error.message
