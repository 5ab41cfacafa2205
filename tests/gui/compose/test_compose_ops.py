import msgspec
import pytest
from PySide6.QtCore import Qt

from niceml_engine.descriptions import Described
from niceml_engine.protocol.runs import StartRun
from niceml_engine.values import Choice, Composed, Leaf, Origin, Problem, Selection
from niceml_gui.workspaces.compose.cards.editors import Field, Switch
from niceml_gui.workspaces.compose.cards.pane import OpsPane
from niceml_gui.workspaces.compose.cards.pickers import ListPicker, Picker
from tests.gui.compose.described import heads_of

TRAIN = "ops.train.config"
EPOCHS = f"{TRAIN}.train_params.epochs"


@pytest.fixture
def pane(session, qtbot):
    pane = OpsPane(session)
    qtbot.addWidget(pane)
    pane.resize(400, 900)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


@pytest.fixture
def calls(session, monkeypatch):
    made = []
    monkeypatch.setattr(session, "set_value", lambda key, text: made.append((key, text)))
    monkeypatch.setattr(session, "choose", lambda choice, option: made.append((choice.key, option)))
    monkeypatch.setattr(session, "reset", lambda key: made.append(("reset", key)))
    return made


def row(pane, key):
    found = pane.row_of(key, "")
    assert found is not None
    return found


def picker(pane, package):
    return next(
        card.reach(row)
        for card in pane.cards.values()
        for row in card.card.rows
        if row.choice and row.choice.package == package
    )


def retype(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("key", "typed", "text"),
    [
        (EPOCHS, "25", "25"),
        (f"{TRAIN}.learning_rate", "1e-4", "1e-4"),
        (f"{TRAIN}.model.filters", "[8, 16]", "[8,16]"),
        ("globals.exp_name", "my run, again", "'my run, again'"),
        ("globals.exp_prefix", "10", "'10'"),
    ],
)
def test_editing_a_field_sets_the_override(pane, calls, qtbot, key, typed, text):
    retype(qtbot, row(pane, key).control, typed)
    assert calls == [(key, text)]


def test_a_switch_sets_true_and_false(pane, calls, qtbot):
    switch = row(pane, f"{TRAIN}.data_train.shuffle").control
    assert isinstance(switch, Switch)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert calls == [(f"{TRAIN}.data_train.shuffle", "false")]


def refuse(qtbot, pane, key=EPOCHS, text="many"):
    """Types what cannot be set, and leaves the field."""
    refused = row(pane, key)
    retype(qtbot, refused.control, text)
    pane.edit.setFocus()
    return refused


def test_what_is_no_number_stays_with_a_reason_in_words_and_is_not_set(session, pane, calls, qtbot):
    refused = refuse(qtbot, pane)
    assert calls == []
    assert refused.control.text() == "many"
    assert refused.control.property("invalid") == "true"
    assert refused.words.isVisible()
    assert "not a whole number" in refused.words.full_text()
    assert (session.problems[0].key, session.problems[0].severity) == (EPOCHS, "error")
    assert "“many”" in session.problems[0].message


@pytest.mark.parametrize("way", ["escape", "undo in the field", "arrow", "another value", "mended"])
def test_what_was_refused_is_given_up_or_mended(session, pane, calls, qtbot, way):
    refused = refuse(qtbot, pane)
    field = refused.control
    field.setFocus()
    if way == "escape":
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    elif way == "undo in the field":
        while field.isUndoAvailable():
            qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    elif way == "arrow":
        qtbot.mouseClick(refused.reset, Qt.MouseButton.LeftButton)
    elif way == "another value":
        pane.edit.setFocus()
        leaves = [
            msgspec.structs.replace(leaf, value=12, resolved=12) if leaf.key == EPOCHS else leaf
            for leaf in session.composed.leaves
        ]
        session.show(msgspec.structs.replace(session.composed, leaves=tuple(leaves)))
    else:
        retype(qtbot, field, "12")
    assert field.text() == ("12" if way in ("another value", "mended") else "10")
    assert calls == ([(EPOCHS, "12")] if way == "mended" else [])
    assert session.refused == {}
    assert not refused.words.isVisible()
    assert field.property("invalid") != "true"


def test_a_new_composition_keeps_what_was_refused_unless_its_field_goes(session, pane, qtbot):
    refused = refuse(qtbot, pane)
    session.show(msgspec.structs.replace(session.composed, milliseconds=1.0))
    assert refused.control.text() == "many"
    session.show(msgspec.structs.replace(session.composed, leaves=()))
    assert session.refused == {}


def test_run_names_the_field_that_holds_what_was_refused(session, pane, qtbot):
    refuse(qtbot, pane)
    with qtbot.waitSignal(session.message) as said:
        session.start_run()
    assert EPOCHS in said.args[0].text
    assert "not a whole number" in said.args[0].text
    assert not any(isinstance(request, StartRun) for request in session.engine.asked)


def test_choosing_and_choosing_nothing(pane, calls):
    control = picker(pane, f"{TRAIN}.callbacks").control
    assert isinstance(control, Picker)
    for name in ("callbacks_none", "null"):
        control.activated.emit(control.findText(name))
    key = f"ops/train/callbacks@{TRAIN}.callbacks"
    assert calls == [(key, "callbacks_none"), (key, None)]


def test_several_options_are_checked_in_order(session, pane, calls):
    choice = Choice("hooks@hooks", "hooks", "hooks", ("a", "b"), ("a", "b", "c"), "job", is_list=True)
    session.show(msgspec.structs.replace(session.composed, choices=(*session.composed.choices, choice)))
    control = picker(pane, "hooks").control
    assert isinstance(control, ListPicker)
    control.menu.actions()[2].trigger()
    assert calls == [("hooks@hooks", "[a,b,c]")]


def test_a_changed_field_is_marked_and_can_be_reset(pane, calls, qtbot):
    changed = row(pane, EPOCHS)
    assert changed.control.property("changed") == "true"
    assert row(pane, f"{TRAIN}.learning_rate").control.property("changed") != "true"
    qtbot.mouseClick(changed.reset, Qt.MouseButton.LeftButton)
    assert calls == [("reset", EPOCHS)]


def test_a_missing_choice_is_marked(session, pane):
    missing = [
        msgspec.structs.replace(choice, chosen=(), missing=True) if choice.group == "ops/analysis" else choice
        for choice in session.composed.choices
    ]
    session.show(msgspec.structs.replace(session.composed, choices=tuple(missing)))
    wrong = picker(pane, "ops.analysis.config")
    assert wrong.control.currentText() == "???"
    assert wrong.control.property("invalid") == "true"
    assert wrong.words.full_text() == "must be chosen"  # the colour alone would not be told by everybody


def test_all_controls_of_a_card_end_at_one_place(session, pane, qtbot):
    plain, changed = row(pane, f"{TRAIN}.learning_rate"), row(pane, EPOCHS)
    choice = next(one for one in session.composed.choices if one.package == TRAIN)
    unknown = msgspec.structs.replace(choice, chosen=("nothing",))
    others = [one for one in session.composed.choices if one is not choice]
    session.show(msgspec.structs.replace(session.composed, choices=(unknown, *others)))
    wrong = picker(pane, TRAIN)
    assert wrong.words.full_text() == "there is no nothing"

    def ends():
        return {one.control.mapTo(pane, one.control.rect().topRight()).x() for one in (plain, changed, wrong)}

    qtbot.waitUntil(lambda: len(ends()) == 1)


def test_a_new_composition_keeps_widgets_focus_and_what_is_being_typed(session, pane, qtbot):
    field = row(pane, f"{TRAIN}.learning_rate").control
    other = row(pane, EPOCHS).control
    field.setFocus()
    qtbot.keyClicks(field, "77")
    typing = field.text()
    leaves = tuple(
        msgspec.structs.replace(leaf, value=12, resolved=12) if leaf.key == EPOCHS else leaf
        for leaf in session.composed.leaves
    )
    session.show(msgspec.structs.replace(session.composed, leaves=leaves))
    assert row(pane, EPOCHS).control is other
    assert other.text() == "12"
    assert field.hasFocus()
    assert field.text() == typing


def test_values_stay_after_an_error(session, pane):
    before = [row.id for row in pane.cards["train"].card.rows if row.leaf is not None]
    assert before
    error = Problem("error", "x", "broken")
    session.show(Composed(session.selection, choices=session.composed.choices[:2], error=error))
    assert [row.id for row in pane.cards["train"].card.rows if row.leaf is not None] == before


def test_a_field_shows_what_was_set_while_the_job_is_refused(session, pane):
    error = Problem("error", "x", "broken")
    overrides = (f"{EPOCHS}=12",)
    session.set_overrides(overrides, "Set")
    session.show(Composed(session.selection, choices=session.composed.choices, error=error))
    field = row(pane, EPOCHS).control
    assert isinstance(field, Field)
    assert field.text() == "12"
    session.set_overrides((f"{EPOCHS}=13",), "Set")
    session.show(Composed(session.selection, choices=session.composed.choices, error=error))
    assert field.text() == "13"


def test_the_runs_of_a_sweep_move_nothing_and_an_old_card_says_so(session, pane):
    assert pane.layout().indexOf(pane.runs) > pane.layout().indexOf(pane.area)
    assert not pane.hint.isVisible()
    session.show(Composed(session.selection, error=Problem("error", "x", "no such option")))
    assert "does not compose" in pane.hint.text()
    assert pane.hint.isVisible()


def shown(pane):
    return [widget.row.label for card in pane.cards.values() for widget in card.rows.values() if widget.isVisible()]


def test_filtering_shows_fitting_rows_and_what_they_lie_in(pane, qtbot):
    pane.edit.setText("dropout")
    qtbot.waitUntil(lambda: shown(pane) == ["model", "dropout"])
    assert [name for name, card in pane.cards.items() if card.isVisible()] == ["train"]
    qtbot.keyClick(pane.edit, Qt.Key.Key_Escape)
    assert pane.cards["analysis"].isVisible()
    assert "optimizer" not in shown(pane)


def test_the_filter_looks_behind_all_values_and_into_lists_and_says_where_nothing_fits(session, pane, qtbot):
    callbacks = [{"_target_": "my.Stop", "patience": n} for n in range(40)] + [{"password": "hush"}]
    more = (
        Leaf(f"{TRAIN}.model.head.layers.size", 3, Origin("x"), resolved=3),
        Leaf(f"{TRAIN}.callbacks", callbacks, Origin("x"), resolved=callbacks),
        Leaf(f"{TRAIN}.lead", "${globals.person}", Origin("x"), resolved="Ada"),
        Leaf(f"{TRAIN}.password", "hush", Origin("x"), resolved="***", secret=True),
    )
    leaves = (*session.composed.leaves, *more)
    session.show(msgspec.structs.replace(session.composed, leaves=leaves, heads=heads_of(leaves)))
    for text, rows in (
        ("layers size", ["layers", "size"]),
        ("patience 37", ["callbacks", "[37].patience"]),
        ("ADA", ["lead"]),
        ("hush", []),
    ):
        pane.edit.setText(text)
        qtbot.waitUntil(lambda rows=rows: shown(pane)[-2:] == rows)
        assert pane.hint.isVisible() is not bool(rows)
    assert "Nothing fits the filter" in pane.hint.text()
    pane.edit.setText("[37].patience")
    row(pane, f"{TRAIN}.callbacks[37].patience").set_text("5")
    assert session.selection.overrides[-1] == f"{TRAIN}.callbacks.37.patience=5"
    pane.edit.clear()
    assert not pane.hint.isVisible()


def test_it_is_said_where_more_fits_the_filter_than_is_shown(session, pane, qtbot):
    items = [{"rate": n, "size": n} for n in range(1340)]
    more = Leaf(f"{TRAIN}.items", items, Origin("x"), resolved=items)
    session.show(msgspec.structs.replace(session.composed, leaves=(*session.composed.leaves, more)))
    pane.edit.setText("rate items")
    assert pane.hint.text() == f"{TRAIN}.items: 200 of 1,340 that fit; type more."
    pane.edit.setText("[1337].rate")
    assert not pane.hint.isVisible()


def test_folding_keeps_what_is_changed_in_sight(pane, qtbot):
    card = pane.cards["train"]
    qtbot.keyClick(card.head, Qt.Key.Key_Space)
    shown = [widget.row.label for widget in card.rows.values() if widget.isVisible()]
    assert shown == ["option", "train_params", "epochs"]


def test_a_secret_is_masked_and_cannot_be_edited(session, pane):
    secret = Leaf("globals.credentials.key", "${oc.env:KEY}", Origin("x"), resolved="***", secret=True)
    leaves = (*session.composed.leaves, secret)
    selection = msgspec.structs.replace(session.selection, overrides=("globals.credentials.key=x",))
    session.show(msgspec.structs.replace(session.composed, leaves=leaves, selection=selection))
    field = row(pane, secret.key).control
    assert isinstance(field, Field)
    assert field.text() == "***"
    assert field.isReadOnly()


def test_the_hint_of_a_field_gives_way_to_its_value(qtbot):
    field = Field()
    qtbot.addWidget(field)
    field.resize(170, 26)
    field.show()

    def room(value, hint):
        field.show_value(value, hint, Described(), "")
        return field.textMargins().right()

    assert room("[1, 2]", "list[int]") > 40
    assert room("[55000, 5000, 10000]", "list[int]") == 0
    assert 0 < room("${data.length_of_all_samples}", "int") <= 36


def test_a_config_that_python_makes_offers_to_trust_the_project_where_its_values_would_be(
    session, pane, monkeypatch, qtbot
):
    asked = []
    monkeypatch.setattr(session.trust, "ask", asked.append)
    assert not pane.trust_button.isVisible()
    error = Problem("error", "only-in-python", "`config` exists only in Python")
    session.show(Composed(Selection("/project/app.py"), error=error))
    assert pane.trust_button.isVisible()
    assert "trust the project" in pane.hint.text()
    assert "choose what is missing" not in pane.hint.text()
    pane.trust_button.click()
    assert asked == [session.selection]
    session.show(Composed(Selection("/project/app.py"), error=Problem("error", "missing-choice", "choose db")))
    qtbot.waitUntil(lambda: not pane.trust_button.isVisible())
