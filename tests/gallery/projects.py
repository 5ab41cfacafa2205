"""The projects that the scenes show: the bundled one with a run, broken ones, and layouts as other people have them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.engine.digits import write_digits
from tests.engine.past_runs import write_past_run, write_sweep
from tests.engine.programs import write_program
from tests.engine.projects import TRAIN, compose, copy_project

CLI = str(Path(sys.executable).with_name("niceml-engine"))
JOB = TRAIN
DIGITS = "number-digits"
PROGRAM = "program"
#: Overrides of a run that ends where its probabilities are looked for under another name.
FAILING = ("ops.analysis.config.analyzer.prefix=pred_", "ops.train.config.train_params.epochs=2")
LASTING = ("ops.train.config.train_params.epochs=2000",)
EPOCHS = "ops.train.config.train_params.epochs"

_SCRIPT = """\
import hydra


@hydra.main(version_base="1.3", config_path="conf", config_name="{name}")
def main(cfg):
    print(cfg)


if __name__ == "__main__":
    main()
"""

#: Files of projects as other people lay them out.
FOREIGN = {
    "webapp": {  # an application: `conf/config.yaml` with groups beside it
        "app.py": _SCRIPT.format(name="config"),
        "conf/config.yaml": (
            "# what the application starts with\n"
            "defaults:\n  - db: mysql\n  - server: nginx\n  - features: [metrics, tracing]\n"
            "  - optional local: mine\n  - _self_\n\n"
            "debug: false\ntimeout: 30 # seconds\nname: ${db.name} behind ${server.host}\n"
        ),
        "conf/db/mysql.yaml": "# the database in the house\nname: mysql\nhost: localhost\nport: 3306\n"
        "user: ${oc.env:USER,nobody}\npassword: ${oc.env:DB_PASSWORD}\n",
        "conf/db/postgresql.yaml": "# the one in the cloud\nname: postgresql\nhost: db.example.org\nport: 5432\n",
        "conf/features/metrics.yaml": "every: 10 # seconds\n",
        "conf/features/tracing.yaml": "share: 0.1\n",
        "conf/features/profiling.yaml": "depth: 3\n",
        "conf/server/nginx.yaml": "host: 0.0.0.0\nport: 8080\nworkers: 4\n",
        "conf/server/apache.yaml": "host: 0.0.0.0\nport: 80\nmodules: [rewrite, ssl]\n",
    },
    "template": {  # a research template: presets that override groups and what hydra/… says
        "src/train.py": _SCRIPT.format(name="train").replace('"conf"', '"../configs"'),
        "src/nets.py": (
            "class ResNet:\n"
            '    """A residual network.\n\n    Args:\n'
            '        depth: Number of layers.\n        width: Of each.\n    """\n\n'
            "    def __init__(self, depth: int = 18, width: float = 1.0, pretrained: bool = False):\n"
            "        self.depth, self.width, self.pretrained = depth, width, pretrained\n"
        ),
        "configs/train.yaml": (
            "# @package _global_\n"
            "defaults:\n  - _self_\n  - data: mnist\n  - model: resnet\n  - trainer: default\n"
            "  - hydra: default\n  - experiment: null\n  - optional local: default\n\n"
            'task_name: train\ntags: ["dev"]\nseed: null\nckpt_path: null\n'
        ),
        "configs/experiment/example.yaml": (
            "# @package _global_\n\n# a good place to start from\n"
            "defaults:\n  - override /data: cifar\n  - override /model: resnet\n  - override /trainer: gpu\n\n"
            "tags: [example]\nseed: 12345\nmodel:\n  net:\n    depth: 34\n"
        ),
        "configs/data/mnist.yaml": "_target_: data.Mnist\nbatch_size: 128\nfolder: ${paths}/mnist\n",
        "configs/data/cifar.yaml": "_target_: data.Cifar\nbatch_size: 64\nfolder: data/cifar\n",
        "configs/model/resnet.yaml": "lr: 0.001\nnet:\n  _target_: nets.ResNet\n  depth: 18\n  width: wide\n",
        "configs/trainer/default.yaml": "accelerator: cpu\nmax_epochs: 10\ndeterministic: false\n",
        "configs/trainer/gpu.yaml": "defaults:\n  - default\n\naccelerator: gpu\ndevices: 1\n",
        "configs/hydra/default.yaml": (
            "run:\n  dir: outputs/${task_name}/${now:%Y-%m-%d}_${now:%H-%M-%S}\n"
            "sweep:\n  dir: outputs/sweeps\n  subdir: ${hydra.job.num}\n"
        ),
    },
    "flat": {  # a script with one config and nothing else
        "train.py": _SCRIPT.format(name="config").replace('"conf"', '"."'),
        "config.yaml": (
            "# everything in one place\n"
            "seed: 7\ndevice: cuda\nmodel:\n  name: unet\n  channels: [32, 64, 128]\n  dropout: 0.1\n"
            "optimizer:\n  name: adamw\n  lr: 3e-4\n  weight_decay: 0.01\n"
            "data:\n  root: ${oc.env:DATA,./data}\n  workers: 4\n  augment:\n    flip: true\n    rotate: 15\n"
        ),
    },
    "broken": {  # does not compose, and holds a file that is no YAML
        "configs/job.yaml": "defaults:\n  - db: postgres\n  - server: nginx\n  - cache: ???\n  - _self_\n\nepochs: 3\n",
        "configs/db/mysql.yaml": "port: 3306\n",
        "configs/db/sqlite.yaml": "port: 0\n",
        "configs/cache/redis.yaml": "size: 64\n",
        "configs/cache/memory.yaml": "size: 8\n",
        "configs/server/nginx.yaml": "host: a\n  port: 80\nname: [1, 2\n",
    },
    "problems": {  # composes, and is wrong in many ways
        "net.py": (
            "class Net:\n"
            '    """A small network."""\n\n'
            "    def __init__(self, units: int, rate: float = 0.1):\n        self.units = units\n"
        ),
        "configs/job.yaml": (
            "defaults:\n  - db: mysql\n  - server: nginx\n  - optional local: nobody\n\n"
            "run: ${oc.env:NOT_SET_ANYWHERE}\nwhere: ${nowhere.at.all}\n"
            "model:\n  _target_: net.Net\n  unit: 3\n  rate: fast\nother:\n  _target_: net.Missing\n"
        ),
        "configs/db/mysql.yaml": "port: 3306\n",
        "configs/db/sqlite.yaml": "port: 0\n",
        "configs/server/nginx.yaml": "# who serves\n# @package web\nhost: a\nport: 80\n",
    },
}


def build(folder: Path) -> Path:
    """Makes the projects, without a run."""
    digits = folder / DIGITS
    digits.mkdir()
    copy_project(digits)
    write_digits(digits / "data" / "numbers_cropped_split", (0, 1), per_class=80)
    for name, files in FOREIGN.items():
        for file, text in files.items():
            path = folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / name / ".niceml").mkdir(exist_ok=True)
    write_program(folder / PROGRAM)
    return folder


def past(folder: Path) -> None:
    """Writes runs into the bundled project that have ended: a sweep, and one by itself."""
    root = folder / DIGITS
    write_past_run(root, compose(root, JOB), 6, 1e-3, seed=44)
    write_sweep(root)


def train(folder: Path, *runs: tuple[str, ...]) -> None:
    """Trains in the bundled project, once with each of these overrides."""
    for overrides in runs:
        command = [CLI, "run", "--trust", "--anyway", JOB, *overrides]
        subprocess.run(command, cwd=folder / DIGITS, env=environment(), capture_output=True, check=False)


def run_program(folder: Path) -> None:
    """Runs the Hydra program of somebody who does without us, once."""
    command = [CLI, "run", "--trust", "train.py", "model=large", "steps=200", "pause=0.005"]
    subprocess.run(command, cwd=folder / PROGRAM, env=environment(), capture_output=True, check=False)


def environment(**more: str) -> dict[str, str]:
    """What child processes find in their environment: nothing that a person has set for runs of their own."""
    foreign = ("DATA_URI", "EXPERIMENT_URI", "TRAINING_EPOCHS", "STEPS_PER_EPOCH", "BATCH_SIZE", "SEED")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "", **more}
