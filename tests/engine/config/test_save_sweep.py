"""A sweep is saved where Hydra's sweeper looks for it, and is read from there as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.sweeps import expand, with_params
from niceml_engine.config.editing.sweeping import plan_saving
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.changes import write_all
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FilePlan, SaveTo
from niceml_engine.values import Selection

JOB = "defaults:\n  - db: sqlite\n  - _self_\n\na: 0\nb: {c: 1}  # kept\n"
SWEPT = ("db=sqlite,mysql", "b.c=range(1,3)", "a=7", "+new=x,y")


@pytest.fixture
def job(tmp_path: Path) -> Path:
    (tmp_path / ".niceml").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "experiment").mkdir()
    for name, text in (("job", JOB), ("db/sqlite", "port: 1\n"), ("db/mysql", "port: 2\n")):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path / "job.yaml"


def plan(job: Path, *overrides: str, to: SaveTo = "job", target: str = "") -> FilePlan:
    setting = Setting(job.parent)
    tree = Tree.of(open_project(job.parent), setting)
    return plan_saving(Composer(setting), tree, Selection(str(job), overrides), to, target)


def digests(job: Path, selection: Selection) -> list[str]:
    """Of all runs, in their order."""
    composer = Composer(Setting(job.parent))
    runs = expand(composer, with_params(composer, selection)).runs
    return [composer.compose(Selection(selection.job, run)).digest for run in runs]


@pytest.mark.parametrize(
    ("to", "target", "left"),
    [("job", "", ()), ("new-job", "other.yaml", ()), ("preset", "quick", ("+experiment=quick",))],
)
def test_a_saved_sweep_stands_for_the_same_runs(job: Path, to: SaveTo, target: str, left: tuple[str, ...]) -> None:
    wanted = digests(job, Selection(str(job), SWEPT))
    assert len(set(wanted)) == 8
    saved = plan(job, *SWEPT, to=to, target=target)
    (change,) = saved.changes
    params = "hydra:\n  sweeper:\n    params:\n      db: sqlite,mysql\n      b.c: range(1,3)\n      +new: x,y\n"
    assert params in (change.after or "")
    assert saved.selection.overrides == left
    write_all(saved.changes)
    assert digests(job, saved.selection) == wanted


def test_nothing_but_a_sweep_is_saved_too_and_a_preset_is_told_of_by_its_override(job: Path) -> None:
    (change,) = plan(job, "a=1,2").changes
    assert change.after == f"{JOB}hydra:\n  sweeper:\n    params:\n      a: 1,2\n"
    assert plan(job, "a=1,2", to="preset", target="quick").selection.overrides == ("+experiment=quick",)


def test_where_a_sweep_cannot_be_kept_it_is_said_why_and_what_can(job: Path) -> None:
    with pytest.raises(ConfigError, match="a=1,2 takes several values, and a file holds one; save it into the job"):
        plan(job, "a=1,2", to="sources")
    job.write_text(f"{JOB}hydra: {{sweeper: {{_target_: my.Sweeper}}}}\n")
    with pytest.raises(ConfigError, match=r"job\.yaml cannot hold a=1,2: .* export it as a command line"):
        plan(job, "a=1,2")
    assert plan(job, "a=1,2", to="plain-job", target="other.yaml").changes[0].after == job.read_text()
