"""The rows of a card: which are shown, which are made, and what is said at them."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from niceml_engine.values import Choice, Leaf, Origin, Problem
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.help import tooltip
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.cards.row_list import MOST
from niceml_gui.workspaces.compose.rules import is_interpolation
from tests.gui.compose.described import MODEL, TRAIN, row, type_into, with_leaf


def test_a_card_shows_all_its_values_with_headings(session, pane):
    deep = Leaf(f"{TRAIN}.optimizer.schedule.steps", 3, Origin("x", "/x.yaml", 3), resolved=3)
    with_leaf(session, deep)
    card = pane.cards["train"]
    assert deep.key not in [one.key for one in card.card.rows]
    card.all_button.setChecked(True)
    rows = [(one.label, one.indent) for one in card.card.rows]
    place = rows.index(("optimizer", 0))
    assert [one for one in rows[place:] if one[0]][:3] == [("optimizer", 0), ("schedule", 1), ("steps", 2)]
    card.all_button.setChecked(False)
    assert deep.key not in [one.key for one in card.card.rows]


def test_rows_that_nobody_sees_any_more_are_dropped(session, pane, qtbot):
    many = [Leaf(f"{TRAIN}.many.value_{n}", n, Origin("x", "/x.yaml", n + 1), resolved=n) for n in range(2000)]
    with_leaf(session, *many)
    card, bar = pane.cards["train"], pane.area.verticalScrollBar()
    card.all_button.setChecked(True)
    refused = row(pane, many[0].key)
    type_into(qtbot, refused.control, "many")
    for part in range(40):
        before = set(card.rows)
        bar.setValue(bar.maximum() * part // 40)
        QApplication.processEvents()
        QApplication.processEvents()
        assert len(before - set(card.rows)) <= len(set(card.rows) - before)  # never so many that it is felt
    assert MOST <= len(card.rows) <= MOST + 50
    assert row(pane, many[0].key) is refused
    assert refused.control.text() == "many"


def test_rows_far_away_are_made_when_they_come_into_sight(session, pane, qtbot):
    many = [Leaf(f"{TRAIN}.many.value_{n}", n, Origin("x", "/x.yaml", n + 1), resolved=n) for n in range(500)]
    with_leaf(session, *many)
    card = pane.cards["train"]
    card.all_button.setChecked(True)
    QApplication.processEvents()
    assert len(card.rows) < 100
    assert card.list.height() > 500 * 30
    last = row(pane, many[-1].key)
    assert isinstance(last.control, Field)
    pane.area.verticalScrollBar().setValue(pane.area.verticalScrollBar().maximum() // 2)
    seen = len(card.rows)
    qtbot.waitUntil(lambda: len(card.rows) > seen)
    card.list.reach(next(one for one in card.card.rows if one.key == many[400].key)).control.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is row(pane, many[401].key).control


def test_what_is_wrong_with_a_value_is_said_at_its_field_and_its_card(session, pane):
    problem = Problem("error", "unfit", "dropout is no number", key=f"{MODEL}.dropout")
    deep = Leaf(f"{MODEL}.head.layers.size", 3, Origin("x"), resolved=3)
    with_leaf(session, deep)
    assert all(one.key != deep.key for one in pane.cards["train"].card.rows)
    note = Problem("warning", "odd", "size is odd", key=deep.key)
    session.checks = (note, problem)
    session.problems_changed.emit()
    head, field = pane.cards["train"].head, row(pane, f"{MODEL}.dropout").control
    assert field.property("invalid") == "true"
    assert field.toolTip().startswith("error: dropout is no number\n")
    assert (head.note.partition(" · ")[0], head.tint) == ("2 problems", "error")
    doubted = row(pane, deep.key).control
    assert doubted.toolTip().startswith("warning: size is odd\n")
    assert doubted.property("doubted") == "true"
    assert doubted.property("invalid") != "true"
    assert field.property("doubted") != "true"
    session.checks = ()
    session.problems_changed.emit()
    assert field.property("invalid") != "true"
    assert (head.note.partition(" · ")[0], head.tint) == ("1 problem", "warning")  # that of the sample
    assert all(one.key != deep.key for one in pane.cards["train"].card.rows)


def test_megabytes_in_a_value_are_told_of_in_short(session):
    text = "x" * 5_000_000
    leaf = Leaf("blob", text, Origin("config", "/p/config.yaml", 2, "", text), resolved=text)
    assert len(tooltip(Row("blob", "blob", 0, leaf=leaf))) < 5_000
    assert not is_interpolation(text)
    assert is_interpolation(f"{text}${{a}}")


def test_a_value_that_must_be_given_is_framed_again_when_what_was_typed_is_undone(session, pane, qtbot):
    missing = Leaf(f"{TRAIN}.batch", "???", Origin("x", "/x.yaml", 3), reason="a value must be given here")
    with_leaf(session, missing)
    field = row(pane, missing.key).control
    assert field.property("invalid") == "true"
    type_into(qtbot, field, "7")
    assert session.selection.overrides[-1] == f"{missing.key}=7"
    with_leaf(session, Leaf(missing.key, 7, Origin("", "", 1), resolved=7))
    assert row(pane, missing.key).control.property("invalid") != "true"
    session.undo.undo()
    with_leaf(session, missing)
    field = row(pane, missing.key).control
    assert field.property("invalid") == "true"
    for _ in range(2):  # also when somebody looks into it and leaves it
        field.setFocus()
        assert field.hasFocus()
        pane.edit.setFocus()
        assert not field.hasFocus()
        assert field.property("invalid") == "true"
    field.setFocus()
    qtbot.keyClicks(field, "7")
    assert field.property("invalid") != "true"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.property("invalid") == "true"


def test_a_picker_that_an_override_has_added_says_so():
    choice = Choice("+db", "db", "db", ("pg",), ("pg", "mysql"), "config", "/config.yaml", changed=True)
    assert "group db, added by an override" in tooltip(Row("db", "db", 0, choice=choice))
    assert "group db, chosen in config:3" in tooltip(Row("db", "db", 0, choice=msgspec.structs.replace(choice, line=3)))
