"""Jobs that something is wrong with, each in its own way, and what the check says of a job."""

from __future__ import annotations

from pathlib import Path

from niceml_engine.config.checking.checks import check
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Problem, Selection

CODE = """\
from typing import Literal

def make(width: int, rate: float = 0.1): ...
def fit(mode: Literal["fast", "exact"], rate: float = 0.1): ...
"""
SHOP = {"shop.py": CODE, ".niceml/keep": "", "db/small.yaml": "size: 1\n", "db/big.yaml": "size: 2\n"}


def look(root: Path, *overrides: str, version_base: str = "1.1") -> tuple[Problem, ...]:
    setting = Setting(root, version_base=version_base)
    return check(Composer(setting).compose(Selection(str(root / "job.yaml"), overrides)), setting)


def found(problems: tuple[Problem, ...], *codes: str) -> list[tuple[str, str, str, str, int]]:
    """Severity, code, key, file and line of the problems; only those of some kinds, if any are named."""
    return [
        (one.severity, one.code, one.key, Path(one.file).name, one.line)
        for one in problems
        if not codes or one.code in codes
    ]


BROKEN = {
    "two choices": ("defaults:\n  - db: ???\n  - net@n: ???\n  - _self_\n", ()),
    "three includes": ("defaults:\n  - db: smal\n  - net@n: cc\n  - lst: [one, tow]\n  - _self_\n", ()),
    "a suffix": ("defaults:\n  - db: smal.yaml\n  - _self_\n", ()),
    "a reference": ("a: ${b.widht}\nb:\n  width: 3\n", ()),
    "arguments": ('b:\n  _target_: shop.make\n  widht: 3\n  rate: "3"\n', ()),
    "arguments in a list": ('b:\n- _target_: shop.make\n  widht: 3  # odd\n  rate: "3"\n', ()),
    "an argument too much": ("b: {_target_: shop.make, width: 3, color: red}\n", ()),
    "a target": ("b:\n  _target_: shop.mke  # here\n  width: 3\n", ()),
    "an argument that another key holds": ("b:\n  _target_: shop.make  # here\nnet:\n  width: 3\n", ()),
    "an argument that another key holds, in a list": ("b:\n- _target_: shop.make\nnet:\n  width: 3\n", ()),
    "an argument of few choices": ("b: {_target_: shop.fit}\n", ()),
    "a misspelled choice": ("b: {_target_: shop.fit, mode: exat}\n", ()),
    "a target in another module": ("b:\n  _target_: shop.all.make\n  width: 3\n", ()),
    "a value of another type": ("b:\n  _target_: shop.make\n  width: 3\n  rate: [1]  # odd\n", ()),
    "an override of another type": ("b: {_target_: shop.make, width: 3}\n", ("b.width=[1]",)),
    "text of the environment": ("b:\n  _target_: shop.make\n  width: ${oc.env:UNLIKELY,3}\n", ()),
    "a value for a choice": ("defaults:\n  - app/net: n\n  - _self_\n", ("app.net=o",)),
    "a misspelled value for a choice": ("defaults:\n  - app/net: n\n  - _self_\n", ("app.net=oo",)),
    "a misspelled value beside what is refused": (
        "defaults:\n  - app/net: n\n  - db: small\n  - _self_\n",
        ("app.net=oo", "db=smal"),
    ),
    "a value for a group that is not chosen": ("a: 1\n", ("app.net=o",)),
    "an added value for a group": ("a: 1\n", ("+app.net=o",)),
    "an argument that an override adds": ("b:\n  _target_: shop.make\n  rate: 1\n", ("+b.widht=3",)),
    "an unknown key": ("size: 1\n", ("siez=2",)),
    "a key that is there": ("size: 1\n", ("+size=2",)),
    "no self": ("# why\ndefaults:\n  - db: small\n  - override hydra/job_logging: none\n\ndb:\n  size: 5\n", ()),
    "no self, on one line": ("defaults: [db: small]\ndb: {size: 5}\n", ()),
    "no self, told by Hydra": ("defaults:\n  - db: small\nown: 5\n", ()),
    "a choice that no override can name": ("defaults:\n  - net/../db@x: ???\n  - net/../db@y: small\n", ()),
    "a plugin": ("defaults:\n  - _self_\n  - override hydra/job_logging: colorlog\na: 1\n", ()),
    "two plugins": ("defaults: [hydra: coloured, _self_]\na: 1\n", ()),
    "a plugin that a preset gives values": ("a: 1\n", ("+tuned=rate",)),
    "a plugin that a preset wants parts of": ("defaults:\n  - tuned: parts\n  - _self_\na: 1\n", ()),
    "a plugin that an override names": ("a: 1\n", ("hydra/launcher=joblib",)),
    "a package": ("defaults:\n  - wrong: late\n  - _self_\n", ()),
    "an old header": ("defaults:\n  - old: header\n  - _self_\n", ()),
    "an old override": ("defaults:\n  - hydra/job_logging: none\n  - db: small\n  - _self_\na: 1\n", ()),
}
MORE = {
    "net/cx.yaml": "y: 1\n",
    "lst/one.yaml": "",
    "lst/two.yaml": "",
    "app/net/n.yaml": "x: 1\n",
    "hydra/coloured.yaml": "defaults:\n  - override hydra_logging: colorlog\n  - override job_logging: colorlog\n",
    "tuned/rate.yaml": """\
# @package _global_
defaults:
  - override /hydra/sweeper: optuna
hydra: {sweeper: {storage: null}}
""",
    "tuned/parts.yaml": """\
# @package _global_
defaults:
  - override /hydra/sweeper: optuna
  - override /hydra/sweeper/sampler: tpe
hydra: {sweeper: {sampler: {seed: 1}}}
""",
    "app/net/o.yaml": "x: 2\n",
    "old/header.yaml": "# @package _group_\n# why\nx: 1\n",
    "wrong/late.yaml": "# why\n\n# @package other\nx: 1\n",
}
