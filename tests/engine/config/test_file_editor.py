"""Whatever stands in a file: an edit of it is refused in words, or every byte that nobody asked to change stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.editing.entries import includes
from niceml_engine.config.editing.refactor import plan_move
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import edit
from niceml_engine.config.text.files import parse
from niceml_engine.config.text.literals import load
from niceml_engine.errors import ConfigError, NicemlError
from niceml_engine.values import Selection

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


@settings(deadline=None, max_examples=300)
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


@settings(deadline=None, max_examples=60)
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


@settings(deadline=None, max_examples=200)
@given(documents)
def test_entries_of_any_file_can_be_read(text: str) -> None:
    with suppress(NicemlError):
        for include in includes(parse(text)):
            assert include.config("a/b")
