"""Projects for tests: the bundled configs in a folder of the test's own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
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

CURVE = "configs/jobs/job_data_generation/curve.yaml"

#: Scenes small enough that a run is quick, for jobs of which only the way through is of interest.
SMALL = (
    "ops.data_generation.config.generator.width=256",
    "ops.data_generation.config.generator.height=256",
    "ops.data_generation.config.generator.sample_count=12",
)
#: So many scenes that the run goes on until somebody ends it.
ENDLESS = (*SMALL[:2], "ops.data_generation.config.generator.sample_count=20000")


#: A job whose op measures something, a row of metrics each twentieth of a second, without loading TensorFlow.
_CURVE_FILES = {
    CURVE: """\
# measure until somebody stops it
ops:
  data_generation:
    config:
      location: {uri: ./data}
      target: numbers
      workers: 1
      generator: {_target_: lib.curve.Curve, steps: 100000, pause: 0.05}
hydra:
  searchpath: [file://configs]
""",
    "lib/curve.py": """\
from threading import Event

from niceml_engine.events import metrics
from niceml_engine.jobs.session import HOOKS


class Curve:
    def __init__(self, steps: int, pause: float) -> None:
        self.steps, self.pause = steps, pause
        self.emit = HOOKS.get().emit

    def __len__(self) -> int:
        return self.steps

    def files(self, index: int) -> dict[str, bytes]:
        self.emit(metrics("batch", index + 1, 1, {"loss": 1 / (index + 1)}))
        Event().wait(self.pause)
        return {}
""",
}


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


def write_curve(root: Path) -> Path:
    """Writes a project of one job that measures until somebody stops it, and trusts it."""
    for name, text in _CURVE_FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / ".niceml").mkdir()
    set_trust(root, True)
    return root


def write_own(root: Path, text: str) -> Path:
    """Writes a project like that of `write_curve`, with a class of its own in place of what measures.

    Args:
        root: Of the project.
        text: Of a module with the class `Own`, made with the same arguments.
    """
    write_curve(root)
    (root / "lib" / "own.py").write_text(text)
    (root / CURVE).write_text((root / CURVE).read_text().replace("lib.curve.Curve", "lib.own.Own"))
    return root


def run_of(root: Path, job: str, pid: int) -> RunFolder:
    """A run that a process is said to work on; made while no service looks after the project."""
    run = enqueue_job(root, job)
    assert run.claim()
    run.set_worker(pid)
    return run


def dead_run(root: Path) -> tuple[RunFolder, int]:
    """A run of the job that measures, whose worker has ended without a word, and that worker's process id."""
    worker = subprocess.Popen([sys.executable, "-c", ""])
    run = run_of(root, CURVE, worker.pid)
    worker.wait()
    return run, worker.pid
