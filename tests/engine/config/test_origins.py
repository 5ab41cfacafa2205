"""The place that a value names is the one to change: a marker set there changes that value, and no other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import read_layout
from niceml_engine.config.projects.setting import Setting
from niceml_engine.parts import find
from niceml_engine.values import Composed, Leaf, Selection
from tests.engine.config.defaults_lists import PRIMARIES, TREE
from tests.engine.config.generated import Tree, trees
from tests.engine.config.more_layouts import ALL
from tests.engine.config.reference import FEATURES, write

REPOSITORY = Path(__file__).parents[3]
SAMPLE = "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"
MARKER = "a_marker_that_nobody_else_writes"


def pairs(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """All keys of a file with their values, outside of lists."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key, value
            yield from pairs(value)


def marked(text: str, leaf: Leaf) -> str:
    """The text of a leaf's file with the marker for its value, put in by PyYAML's marks alone."""
    if yaml.compose(text) is None:  # an empty file sets an empty mapping at its package
        return f"{text}\nnew: {MARKER}\n"
    here = [(k, v) for k, v in pairs(yaml.compose(text)) if k.start_mark.line + 1 == leaf.origin.line]
    named = [(k, v) for k, v in here if k.value == leaf.key.rpartition(".")[2]] or here
    if leaf.origin.text.startswith("*"):  # PyYAML knows only the place of what it repeats
        at = text.index(leaf.origin.text, named[0][0].end_mark.index)
        return f"{text[:at]}{MARKER}{text[at + len(leaf.origin.text) :]}"
    key, value = next((k, v) for k, v in named if text[v.start_mark.index :].startswith(leaf.origin.text))
    start, end = value.start_mark.index, value.end_mark.index
    if text[start] == "&":  # its name stays, for those that repeat it
        start = text.index(" ", start) + 1
    if isinstance(value, yaml.CollectionNode) and not value.flow_style:  # claims the comments that follow
        rest = text[text.rfind("\n", 0, end) + 1 :] if end < len(text) else ""
        return f"{text[: key.end_mark.index]}: {MARKER}\n{rest}"
    if start == end:
        colon = text.index(":", key.end_mark.index) + 1
        return f"{text[:colon]} {MARKER}{text[colon:]}"
    return f"{text[:start]}{MARKER}{text[end:]}"


def assert_origin_is_the_place(composer: Composer, before: Composed, leaf: Leaf) -> None:
    file = Path(leaf.origin.file)
    text = file.read_text(encoding="utf-8")
    file.write_text(marked(text, leaf), encoding="utf-8")
    try:
        after = composer.compose(before.selection)
    finally:
        file.write_text(text, encoding="utf-8")
    assert after.error is None, (leaf, after.error)
    values = {one.key: one.value for one in after.leaves}
    same = {
        one.key for one in before.leaves if one.origin.file == leaf.origin.file and one.origin.line == leaf.origin.line
    }
    now = [value for key, value in values.items() if key == leaf.key or key.startswith(f"{leaf.key}.")]
    assert MARKER in str(now) or "${" in leaf.origin.text, (leaf, now)
    for one in before.leaves:
        if one.key not in same and values.get(one.key, one) != one.value:
            woven = any("${" in origin.text or origin.text[:1] == "*" for origin in (one.origin, *one.shadows))
            assert woven, (leaf, one, values.get(one.key))


def written(composed: Composed) -> list[Leaf]:
    """The leaves that a file set."""
    return [leaf for leaf in composed.leaves if leaf.origin.file]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Composer, Composed]:
    root = tmp_path_factory.mktemp("origins")
    shutil.copytree(REPOSITORY / "configs", root / "configs")
    composer = Composer(Setting(root))
    return composer, composer.compose(Selection(str(root / SAMPLE)))


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_value_of_the_sample_job_is_where_it_says(sample: tuple[Composer, Composed], data: st.DataObject) -> None:
    composer, composed = sample
    assert_origin_is_the_place(composer, composed, data.draw(st.sampled_from(written(composed))))


@pytest.mark.parametrize("name", [f"conf/{name}.yaml" for name in PRIMARIES])
def test_each_value_of_every_kind_of_defaults_list_is_where_it_says(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, TREE)
    composer = Composer(Setting(root, config_dir=root / "conf", python_path=(root / "lib",)))
    composed = composer.compose(Selection(str(root / name)))
    for leaf in written(composed):
        assert_origin_is_the_place(composer, composed, leaf)


def test_each_value_of_a_job_with_everything_is_where_it_says(tmp_path: Path) -> None:
    composer = Composer(Setting(write(tmp_path, FEATURES)))
    composed = composer.compose(Selection(str(tmp_path / "conf/all.yaml"), ("srv@_global_=nginx", "+abs/x@p=one")))
    assert composed.error is None
    for leaf in written(composed):
        assert_origin_is_the_place(composer, composed, leaf)


@pytest.mark.parametrize("name", ALL)
def test_each_value_of_a_project_of_any_layout_is_where_it_says(tmp_path: Path, name: str) -> None:
    wild = ALL[name]
    composer = Composer(read_layout(write(tmp_path, wild.files)).setting)
    for line in ("", *wild.lines[:2]):
        composed = composer.compose(Selection(str(tmp_path / wild.job), tuple(line.split(" ")) if line else ()))
        for leaf in written(composed):
            assert_origin_is_the_place(composer, composed, leaf)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(tree=trees())
def test_each_value_of_any_tree_is_where_it_says(tree: Tree) -> None:
    with TemporaryDirectory() as folder:
        root = write(Path(folder), tree.files)
        composer = Composer(Setting(root, version_base="1.3"))
        for overrides in ((), tree.overrides):
            composed = composer.compose(Selection(str(root / "conf/job.yaml"), overrides))
            for leaf in written(composed):
                assert_origin_is_the_place(composer, composed, leaf)


def test_what_a_file_says_of_a_value_is_told_with_it(tmp_path: Path) -> None:
    text = """\
# @package _global_
# how fast
rate: 0.1  # as in the paper

# a heading, of nothing in particular

# ----------
# where it lies,
# and how
data:  # all of it
  # not the folder
  path: "a # b"
flow: {one: 1, two: 2}  # both
items:
  # the first
  - name: a  # its name
  - 3  # three
text: |  # long
  # no comment
shared: &all  # anchored
  x: 1
again: *all  # the same
"""
    (tmp_path / "job.yaml").write_text(text)
    composed = Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml"), ("rate=2",)))
    leaves = {leaf.key: leaf for leaf in composed.leaves}
    said = {key: leaf.comment for key, leaf in leaves.items() if leaf.comment}
    assert said == {"rate": "how fast\nas in the paper", "data.path": "not the folder", "text": "long"}
    assert leaves["rate"].origin.comment == "", "the override says nothing"
    items = leaves["items"]
    inside = {place.path: place.comment for place in items.origin.inside}
    assert inside == {"[0]": "the first", "[0].name": "its name", "[1]": "three"}
    name, three = find(leaves, "items[0].name"), find(leaves, "items[1]")
    assert [one.comment for one in (name, three) if one is not None] == ["its name", "three"]
