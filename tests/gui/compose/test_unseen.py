"""While a job does not compose, its fields show what was set meanwhile."""

import msgspec
import pytest

from niceml_engine.values import Leaf, Origin
from niceml_gui.workspaces.compose.cards.unseen import with_unseen
from niceml_gui.workspaces.compose.quoting import element, value_of

FILE = Origin("c", "/c.yaml", 1, text="7")


def leaf(key, value, *origins):
    *shadows, origin = origins
    return Leaf(key, value, origin, tuple(shadows), value)


def values(before, seen, overrides):
    return {one.key: one.value for one in with_unseen(before, seen, overrides)}


def test_what_is_set_changed_reset_and_removed_is_seen_before_it_composes():
    set_before = leaf("b", 15, FILE, Origin("override", text="b=15"))
    before = (leaf("a", 7, FILE), set_before, leaf("c", 7, FILE), leaf("d", [1], FILE), leaf("e", 7, FILE))
    assert values(before, ("b=15",), ("b=15", "a=8", "d=[2,x]", "~e", "+f=1")) == {
        "a": 8,
        "b": 15,
        "c": 7,
        "d": [2, "x"],
    }
    assert values(before, ("b=15",), ("b=16",))["b"] == 16
    found = with_unseen(before, ("b=15",), ("c=1",))
    assert [(one.value, one.origin) for one in found[1:3]] == [(7, FILE), (1, Origin("override", text="c=1"))]
    assert found[2].shadows == (FILE,)
    assert all(
        one is other for one, other in zip(with_unseen(before, ("b=15",), ("b=15", "g.h=1")), before, strict=True)
    )


def test_of_a_secret_and_of_what_no_file_says_nothing_is_guessed():
    secret = msgspec.structs.replace(leaf("key", "•••", FILE), secret=True)
    block = leaf("items", [1], Origin("c", "/c.yaml", 1), Origin("override", text="items=[1]"))
    assert with_unseen((secret, block), ("items=[1]",), ("key=x",)) == (secret, block)


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -3, 1.5, 1e-05, "text", "10", "it's", "a, b", "", [1, "x", [True]], {"a": {"b": 1}}]
)
def test_values_are_read_back_as_they_were_written(value):
    assert value_of(element(value)) == value
    assert type(value_of(element(value))) is type(value)


@pytest.mark.parametrize("text", ["1,2", "range(1,4)", "[1,", "${a.b}", f"{'[' * 3000}{']' * 3000}", "2020-01-01"])
def test_what_is_no_value_stays_a_text(text):
    assert value_of(text) == text


def test_what_stands_in_a_list_is_read_as_hydra_reads_it():
    assert value_of("[2020-13-45, 007, 1e-3, yes, '8', {a:null}]") == [
        "2020-13-45",
        "007",
        1e-3,
        "yes",
        "8",
        {"a": None},
    ]


def test_a_text_that_cannot_be_read_any_more_is_left():
    before = leaf("a", 8, Origin("c", "/c.yaml", 1, text="2020-13-45"), Origin("override", text="a=8"))
    assert with_unseen((before,), ("a=8",), ()) == (before,)
