"""Projects with long lists and long defaults lists: what is shared or kept between compositions is never seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra._internal import defaults_list
from omegaconf.base import Box

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Selection
from tests.engine.config.reference import assert_same, write
from tests.engine.large import project_of_entries

ITEMS = 12_000
ENTRIES = 500


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        "job.yaml": "defaults: [data@train: names, data@test: mappings, _self_]\nsame: ${train.items}\nk: 1\n",
        "data/names.yaml": "items:\n" + "".join(f"- image_{number}.png\n" for number in range(300)),
        "data/many.yaml": "items:\n" + "".join(f"- image_{number}.png\n" for number in range(ITEMS)),
        "data/mappings.yaml": "items:\n" + "".join(f"- {{id: {number}, in: [1, 2]}}\n" for number in range(200)),
        "data/short.yaml": "items: [a]\n",
        "data/woven.yaml": "n: 1\nitems:\n" + "- ${..n}\n" * 200,
        "data/again.yaml": "defaults:\n  - names\n  - _self_\nitems: [1, 2]\n",
    }
    return write(tmp_path_factory.mktemp("lists"), files)


@pytest.fixture(scope="module")
def composer(lists: Path) -> Composer:
    return Composer(Setting(lists))


@pytest.mark.parametrize(
    "overrides",
    [
        ["k=2"],
        ["data@train=many"],
        ["train.items.3=x"],
        ["train.items.-1=x"],
        ["test.items.7.id=x", "+test.items.7.new=1"],
        ["test.items.7.in.0=9"],
        ["same.3=x"],
        ["~train.items.0"],
        ["train.items=[1]"],
        ["data@test=names", "test.items.0=y"],
        ["data@train=woven", "train.n=2"],
        ["data@test=names", "~test.items.0"],
        ["data@train=again"],
        ["data@train=[names,short]"],
    ],
    ids=" ".join,
)
def test_long_lists_compose_as_in_hydra_and_keep_no_trace(
    composer: Composer, lists: Path, overrides: list[str]
) -> None:
    job = lists / "job.yaml"
    before = composer.compose(Selection(str(job)))
    assert_same(composer, job, overrides, defaults=False)
    assert composer.compose(Selection(str(job))).digest == before.digest
    assert composer.compose(Selection(str(job))).resolved_yaml == before.resolved_yaml


def test_what_is_composed_may_be_changed_by_whoever_asked_for_it(composer: Composer, lists: Path) -> None:
    selection = Selection(str(lists / "job.yaml"))
    composer.compose(selection)
    mine = composer.config(selection)
    mine.train["items"][0] = "mine"
    mine.test["items"][0].id = "mine"
    other = composer.config(selection)
    assert (other.train["items"][0], other.test["items"][0].id) == ("image_0.png", 0)
    assert other.test["items"][0]._get_root() is other
    assert other.test["items"][1]["in"]._get_root() is other


def test_five_hundred_entries_compose_as_in_hydra(tmp_path: Path) -> None:
    job, composer = project_of_entries(tmp_path, ENTRIES, "part/p{}"), Composer(Setting(tmp_path))
    assert_same(composer, job, [])
    assert_same(composer, job, ["+part@part=p000"], defaults=False)


def test_many_entries_compose_as_in_hydra_after_any_change(tmp_path: Path) -> None:
    job, composer = project_of_entries(tmp_path, 150, "part@parts.p{0}: p{0}"), Composer(Setting(tmp_path))
    assert_same(composer, job, [])
    for number in ("149", "100", "000"):
        assert_same(composer, job, [f"part@parts.p{number}=p007"], defaults=False)
    file = tmp_path / "part/p090.yaml"
    file.write_text("name: changed\n", encoding="utf-8")
    assert_same(composer, job, [], defaults=False)
    origins = {leaf.key: leaf.origin for leaf in composer.compose(Selection(str(job))).leaves}
    assert Path(origins["parts.p090.name"].file).name == "p090.yaml"
    assert Path(origins["parts.p001.name"].file).name == "p001.yaml"
    assert Path(origins["parts.p003.m"].file).name == "job.yaml"


def test_hydra_is_itself_again_after_composing(lists: Path) -> None:
    before = (defaults_list._create_interpolation_map, Box._re_parent)
    Composer(Setting(lists)).compose(Selection(str(lists / "job.yaml")))
    assert (defaults_list._create_interpolation_map, Box._re_parent) == before
