"""What two composed configs have in common is the same object in both."""

from __future__ import annotations

import msgspec
import pytest

from niceml_engine.values import Composed, Leaf, Node, Origin, Selection
from niceml_gui.session import Session
from niceml_gui.sharing import shared
from niceml_gui.workspaces.compose.cards.pane import OpsPane

ORIGIN = Origin("a", "/a.yaml", 1)


def copied(composed: Composed) -> Composed:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(composed), type=Composed)


def test_equal_parts_are_those_of_the_older_one() -> None:
    leaves = (Leaf("a", 1, ORIGIN, resolved=1), Leaf("b", [1, {"c": 2}], ORIGIN, resolved=[1, {"c": 2}]))
    before = Composed(Selection("/a.yaml"), "d", leaves=leaves, nodes=(Node("a", "/a.yaml"),), lines=("a", "b", ""))
    same = shared(before, copied(before))
    assert same == before
    assert (same.leaves is leaves, same.nodes is before.nodes, same.lines is before.lines) == (True, True, True)
    changed = copied(msgspec.structs.replace(before, leaves=(Leaf("a", 2, ORIGIN, resolved=2), leaves[1]), nodes=()))
    found = shared(before, changed)
    assert found == changed
    assert found.leaves[1] is leaves[1]


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0, False), ([1], [True]), ({"a": 1}, {"a": 1.0})])
def test_what_is_equal_but_of_another_type_is_another_leaf(one: object, other: object) -> None:
    for before, now in (
        (Leaf("a", one, ORIGIN), Leaf("a", other, ORIGIN)),
        (Leaf("a", "${b}", ORIGIN, (), one), Leaf("a", "${b}", ORIGIN, (), other)),
    ):
        found = shared(Composed(Selection(""), leaves=(before,)), Composed(Selection(""), leaves=(now,)))
        assert found.leaves[0] is now
        assert found.leaves[0] is not before


def test_an_answer_after_a_refusal_shares_with_the_last_good_one(session: Session) -> None:
    good = session.composed
    session._composed(msgspec.structs.replace(good, digest="", leaves=(), yaml="", lines=()))
    session._composed(copied(good))
    assert session.composed.leaves is good.leaves


def test_cards_that_nothing_has_changed_stay(session: Session, qtbot) -> None:
    pane = OpsPane(session)
    qtbot.addWidget(pane)
    before = {name: card.card for name, card in pane.cards.items()}
    changed = next(leaf for leaf in session.composed.leaves if leaf.key == "train.epochs")
    leaves = [msgspec.structs.replace(leaf, value=99) if leaf is changed else leaf for leaf in session.composed.leaves]
    session._composed(copied(msgspec.structs.replace(session.composed, leaves=tuple(leaves), digest="other")))
    after = {name: card.card for name, card in pane.cards.items()}
    assert [name for name in before if after[name] is not before[name]] == ["train"]
