"""What a project sets below `hydra` is explained and checked, although no program sees it in its config."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.hydras_own import hydra_leaves, with_hydras_options
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import Setting, open_project, read_layout
from niceml_engine.values import Leaf, Selection
from tests.engine.config.reference import write

FILES = {
    "job.yaml": "defaults: [hydra: mine, _self_]\nname: x\nhydra:\n  run: {dir: '${nowhere.out}/x'}\n",
    "hydra/mine.yaml": "job: {name: '${name}'}\nsweep:\n  subdir: ${hydra.job.num}\nrun: {dir: there}\n",
    "hydra/output/flat.yaml": "# @package hydra\nrun: {dir: flat}\n",
}


def leaves(root: Path, *overrides: str) -> dict[str, Leaf]:
    composer = Composer(Setting(root, version_base="1.3"))
    return {leaf.key: leaf for leaf in hydra_leaves(composer, Selection(str(root / "job.yaml"), overrides))}


def test_who_sets_a_key_of_hydras_own_is_told(tmp_path: Path) -> None:
    found = leaves(write(tmp_path, FILES), "hydra.job.chdir=true", "hydra/output=flat")
    assert (found["hydra.run.dir"].origin.file, found["hydra.run.dir"].origin.line) == (str(tmp_path / "job.yaml"), 4)
    over = [Path(origin.file).name for origin in found["hydra.run.dir"].shadows]
    assert over[-2:] == ["flat.yaml", "mine.yaml"]
    assert (found["hydra.job.name"].resolved, found["hydra.job.name"].origin.package) == ("x", "hydra")
    assert (found["hydra.job.chdir"].value, found["hydra.job.chdir"].origin.node) == (True, "override")
    assert found["hydra.help.app_name"].origin.file.endswith("default.yaml")  # of Hydra itself


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ((), [("hydra.run.dir", "job.yaml", 4)]),
        (("hydra.run.dir=here",), []),
        (("hydra.run.dir=${name}/${away}",), [("hydra.run.dir", "", 0)]),
    ],
)
def test_an_interpolation_below_hydra_that_names_nothing_is_told(
    tmp_path: Path, overrides: tuple[str, ...], told: list[tuple[str, str, int]]
) -> None:
    root = write(tmp_path, FILES)
    composer = Composer(Setting(root, version_base="1.3"))
    composed = composer.compose(Selection(str(root / "job.yaml"), overrides))
    errors = [one for one in check_all(composed, composer) if one.severity == "error"]
    assert [(one.key, Path(one.file).name, one.line) for one in errors] == told


def test_what_hydra_brings_can_be_chosen_from(tmp_path: Path) -> None:
    tree = with_hydras_options(open_project(write(tmp_path, FILES)).tree, Setting(tmp_path))
    assert {"hydra/launcher/basic", "hydra/sweeper/basic", "hydra/job_logging/none"} <= {one.id for one in tree.hydra}
    assert {one.id for one in tree.options} == {"job", "hydra/mine", "hydra/output/flat"}
    brought = {one.id: one for one in tree.hydra}
    logging, launcher = brought["hydra/job_logging/none"], brought["hydra/launcher/basic"]
    assert Path(logging.file).is_file()
    assert (logging.provider, logging.source, logging.python) == ("hydra-core", "pkg://hydra.conf", "")
    text = Path(launcher.file).read_text().splitlines()[launcher.line - 1 :]
    assert (launcher.provider, launcher.python) == ("hydra-core", "BasicLauncherConf")
    assert any(line.startswith("class BasicLauncherConf") for line in text[:3])


def test_of_two_options_the_one_that_hydra_finds_first_counts(tmp_path: Path) -> None:
    twice = {"hydra/job_logging/none.yaml": "version: 1\n", "hydra/launcher/basic.yaml": "_target_: mine.Launcher\n"}
    root = write(tmp_path, {**FILES, **twice})
    tree = with_hydras_options(open_project(root).tree, Setting(root))
    options, brought = {one.id: one for one in tree.options}, {one.id: one for one in tree.hydra}
    assert brought["hydra/job_logging/none"].hides == (str(root / "hydra/job_logging/none.yaml"),)
    assert "hydra/job_logging/none" not in options
    assert options["hydra/launcher/basic"].hides[0].endswith("basic_launcher.py")
    assert "hydra/launcher/basic" not in brought
    found = leaves(root, "hydra/job_logging=none")
    assert found["hydra.job_logging.root"].origin.file == brought["hydra/job_logging/none"].file
    assert found["hydra.launcher._target_"].origin.file == options["hydra/launcher/basic"].file


@pytest.mark.parametrize("broken", ["", "optim: ${"])
def test_what_a_job_uses_of_hydras_own_is_told(tmp_path: Path, broken: str) -> None:
    defaults = "defaults: [override hydra/job_logging: stdout, _self_]\n"
    root = write(tmp_path, {"job.yaml": defaults + broken})
    composed = Composer(Setting(root, version_base="1.3")).compose(
        Selection(str(root / "job.yaml"), ("hydra/hydra_logging=disabled",))
    )
    assert (composed.error is not None) == bool(broken)
    chosen = {one.key: (one.package, one.chosen, one.changed) for one in composed.hydra}
    assert chosen["hydra/hydra_logging"] == ("hydra.hydra_logging", ("disabled",), True)
    assert chosen["hydra/launcher"] == ("hydra.launcher", ("basic",), False)
    assert chosen["hydra/callbacks"][1] == ()
    if not broken:
        assert chosen["hydra/job_logging"] == ("hydra.job_logging", ("stdout",), False)


def test_who_names_an_option_that_hydra_brings_is_found(tmp_path: Path) -> None:
    override = "defaults:\n  - override /hydra/job_logging: stdout\n"
    root = write(tmp_path, {"config.yaml": "defaults: [experiment: a]\n", "experiment/a.yaml": override})
    project = open_project(root)
    tree = Tree.of(project, read_layout(root).setting)
    found = tree.usages("hydra/job_logging/stdout")
    assert [(one.node, one.line, one.override) for one in found] == [("experiment/a", 2, True)]
    assert tree.usages("hydra/job_logging/none") == ()
