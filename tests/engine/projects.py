"""Projects for tests: the bundled configs in a folder of the test's own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.trust import set_trust
from niceml_engine.values import Composed, RunSettings, Selection

CONFIGS = Path(__file__).parents[2] / "configs"
TRAIN = "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"
HANDWRITTEN = "configs/jobs/job_data_generation/job_data_handwritten.yaml"
GENERATION = "configs/jobs/job_data_generation/job_data_generation.yaml"

#: Scenes small enough that a run is quick, for jobs of which only the way through is of interest.
SMALL = (
    "ops.data_generation.config.generator.width=256",
    "ops.data_generation.config.generator.height=256",
    "ops.data_generation.config.generator.sample_count=12",
)
#: So many scenes that the run goes on until somebody ends it.
ENDLESS = (*SMALL[:2], "ops.data_generation.config.generator.sample_count=20000")


def copy_project(folder: Path) -> Path:
    """Copies the bundled configs into a folder, which is a trusted project root from then on."""
    shutil.copytree(CONFIGS, folder / "configs")
    (folder / ".niceml").mkdir()
    set_trust(folder, True)
    return folder


def write_own_model(root: Path) -> None:
    """Writes the model of one's own that the README shows, and its option of the group of trainings."""
    readme = (CONFIGS.parent / "README.md").read_text(encoding="utf-8")
    for kind, file in (("python", "my/net.py"), ("yaml", "configs/ops/train/op_train_my_net.yaml")):
        blocks = re.findall(rf"```{kind}\n(.*?)```", readme, re.DOTALL)
        (root / file).parent.mkdir(exist_ok=True)
        (root / file).write_text(blocks[0])


def compose(root: Path, job: str, *overrides: str) -> Composed:
    """Composes a job of a project."""
    composed = Composer(Setting(root)).compose(Selection(str(root / job), overrides))
    assert composed.error is None, composed.error
    return composed


def enqueue_job(root: Path, job: str, *overrides: str) -> RunFolder:
    """Puts a job of a project into its queue."""
    return enqueue(root, compose(root, job, *overrides), RunSettings())
