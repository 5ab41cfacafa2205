"""Edits change the characters of one value, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.config.text.literals import inline, load, same, scalar
from niceml_engine.errors import ConfigError

JOB = """\
# @package _global_
defaults:
  # train
  - /ops/train@ops.train.config: op_train_cls_binary.yaml   # the small network
  # where
  - shared/locations@globals: exp_locations
  - _self_

globals:
    exp_name:   'Sample'   # shown in lists
    uri: ${oc.env:DATA_URI,./data}/x
    sizes: [ 8,16 ]
    more: { a: 1,b: two }   # inline

# the end
"""


def test_a_value_is_replaced_and_everything_else_stays() -> None:
    after = edit.set_value(JOB, ("globals", "exp_name"), "Other")
    assert after == JOB.replace("'Sample'", "'Other'")
    assert edit.set_value(JOB, ("globals", "sizes"), [1, "a, b"]) == JOB.replace("[ 8,16 ]", "[ 1,'a, b' ]")
    assert edit.set_value(JOB, ("globals", "sizes", 0), 9) == JOB.replace("[ 8", "[ 9")
    assert edit.set_value(JOB, ("globals", "more", "b"), "2") == JOB.replace("two }", "'2' }")


def test_a_new_key_goes_to_the_end_of_its_mapping_in_the_files_own_indentation() -> None:
    more = "    more: { a: 1,b: two }   # inline\n"
    after = edit.set_value(JOB, ("globals", "location", "uri"), "s3://b")
    assert after == JOB.replace(more, f"{more}    location:\n        uri: s3://b\n")
    assert edit.set_value(JOB, ("globals", "more", "c"), None) == JOB.replace("two }", "two, c: null }")
    assert edit.set_value(JOB, ("ops", "train"), {"epochs": 3}).startswith(JOB.partition("# the end")[0].rstrip("\n"))


def test_a_deleted_key_takes_its_own_lines_and_no_others() -> None:
    line = "    exp_name:   'Sample'   # shown in lists\n"
    assert edit.delete_value(JOB, ("globals", "exp_name")) == JOB.replace(line, "")
    assert edit.delete_value(JOB, ("globals", "more", "a")) == JOB.replace("a: 1,b", "b")
    assert edit.delete_value(JOB, ("globals", "more", "b")) == JOB.replace("1,b: two }", "1 }")
    assert (
        edit.delete_value("a:  # note\n  # why\n  b: 1 # one\nc: 2\n", ("a", "b")) == "a: {}  # note\n  # why\nc: 2\n"
    )


def test_defaults_keep_their_spelling() -> None:
    assert edit.set_default(JOB, 0, "op_x") == JOB.replace("op_train_cls_binary.yaml", "op_x.yaml")
    assert edit.set_default(JOB, 1, "near") == JOB.replace(": exp_locations", ": near")
    own = "  - shared/locations@globals: exp_locations\n"
    override = {"override /db": "big"}
    assert edit.add_default(JOB, override) == JOB.replace(own, f"{own}  - override /db: big\n")
    assert edit.add_default(edit.add_default(JOB, override), {"db": "small"}) == JOB.replace(
        own, f"{own}  - db: small\n  - override /db: big\n"
    )
    assert edit.remove_default(JOB, 1) == JOB.replace(own, "")
    assert edit.add_default("# head", "x") == "# head\ndefaults:\n  - x\n  - _self_\n"
    assert edit.add_default("# head\r\n", {"db": "x"}) == "# head\r\ndefaults:\r\n  - db: x\r\n  - _self_\r\n"
    assert edit.add_default("# head\n\na: 1\n", {"db": "x"}) == ("# head\n\ndefaults:\n  - db: x\n  - _self_\n\na: 1\n")


@pytest.mark.parametrize(
    ("before", "path", "name", "after"),
    [
        ("a:   1 # one\nb: 2\n", ("a",), "c", "c:   1 # one\nb: 2\n"),
        ("d:\n- override /db@x: y # z\n", ("d", 0, "override /db@x"), "override /b", "d:\n- override /b: y # z\n"),
        ("a: {'b': 1, c: 2}\r\n", ("a", "b"), "d", "a: {'d': 1, c: 2}\r\n"),
        ("\ufeff&x a: 1\n", ("a",), "b: c", "\ufeff&x 'b: c': 1\n"),
    ],
)
def test_a_key_gets_another_name_in_its_place(before: str, path: tuple[str | int, ...], name: str, after: str) -> None:
    assert edit.rename_key(before, path, name) == after


@pytest.mark.parametrize(("text", "words"), [("a: 1\nb: 2\n", "beside it already"), ("c: 1\n", "no `a`")])
def test_a_key_that_cannot_be_renamed_stays(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        edit.rename_key(text, ("a",), "b")


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("", ("a", "b"), 1, "a:\n  b: 1\n"),
        ("# only words", ("a",), 1, "# only words\na: 1\n"),
        ("a: 1", ("b",), 2, "a: 1\nb: 2"),
        ("\ufeffa: 1\r\nb: 2\r\n", ("a",), 3, "\ufeffa: 3\r\nb: 2\r\n"),
        ("a: 1\r\n", ("b", "c"), 2, "a: 1\r\nb:\r\n  c: 2\r\n"),
        ("a:\nb: 1\n", ("a",), "x", "a: x\nb: 1\n"),
        ("a: # none\nb: 1\n", ("a", "c"), 2, "a: # none\n  c: 2\nb: 1\n"),
        ("a: {}\n", ("a", "c"), 2, "a: {c: 2}\n"),
        ("a: &x 1\n", ("a",), 2, "a: &x 2\n"),
        ("a: !!str 1\n", ("a",), 2, "a: 2\n"),
        ("a: &x 1\nb: *x\n", ("b",), 2, "a: &x 1\nb: 2\n"),
        ("a: |\n  long\n  text\n\nb: 1\n", ("a",), 2, "a: 2\n\nb: 1\n"),
        ("a: |+\n  long\n\n", ("b",), 2, "a: |+\n  long\n\nb: 2\n"),
        ("a:\n- x: 1\n  y: 2\n- z\n", ("a", 0, "y"), [], "a:\n- x: 1\n  y: []\n- z\n"),
        ("a:\n- x\n# c\n- z\n", ("a", 2), "w", "a:\n- x\n# c\n- z\n- w\n"),
        ("a:\n  - x\n  - y # c\nb: 1\n", ("a",), 3, "a: 3\nb: 1\n"),
        ("a:\n  b: 1 # one\n  c: 2\n", ("a",), {"b": 1, "d": 3}, "a:\n  b: 1 # one\n  d: 3\n"),
        ("1: a\n", (1,), "b", "1: b\n"),
        ("{a: 1}", ("b",), 2, "{a: 1, b: 2}"),
        ("base: &b {k: 1}\na:\n  <<: *b\n", ("a", "k"), 2, "base: &b {k: 1}\na:\n  <<: *b\n  k: 2\n"),
    ],
)
def test_a_value_can_be_set_wherever_it_stands(
    before: str, path: tuple[str | int, ...], value: object, after: str
) -> None:
    assert edit.set_value(before, path, value) == after


@pytest.mark.parametrize(
    ("before", "path", "words"),
    [
        ("a: &x {k: 1}\nb: *x\n", ("a", "k"), "shared"),
        ("a: &x {k: 1}\nb: *x\n", ("b", "k"), r"the alias `\*x` stands there for what `&x` says in line 1"),
        ("a: 1\n", ("a", "b"), "where a mapping is needed"),
        ("a: [1]\n", ("a", 4), "has no place 4"),
        ("a: [\n", ("a",), "invalid YAML"),
        ("a: 1\na: 2\n", ("a",), "invalid YAML"),
        ("a: 1\n---\nb: 1\n", ("a",), "several YAML documents"),
    ],
)
def test_what_cannot_be_edited_alone_is_refused(before: str, path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        edit.set_value(before, path, 5)


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    with pytest.raises(ConfigError, match="aliases expand") as caught:
        edit.set_value(bomb, ("a0",), 1)
    assert caught.value.line == 6


TRICKY = (
    "1|1e3|true|on|null|~|0x1|2020-01-01|1:30|a: b|- a|#|a #b|'|\"|*a|&a|${a.b}|${oc.env:X,1}|???|\\${x}|a\nb| a|a "
)
TRICKY += "|{a}|[|!x|%|@a|`|<<|=|---|?||.5|1_0|+1|.inf|a:|,|a,b|\t|\x85|\u2028|0o7|012|1.|e3|No"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(TRICKY.split("|"))
scalars = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | texts
keys = st.text(st.sampled_from("abcdefghij_klm"), min_size=1, max_size=6).filter(lambda name: same(load(name), name))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


@settings(max_examples=200)
@given(scalars)
def test_a_written_scalar_reads_back_as_the_same_value(value: object) -> None:
    assert same(load(f"k: {scalar(value)}\n"), {"k": value})
    assert same(load(f"k: [{scalar(value, flow=True)}]\n"), {"k": [value]})
    held = OmegaConf.to_container(OmegaConf.create(f"k: {scalar(value)}\n"), resolve=False)
    assert same(held, {"k": value})


Path_ = tuple[str | int, ...]
Pieces = list[tuple[Path_, str]]


@st.composite
def documents(draw: st.DrawFn) -> tuple[Pieces, str]:
    """A file in pieces, each a value with its path or (with no path) what stands between, and its line break."""
    newline, step = draw(st.sampled_from(["\n", "\r\n"])), draw(st.integers(1, 4))
    pieces: Pieces = [((), draw(st.sampled_from(["", "\ufeff", "# head\n\n"])))]

    def mapping(path: Path_, depth: int) -> None:
        for name in draw(st.lists(keys, min_size=1, max_size=3, unique=True)):
            if draw(st.booleans()):
                pieces.append(((), draw(st.sampled_from(["", "# note\n", "\n", " " * depth * step + "# note: x\n"]))))
            pieces.append(((), " " * depth * step + name + ":"))
            kind = draw(st.integers(0, 6)) if depth < 3 else 0
            note = draw(st.sampled_from(["\n", "  # why\n", " \n"]))
            if kind == 1:
                pieces.append(((), note))
                mapping((*path, name), depth + 1)
            elif kind == 2:
                first, second = draw(scalars), draw(scalars)
                for part, value in (("a", first), ("b", second)):
                    pieces.append(((), " {a: " if part == "a" else ",  b: "))
                    pieces.append(((*path, name, part), scalar(value, flow=True)))
                pieces.append(((), " }" + note))
            else:
                pieces.append(
                    ((), draw(st.sampled_from([" ", "   ", f" &m{len(pieces)} "]))) if kind == 3 else ((), " ")
                )
                value = draw(scalars)
                written = inline(draw(st.lists(scalars, max_size=3))) if kind == 4 else scalar(value)
                pieces.append(((*path, name), written))
                pieces.append(((), note))

    mapping((), 0)
    ending = draw(st.booleans())
    if ending:
        pieces[-1] = ((), pieces[-1][1].rstrip("\n"))
    return [(path, text.replace("\n", newline)) for path, text in pieces], newline


def whole(pieces: Pieces) -> str:
    return "".join(text for _, text in pieces)


@settings(max_examples=150)
@given(documents(), values, st.data())
def test_setting_a_value_leaves_every_other_byte(
    document: tuple[Pieces, str], value: object, data: st.DataObject
) -> None:
    pieces, _ = document
    before = whole(pieces)
    places = [(index, path) for index, (path, _) in enumerate(pieces) if path]
    index, path = data.draw(st.sampled_from(places))
    after = edit.set_value(before, path, value)
    left, right = whole(pieces[:index]), whole(pieces[index + 1 :])
    assert after.startswith(left)
    assert after.endswith(right)
    assert len(after) >= len(left) + len(right)
    held = load(after.removeprefix("\ufeff"))
    for part in path:
        held = held[part]
    assert same(held, value)


@settings(max_examples=100)
@given(documents(), values, st.data())
def test_adding_a_key_and_deleting_it_gives_the_old_file_back(
    document: tuple[Pieces, str], value: object, data: st.DataObject
) -> None:
    pieces, newline = document
    before = whole(pieces)
    path = data.draw(st.sampled_from([path for path, _ in pieces if path]))
    parent = path[: data.draw(st.integers(0, len(path) - (2 if isinstance(path[-1], int) else 1)))]
    after = edit.set_value(before, (*parent, "zz_new", "inner"), value)
    assert edit.delete_value(after, (*parent, "zz_new")).rstrip("\r\n") == before.rstrip("\r\n")
    if "{" not in before:
        assert comments(edit.delete_value(before, path), newline) == comments(before, newline)


def comments(text: str, newline: str) -> list[str]:
    lines = text.removeprefix("\ufeff").split(newline)
    return [line for line in lines if line.lstrip().startswith("#")]


def test_a_file_that_is_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "b.yaml"
    file.write_bytes(b"a: 1\nb: \xff\xfe\n")
    with pytest.raises(ConfigError, match=f"{file}:2: the file is no UTF-8"):
        read_file(file)


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        ("true: z\na: y\n", True, "true: 5\na: y\n"),
        ("0x1F: z\n", 31, "0x1F: 5\n"),
        ("'true': z\n", "true", "'true': 5\n"),
    ],
)
def test_a_key_that_is_no_text_is_found_however_it_is_written(text: str, key: Any, after: str) -> None:
    assert edit.set_value(text, (key,), 5) == after
