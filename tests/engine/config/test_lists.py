"""A list that is written over another one: whatever stays keeps its lines and its comments."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import edit
from niceml_engine.config.text.literals import inline, load, same
from niceml_engine.values import Selection

TWO = "k:\n  - 1\n  - 2   # two\n"
SPACED = "k:\n  # one\n  - a: 1  # a\n    # b: 2\n\n  # two\n  - c: 3\n\n  - d: 4\n# end\nx: 1\n"
GAPS = "k:\n- 1\n\n# section\n\n- 2 # two\n   # more\n- 3\n"
ROWS = "k: [\n  1,   # one\n  # about two\n  2,   # two\n  3    # three\n]  # end\n"
MATRIX = "k: [1, 2,  # first\n    3, 4]  # second\n"
DEEP = "x:\n    y: 1\nk:\n- a: 1 # a\n  b: 2 # b\n- - 2\n  - 3 # d"
C, NEW_C = "# b\n", "# b\n  c:\n      d: 1\n"
TIED = "k:\n- &a {x: 1} # one\n- <<: *a # two\n  y: 4 # y\n"
SHARED = "k:\n- &a {x: 1} # one\n- *a # two\n- 3 # three\n"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (TWO, [1, 2, 3], "k:\n  - 1\n  - 2   # two\n  - 3\n"),
        (TWO.rstrip("\n"), [1, 2, 3], "k:\n  - 1\n  - 2   # two\n  - 3"),
        (TWO, [1], "k:\n  - 1\n"),
        (TWO, [2], "k:\n  - 2   # two\n"),
        (TWO, [1, 2, {"a": 1}], f"{TWO}  - a: 1\n"),
        (TWO, [0, 1, {"a": [{"b": 2}]}, 2], TWO.replace("- 1\n", "- 0\n  - 1\n  - a:\n      - b: 2\n")),
        (TWO, [1, "x: y"], TWO.replace("2 ", "'x: y' ")),
        (TWO, [2, 1], "k:\n  - 2   # two\n  - 1\n"),
        (SPACED, [{"a": 1}, {"d": 4}], SPACED.replace("  # two\n  - c: 3\n\n", "")),
        (SPACED, [{"c": 3}, {"d": 5, "e": 6}], "k:\n  # two\n  - c: 3\n\n  - d: 5\n    e: 6\n# end\nx: 1\n"),
        (SPACED, [{"a": 1}, {"c": 3}, {"d": 4}, 5], SPACED.replace("# end", "\n  - 5\n# end")),
        (SPACED, [0, {"a": 1}, {"c": 3}, {"d": 4}], SPACED.replace("  # one\n", "  - 0\n\n  # one\n")),
        (GAPS, [2, 3], "k:\n\n# section\n\n- 2 # two\n   # more\n- 3\n"),
        (GAPS, [1, 3], "k:\n- 1\n\n# section\n\n- 3\n"),
        (GAPS, [1], "k:\n- 1\n\n# section\n\n"),
        (GAPS, [1, 0, 2, 3], GAPS.replace("- 1\n", "- 1\n- 0\n")),
        ("k:\n  - - 1 # a\n    - 2 # b\n  - - 3\n", [[2], [3]], "k:\n  - - 2 # b\n  - - 3\n"),
        ("k:\n- - 1 # a\n  - 2 # b\n- 3\n", [[0, 1, 2], 3], "k:\n- - 0\n  - 1 # a\n  - 2 # b\n- 3\n"),
        ("k: &x # -\n# a\n- 'q' # b\n- 0x10\n", ["r", "q", 16], "k: &x # -\n- r\n# a\n- 'q' # b\n- 0x10\n"),
        ("k:\n- # -\n  a: 1\n- # b\n  c: 2\n", [{"c": 2}], "k:\n- # b\n  c: 2\n"),
        ("k:\n-\n- |\n  x\n\n- y # y\n", [None, "y"], "k:\n-\n- y # y\n"),
        ("k:\r\n- 1 # a\r\n- 2 # b", [2, 3], "k:\r\n- 2 # b\r\n- 3"),
        ("k:\n- a: 1 # a\n  b: 2 # b\n- 3 # c\n", [7, 3], "k:\n- 7\n- 3 # c\n"),
        ("k:\n- a: 1 # a\n- 3 # c\n", [7, 3], "k:\n- 7 # a\n- 3 # c\n"),
        (SHARED, [{"x": 1}, {"x": 1}, 3, 4], f"{SHARED}- 4\n"),
        (SHARED, [{"x": 2}, {"x": 1}, 3], "k:\n- x: 2\n- x: 1\n- 3 # three\n"),
        (DEEP, [{"a": 1, "b": 5, "c": {"d": 1}}, [2, 0]], DEEP.replace("2 ", "5 ").replace("3", "0").replace(C, NEW_C)),
        (TIED, [{"x": 1}, {"x": 1, "y": 5}], TIED.replace("y: 4", "y: 5")),
        ("k: [{a: 1, # a\n  b: 2}, c] # c\n", [{"a": 1, "b": 3}, "c"], "k: [{a: 1, # a\n  b: 3}, c] # c\n"),
        (ROWS, [1, 2, 3, 4], ROWS.replace("3    # three\n", "3,   # three\n  4\n")),
        (ROWS, [1, 2], ROWS.replace("  3    # three\n", "")),
        (ROWS, [2, 3], ROWS.replace("  1,   # one\n", "")),
        (ROWS, [1, 0, 3], ROWS.replace("2, ", "0, ")),
        (ROWS, [1, {"a": [0]}, 2, 3], ROWS.replace("  # about two\n", "  {a: [0]},\n  # about two\n")),
        (ROWS, [3, 1], "k: [\n  3,   # three\n  1,   # one\n]  # end\n"),
        (MATRIX, [1, 2, 3, 4, 5], MATRIX.replace("4]", "4, 5]")),
        (MATRIX, [1, 2, 4], MATRIX.replace("3, ", "")),
        (MATRIX, [1, 2], "k: [1, 2,  # first\n    ]  # second\n"),
        (MATRIX, [0, 1, 2, 3, 4], MATRIX.replace("[", "[0, ")),
        ("k: [1 # a\n  , 2 # b\n  ]\n", [1], "k: [1 # a\n  ]\n"),
        ("k: [ # a\n  1, # b\n]\n", [1, 2], "k: [ # a\n  1, # b\n  2,\n]\n"),
        ("k: ['a', \"b\" ] # c\n", ["a", "b", "c"], "k: ['a', \"b\", c ] # c\n"),
        ("k: [a: 1, b: 2]\n", [{"b": 2}], "k: [b: 2]\n"),
        ("k: [ ] # c\n", [1, 2], "k: [1, 2] # c\n"),
    ],
)  # fmt: skip
def test_items_that_stay_keep_their_lines(before: str, value: list[object], after: str) -> None:
    assert edit.set_value(before, ("k",), value) == after


def test_an_item_that_is_put_in_goes_before_the_comment_of_the_next_one() -> None:
    text = "k:\n  # one\n  - 1 # a\n  # two\n  - 2\n"
    assert edit.insert_item(text, ("k", 0), 0) == text.replace("  # one\n", "  - 0\n  # one\n")
    assert edit.insert_item(text, ("k", 1), 0) == text.replace("  # two\n", "  - 0\n  # two\n")
    assert edit.insert_item(ROWS, ("k", 3), 4) == ROWS.replace("3    # three\n", "3,   # three\n  4\n")
    assert edit.set_value(ROWS, ("k", 3), 4) == edit.insert_item(ROWS, ("k", 3), 4)


# ------------------------------------------------------------------------------------------------- any list

NEW = st.sampled_from(["new", 0, None, {"new": 1, "more": [2]}, [0, ["new"]], "a: new # 1", "new\nline"])


@dataclass(frozen=True)
class Item:
    """An item with its lines, of which the first begins behind the dash; within brackets, `lines` is its text."""

    lines: str
    above: str
    behind: str

    def block(self, indent: int) -> str:
        first, *others = self.lines.split("\n")
        rows = [f"- {first}{self.behind}", *(f"  {line}" if line else "" for line in others)]
        return "".join(" " * indent + row.rstrip() + "\n" for row in [*self.above.splitlines(), *rows])

    @property
    def value(self) -> Any:
        return load(self.lines)


def kinds(number: int) -> tuple[str, ...]:
    plain = (f"{number}", f"'t{number}'", f"0x{number + 1000:x}", f"{{a: {number}}}", f"[{number}, x]", f'"w{number}"')
    return (*plain, f"a: {number} # in\nb: 'q'", f"n: # in\n  - {number} # deep\n  - y", f"- {number} # in\n- z")


@st.composite
def lists(draw: st.DrawFn, *, block: bool) -> list[Item]:
    """Items that differ all, each with comments of its own."""
    items = []
    for number in range(draw(st.integers(1, 7))):
        above = draw(st.sampled_from(["", f"# above {number}\n", f"# above {number}\n# - {number}\n"]))
        text = draw(st.sampled_from(kinds(number) if block else kinds(number)[:6]))
        alone = "\n" in text
        behind = "" if alone else draw(st.sampled_from([f" # c{number}", f"   # {number}: c, d", ""]))
        items.append(Item(text, above, behind))
    return items


@st.composite
def changes(draw: st.DrawFn, items: list[Item]) -> tuple[list[int], list[Any]]:
    """Which items stay, and the values of the new list, after some were put in, taken out and added."""
    now: list[Any] = list(enumerate(items))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(now)))
        if draw(st.booleans()) and at < len(now) > 1:
            del now[at]
        else:
            now.insert(at, draw(NEW))
    stay = [one[0] for one in now if isinstance(one, tuple)]
    return stay, [one[1].value if isinstance(one, tuple) else one for one in now]


def in_order(text: str, parts: list[str]) -> bool:
    """Whether a text holds others one after the other, each from the beginning of a line."""
    at = 0
    for part in parts:
        at = text.find(f"\n{part}", at)
        if at < 0:
            return False
        at += len(part)
    return True


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists(block=True), st.sampled_from([0, 2, 4]), st.sampled_from(["", "\n"]), st.booleans(), st.data())
def test_of_a_list_on_lines_all_that_stays_is_as_before(
    tmp_path_factory: Any, items: list[Item], indent: int, between: str, crlf: bool, data: st.DataObject
) -> None:
    ending = "\r\n" if crlf else "\n"
    head, tail = "# head\na: 1\nk: # list\n", "# end\nz: {y: 2} # z\n"
    blocks = [item.block(indent) for item in items]
    before = (head + between.join(blocks) + tail).replace("\n", ending)
    stay, wanted = data.draw(changes(items))
    after = edit.set_value(before, ("k",), wanted)
    assert in_order(after, [blocks[number].replace("\n", ending) for number in stay])
    assert after.startswith(head.replace("\n", ending))
    assert after.endswith(tail.replace("\n", ending))
    job = tmp_path_factory.mktemp("lists") / "job.yaml"
    job.write_bytes(after.encode())
    composed = Composer(Setting(job.parent)).compose(Selection(str(job)))
    assert composed.error is None
    assert same(load(composed.yaml), {"a": 1, "k": wanted, "z": {"y": 2}})


@settings(max_examples=150)
@given(lists(block=True), st.data())
def test_items_that_change_places_take_their_comments_along(items: list[Item], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(items))))
    after = edit.set_value(
        "k:\n" + "".join(item.block(2) for item in items), ("k",), [items[number].value for number in order]
    )
    assert after == "k:\n" + "".join(items[number].block(2) for number in order)


@settings(max_examples=150)
@given(lists(block=False), st.booleans(), st.data())
def test_of_a_list_in_brackets_all_that_stays_is_as_before(
    items: list[Item], closed: bool, data: st.DataObject
) -> None:
    texts = [
        "".join(f"  {line}\n" for line in item.above.splitlines()) + f"  {item.lines},{item.behind}\n" for item in items
    ]
    last = f"  {items[-1].lines}{',' if closed else ''}{items[-1].behind}\n"
    before = "a: 1\nk: [ # list\n" + "".join(texts[:-1]) + f"{items[-1].above}{last}  # end\n]\nz: 2\n"
    stay, wanted = data.draw(changes(items))
    after = edit.set_value(before, ("k",), wanted)
    assert in_order(after, [texts[number] for number in stay if number < len(items) - 1])
    assert after.startswith("a: 1\nk: [ # list\n")
    assert after.endswith("\n  # end\n]\nz: 2\n")
    if len(items) - 1 in stay:
        assert f"{items[-1].above}  {items[-1].lines}" in after
        assert items[-1].behind.lstrip() in after


@settings(max_examples=150)
@given(st.lists(NEW, min_size=1, max_size=6), st.lists(NEW, min_size=1, max_size=6))
def test_any_list_can_be_written_over_any_other(old: list[Any], new: list[Any]) -> None:
    on_lines = edit.set_value("", ("k", "l"), old)
    in_brackets = f"k: {{l: {inline(old)}}}\n"
    for before in (on_lines, in_brackets):
        assert same(load(edit.set_value(before, ("k", "l"), new)), {"k": {"l": new}})


def test_a_long_list_is_written_soon() -> None:
    items = [{"name": f"n{number}", "size": number} for number in range(2_000)]
    before = edit.set_value("", ("k",), items)
    started = time.perf_counter()
    after = edit.set_value(before, ("k",), [*items[1:500], {"name": "n500", "size": -1}, *items[500:], {"new": 1}])
    assert time.perf_counter() - started < 10
    assert after.endswith("  - name: n1999\n    size: 1999\n  - new: 1\n")
