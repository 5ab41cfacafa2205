"""Which configs are offered as jobs where no program names them and none lies where primaries do."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import open_project, read_layout
from niceml_engine.values import Selection
from tests.engine.config.reference import write

NAMES = ("adam", "sgd")
PARTS = {f"lib/configs/optimizer/{name}.yaml": f"name: {name}\nargs:\n  lr: 0.1\n" for name in NAMES} | {
    "lib/configs/optimizer/adam_slow.yaml": "defaults: [adam]\nargs: {lr: 0.01}\n",
    "lib/configs/transform/flip.yaml": "name: flip\nargs:\n  - 1\n",
    "lib/configs/transform/net.yaml": "_target_: lib.Net\nhead: {n: 1}\nbody:\n  n: 2\n",
    "lib/configs/transform/none.yaml": "",
}
STARTS = "from hydra import compose, initialize_config_dir, initialize_config_module\n"
MODULE = STARTS + "initialize_config_module('lib')\n"


def jobs(root: Path) -> list[str]:
    return [job.id for job in open_project(root).tree.jobs]


def test_a_root_of_groups_offers_them_as_groups_and_no_job(tmp_path: Path) -> None:
    project = open_project(write(tmp_path, PARTS))
    assert (project.tree.jobs, project.job) == ((), "")
    assert {option.group for option in project.tree.options} == {"optimizer", "transform"}
    alone = tmp_path / "lib/configs/optimizer/adam_slow.yaml"
    opened = open_project(alone)
    assert (opened.job, opened.tree.jobs) == (str(alone), ())
    composed = Composer(read_layout(alone).setting).compose(Selection(str(alone)))
    assert composed.yaml == "name: adam\nargs:\n  lr: 0.01\n"


def test_whole_configs_in_folders_are_jobs_although_none_includes_another(tmp_path: Path) -> None:
    whole = "# all of a training\nmodel:\n  # the net\n  width: 1\n\ndata: {n: 1}\nseed: 1\n"
    files = {f"configs/{name}/{size}.yaml": whole for name in NAMES for size in ("s", "l")}
    files["configs/parts/one.yaml"] = "width: 3\n"
    assert jobs(write(tmp_path, files)) == ["adam/l", "adam/s", "sgd/l", "sgd/s"]


def test_what_puts_itself_at_the_top_is_a_job_where_nothing_includes_another(tmp_path: Path) -> None:
    files = PARTS | {"lib/configs/runs/first.yaml": "# @package _global_\nlr: 1\n"}
    assert jobs(write(tmp_path, files)) == ["runs/first"]


def test_what_says_how_hydra_runs_is_a_job_where_nothing_chooses_from_groups(tmp_path: Path) -> None:
    files = PARTS | {
        "lib/configs/text/clean.yaml": "defaults: [_self_, override hydra/job_logging: none]\nstages: [1]\n",
        "lib/configs/text/split.yaml": "hydra:\n  output_subdir: null\nstages: [1]\n",
        "lib/configs/preset/wide.yaml": "defaults: [override /optimizer: sgd]\nhydra: {}\n",
    }
    assert jobs(write(tmp_path, files)) == ["text/clean", "text/split"]


def test_of_what_includes_others_neither_presets_nor_options_are_jobs(tmp_path: Path) -> None:
    files = PARTS | {
        "lib/configs/runs/first.yaml": "defaults:\n  - /optimizer: adam_slow\n  - override hydra/launcher: basic\n",
        "lib/configs/runs/second.yaml": "defaults: [first, {override /optimizer: sgd}]\n",
        "lib/configs/preset/wide.yaml": "# @package _global_\ndefaults: [override /optimizer: sgd]\n",
    }
    assert jobs(write(tmp_path, files)) == ["runs/first"]


def test_a_list_that_cannot_be_read_counts_as_one_that_includes_something(tmp_path: Path) -> None:
    whole = "model:\n  a: 1\ndata:\n  b: 1\n"
    files = {"conf/runs/broken.yaml": f"defaults: [\n{whole}", "conf/runs/plain.yaml": whole}
    assert jobs(write(tmp_path, files)) == ["runs/broken"]


def test_a_program_that_takes_any_name_makes_no_jobs_of_the_groups_of_a_primary(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": MODULE + "def f(name): return compose(config_name=name)\n",
        "lib/main.yaml": "defaults: [_self_, db: a]\n",
        "lib/db/a.yaml": "defaults: [/server: s]\n",
        "lib/server/s.yaml": "x: 1\n",
        "lib/experiment/wide.yaml": "# @package _global_\ndb: {x: 2}\n",
    }
    assert jobs(write(tmp_path, files)) == ["main"]


def test_of_a_root_in_which_any_name_is_composed_the_options_are_no_jobs(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": MODULE,
        "lib/runs/first.yaml": "defaults: [/db: a]\n",
        "lib/runs/only.yaml": "x: 1\n",
        "lib/db/a.yaml": "# @package _global_\nx: 1\n",
        "lib/preset/wide.yaml": "# @package _global_\ndefaults: [override /db: b]\n",
    }
    project = open_project(write(tmp_path, files))
    assert [job.id for job in project.tree.jobs] == ["runs/first"]
    composed = Composer(read_layout(tmp_path).setting).compose(Selection(project.job))
    assert composed.yaml == "x: 1\nruns: {}\n"


@pytest.mark.parametrize("before", [True, False])
def test_a_constant_name_is_that_one_wherever_the_program_has_started_hydra(tmp_path: Path, before: bool) -> None:
    started = "def f():\n    return compose('runs/first')\n"
    text = STARTS + started + "initialize_config_module('lib')\n" if before else MODULE + started
    files = {
        "lib/__init__.py": "",
        "main.py": text,
        "lib/runs/first.yaml": "x: 1\n",
        "lib/runs/second.yaml": "# @package _global_\nx: 1\n",
    }
    project = open_project(write(tmp_path, files))
    assert [(job.id, job.script) for job in project.tree.jobs] == [("runs/first", str(tmp_path / "main.py"))]


def test_a_constant_name_in_a_module_of_its_own_lies_in_the_root_that_another_has_started(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": MODULE.replace("'lib'", "'lib', version_base='1.2'"),
        "lib/build.py": "import hydra\ndef f(): return hydra.compose('runs/first.yaml')\n",
        "lib/other.py": "import hydra\ndef f(): return hydra.compose('runs/gone')\n",
        "lib/runs/first.yaml": "x: 1\n",
    }
    project = open_project(write(tmp_path, files))
    (job,) = project.tree.jobs
    assert (job.id, job.script) == ("runs/first", str(tmp_path / "lib/build.py"))
    assert [one.problem for one in project.programs] == ["", ""]
    setting = read_layout(tmp_path).setting
    assert setting.of(job.file).version_base == "1.2"
    assert Composer(setting).compose(Selection(job.file)).yaml == "runs:\n  x: 1\n"
