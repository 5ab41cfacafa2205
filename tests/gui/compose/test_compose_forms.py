"""The cards as forms: what the service knows of values, classes that fit, sweeps, keys that come and go."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu

from niceml_engine.descriptions import Candidate, Described, Expansion, Fitting, Target
from niceml_engine.protocol.forms import Describe, Expand, Fit
from niceml_engine.values import Leaf, Origin
from niceml_gui.widgets.header import Header
from niceml_gui.workspaces.compose.cards.adding import AddField
from niceml_gui.workspaces.compose.cards.choosing import effect
from niceml_gui.workspaces.compose.cards.editors import Field, Lines, Switch
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.cards.rows import control_of
from niceml_gui.workspaces.compose.quoting import complaint, override_text
from niceml_gui.workspaces.compose.rules import ANYTHING
from tests.gui.compose.described import (
    EPOCHS,
    FITTING,
    KNOWN,
    MODEL,
    NET,
    OUTPUT,
    RATE,
    TRAIN,
    row,
    type_into,
    with_leaf,
)


def texts(session):
    return session.selection.overrides


def menu_of(field):
    return next(child for child in field.findChildren(QMenu) if child.objectName() != "qt_edit_menu")


def test_a_field_keeps_within_its_bounds(session, pane, qtbot):
    epochs = row(pane, EPOCHS)
    type_into(qtbot, epochs.control, "0")
    assert epochs.words.full_text() == "less than 1"
    assert texts(session) == (f"{EPOCHS}=10",)
    type_into(qtbot, epochs.control, "3")
    assert texts(session) == (f"{EPOCHS}=3",)


@pytest.mark.parametrize(
    ("text", "rule", "why"),
    [
        ("0", Described("float", least=0, least_open=True), "not above 0"),
        ("1.5", Described("float", most=1), "more than 1"),
        ("5", Described("int", most=5, most_open=True), "not below 5"),
        ("inf", Described("float"), ""),
        ("1, x", Described("int"), "not a whole number"),
        ("0, 3", Described("int", least=1), "less than 1"),
        ("range(1, 3)", Described("int", least=1), ""),
        ("interval(0, 1)", ANYTHING, "an interval has no end of values; write range(START,STOP,STEP) or choice(…)"),
        ("cat", Described("text", choices=("dog", "bird")), "not one of dog, bird"),
        ("dog, bird", Described("text", choices=("dog", "bird")), ""),
        ("[1]", Described("mapping"), "not a mapping such as {a: 1}"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(text, rule, why):
    assert complaint(text, rule) == why


@pytest.mark.parametrize(
    ("text", "rule", "override"),
    [
        ("1e-3, 3e-4", Described("float"), "1e-3,3e-4"),
        ("true,false", Described("bool"), "true,false"),
        ("dog, bird", Described("text", choices=("dog", "bird")), "dog,bird"),
        ("a, b", Described("text"), "'a, b'"),
        ("choice(a, 'b c')", Described("text"), "choice(a, 'b c')"),
        ("10", Described("text"), "'10'"),
        ("10", Described("any"), "10"),
    ],
)
def test_several_values_are_a_sweep_where_a_comma_is_no_text(text, rule, override):
    assert override_text(text, rule) == override


def test_choices_are_offered_and_others_refused(session, pane, qtbot):
    output = row(pane, OUTPUT.key)
    output.control.side.click()
    menu = menu_of(output.control)
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [("sigmoid", True), ("softmax", False)]
    menu.actions()[1].trigger()
    menu.close()
    assert texts(session)[-1] == f"{OUTPUT.key}=softmax"
    type_into(qtbot, output.control, "relu")
    assert "not one of sigmoid, softmax" in output.words.full_text()


def test_help_says_type_default_meaning_and_signature(session, pane):
    session.set_focus(key=f"{MODEL}.dropout")
    assert pane.help.isVisible()
    assert pane.help.title.full_text() == "dropout · float 0…1, default 0.25 · of SmallCnn"
    assert pane.help.text.text() == "Part that is dropped."
    session.set_focus(key=f"{MODEL}._target_")
    assert pane.help.code.full_text().startswith("SmallCnn(filters")
    assert "Part that is dropped." in row(pane, f"{MODEL}.dropout").control.toolTip()


def test_another_class_is_one_step_that_says_what_falls_away(session, pane, qtbot):
    said = []
    session.message.connect(lambda message: said.append(message.text))
    qtbot.keyClick(row(pane, f"{MODEL}._target_").control, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    offered = pane.chooser.offered
    assert [(entry.title, entry.hint, entry.current) for entry in offered] == [
        ("my.Mlp", "filters falls away · needs units", False),
        (NET, "Blocks.", True),
    ]
    before = texts(session)
    offered[0].chosen()
    assert texts(session) == (f"{MODEL}._target_=my.Mlp",)
    assert said == ["model: there may be more", "Mlp: filters falls away · needs units"]
    session.undo.undo()
    assert texts(session) == before


def test_what_is_typed_in_a_field_and_not_taken_yet_is_kept_among_the_overrides(session, pane, qtbot):
    typed, job = session.kept.drafts.typed, session.selection.job
    field = row(pane, EPOCHS).control
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "77")
    qtbot.waitUntil(lambda: session.kept.drafts.typed.get(job, "").endswith(f"{EPOCHS}=77"))
    assert session.kept.drafts.typed[job].splitlines()[:-1] == list(session.selection.overrides)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert session.kept.drafts.typed == typed
    field.selectAll()
    qtbot.keyClicks(field, "78")
    qtbot.waitUntil(lambda: job in session.kept.drafts.typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.kept.drafts.typed == typed
    assert session.overridden(EPOCHS) == f"{EPOCHS}=78"


def test_of_many_arguments_that_fall_away_it_is_said_first_how_many():
    assert effect(Candidate("a.B", dropped=("one", "two"))) == "one, two fall away"
    assert effect(Candidate("a.B", dropped=tuple("abcd"), needed=("k",))) == "4 fall away: a, b, c, d · needs k"


def test_a_text_that_was_made_a_boolean_can_be_made_a_text_again():
    text = Leaf(
        "note",
        True,
        Origin("override", "", 1, text="note=true"),
        (Origin("x", "/x.yaml", 3, text="hello"),),
        resolved=True,
    )
    flag = Leaf(
        "flag",
        True,
        Origin("override", "", 2, text="flag=true"),
        (Origin("x", "/x.yaml", 4, text="false"),),
        resolved=True,
    )
    assert control_of(Row("note", "note", 0, leaf=text, rule=Described("bool"))) is Field
    assert control_of(Row("flag", "flag", 0, leaf=flag, rule=Described("bool"))) is Switch
    declared = Row("note", "note", 0, leaf=text, rule=Described("bool", owner=NET))
    assert control_of(declared) is Switch


def test_a_class_that_is_typed_lets_fall_away_what_it_does_not_take_and_help_follows(session, pane, answers, qtbot):
    said, asked = [], []
    session.message.connect(lambda message: said.append(message.text))
    fit = session.engine.ask

    def ask(request, then=None, failed=None, timeout=30.0):
        if isinstance(request, Fit):
            asked.append((request, then))
            return 1
        return fit(request, then, failed, timeout)

    session.engine.ask = ask
    before, wanted = texts(session), (f"{EPOCHS}=10", f"{MODEL}._target_=my.Mlp")
    type_into(qtbot, row(pane, f"{MODEL}._target_").control, "my.Mlp")
    assert texts(session) == wanted
    (request, then), *more = asked
    assert (request, more) == (Fit(session.selection, MODEL, "my.Mlp"), [])
    one = Candidate("my.Mlp", dropped=("filters",), needed=("units",), overrides=(*wanted, f"~{MODEL}.filters"))
    then(Fitting(candidates=(one,)))
    assert texts(session) == one.overrides
    assert said == ["Mlp: filters falls away · needs units"]
    assert session.undo.undoText() == "Change model to Mlp"
    assert pane.help.code.full_text() == KNOWN.targets[MODEL].signature
    answers[Describe] = msgspec.structs.replace(KNOWN, targets={MODEL: Target("my.Mlp", "Mlp(units)", "Layers.")})
    session.show(msgspec.structs.replace(session.composed, selection=session.selection))
    qtbot.waitUntil(lambda: (pane.help.text.text(), pane.help.code.full_text()) == ("Layers.", "Mlp(units)"))
    session.undo.undo()
    assert texts(session) == before
    session.undo.redo()
    assert texts(session) == one.overrides


def test_what_a_class_lets_fall_away_stays_where_something_else_was_edited_since(session, pane, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(pane.known, "fit", lambda key, then, selection, target: asked.append(then))
    target = row(pane, f"{MODEL}._target_").control
    type_into(qtbot, target, "no class")
    assert not asked
    type_into(qtbot, target, "my.Mlp")
    session.set_value(EPOCHS, "3")
    now = texts(session)
    asked[0](FITTING)
    asked[0](None)
    assert texts(session) == now


def test_the_list_of_classes_takes_the_keyboard_before_it_knows_them(session, pane, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(pane.known, "fit", lambda key, then, selection: asked.append(then))
    field = row(pane, f"{MODEL}._target_").control
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    picker = pane.chooser._picker
    assert picker.isVisible()
    assert picker._nothing.text() == "Looking for what fits…"
    qtbot.keyClicks(picker.field, "mlp")
    fitting = Fitting(candidates=(Candidate("my.Mlp"), Candidate("other.Cnn")))
    asked[-1](fitting)
    assert [entry.title for entry in pane.chooser.offered] == ["my.Mlp"]
    qtbot.keyClick(picker.field, Qt.Key.Key_Escape)
    asked[-1](fitting)
    assert not picker.isVisible()


def swept(session, answers, runs=("1e-3", "3e-4")):
    override = f"{RATE}={','.join(runs)}"
    answers[Expand] = Expansion(tuple((f"{EPOCHS}=10", f"{RATE}={one}") for one in runs), (1,))
    selection = msgspec.structs.replace(session.selection, overrides=(f"{EPOCHS}=10", override))
    session.show(msgspec.structs.replace(session.composed, selection=selection, runs=len(runs)))


def test_a_sweep_shows_its_runs_before_they_start(session, pane, answers, qtbot):
    header = Header(session)
    qtbot.addWidget(header)
    swept(session, answers)
    qtbot.waitUntil(pane.runs.isVisible)
    field = row(pane, RATE).control
    assert (field.text(), field._hint) == ("1e-3,3e-4", "2 runs")
    table = pane.runs.table
    shown = [[table.item(line, column).text() for column in range(2)] for line in range(table.rowCount())]
    assert shown == [["1", "1e-3"], ["2", "3e-4"]]
    assert [table.horizontalHeaderItem(column).text() for column in range(2)] == ["run", "learning_rate"]
    assert header.run_button.text().strip() == "Run 2"
    selection = msgspec.structs.replace(session.selection, overrides=(f"{EPOCHS}=10",))
    session.show(msgspec.structs.replace(session.composed, selection=selection, runs=1))
    assert not pane.runs.isVisible()
    assert header.run_button.text().strip() == "Run"


def test_a_picker_shows_the_options_that_are_swept(session, pane, answers, qtbot):
    choice = next(one for one in session.composed.choices if one.group == "ops/train")
    answers[Expand] = Expansion(((f"{choice.key}=op_train_base",), (f"{choice.key}=op_train_cls_binary",)), (0,))
    override = f"{choice.key}=op_train_base,op_train_cls_binary"
    selection = msgspec.structs.replace(session.selection, overrides=(override,))
    session.show(msgspec.structs.replace(session.composed, selection=selection, runs=2))
    qtbot.waitUntil(pane.runs.isVisible)
    card = pane.cards["train"]
    control = next(card.reach(one).control for one in card.card.rows if one.choice == choice)
    assert control.currentText() == "op_train_base,op_train_cls_binary"
    assert control.property("invalid") != "true"


def test_an_interpolation_becomes_a_plain_value_and_comes_back(session, pane, qtbot):
    file = Origin("x", "/x.yaml", 3, text="${oc.env:RATE,0.1}")
    with_leaf(session, Leaf(RATE, "${oc.env:RATE,0.1}", file, resolved=0.1))
    field = row(pane, RATE).control
    assert (field.text(), field._hint, field._typing_hint) == ("0.1", "$RATE", "= 0.1")
    field.side.click()
    assert texts(session)[-1] == f"{RATE}=0.1"
    with_leaf(session, Leaf(RATE, 0.1, Origin("override", line=2), (file,), resolved=0.1))
    assert "Use ${oc.env:RATE,0.1} again" in field.side.toolTip()
    field.side.click()
    assert texts(session) == (f"{EPOCHS}=10",)


def test_a_path_is_chosen_and_says_that_it_is_not_there(session, pane, monkeypatch):
    uri = Leaf("globals.data_location.uri", "./data", Origin("x", "/x.yaml", 3), resolved="./data")
    with_leaf(session, uri)
    pane.cards["globals"].all_button.setChecked(True)
    field = row(pane, uri.key).control
    assert field._hint == "not there"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/project/other")
    field.side.click()
    assert texts(session)[-1] == f"{uri.key}=other"


def test_ctrl_backspace_resets_and_ctrl_delete_removes(session, pane, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(row(pane, EPOCHS).control, Qt.Key.Key_Backspace, control)
    assert texts(session) == ()
    qtbot.keyClick(row(pane, f"{MODEL}.dropout").control, Qt.Key.Key_Delete, control)
    assert texts(session) == (f"~{MODEL}.dropout",)
    added = Leaf(f"{MODEL}.extra", 1, Origin("override", line=1, text=f"+{MODEL}.extra=1"), resolved=1)
    with_leaf(session, added)
    session.set_overrides((f"+{MODEL}.extra=1",), "add")
    qtbot.keyClick(row(pane, added.key).control, Qt.Key.Key_Delete, control)
    assert texts(session) == (), "what was only added is taken back"


def test_what_was_changed_here_and_taken_back_is_shown_again(session, pane, qtbot):
    shuffle, epochs = row(pane, f"{TRAIN}.data_train.shuffle").control, row(pane, EPOCHS).control
    qtbot.mouseClick(shuffle, Qt.MouseButton.LeftButton)
    type_into(qtbot, epochs, "77")
    pane.edit.setFocus()
    session.show(msgspec.structs.replace(session.composed, milliseconds=9.0))
    assert (shuffle.isChecked(), epochs.text()) == (True, "10")


def test_a_list_is_edited_one_item_a_line(session, pane, qtbot):
    filters = row(pane, f"{MODEL}.filters")
    filters.control.side.click()
    assert filters.items.toPlainText() == "16\n32\n64"
    filters.items.setPlainText("8\n\n'a'\nb, c")
    qtbot.keyClick(filters.items, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert texts(session)[-1] == f"{MODEL}.filters=[8,'a','b, c']"
    filters.control.side.click()
    assert filters.items.isHidden()


def test_an_item_that_cannot_be_one_stays_where_it_was_typed(session, pane, qtbot):
    filters, before = row(pane, f"{MODEL}.filters"), texts(session)
    filters.show_row(msgspec.structs.replace(filters.row, rule=Described("list", "list[int]", items="int")))
    filters.control.side.click()
    filters.items.setPlainText("8\nfoo")
    qtbot.keyClick(filters.items, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert texts(session) == before
    assert filters.words.full_text() == "foo is not a whole number"
    assert filters.items.toPlainText() == "8\nfoo"
    filters.items.setPlainText("8\n9")
    qtbot.keyClick(filters.items, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert texts(session) == (*before, f"{MODEL}.filters=[8,9]")
    assert filters.words.isHidden()


def test_text_of_several_lines_has_several_lines(session, pane, qtbot):
    with_leaf(session, Leaf("globals.note", "one\ntwo", Origin("x", "/x.yaml", 3), resolved="one\ntwo"))
    lines = row(pane, "globals.note").control
    assert isinstance(lines, Lines)
    lines.setPlainText("one\n'2'")
    qtbot.keyClick(lines, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert texts(session)[-1] == "globals.note='one\n\\'2\\''"


def add_field(pane, package):
    card = pane.cards["train"]
    card.all_button.setChecked(True)
    found = next(row for row in card.card.rows if row.adds and row.key == package)
    control = card.reach(found).control
    assert isinstance(control, AddField)
    return control


@pytest.mark.parametrize(
    ("package", "typed", "override"),
    [
        (MODEL, "norm", f"+{MODEL}.norm=batch"),
        (MODEL, "depth", f"+{MODEL}.depth=???"),
        (MODEL, "depth: 3", f"+{MODEL}.depth=3"),
        (TRAIN, "fresh = [1, 2]", f"+{TRAIN}.fresh=[1,2]"),
    ],
)
def test_arguments_and_keys_are_added(session, pane, qtbot, package, typed, override):
    type_into(qtbot, add_field(pane, package), typed)
    assert texts(session)[-1] == override


def test_a_key_is_added_at_the_top(session, pane, qtbot):
    with_leaf(
        session, Leaf("seed", 1, Origin("x", "/x.yaml", 3), resolved=1), Leaf("extra", {}, Origin("x"), resolved={})
    )
    card = pane.cards["config"]
    card.all_button.setChecked(True)
    card.reach(card.card.rows[0])
    places = {one.key: card.reach(one).control for one in card.card.rows if one.adds}
    type_into(qtbot, places[""], "fresh: 2")
    type_into(qtbot, places["extra"], "inner: x")
    assert texts(session)[-2:] == ("+fresh=2", "+extra.inner=x")


@pytest.mark.parametrize(("typed", "why"), [("nrm", "takes no argument nrm"), ("dropout", "is there already")])
def test_an_argument_that_is_not_taken_is_refused_in_words(session, pane, qtbot, typed, why):
    field = add_field(pane, MODEL)
    type_into(qtbot, field, typed)
    assert why in field.parent().words.full_text()
    assert texts(session) == (f"{EPOCHS}=10",)
