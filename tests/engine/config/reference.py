"""What the installed Hydra makes of a job, through its public API, and a tree of configs with all that Hydra knows."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from niceml_engine.config.compose import Composer
from niceml_engine.values import Default, Selection

FEATURES = {
    "conf/all.yaml": """\
defaults:
  - db: mysql
  - /abs/x@deep.pkg: one
  - srv@_global_: apache
  - nest@here: n1
  - nest/inner@_here_: i1
  - _self_
  - opt: null
  - optional nope: zilch
  - lst: [l1, l2]
k: 1
l: [1, 2]
m: {n: "${k}", o: null}
db: {extra: 5}
""",
    "conf/self_first.yaml": "defaults:\n  - _self_\n  - db: mysql\ndb: {name: mine, own: 1}\n",
    "conf/self_last.yaml": "defaults:\n  - db: mysql\n  - _self_\ndb: {name: mine, own: 1}\n",
    "conf/self_middle.yaml": "defaults:\n  - db: mysql\n  - _self_\n  - srv@db: apache\ndb: {name: mine}\n",
    "conf/self_absent.yaml": "defaults:\n  - db: mysql\ndb: {name: mine, own: 1}\n",
    "conf/overriding.yaml": """\
defaults:
  - all
  - combo: ${db}_x
  - _self_
  - override db: pg
  - override nest/inner@here.inner: i2
k: 3
""",
    "conf/override_early.yaml": "defaults:\n  - all\n  - override db: pg\n  - combo: pg_x\n",
    "conf/missing.yaml": "defaults:\n  - _self_\n  - db: ???\n  - abs/x: ???\nq: ???\nr: 1\n",
    "conf/sources.yaml": """\
hydra:
  searchpath: [file://more]
  job: {name: named}
defaults:
  - g: h
  - db: extra
  - _self_
  - override hydra/job_logging: none
""",
    "conf/odd.yaml": """\
1: a
true: b
1.5: c
s: "yes"
t: |
  hi
  ho
u: "a: b"
v: é☃
w: {}
x: []
y: 1e3
z: 2020-01-01
long: aaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccccccc ddddddddddddddddddd eeeeeeeeeeeee
nn: {m: {k: {l: aaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccccccc ddddddddddddd}}}
li:
- {a: 1, b: [1, {c: 2}]}
- x
base: &base {p: 1, q: 2}
derived:
  <<: *base
  q: 3
""",
    "conf/chosen_twice.yaml": "defaults:\n  - db: mysql\n  - db: pg\n",
    "conf/list_on_mapping.yaml": "defaults:\n  - db: mysql\n  - _self_\ndb: [1]\n",
    "conf/unknown_option.yaml": "defaults:\n  - db: mysqll\n",
    "conf/old_style.yaml": "defaults:\n  - db: mysql\n    optional: true\n  - hydra/launcher: basic\n",
    "conf/db/mysql.yaml": "# @package db\nname: mysql\nport: 1\nsub: {a: 1, b: 2}\n",
    "conf/db/pg.yaml": "name: pg\nport: 2\nsub: {b: 3}\nlist: [3]\n",
    "conf/abs/x/one.yaml": "v: 1\n",
    "conf/abs/x/two.yaml": "v: 2\nw: ???\n",
    "conf/srv/apache.yaml": "server: apache\nm: {n: 7, p: 8}\n",
    "conf/srv/nginx.yaml": "# @package _global_\nserver: nginx\nm: ${k}\n",
    "conf/nest/n1.yaml": "defaults:\n  - inner: i1\n  - inner@other: i2\n  - n2\n  - _self_\nz: 1\n",
    "conf/nest/n2.yaml": "y: 2\nz: 3\n",
    "conf/nest/inner/i1.yaml": "i: 1\n",
    "conf/nest/inner/i2.yaml": "i: 2\nj: ${k}\n",
    "conf/opt/o1.yaml": "o: 1\n",
    "conf/lst/l1.yaml": "a: 1\n",
    "conf/lst/l2.yaml": "a: 2\nb: 1\n",
    "conf/lst/l3.yaml": "c: 1\n",
    "conf/combo/pg_x.yaml": "cx: pg\n",
    "conf/combo/mysql_x.yaml": "cx: my\n",
    "more/g/h.yaml": "# a comment before it makes Hydra ignore the next line\n# @package z\nh: 1\n",
    "more/g/k.yaml": "kk: 1\n",
    "more/db/extra.yaml": "e: 1\n",
}


@dataclass(frozen=True)
class Theirs:
    """What Hydra answers: a config with its defaults list, or an error."""

    config: DictConfig | None
    defaults: tuple[Default, ...] = ()
    error: str = ""


def write(root: Path, files: dict[str, str]) -> Path:
    """Writes a tree of configs."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def ask_hydra(
    job: Path,
    overrides: Sequence[str],
    cwd: Path,
    *,
    version_base: str | None = "1.1",
    config_dir: Path | None = None,
    with_defaults: bool = True,
) -> Theirs:
    """Composes a job with `hydra.compose`."""
    main = config_dir or job.parent
    name = str(job.relative_to(main)).removesuffix(".yaml")
    with _initialized(main, cwd, version_base):
        try:
            config = compose(name, overrides=list(overrides))
        except Exception as error:  # the reference for what must fail, however it fails
            return Theirs(None, error=str(error))
        if not with_defaults:
            return Theirs(config)
        loader = GlobalHydra.instance().config_loader()
        found = loader.compute_defaults_list(name, list(overrides), RunMode.RUN).defaults
        listed = [Default(d.config_path or "", d.package or "", d.parent, d.is_self) for d in found]
        own = max(number for number, default in enumerate(listed) if default.config_path == "hydra/config") + 1
        return Theirs(config, tuple(listed[own:]))


def assert_same(composer: Composer, job: Path, overrides: list[str], *, defaults: bool = True) -> None:
    """Asserts that a composer makes of a job what Hydra makes of it: data, order, flags, defaults list, failure."""
    setting = composer.setting
    main, _ = setting.primary(str(job))
    theirs = ask_hydra(
        job,
        overrides,
        setting.root,
        version_base=setting.of(str(job)).version_base,
        config_dir=Path(main) if main else None,
        with_defaults=defaults,
    )
    selection = Selection(str(job), tuple(overrides))
    composed = composer.compose(selection)
    if theirs.config is None:
        assert composed.error is not None, f"{overrides}: Hydra refuses this: {theirs.error}"
        assert composed.error.message
        assert composed.yaml == ""
        return
    assert composed.error is None, f"{overrides}: Hydra accepts this"
    ours = composer.config(selection)
    assert ours == theirs.config
    assert ours._metadata.flags == theirs.config._metadata.flags
    assert str(OmegaConf.to_container(ours)) == str(OmegaConf.to_container(theirs.config)), "the order differs"
    assert composed.yaml == OmegaConf.to_yaml(theirs.config)
    assert len(composed.lines) == composed.yaml.count("\n")
    assert len(composed.resolved_lines) == composed.resolved_yaml.count("\n")
    if defaults:
        assert composed.defaults == theirs.defaults


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Lets plain Hydra find packages in a folder."""
    before = set(sys.modules)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(root)):
                del sys.modules[name]


@contextmanager
def _initialized(config_dir: Path, cwd: Path, version_base: str | None) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(cwd)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with initialize_config_dir(str(config_dir), job_name="app", version_base=version_base):
                yield
    finally:
        os.chdir(before)
