"""The other half of the projects as people lay them out; see `layouts`."""

from __future__ import annotations

from tests.engine.config.layouts import BOMB, LAYOUTS, Wild, script

_LINT = {".git/HEAD": ""}
_STORE = "from hydra.core.config_store import ConfigStore\ncs = ConfigStore.instance()\n"

MORE: dict[str, Wild] = {
    "configs inside a package": Wild(
        {
            "shop/__init__.py": "",
            "shop/conf/__init__.py": "",
            "shop/conf/main.yaml": "defaults: [_self_, cart: small]\nhydra: {searchpath: ['file://local']}\n",
            "shop/conf/cart/small.yaml": "size: 1\n",
            "local/cart/mine.yaml": "size: 7\n",
            "run.py": script('config_path="pkg://shop.conf", config_name="main", version_base="1.3"'),
        },
        ("shop/conf",),
        "shop/conf/main.yaml",
        lines=("cart=mine", "cart=small cart.size=2", "hydra.searchpath=[] cart=mine", "cart=gone"),
    ),
    "more sources in the primary": Wild(
        {
            "base/__init__.py": "",
            "base/conf/__init__.py": "",
            "base/conf/model/plain.yaml": "layers: 2\nhead: {n: 1}\n",
            "base/conf/data/images.yaml": "n: 1\n",
            "own/main.py": script('config_path="conf", config_name="config", version_base="1.2"'),
            "own/conf/config.yaml": """\
hydra:
  searchpath:
    - pkg://base.conf
    - file://extra  # beside the project's root
defaults:
  - model: deep
  - data: images
  - _self_
model: {head: {n: 3}}
""",
            "own/conf/model/deep.yaml": "defaults: [plain, _self_]\nlayers: 9\n",
            "extra/data/more.yaml": "n: 2\n",
        },
        ("base/conf", "own/conf"),
        "own/conf/config.yaml",
        base="1.2",
        path=("own", "."),
        lines=("model=plain", "data=more", "data=more data.n=5", "hydra.searchpath=[file://extra]"),
    ),
    "several projects in one": Wild(
        {
            f"projects/{name}/main.py": script('config_path="conf", config_name="config", version_base=None')
            for name in ("first", "second")
        }
        | {f"projects/{name}/conf/config.yaml": f"defaults: [opt: x]\nof: {name}\n" for name in ("first", "second")}
        | {f"projects/{name}/conf/opt/x.yaml": f"v: {name}\n" for name in ("first", "second")},
        ("projects/first/conf", "projects/second/conf"),
        "projects/first/conf/config.yaml",
        ("projects/first/conf/config", "projects/second/conf/config"),
        base=None,
        lines=("opt.v=1", "opt=y"),
    ),
    "a package below src": Wild(
        _LINT
        | {
            "src/lab/__init__.py": "",
            "src/lab/main.py": script('config_path="conf", config_name="config", version_base="1.3"'),
            "src/lab/parts.py": "def make(size: int, name: str = 'x'): ...\n",
            "src/lab/conf/config.yaml": "defaults: [_self_, part: a]\n",
            "src/lab/conf/part/a.yaml": "_target_: lab.parts.make\nsize: 1\n",
            "src/lab/conf/part/b.yaml": "_target_: lab.parts.make\nsize: 2\nname: b\n",
        },
        ("src/lab/conf",),
        "src/lab/conf/config.yaml",
        path=("src", "."),
        lines=("part=b", "part=b ~part.name", "+part@more=b"),
    ),
    "deep in a package of packages, without a script": Wild(
        _LINT
        | {
            "training/src/org/lab/training/config/main.yaml": "defaults: [hardware: one, data/loader: plain, _self_]\n",
            "training/src/org/lab/training/config/hardware/one.yaml": "gpus: 1\n",
            "training/src/org/lab/training/config/data/loader/plain.yaml": "workers: 1\n",
            "training/src/org/lab/training/config/data/loader/fast.yaml": "defaults: [plain]\nworkers: 8\n",
        },
        ("training/src/org/lab/training/config",),
        "training/src/org/lab/training/config/main.yaml",
        base="1.1",
        lines=("data/loader=fast", "loader=fast", "data.loader.workers=2"),
    ),
    "a schema and its values": Wild(
        {
            "app.py": script(
                'config_path="conf", config_name="config", version_base="1.2"',
                _STORE + "cs.store(name='base_config', node=Config)\ncs.store(group='db', name='base_db', node=Db)\n",
            ),
            "conf/config.yaml": "defaults: [_self_, db: pg]\ndebug: false\n",
            "conf/db/pg.yaml": "port: 1\n",
            "conf/db/typed.yaml": "defaults: [base_db, _self_]\nport: 2\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.2",
        lines=("db=typed", "db.port=3", "+db=pg"),
    ),
    "stores of hydra-zen beside configs": Wild(
        {
            "train.py": f"""{BOMB}from hydra_zen import builds, store, zen
model_store = store(group="model")
model_store(builds(dict, size=1), name="small")
@store(name="by_decorator", group="model")
class Large: ...
zen(print).hydra_main(config_name="config", config_path="configs", version_base="1.3")
""",
            "configs/config.yaml": "defaults: [_self_, optional extra: a]\nx: 1\n",
            "configs/extra/a.yaml": "y: 1\n",
        },
        ("configs",),
        "configs/config.yaml",
        lines=("x=2", "+model=small", "extra=b"),
    ),
    "presets in folders that name everything from the top": Wild(
        {
            "lib/config/benchmark/nav/walk.yaml": """\
# @package _global_
defaults:
  - common
  - /env/sensors@env.left: camera
  - /env/sensors@env.right: camera
  - _self_
steps: 5
""",
            "lib/config/benchmark/nav/common.yaml": "# @package _global_\ndefaults: [/env: house, _self_]\n",
            "lib/config/benchmark/nav/plain.yaml": "defaults:\n  - common\n",
            "lib/config/env/house.yaml": "rooms: 3\n",
            "lib/config/env/sensors/camera.yaml": "width: 64\nname: ${..rooms}\n",
            "lib/config/env/sensors/depth.yaml": "max: 10\n",
        },
        ("lib/config",),
        "lib/config/benchmark/nav/walk.yaml",
        ("benchmark/nav/common", "benchmark/nav/plain", "benchmark/nav/walk"),
        base="1.1",
        lines=("env/sensors@env.left=depth", "~env/sensors@env.right", "env/sensors=depth", "env.rooms=9"),
    ),
    "a folder for each experiment": Wild(
        {
            f"experiments/{name}/run.py": script('config_path=".", config_name="config", version_base="1.3"')
            for name in ("exp001", "exp002")
        }
        | {
            "experiments/exp001/config.yaml": "fold: 0\ncv: {n: 5, seed: '${fold}'}\n",
            "experiments/exp002/config.yaml": "defaults: [exp: base]\nfold: 1\n",
            "experiments/exp002/exp/base.yaml": "# @package _global_\nlr: 0.1\n",
            "experiments/exp002/exp/e100.yaml": "# @package _global_\nlr: 0.2\nfold: 3\n",
        },
        ("experiments/exp001", "experiments/exp002"),
        "experiments/exp002/config.yaml",
        ("experiments/exp001/config", "experiments/exp002/config"),
        path=("experiments/exp001", "experiments/exp002", "."),
        lines=("exp=e100", "exp=e100 fold=4", "fold=range(3)", "exp=base,e100"),
    ),
    "several options at once, at places of their own": Wild(
        {
            "conf/config.yaml": """\
defaults:
  - model: net
  - metrics: [accuracy, loss]
  - metrics@test.metrics: [loss]
  - plugins: []
  - optional /model/head@model.aux: wide
  - _self_
""",
            "conf/model/net.yaml": "defaults:\n  - head@_here_.first: wide\n  - /model/head@second: slim\nn: 1\n",
            "conf/model/head/wide.yaml": "units: 9\n",
            "conf/model/head/slim.yaml": "# @package _global_.slim\nunits: 1\n",
            "conf/metrics/accuracy.yaml": "accuracy: {k: 1}\n",
            "conf/metrics/loss.yaml": "loss: {}\nshared: 1\n",
            "conf/metrics/none.yaml": "",
            "conf/plugins/p.yaml": "p: 1\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=(
            "metrics=[loss]",
            "metrics=none metrics@test.metrics=[accuracy,none] plugins=[p]",
            "model/head@model.first=slim",
            "model/head@model.second=wide",
            "model/head@model.aux=slim ~metrics",
            "metrics=[loss,gone]",
            "model/head=wide",
        ),
    ),
    "options in folders below their group": Wild(
        {
            "conf/config.yaml": """\
defaults:
  - model: layers/mlp
  - model@critic: layers/mlp
  - task: ???
  - _self_
seed: 1
""",
            "conf/model/sequence.yaml": "kind: sequence\n",
            "conf/model/layers/mlp.yaml": "kind: mlp\ncells: [1]\n",
            "conf/model/layers/gnn.yaml": "defaults: [mlp, _self_]\nkind: gnn\n",
            "conf/task/grid/walk.yaml": "name: walk\n",
            "conf/task/grid/big/run.yaml": "# @package _global_\nname: run\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=(
            "task=grid/walk",
            "task=grid/big/run model=layers/gnn",
            "task=walk",
            "task/grid=walk",
            "+task/grid=walk",
        ),
        wants=frozenset({("missing-choice", "task")}),
    ),
    "options named after others": Wild(
        {
            "conf/config.yaml": """\
defaults:
  - dataset: a
  - model: small
  - optional dataset_model: ${dataset}_${model}
  - _self_
""",
            "conf/dataset/a.yaml": "n: 1\n",
            "conf/dataset/b.yaml": "n: 2\n",
            "conf/model/small.yaml": "size: 1\n",
            "conf/model/large.yaml": "size: 2\n",
            "conf/dataset_model/b_large.yaml": "# @package _global_\nmodel: {size: 3}\ndataset: {n: 4}\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=("dataset=b", "dataset=b model=large", "dataset=b model=large ~dataset_model", "dataset_model=a_small"),
    ),
    "composed by code, from a test or a notebook": Wild(
        {
            "tools/look.py": f"""{BOMB}from hydra import compose, initialize
with initialize(version_base=None, config_path="../conf", job_name="look"):
    cfg = compose(config_name="config", overrides=["+x=1"])
""",
            "conf/config.yaml": "defaults: [group: one]\n",
            "conf/group/one.yaml": "v: 1\n",
            "conf/group/two.yaml": "v: ${oc.select:nothing,2}\n",
        },
        ("conf",),
        "conf/config.yaml",
        base=None,
        lines=("group=two", "+x=1"),
    ),
    "sweeps in the primary": Wild(
        {
            "main.py": script('config_path="config", config_name="main", version_base="1.2"'),
            "config/main.yaml": """\
defaults:
  - _self_
  - override hydra/launcher: basic
hydra:
  mode: MULTIRUN
  sweeper: {params: {lr: "0.1,0.2", +seed: "range(1, 3)"}}
  sweep: {dir: 'multirun/${name}', subdir: '${hydra.job.override_dirname}'}
  job: {chdir: true, name: '${name}', env_set: {A: b}, config: {override_dirname: {exclude_keys: [seed]}}}
name: n
lr: 1
where: ${hydra:sweep.dir}/${hydra.job.num}
""",
            "config/cluster/slurm.yaml": "# @package _global_\ndefaults: [override /hydra/launcher: submitit_slurm]\n",
        },
        ("config",),
        "config/main.yaml",
        base="1.2",
        lines=("lr=3", "lr=1,2", "hydra.sweeper.params.lr=1", "+cluster=slurm", "hydra.mode=RUN hydra/launcher=basic"),
    ),
    "jobs in folders, found by a search path": Wild(
        {
            "configs/jobs/train/first.yaml": """\
# the first training
defaults:
  - ops/train@ops.train: base.yaml
  - shared/paths@globals: local.yaml
  - _self_
ops: {train: {epochs: 2}}
hydra: {searchpath: ['file://configs']}
""",
            "configs/jobs/train/second.yaml": "defaults: [first.yaml, _self_]\nhydra: {searchpath: ['file://configs']}\n",
            "configs/ops/train/base.yaml": "epochs: 1\nuri: ${globals.uri}\n",
            "configs/ops/train/long.yaml": "defaults: [base.yaml, _self_]\nepochs: 99\n",
            "configs/shared/paths/local.yaml": "uri: ${oc.env:DATA_URI,./data}\n",
        },
        ("configs",),
        "configs/jobs/train/first.yaml",
        ("jobs/train/first", "jobs/train/second"),
        base="1.1",
        lines=("ops/train@ops.train=long", "ops.train.epochs=3", "~shared/paths@globals", "ops/train=long"),
    ),
    "a pipeline of other tools beside": Wild(
        {
            "dvc.yaml": "stages: {train: {cmd: python train.py}}\n",
            "params.yaml": "train: {lr: 1}\n",
            ".github/workflows/ci.yaml": "on: push\n",
            "docker-compose.yml": "services: {}\n",
            "conf/config.yaml": "defaults: [train: base]\n",
            "conf/train/base.yaml": "lr: 1\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=("train.lr=2", "+train@t2=base"),
    ),
    "resolvers and variables that its own code brings": Wild(
        {
            "main.py": script(
                'config_path="conf", config_name="config", version_base="1.3"',
                "import os\nfrom omegaconf import OmegaConf\nOmegaConf.register_new_resolver('calc', eval)\n"
                "os.environ.setdefault('LAB_ROOT', '.')",
            ),
            "conf/config.yaml": """\
defaults: [_self_, optional paths: default]
total: ${calc:'${n} * 2'}
n: 4
root: ${oc.env:LAB_ROOT}
stamp: ${now:%Y}
cwd: ${hydra:runtime.cwd}/x
listed: ${oc.create:[1, "${n}"]}
keys: ${oc.dict.keys:sub}
sub: {a: 1, b: '${..n}'}
""",
        },
        ("conf",),
        "conf/config.yaml",
        lines=("n=5", "total=1", "paths=other", "sub={a: 2}", "+sub.c=${sub.a}"),
    ),
    "a config of which half is known elsewhere only": Wild(
        {
            "conf/config.yaml": """\
defaults: [_self_, parts: some]
here: 1
by_run: ${hydra:job.name}/${now:%H}
by_code: ${lab.path:a, b}
by_person: ${oc.env:LAB_TOKEN_FILE}
twice: ${by_code}/${here}
inside: [1, "${here}", "${by_run}"]
nested: {deep: {er: '${...by_person}', fine: '${here}'}}
gone: ${parts.nothing}
waits: ${parts.given}
""",
            "conf/parts/some.yaml": "given: ???\nround: ${.about}\nabout: ${.round}\nname: p\n",
        },
        ("conf",),
        "conf/config.yaml",
        base="1.1",
        lines=("parts.given=1", "here=${parts.name}", "gone=1 by_person=x by_code=y", "parts.round=1"),
        wants=frozenset(
            {
                ("unset-env", "by_person"),
                ("unset-env", "nested.deep.er"),
                ("interpolation", "gone"),
                ("missing-value", "parts.given"),
                ("interpolation", "parts.round"),
                ("interpolation", "parts.about"),
            }
        ),
    ),
    "odd groups that no override can name": Wild(
        {
            "conf/apps/main.yaml": "defaults:\n  - ../db@store: pg\n  - ./part@.own: a\n  - _self_\nk: 1\n",
            "conf/apps/part/a.yaml": "v: 1\n",
            "conf/db/pg.yaml": "port: 1\n",
            "conf/top.yaml": "defaults: [apps/main, _self_]\n",
        },
        ("conf",),
        "conf/top.yaml",
        base="1.1",
        lines=("db@store=pg", "apps/../db@apps.store=pg", "apps.k=2", "apps.own.v=2"),
    ),
}

ALL = LAYOUTS | MORE
