"""Projects as people lay them out: how their scripts start Hydra, where their configs lie, and what is typed there.

The first half of them; the other half, and all of them together, are in `more_layouts`. None is taken from anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BOMB = "raise SystemExit('this file must never be run')\n"


@dataclass(frozen=True)
class Wild:
    """A project, what a person expects to find in it, and what is typed there.

    Attributes:
        files: Its files.
        dirs: Its folders of configs.
        job: What opens first, or is looked at.
        jobs: What there is to start, by name; nothing: only `job`.
        base: The `version_base` of the job.
        path: Folders that must be on the Python path.
        lines: Overrides as they are typed, those that Hydra refuses included.
        wants: What a check must find to be missing, as code and key.
    """

    files: dict[str, str]
    dirs: tuple[str, ...]
    job: str
    jobs: tuple[str, ...] = ()
    base: str | None = "1.3"
    path: tuple[str, ...] = (".",)
    lines: tuple[str, ...] = ()
    wants: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def script(words: str, before: str = "", called: str = "hydra.main") -> str:
    """A script that starts Hydra."""
    return f"{BOMB}import hydra\n{before}\n@{called}({words})\ndef main(cfg):\n    print(cfg)\n"


TEMPLATE = {
    ".project-root": "",
    "src/__init__.py": "",
    "src/train.py": script(
        'version_base="1.3", config_path="../configs", config_name="train.yaml"',
        'import rootutils\nrootutils.setup_root(__file__, indicator=".project-root", pythonpath=True)',
    ),
    "src/eval.py": script('version_base="1.3", config_path="../configs", config_name="eval.yaml"'),
    "src/models/net.py": "class Net:\n    def __init__(self, width: int = 8, depth: int = 2): ...\n",
    "configs/train.yaml": """\
# @package _global_
# what a training is made of; the order decides
defaults:
  - _self_
  - data: digits
  - model: net
  - callbacks: default
  - logger: null
  - trainer: default
  - paths: default
  - extras: default
  - hydra: default
  - experiment: null
  - hparams_search: null
  - optional local: default
  - debug: null
task_name: "train"
tags: ["dev"]
train: True
ckpt_path: null
seed: null
""",
    "configs/eval.yaml": """\
# @package _global_
defaults: [_self_, data: digits, model: net, paths: default, hydra: default]
task_name: eval
ckpt_path: ???
""",
    "configs/data/digits.yaml": "uri: ${paths.data_dir}\nbatch_size: 64\nsplit: [100, 20, 20]\nworkers: 0\n",
    "configs/data/scenes.yaml": "defaults: [digits]\nbatch_size: 8\n",
    "configs/model/net.yaml": "net:\n  _target_: src.models.net.Net\n  width: 16\noptimizer:\n  lr: 0.01\n",
    "configs/callbacks/default.yaml": "defaults: [checkpoint, early_stopping, _self_]\ncheckpoint: {mode: max}\n",
    "configs/callbacks/checkpoint.yaml": "checkpoint: {dir: '${paths.output_dir}/ckpt', mode: min, last: true}\n",
    "configs/callbacks/early_stopping.yaml": "early_stopping:\n  monitor: ???\n  patience: 3\n",
    "configs/callbacks/none.yaml": "",
    "configs/logger/csv.yaml": "csv: {save_dir: '${paths.output_dir}'}\n",
    "configs/logger/board.yaml": "board: {dir: '${paths.output_dir}/board'}\n",
    "configs/logger/several.yaml": "# all of them\ndefaults:\n  - csv\n  - board\n  # - cloud\n",
    "configs/trainer/default.yaml": "epochs: 10\ndevices: 1\n",
    "configs/trainer/gpu.yaml": "defaults:\n  - default\naccelerator: gpu\ndevices: 4\n",
    "configs/paths/default.yaml": """\
root_dir: ${oc.env:PROJECT_ROOT}
data_dir: ${paths.root_dir}/data/
log_dir: ${paths.root_dir}/logs/
output_dir: ${hydra:runtime.output_dir}
work_dir: ${hydra:runtime.cwd}
""",
    "configs/extras/default.yaml": "ignore_warnings: False\nprint_config: True\n",
    "configs/hydra/default.yaml": """\
run:
  dir: ${paths.log_dir}/${task_name}/runs/${now:%Y-%m-%d}_${now:%H-%M-%S}
sweep:
  dir: ${paths.log_dir}/${task_name}/multiruns/${now:%Y-%m-%d}
  subdir: ${hydra.job.num}
""",
    "configs/experiment/wide.yaml": """\
# @package _global_
# run with: python src/train.py experiment=wide
defaults:
  - override /data: scenes
  - override /model: net
  - override /callbacks: none
  - override /trainer: gpu
tags: ["wide", "${data.batch_size}"]
seed: 12345
model: {optimizer: {lr: 0.002}, net: {width: 64}}
""",
    "configs/debug/fdr.yaml": "# @package _global_\ndefaults:\n  - default\ntrainer: {fast: true}\n",
    "configs/debug/default.yaml": "# @package _global_\nextras: {ignore_warnings: False}\ntrainer: {epochs: 1}\n",
    "configs/local/.gitkeep": "",
}
MONITOR = frozenset({("missing-value", "callbacks.early_stopping.monitor")})

LAYOUTS: dict[str, Wild] = {
    "a template with presets": Wild(
        TEMPLATE,
        ("configs",),
        "configs/train.yaml",
        ("eval", "train"),
        path=(".",),
        lines=(
            "experiment=wide",
            "experiment=wide trainer.epochs=3 data=digits ++data.split=[1,2,3]",
            "debug=fdr logger=several",
            "debug=fdr experiment=wide seed=1",
            "logger=[csv,board] ~callbacks",
            "experiment=gone",
            "trainer=tpu",
            "data.batch=3",
            "+data.batch=3 ~tags",
            "model/net=x",
            "local=mine",
        ),
        wants=MONITOR,
    ),
    "a template that logs in colour": Wild(
        TEMPLATE
        | {
            "configs/hydra/default.yaml": """\
# colours
defaults:
  - override hydra_logging: colorlog
  - override job_logging: colorlog
run: {dir: 'out/${now:%H}'}
""",
            "configs/hparams_search/rate.yaml": """\
# @package _global_
defaults: [override /hydra/sweeper: optuna]
hydra: {mode: MULTIRUN, sweeper: {n_trials: 20, params: {model.optimizer.lr: 'interval(0.1, 0.2)'}}}
""",
        },
        ("configs",),
        "configs/train.yaml",
        ("eval", "train"),
        lines=(
            "hydra/job_logging=default hydra/hydra_logging=default",
            "hydra/job_logging=default hydra/hydra_logging=default hparams_search=rate",
            "hydra/job_logging=default hydra/hydra_logging=default hparams_search=rate ~hydra/sweeper",
        ),
        wants=frozenset({("missing-plugin", "hydra/job_logging"), ("missing-plugin", "hydra/hydra_logging")}),
    ),
    "arguments in a dictionary, and a root that is looked for": Wild(
        {
            "pyproject.toml": "",
            "src/run.py": script(
                "**_PARAMS",
                """import pyrootutils
root = pyrootutils.setup_root(search_from=__file__, indicator=[".git", "pyproject.toml"], dotenv=True)
_PARAMS = {"version_base": "1.2", "config_path": str(root / "configs"), "config_name": "run.yaml"}""",
            ),
            "configs/run.yaml": "defaults: [_self_, stage: fit]\nname: ${stage.name}\n",
            "configs/stage/fit.yaml": "name: fit\n",
            "configs/stage/tune.yaml": "name: tune\nspace: {lr: [1, 2]}\n",
        },
        ("configs",),
        "configs/run.yaml",
        base="1.2",
        lines=("stage=tune", "stage=tune stage.space.lr=[3]", "stage@other=fit", "+stage@other=fit"),
    ),
    "a folder of scripts, each with its primary": Wild(
        {
            "scripts/train.py": script('version_base=None, config_path="../configs", config_name="train"'),
            "scripts/export.py": script('version_base=None, config_path="../configs", config_name="export"'),
            "scripts/helpers.py": "import hydra\n",
            "configs/train.yaml": "defaults:\n  - base\n  - model: s\n  - _self_\nlr: 1e-3\n",
            "configs/export.yaml": "defaults:\n  - base\n  - _self_\nto: onnx\n",
            "configs/base.yaml": "seed: 1\nlr: 1\n",
            "configs/model/s.yaml": "size: 1\n",
            "configs/model/l.yaml": "defaults: [s]\nsize: 9\n",
        },
        ("configs",),
        "configs/train.yaml",
        ("base", "export", "train"),
        base=None,
        path=("scripts", "."),
        lines=("model=l", "model=l lr=2 ~seed", "model=m", "lr=1,2", "base=x"),
    ),
    "configs beside the script": Wild(
        {
            "app.py": script('config_path=".", config_name="config", version_base="1.1"'),
            "config.yaml": "defaults:\n  - db: mysql\nport: ${db.port}\n",
            "db/mysql.yaml": "port: 3306\n",
            "db/pg.yaml": "port: 5432\nschema: s\n",
            "requirements.txt": "hydra-core\n",
        },
        (".",),
        "config.yaml",
        base="1.1",
        lines=("db=pg", "db=pg db.schema=t", "+db.schema=t", "db.schema=t"),
    ),
    "no version, and no _self_": Wild(
        {
            "train.py": script('config_path="conf", config_name="config"'),
            "conf/config.yaml": "defaults:\n  - model: net\n  - data: small\nmodel: {width: 3}\nkeep: 1\n",
            "conf/model/net.yaml": "width: 1\ndepth: 2\n",
            "conf/data/small.yaml": "# @package _group_\nn: 1\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=("model.width=4", "data.n=2", "~data"),
    ),
    "written for Hydra 1.0": Wild(
        {
            "main.py": script('config_path="conf", config_name="main.yaml"'),
            "conf/main.yaml": """\
defaults:
  - optimizer: adam
  - scheduler: null
  - dataset: tiny
    optional: true
  - hydra/job_logging: none
  - hydra/hydra_logging: disabled
lr: 1
""",
            "conf/optimizer/adam.yaml": "# @package _group_\nname: adam\nlr: ${lr}\n",
            "conf/optimizer/sgd.yaml": "# @package _global_\noptimizer: {name: sgd}\nmomentum: 0.9\n",
            "conf/scheduler/step.yaml": "# @package _group_._name_\ngamma: 0.1\n",
        },
        ("conf",),
        "conf/main.yaml",
        base="1.1",
        lines=("optimizer=sgd", "scheduler=step", "optimizer=sgd momentum=0 scheduler=step", "dataset=other"),
    ),
    "written for Hydra 0.11": Wild(
        {
            "train.py": script('config_path="conf/config.yaml"'),
            "conf/config.yaml": "defaults:\n  - model: a\nx: 1\n",
            "conf/model/a.yaml": "y: 1\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=("model=a x=2", "model=b"),
    ),
    "a name with a path in it": Wild(
        {
            "tool.py": script('config_name="configs/tool.yaml"'),
            "configs/tool.yaml": "defaults:\n  - inner: a\n  - /configs/other@top: b\n  - _self_\nx: 1\n",
            "configs/inner/a.yaml": "y: 1\n",
            "configs/inner/c.yaml": "# @package _global_\ny: 3\n",
            "configs/other/b.yaml": "z: 1\n",
        },
        (".",),
        "configs/tool.yaml",
        ("configs/tool",),
        base="1.1",
        lines=("configs/inner=c", "inner=c", "configs.x=2", "x=2", "+configs/inner@again=a"),
    ),
    "a path worked out from the script's own": Wild(
        {
            "pkg/__init__.py": "",
            "pkg/cli/__init__.py": "",
            "pkg/cli/main.py": script(
                'config_path=str(HERE.parent / "conf"), config_name="app", version_base="1.3"',
                "from pathlib import Path\nHERE = Path(__file__).resolve().parent",
            ),
            "pkg/conf/app.yaml": "defaults: [_self_, ui: dark]\n",
            "pkg/conf/ui/dark.yaml": "colour: 0\n",
            "pkg/conf/ui/light.yaml": "colour: 1\n",
        },
        ("pkg/conf",),
        "pkg/conf/app.yaml",
        lines=("ui=light", "ui=light ui.colour=5", "ui=[dark,light]"),
    ),
    "a path from the current folder": Wild(
        {
            "train.py": script(
                'config_path=os.path.join(os.getcwd(), "config"), config_name="train", version_base="1.2"', "import os"
            ),
            "config/train.yaml": "defaults: [env: pong, _self_]\nsteps: 1_000\n",
            "config/env/pong.yaml": "id: Pong\nframes: 4\n",
            "config/env/maze.yaml": "id: Maze\n",
        },
        ("config",),
        "config/train.yaml",
        base="1.2",
        lines=("env=maze", "env=maze env.frames=2", "steps=1e6"),
    ),
    "a path from another module": Wild(
        {
            "src/run.py": script(
                "config_path=str(CONFIGS), config_name=NAME, version_base=None",
                'from src.constants import CONFIGS\nNAME = "run"',
            ),
            "src/constants.py": 'import os\nfrom pathlib import Path\nCONFIGS = Path(os.environ["X"]) / "conf"\n',
            "conf/run.yaml": "a: ${b}\nb: 1\n",
            "conf/g/one.yaml": "c: ${a}\n",
        },
        ("conf",),
        "conf/run.yaml",
        base=None,
        lines=("+g=one", "+g@_global_=one", "g=one", "b=null"),
    ),
    "a path for Windows": Wild(
        {
            "main.py": script("config_path='.\\\\configs', config_name='config.yaml', version_base=None"),
            "configs/config.yaml": "defaults: [part: a]\n",
            "configs/part/a.yaml": "x: 1\n",
            "configs/part/b.yaml": "x: 2\n",
        },
        ("configs",),
        "configs/config.yaml",
        base=None,
        lines=("part=b", "part=b part.x=3"),
    ),
    "wrapped starters, a folder each": Wild(
        {
            f"examples/{name}/train_{name}.py": script(
                f'config_path="conf", config_name="{name}_base"', "from toolkit import hydra_runner", "hydra_runner"
            )
            for name in ("speech", "text")
        }
        | {
            "examples/speech/conf/speech_base.yaml": "name: s\nmodel: {rate: 16000, labels: &l [a, b], again: *l}\n",
            "examples/speech/conf/speech_large.yaml": "name: l\nmodel: {rate: 48000}\n",
            "examples/text/conf/text_base.yaml": "name: t\nmodel: {vocab: '???', dir: '${oc.env:HOME,none}'}\n",
        },
        ("examples/speech/conf", "examples/text/conf"),
        "examples/speech/conf/speech_base.yaml",
        ("speech_base", "speech_large", "text_base"),
        base="1.1",
        path=("examples/speech", "examples/text", "."),
        lines=("model.rate=8000", "model.labels.0=z model.again.1=y", "+model.new={a: [1]}", "~model.labels"),
    ),
    "composed by code, under names that are typed": Wild(
        {
            "cut/__init__.py": f"""{BOMB}from hydra import initialize_config_module
initialize_config_module("cut", version_base="1.2")
""",
            "cut/build.py": "from hydra import compose\ndef build(name): return compose(config_name=name)\n",
            "training/train.py": f"""{BOMB}from argparse import ArgumentParser
from hydra import compose, initialize_config_module
def main(words):
    print(compose(config_name=words.config))
if __name__ == "__main__":
    initialize_config_module("cut", version_base="1.2")
    main(ArgumentParser().parse_args())
""",
            "cut/small.yaml": "# @package _global_\nmodel: {width: 1}\n",
            "cut/configs/cut2/large.yaml": "# @package _global_\nmodel: {width: 9}\n",
            "cut/configs/training/fine-tune.yaml": """\
# @package _global_
defaults: [_self_, part: a, /configs/parts@trainer: b]
scratch: {rate: 5.0e-6}
trainer: {epochs: '${scratch.rate}'}
""",
            "cut/configs/training/nested.yaml": "defaults: [part: a]\n",
            "cut/configs/training/part/a.yaml": "# @package _global_\nx: 1\n",
            "cut/configs/parts/b.yaml": "y: 1\n",
            "cut/configs/parts/c.yaml": "defaults: [b]\ny: 2\n",
        },
        ("cut",),
        "cut/configs/training/fine-tune.yaml",
        ("configs/cut2/large", "configs/training/fine-tune", "configs/training/nested", "small"),
        base="1.2",
        lines=("scratch.rate=1", "configs/parts@trainer=c", "part=a", "trainer.y=3 ~scratch"),
    ),
}
