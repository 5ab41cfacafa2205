"""What is kept of a composition for the next one is never seen: a composer that has made others makes the same."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import msgspec
import pytest
from omegaconf import DictConfig, OmegaConf

from niceml_engine.config.checking.checks import check
from niceml_engine.config.code.describe import describe
from niceml_engine.config.compose import Composer
from niceml_engine.config.composed.digest import digest
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Composed, Selection
from tests.engine.config.reference import ask_hydra, write

FILES = {
    "job.yaml": """\
defaults: [model: small, data: one, _self_]
rate: 0.1
twice: ${rate}${rate}
chain: ${twice}-${model.width}
model_again: ${model}
listed: ["${model}", "${rate}"]
name: ${oc.env:WHO,nobody}
key: ${data.at}
through: ${data.${key}}
absent: ${not.there}
always: ${odd:1}
api_key: secret-${model.width}
told: the key is ${api_key}
word: another-secret
other: see ${word}
1: one
deep: {a: {b: "${..c}", c: "${rate}"}, c: 5}
waiting: ???
waits: ${waiting}
plain: {a: 1, b: {c: 2}}
plain_again: ${plain}
number: ${niceml.to_int:${oc.decode:'${data.n}'}}
""",
    "model/small.yaml": "width: 3\nheight: ${.width}\n",
    "model/turned.yaml": "height: ${.width}\nwidth: 3\n",
    "model/large.yaml": "width: 30\nheight: ${.width}\ninner: {more: '${rate}'}\n",
    "data/one.yaml": "at: one\none: 1\ntwo: 2\nn: '7'\nitems:\n" + "- x\n" * 150,
    "data/two.yaml": "at: two\none: 1\ntwo: 2\nn: '8'\nitems:\n" + "- x\n" * 149 + "- ${..one}\n",
}
OVERRIDES = (
    "model=large",
    "model=turned",
    "data=two",
    "plain.b.c=3",
    "rate=0.2",
    "rate=true",
    "rate=1",
    "rate=1.0",
    "model.width=4",
    "+model.new=1",
    "~model.height",
    "~model",
    "data.at=two",
    "key=one",
    "+not={there: 1}",
    "api_key=another-secret",
    "waiting=7",
    "deep.a.c=${deep.c}",
    "+deep.a.d=${..c}",
    "~deep.a",
    "+deep.a={b: 1}",
    "data.items.3=y",
    "data.items=[1]",
    "data.n='9'",
    "model_again.width=8",
    "chain=${model}",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    OmegaConf.register_new_resolver("odd", lambda _: "odd", replace=True)
    return write(tmp_path_factory.mktemp("memory"), FILES)


def known(composed: Composed) -> Composed:
    return msgspec.structs.replace(composed, milliseconds=0.0)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_composed_before_the_same_comes_out(root: Path, seed: int) -> None:
    chosen, composer = random.Random(seed), Composer(Setting(root))
    for _ in range(12):
        overrides = tuple(chosen.sample(OVERRIDES, chosen.randrange(4)))
        selection = Selection(str(root / "job.yaml"), overrides)
        assert known(composer.compose(selection)) == known(Composer(Setting(root)).compose(selection)), overrides


def test_texts_and_digest_are_those_of_the_data(root: Path) -> None:
    composer, job = Composer(Setting(root)), root / "job.yaml"
    for overrides in ((), ("rate=0.2",), ("model=turned", "+more={1: a, true: b}")):
        composed = composer.compose(Selection(str(job), overrides))
        theirs = ask_hydra(job, overrides, root).config
        assert isinstance(theirs, DictConfig)
        assert composed.yaml == OmegaConf.to_yaml(theirs)
        assert composed.digest == digest(OmegaConf.to_container(theirs))


def test_forms_and_checks_find_in_the_data_at_hand_what_they_find_in_the_text(root: Path) -> None:
    composer, setting = Composer(Setting(root)), Setting(root)
    for overrides in ((), ("model=large", "rate=true"), ("+more={1: a, true: b, f: 1e-3, t: '1'}",)):
        composed = composer.compose(Selection(str(root / "job.yaml"), overrides))
        data = composer.data(composed)
        assert describe(composed, setting, data) == describe(composed, setting)
        assert check(composed, setting, data, composer.files) == check(composed, setting)
        assert data == composer.data(msgspec.structs.replace(composed, yaml=composed.yaml + " "))


def test_the_environment_is_asked_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    composer, selection = Composer(Setting(root)), Selection(str(root / "job.yaml"))
    for name in ("ada", "grace"):
        monkeypatch.setenv("WHO", name)
        assert {leaf.key: leaf.resolved for leaf in composer.compose(selection).leaves}["name"] == name


def test_a_resolver_that_anybody_may_have_written_is_asked_again(root: Path) -> None:
    composer, selection = Composer(Setting(root)), Selection(str(root / "job.yaml"))
    for answer in ("first", "second"):
        OmegaConf.register_new_resolver("odd", lambda _, answer=answer: answer, replace=True)
        assert {leaf.key: leaf.resolved for leaf in composer.compose(selection).leaves}["always"] == answer


def test_who_asks_for_the_same_once_more_gets_it_until_a_file_changes(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "defaults: [part: one]\n", "part/one.yaml": "a: 1\nb: ${.a}\n"})
    composer, selection = Composer(Setting(tmp_path)), Selection(str(tmp_path / "job.yaml"))
    first = composer.compose(selection)
    assert composer.compose(selection).leaves is first.leaves
    write(tmp_path, {"part/one.yaml": "a: 20\nb: ${.a}\n"})
    assert [leaf.resolved for leaf in composer.compose(selection).leaves] == [20, 20]


def test_nothing_is_left_for_the_garbage_collector(root: Path) -> None:
    composer, job = Composer(Setting(root)), str(root / "job.yaml")

    def configs(rate: int) -> int:
        composer.compose(Selection(job, (f"rate={rate}",)))
        return sum(isinstance(one, DictConfig) for one in gc.get_objects())

    configs(1)
    gc.collect()
    gc.disable()
    try:
        assert configs(2) == configs(3)
    finally:
        gc.enable()
