"""Every value says truly which file and line, or which override, set it, and whom it shadowed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf._utils import get_yaml_loader

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Composed, Leaf, Origin, Selection
from tests.engine.config.reference import FEATURES, write

REPOSITORY = Path(__file__).parents[3]
SAMPLE = REPOSITORY / "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"


def compose(root: Path, files: dict[str, str], *overrides: str, job: str = "job.yaml") -> Composed:
    write(root, files)
    composed = Composer(Setting(root)).compose(Selection(str(root / job), overrides))
    assert composed.error is None, composed.error
    return composed


def leaf(composed: Composed, key: str) -> Leaf:
    return next(leaf for leaf in composed.leaves if leaf.key == key)


def places(*origins: Origin) -> list[tuple[str, int, str]]:
    return [(origin.node, origin.line, origin.text) for origin in origins]


def made(composed: Composed, key: str) -> list[tuple[str, int]]:
    """The places that make a mapping, in merge order."""
    return next([(one.node, one.line) for one in head.origins] for head in composed.heads if head.key == key)


def assert_true_origins(composed: Composed) -> None:
    """The named line of the named file holds the leaf's key, and its text is the leaf's value.

    That of a mapping holds its key, or is an entry that includes something there; of what an override includes, that is
    the beginning of the file.
    """
    assert composed.leaves
    heads, files = {head.key: head for head in composed.heads}, {node.id: node.file for node in composed.nodes}
    entries = {(files[edge.source], edge.line) for edge in composed.edges}
    for key in {*composed.lines} - {leaf.key for leaf in composed.leaves} - {""}:
        for origin in heads[key].origins:
            if not origin.file:
                assert origin.node == "override"
            elif (origin.file, origin.line) not in entries and f"{origin.package}.".startswith(f"{key}."):
                assert origin.line == 1
            elif (origin.file, origin.line) not in entries:
                line = Path(origin.file).read_text(encoding="utf-8").split("\n")[origin.line - 1]
                assert key.rpartition(".")[2] in line, (key, line)
    for leaf in composed.leaves:
        if leaf.origin.node == "override":
            assert composed.selection.overrides[leaf.origin.line - 1] == leaf.origin.text
            continue
        line = Path(leaf.origin.file).read_text(encoding="utf-8").split("\n")[leaf.origin.line - 1]
        name = leaf.key.rpartition(".")[2]
        assert name in line, (leaf.key, line)
        if not leaf.secret and isinstance(leaf.value, str | int | float) and "\n" not in leaf.origin.text:
            written = yaml.load(leaf.origin.text, Loader=get_yaml_loader())
            assert written == leaf.value, leaf.key


def test_every_leaf_of_the_sample_job_has_a_true_origin() -> None:
    composed = Composer(Setting(REPOSITORY)).compose(Selection(str(SAMPLE), ("globals.exp_prefix=X",)))
    assert_true_origins(composed)
    assert leaf(composed, "globals.exp_prefix").origin == Origin(node="override", line=1, text="globals.exp_prefix=X")
    uri = leaf(composed, "globals.data_location.uri")
    assert uri.origin.node == "jobs/job_train/job_train_cls/job_train_cls_binary"
    assert uri.origin.text == "${oc.env:DATA_URI,./data}/numbers_cropped_split"
    assert [(origin.node, origin.package) for origin in uri.shadows] == [("shared/locations/exp_locations", "globals")]


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> tuple[Composer, Path]:
    root = write(tmp_path_factory.mktemp("features"), FEATURES)
    return Composer(Setting(root)), root / "conf/all.yaml"


OVERRIDES = [
    "db=pg",
    "k=7",
    "m.n=3",
    "m={o: 4}",
    "l=[3]",
    "~m.o",
    "~l",
    "lst=[l2,l1]",
    "srv@_global_=nginx",
    "+abs/x@p=one",
    "++db.sub=3",
    "++db.sub.b={c: 1}",
    "+m.p.q=1",
    "nest/inner@here.inner=i2",
]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(overrides=st.lists(st.sampled_from(OVERRIDES), unique=True, max_size=5))
def test_whatever_is_chosen_every_leaf_has_a_true_origin(features: tuple[Composer, Path], overrides: list[str]) -> None:
    composer, job = features
    composed = composer.compose(Selection(str(job), tuple(overrides)))
    if composed.error is None:
        assert_true_origins(composed)


def test_who_comes_later_wins_and_names_whom_it_shadows(tmp_path: Path) -> None:
    composed = compose(
        tmp_path,
        {
            "job.yaml": "defaults:\n  - a@x: one\n  - a@x.y: two\n  - _self_\nx:\n  k: 3\n",
            "a/one.yaml": "k: 1\ny:\n  k: 10\n",
            "a/two.yaml": "k: 20\n",
        },
        "x.k=4",
    )
    won = leaf(composed, "x.k")
    assert places(won.origin) == [("override", 1, "x.k=4")]
    assert places(*won.shadows) == [("a/one", 1, "1"), ("job", 6, "3")]
    deeper = leaf(composed, "x.y.k")
    assert places(deeper.origin, *deeper.shadows) == [("a/two", 1, "20"), ("a/one", 3, "10")]
    assert deeper.origin.package == "x.y"


def test_a_mapping_is_made_where_its_key_stands_or_by_the_entry_that_leads_into_it(tmp_path: Path) -> None:
    files = {
        "job.yaml": "defaults:\n  - a@x: one\n  - b@x.y.z: two\n  - _self_\nx:\n  k: 3\nown: {in: {k: 1}}\n",
        "a/one.yaml": "defaults:\n  - /b@deep: two\nk: 1\ny:\n  k: 10\nnone: null\n",
        "b/two.yaml": "k: 20\nown:\n  k: 1\n",
    }
    composed = compose(tmp_path, files, "x.k=4", "+new.part.k=1", "+x.none.k=1", "~x.deep")
    assert made(composed, "x") == [("job", 2), ("job", 3), ("job", 5)]
    assert made(composed, "x.y") == [("a/one", 4), ("job", 3)]
    assert made(composed, "x.y.z") == [("job", 3)]
    assert made(composed, "x.y.z.own") == [("b/two", 2)]
    assert made(composed, "own.in") == [("job", 7)]
    assert made(composed, "new") == made(composed, "new.part") == [("override", 2)]
    assert made(composed, "x.none") == [("override", 3)]
    composer = Composer(Setting(tmp_path))
    for overrides in (("~x.deep",), (), ("x.k=9",)):  # what one selection takes away is there in the next
        composed = composer.compose(Selection(str(tmp_path / "job.yaml"), overrides))
        assert ("x.deep" in composed.lines) == (overrides != ("~x.deep",))
        assert_true_origins(composed)
    assert made(composed, "x.deep") == [("a/one", 2)]


def test_of_a_mapping_that_very_many_make_the_last_are_told(tmp_path: Path) -> None:
    entries = "".join(f"  - o@x.m{number}: one\n" for number in range(20))
    composed = compose(tmp_path, {"job.yaml": f"defaults:\n{entries}  - _self_\n", "o/one.yaml": "k: 1\n"})
    head = next(one for one in composed.heads if one.key == "x")
    assert (head.origin.line, len(head.origins), head.more, head.others) == (21, 8, 12, 19)


def test_a_mandatory_value_never_shadows_one_that_is_given(tmp_path: Path) -> None:
    composed = compose(
        tmp_path, {"job.yaml": "defaults:\n  - a@_here_: one\n  - _self_\nk: ???\n", "a/one.yaml": "k: 1\n"}
    )
    assert places(leaf(composed, "k").origin) == [("a/one", 1, "1")]
    assert leaf(composed, "k").shadows == ()


def test_a_list_is_one_value_even_where_an_override_changes_one_item(tmp_path: Path) -> None:
    composed = compose(tmp_path, {"job.yaml": "l:\n  - a: 1\n  - b\n"}, "l.0.a=2")
    assert composed.leaves[0].value == [{"a": 2}, "b"]
    assert places(composed.leaves[0].origin, *composed.leaves[0].shadows) == [
        ("override", 1, "l.0.a=2"),
        ("job", 1, "- a: 1\n  - b"),
    ]


def test_what_replaces_a_mapping_and_what_is_put_below_a_value(tmp_path: Path) -> None:
    files = {"job.yaml": "m:\n  a: 1\nn: 5\ne:\n  x: 1\n"}
    composed = compose(tmp_path, files, "++m=2", "++n.b=3", "~e.x")
    assert places(leaf(composed, "m").origin, *leaf(composed, "m").shadows) == [
        ("override", 1, "++m=2"),
        ("job", 1, "a: 1"),
    ]
    assert places(leaf(composed, "n.b").origin, *leaf(composed, "n.b").shadows) == [
        ("override", 2, "++n.b=3"),
        ("job", 3, "5"),
    ]
    assert leaf(composed, "e").value == {}
    assert leaf(composed, "e").origin.line == 4


def test_a_value_that_came_through_an_interpolated_mapping_names_the_interpolation(tmp_path: Path) -> None:
    composed = compose(
        tmp_path,
        {"job.yaml": "defaults:\n  - a@_here_: one\n  - _self_\nm:\n  c: 3\n", "a/one.yaml": "b: {x: 1}\nm: ${b}\n"},
    )
    assert places(leaf(composed, "m.x").origin) == [("a/one", 2, "${b}")]
    assert places(leaf(composed, "m.c").origin) == [("job", 5, "3")]


def test_keys_from_a_yaml_anchor_stand_where_the_anchor_is(tmp_path: Path) -> None:
    composed = compose(tmp_path, {"job.yaml": "base: &b\n  p: 1\n  q: 2\nuse:\n  <<: *b\n  q: 3\n"})
    assert leaf(composed, "use.p").origin.line == 2
    assert leaf(composed, "use.q").origin.line == 6


def test_what_an_alias_repeats_is_told_as_it_is_written(tmp_path: Path) -> None:
    composed = compose(tmp_path, {"job.yaml": "a: &list [1, 2]\nb: *list\nc: &number 3\nd: {e: *number }\n"})
    assert places(leaf(composed, "b").origin) == [("job", 2, "*list")]
    assert places(leaf(composed, "d.e").origin) == [("job", 4, "*number")]
    assert leaf(composed, "b").value == [1, 2]


@pytest.mark.parametrize(
    ("text", "line", "value"),
    [
        ("a:\n  1: 9\n  true: 10\n", 3, 10),
        ("a: &a {1: 3}\nb: 2\n", 1, 3),
        ("x: &a {1: 3}\na:\n  <<: *a\n  on: 4\n", 4, 4),
        ("a:\n  1: 9\n  0x1: 10\n\n  1.0: 11\n", 5, 11),
    ],
)
def test_of_keys_that_are_the_same_the_last_gives_the_value(tmp_path: Path, text: str, line: int, value: int) -> None:
    found = leaf(compose(tmp_path, {"job.yaml": text}), "a.1")
    assert (found.value, places(found.origin)) == (value, [("job", line, str(value))])


def test_a_file_has_one_name_however_it_is_included(tmp_path: Path) -> None:
    files = {
        "conf/job.yaml": "defaults:\n  - a: one\n  - b: two\n",
        "conf/a/one.yaml": "defaults:\n  - ../shared/x@inner: v\n",
        "conf/b/two.yaml": "defaults:\n  - ../shared/x@inner: v\n",
        "conf/shared/x/v.yaml": "k: 1\n",
    }
    composed = compose(tmp_path, files, job="conf/job.yaml")
    assert {leaf.origin.file for leaf in composed.leaves} == {str(tmp_path / "conf/shared/x/v.yaml")}
    (tmp_path / "elsewhere/deep").mkdir(parents=True)
    (tmp_path / "conf/linked").symlink_to(tmp_path / "elsewhere/deep")
    write(tmp_path, {"elsewhere/shared/v.yaml": "k: 2\n", "elsewhere/deep/c.yaml": "defaults:\n  - ../shared/v\n"})
    through_link = compose(tmp_path, {"conf/job.yaml": "defaults:\n  - linked: c\n"}, job="conf/job.yaml")
    assert [leaf.value for leaf in through_link.leaves] == [2]
