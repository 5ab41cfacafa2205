"""Whatever stands in a file: an edit of it is refused in words, or every byte that nobody asked to change stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf._utils import get_yaml_loader

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.entries import includes
from niceml_engine.config.editing.refactor import plan_move
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.project_file import change
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import edit
from niceml_engine.config.text.files import parse
from niceml_engine.config.text.literals import load
from niceml_engine.errors import ConfigError, NicemlError
from niceml_engine.values import Selection

EXAMPLES = int(os.environ.get("NICEML_EXAMPLES", "200"))
PIECES = (
    "a: 1\n", "b:\n", "  c: 2 # why\n", "  - x\n", "- y\n", "d: &k {e: 1}\n", "f: *k\n", "<<: *k\n", "'g h': \"i\"\n",
    "j: |\n  long\n  text\n\n", "k: >-\n\ttabs\n", "l: [1, 2,\n  3]\n", "# comment: no\n", "\n", "\t", "  ",
    "m: 'it''s'\n", "? n\n: o\n", "p: !!str 1\n", "q: ${r}\n", "s: \u202eright to left\u202c\n", "t: \U0001f600\n",
    "---\n", "...\n", "{u: v}",
    "defaults: [x, y@z]\n", "w:", ":", "- ", "\x85", "\u2028", "  y: null\n", "1: z\n", "true: z\n", "'", '"', "%",
)  # fmt: skip
documents = st.builds(
    lambda mark, pieces, crlf: mark + "".join(pieces).replace("\n", crlf),
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.sampled_from(["\n", "\r\n"]),
)
values = st.sampled_from([None, True, 3, 1e-3, "text", "a: b", "", [1, "x"], {"n": 1}, {}, "# no comment", "é\n\t"])


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(data, dict):
        return found + [one for key, value in data.items() for one in paths(value, (*path, key))]
    if isinstance(data, list):
        return found + [one for index, value in enumerate(data) for one in paths(value, (*path, index))]
    return found


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def comments(text: str) -> list[str]:
    lines = (line.strip("\ufeff\r ") for line in text.split("\n"))
    return [line for line in lines if line.startswith("#")]


def tried(edited: Callable[[], str], text: str) -> str:
    """What an edit makes of a text; the text itself where it refuses, which only a `ConfigError` may say."""
    try:
        return edited()
    except ConfigError as error:
        return text if error.message else ""


def stretch(text: str, path: tuple[Any, ...]) -> tuple[int, int]:
    """The characters of the lines on which a key or item stands with its value, as PyYAML's own parser says."""
    mark = len(text) - len(text.removeprefix("\ufeff"))
    node = yaml.compose(text[mark:], Loader=yaml.SafeLoader)
    start, end = node.start_mark.index, node.end_mark.index
    for part in path:
        if node.flow_style:  # the comma and the space between two items belong to both
            break
        if isinstance(node, yaml.SequenceNode):
            key = node = node.value[part]
        else:
            key, node = next(pair for pair in node.value if made(pair[0]) == part)
        start, end = key.start_mark.index, max(node.end_mark.index, key.end_mark.index)
    first = max(text.rfind("\n", 0, start + mark), text.rfind("\r", 0, start + mark)) + 1
    following = [at for at in (text.find("\n", end + mark), text.find("\r", end + mark)) if at >= 0]
    return first, min(following, default=len(text))


def made(key: yaml.Node) -> Any:
    """The value of a key."""
    loader = get_yaml_loader()("")
    return loader.construct_object(key)


def siblings(data: Any, path: tuple[Any, ...]) -> Any:
    """What holds the place that a path names."""
    for part in path[:-1]:
        data = data[part]
    return data


def is_plain(node: yaml.Node | None) -> bool:
    """Whether each key stands where its value is, and no two are one to Python, as `1` and `true` are."""
    if isinstance(node, yaml.MappingNode):
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            return False
        keys = [made(key) for key, _ in node.value]
        return len(set(keys)) == len(keys) and all(is_plain(value) for _, value in node.value)
    return not isinstance(node, yaml.SequenceNode) or all(map(is_plain, node.value))


def changed(before: str, after: str) -> tuple[int, int]:
    """The characters of a text that are others in another one."""
    first = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    first = min(len(before), len(after)) if first is None else first
    most = min(len(before), len(after)) - first
    tail = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    return first, len(before) - tail


@settings(max_examples=EXAMPLES)
@given(documents, values, st.data())
def test_an_edit_touches_no_other_character(text: str, value: Any, data: st.DataObject) -> None:
    try:
        before = load(text)
    except ConfigError:
        return
    known = paths(before)
    if not known or not is_plain(yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)):
        return
    path = data.draw(st.sampled_from(known))
    edits = {
        "set": (lambda: edit.set_value(text, path, value), path),
        # What holds nothing any more is written as `{}` or `[]`.
        "delete": (lambda: edit.delete_value(text, path), path if len(siblings(before, path)) > 1 else path[:-1]),
        "rename": (lambda: edit.rename_key(text, path, "renamed"), path),
        "new": (lambda: edit.set_value(text, (*path[:-1], "zz"), value), path[:-1]),
        "insert": (lambda: edit.insert_item(text, path, value), path[:-1]),
    }
    for name, (edited, where) in edits.items():
        after = tried(edited, text)
        if after != text:
            (first, last), (start, end) = changed(text, after), stretch(text, where)
            start = 0 if name == "insert" and not where else start  # above a comment of the first item
            assert start <= first, (name, after)
            assert last <= end + 2 + first - start, (name, after)  # what is alike may be taken from either end


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(documents.map(str.encode), st.binary(max_size=30)),
    st.sampled_from(["primary", "config_dirs", "version_base", "working_dir", "ops_path", "nonsense"]),
    st.lists(
        st.sampled_from(["conf", "conf/job.yaml", "null", "1.2", "steps.{op}", "nowhere", "", "a: b"]), max_size=2
    ),
)
def test_a_setting_that_is_refused_leaves_the_file_as_it_is(
    tmp_path_factory: Any, content: bytes, name: str, texts: list[str]
) -> None:
    root: Path = tmp_path_factory.mktemp("settings")
    (root / "conf").mkdir()
    (root / "conf/job.yaml").write_text("a: 1\n")
    (root / ".niceml").mkdir()
    file = root / ".niceml/project.yaml"
    file.write_bytes(content)
    refusal = None
    try:
        change(root, name, tuple(texts))
    except NicemlError as error:
        refusal = error
    if refusal is not None:
        assert refusal.message
        assert file.read_bytes() == content
    else:
        before, after = comments(content.decode()), comments(file.read_bytes().decode())
        assert [line for line in before if line not in after] == []
    assert [path.name for path in (root / ".niceml").iterdir()] == ["project.yaml"]


@settings(max_examples=EXAMPLES)
@given(documents, values, st.data())
def test_an_edit_is_refused_in_words_or_leaves_the_rest(text: str, value: Any, data: st.DataObject) -> None:
    try:
        before = load(text)
    except ConfigError:
        before = None
    path = data.draw(st.sampled_from(paths(before) or [("a",)]))
    old = at(before, path) if paths(before) else None
    line = not isinstance(old, dict | list) and "\n" not in str(old)
    results = {
        "set": tried(lambda: edit.set_value(text, path, value), text),
        "new": tried(lambda: edit.set_value(text, (*path[:-1], "zz"), value), text),
        "insert": tried(lambda: edit.insert_item(text, (*path, 0), value), text),
        "rename": tried(lambda: edit.rename_key(text, path, "renamed"), text),
        "default": tried(lambda: edit.add_default(text, {"db": "x"}), text),
    }
    for name, after in results.items():
        assert after.startswith("\ufeff") == text.startswith("\ufeff")
        if name != "set" or line:  # what stands inside of what is replaced goes with it
            assert comments(after) == comments(text), name
    dropped = tried(lambda: edit.delete_value(text, path), text)
    if line:
        assert comments(dropped) == comments(text)
    if dropped != text and isinstance(before, dict) and len(path) == 1:
        assert load(dropped) or not {key for key in before if key != path[0]}
        assert {key: value for key, value in before.items() if key != path[0]} == (load(dropped) or {})


# ------------------------------------------------------------------------------------------------- renames

ENTRIES = (
    "  - db: {X}\n", "  - db:   '{X}'   # {X}, the old one\n", '  - "db@a.b": "{X}"\n', "  - /db@c: {X}.yaml\n",
    "  -   optional db@d: {X}\n", "  - {{db@e: {X}}} # flow\n", "  - db@f: [other, {X}, '{X}']\n",
    "  - db@g:\n      - {X}\n      - other # {X}\n", "  - db/{X}@h\n", "  - '/db/{X}.yaml@i'\n", "  # - db: {X}\n",
    "  - override db@c: {X}\n", "  - other: {X}\n", "  - db: other\n", "\n", "  - _self_ # tab\t\n", "  - db@ü: {X}\n",
)  # fmt: skip


def filled(entries: list[str], names: str, other: str) -> str:
    """The file's text, with a name at the places that a rename changes and another where it must not."""
    lines = []
    for entry in entries:
        text, _, comment = entry.partition("#")
        kept = other if "other: {X}" in text else names
        lines.append(text.replace("{X}", kept) + ("#" + comment.replace("{X}", other) if "#" in entry else ""))
    return "".join(lines).replace("{{", "{").replace("}}", "}")


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=8),
    st.sampled_from(["", "\ufeff", "# old_x\n"]),
    st.sampled_from(["", "rest: old_x\n", "rest: &a {b: 'old_x'}\nmore: *a"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_rename_changes_the_names_in_the_entries_and_no_other_byte(
    tmp_path_factory: Any, entries: list[str], head: str, tail: str, crlf: str
) -> None:
    root: Path = tmp_path_factory.mktemp("renames")
    (root / "conf/db").mkdir(parents=True)
    (root / ".niceml").mkdir()
    (root / "conf/db/old_x.yaml").write_text("a: 1\n")
    (root / "conf/db/other.yaml").write_text("a: 2\n")

    def text(name: str) -> str:
        return (head + "defaults:\n" + filled(entries, name, "old_x") + tail).replace("\n", crlf)

    app = root / "conf/app.yaml"
    app.write_bytes(text("old_x").encode())
    tree = Tree.of(open_project(root), Setting(root))
    goal = str(root / "conf/db/new_y.yaml")
    plan = plan_move(Composer(Setting(root)), tree, str(root / "conf/db/old_x.yaml"), goal, Selection(""))
    after = {change.file: change.after for change in plan.changes}.get(str(app), text("old_x"))
    assert after == text("new_y")


@settings(max_examples=200)
@given(documents)
def test_entries_of_any_file_can_be_read(text: str) -> None:
    with suppress(NicemlError):
        for include in includes(parse(text)):
            assert include.config("a/b")
