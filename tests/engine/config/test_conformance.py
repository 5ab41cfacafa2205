"""What we compose is what the installed Hydra composes: data, order, flags, defaults list, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Selection
from tests.engine.config.reference import FEATURES, assert_same, write

REPOSITORY = Path(__file__).parents[3]
CONFIGS = REPOSITORY / "configs"
JOBS = sorted(CONFIGS.glob("jobs/**/*.yaml"))
OPTIONS = sorted(path for folder in ("ops", "shared") for path in CONFIGS.glob(f"{folder}/**/*.yaml"))
SAMPLE = CONFIGS / "jobs/job_train/job_train_cls/job_train_cls_binary.yaml"

OVERRIDES = [
    [],
    ["db=pg"],
    ["db=nope"],
    ["+db=pg"],
    ["k=5"],
    ["kk=5"],
    ["+kk=5"],
    ["++kk.a.b=[1,{c: 2}]"],
    ["~k"],
    ["~m.n"],
    ["~db"],
    ["~db=mysql"],
    ["~db=pg"],
    ["m={n: 1, q: 2}"],
    ["+m={q: 2}"],
    ["l=[9]"],
    ["l.0=4"],
    ["~l.0"],
    ["m=null", "m.n=3"],
    ["lst=[l2,l3]"],
    ["lst=l1"],
    ["lst=[]"],
    ["opt=o1"],
    ["nope=zilch"],
    ["abs/x@deep.pkg=two"],
    ["+abs/x@p2=two", "p2.w=3"],
    ["srv@_global_=nginx"],
    ["srv@_global_=nginx", "m.n=2"],
    ["nest/inner@here.inner=i2"],
    ["+nest@again=n1", "again.z=5"],
    ["k=1,2"],
    ["k=range(3)"],
    ["k="],
    ["k=="],
    ["hydra.job.name=x"],
    ["hydra.nope=x"],
    ["hydra/launcher=nope"],
    ["hydra.searchpath=[file://more]", "+g=h"],
    ["+g=h"],
    ["k=${m.n}"],
    ["+a.b.c=1", "+a.b.d=2", "~a.b"],
    ["db.port='x y'"],
    ["db.sub.a=null"],
    ["db.sub.a=???"],
    ["++db.sub={}"],
    ["++db.sub=3"],
    ["db@x=pg"],
    ["db={a: 1}"],
    ["+db@_global_=pg"],
]


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("features"), FEATURES)


@pytest.fixture(scope="module")
def composer(features: Path) -> Composer:
    return Composer(Setting(features))


@pytest.mark.parametrize("job", JOBS, ids=lambda path: path.stem)
def test_every_job_composes_as_in_hydra(job: Path) -> None:
    assert_same(Composer(Setting(REPOSITORY)), job, [])


def test_every_option_composes_on_its_own_as_in_hydra() -> None:
    composer = Composer(Setting(REPOSITORY, config_dir=CONFIGS))
    assert OPTIONS
    for option in OPTIONS:
        assert_same(composer, option, [])


def test_every_other_option_of_the_sample_job_composes_as_in_hydra() -> None:
    composer = Composer(Setting(REPOSITORY))
    choices = composer.compose(Selection(str(SAMPLE))).choices
    others = {(c.group, option): c.key for c in choices for option in c.options if option not in c.chosen}
    assert len(others) > 5
    for override in (f"{key}={option}" for (_, option), key in others.items()):
        assert_same(composer, SAMPLE, [override], defaults=False)


@pytest.mark.parametrize("name", sorted(Path(name).stem for name in FEATURES if name.count("/") == 1))
def test_every_feature_of_defaults_lists_composes_as_in_hydra(composer: Composer, features: Path, name: str) -> None:
    for overrides in ([], ["db=pg"], ["++k=5"]):
        assert_same(composer, features / f"conf/{name}.yaml", overrides)


@pytest.mark.parametrize("overrides", OVERRIDES, ids=" ".join)
def test_every_kind_of_override_composes_as_in_hydra(composer: Composer, features: Path, overrides: list[str]) -> None:
    assert_same(composer, features / "conf/all.yaml", overrides)


def test_a_newer_version_base_decides_as_in_hydra(features: Path) -> None:
    composer = Composer(Setting(features, version_base="1.3"))
    for name in ("old_style", "overriding", "self_absent"):
        assert_same(composer, features / f"conf/{name}.yaml", [])


KEYS = ["k", "l", "m", "m.n", "m.o", "db", "db.name", "db.sub", "db.sub.a", "here.z", "deep.pkg.v", "new", "new.a.b"]
VALUES = ["1", "x", "null", "[1,2]", "{a: 1}", "{}", "[]", "true", "1.5", "'a b'", "${k}", "???", "1e-3"]
GROUPS = {
    "db": ["mysql", "pg", "null", "nope"],
    "abs/x@deep.pkg": ["one", "two"],
    "srv@_global_": ["apache", "nginx"],
    "nest/inner@here.inner": ["i1", "i2"],
    "nest/inner@here.other": ["i1", "i2"],
    "lst": ["[l1]", "[l3,l1]", "l2"],
    "opt": ["o1", "null"],
    "abs/x@p": ["one"],
}
values = st.builds("{}{}={}".format, st.sampled_from(["", "+", "++"]), st.sampled_from(KEYS), st.sampled_from(VALUES))
deletions = st.builds("~{}".format, st.sampled_from([*KEYS, *GROUPS]))
choices = st.sampled_from(sorted(GROUPS)).flatmap(
    lambda group: st.builds(
        "{}{}={}".format, st.sampled_from(["", "", "+"]), st.just(group), st.sampled_from(GROUPS[group])
    )
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(overrides=st.lists(st.one_of(values, deletions, choices), min_size=1, max_size=4))
def test_any_overrides_compose_as_in_hydra(composer: Composer, features: Path, overrides: list[str]) -> None:
    assert_same(composer, features / "conf/all.yaml", overrides, defaults=False)


def test_a_package_on_the_python_path_is_read_without_running_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "lib/shipped/__init__.py": "raise RuntimeError('opening a project runs nothing')",
            "lib/shipped/conf/__init__.py": "",
            "lib/shipped/conf/db/pg.yaml": "name: pg\n",
            "job.yaml": "hydra:\n  searchpath: [pkg://shipped.conf]\ndefaults:\n  - db: pg\n",
        },
    )
    composed = Composer(Setting(tmp_path, python_path=(tmp_path / "lib",))).compose(
        Selection(str(tmp_path / "job.yaml"))
    )
    assert composed.error is None
    assert composed.yaml == "db:\n  name: pg\n"
    assert [node.id for node in composed.nodes] == ["job", "db/pg"]
