import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from niceml_engine.values import Composed, Head, Leaf, Origin, Problem
from niceml_gui.workspaces.compose.panel import ComposeWorkspace

EPOCHS = "ops.train.config.train_params.epochs"
SHUFFLE = "ops.train.config.data_train.shuffle"


@pytest.fixture
def panel(session, qtbot):
    panel = ComposeWorkspace(session)
    qtbot.addWidget(panel)
    panel.resize(1600, 900)
    panel.show()
    panel.show_pane(panel.origin)
    qtbot.waitExposed(panel)
    return panel


def rows(panel):
    table = panel.origin.table
    found = [table.topLevelItem(number) for number in range(table.topLevelItemCount())]
    return [[row.text(column) for column in range(5)] for row in found]


def test_the_chain_is_told_in_merge_order_with_the_winner_last(panel, session):
    session.set_focus(key=SHUFFLE)
    assert rows(panel) == [
        ["overridden", "dataset_cls_test", "1", "ops.train.config.data_train", "False"],
        ["wins", "op_train_cls_binary", "22", "ops.train.config", "true"],
    ]
    assert panel.origin.key.full_text() == SHUFFLE
    assert panel.origin.value.full_text() == "true"


def test_of_a_mapping_all_are_named_that_make_it(panel, session):
    key = "ops.train.config.model"
    places = (Origin("job", "/p/job.yaml", 4), Origin("train", "/p/train.yaml", 7, "ops.train.config"))
    session.composed = msgspec.structs.replace(session.composed, heads=(Head(key, places, 3),))
    session.composed_changed.emit()
    session.set_focus(key=key)
    assert rows(panel) == [["made", "job", "4", "", ""], ["made last", "train", "7", "ops.train.config", ""]]
    assert panel.origin.value.full_text() == "a mapping; 3 more places make it"
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file, line)))
    panel.origin.open_current()
    panel.open_focused()
    assert opened == [("/p/train.yaml", 7)] * 2


def test_what_a_file_says_of_a_value_stands_beside_what_it_sets(panel, session):
    leaf = next(leaf for leaf in session.composed.leaves if leaf.key == SHUFFLE)
    origin = msgspec.structs.replace(leaf.origin, comment="the order\ndoes not matter")
    told = msgspec.structs.replace(leaf, origin=origin)
    leaves = tuple(told if one is leaf else one for one in session.composed.leaves)
    session.composed = msgspec.structs.replace(session.composed, leaves=leaves)
    session.composed_changed.emit()
    session.set_focus(key=SHUFFLE)
    assert rows(panel)[1][4] == "true # the order does not matter"
    assert panel.origin.table.topLevelItem(1).toolTip(4) == "# the order\n# does not matter\ntrue"


def test_a_resolved_value_stands_beside_what_was_written(panel, session):
    session.set_focus(key="globals.data_location.uri")
    assert panel.origin.value.full_text() == (
        "./data/numbers_cropped_split ⟵ ${oc.env:DATA_URI,./data}/numbers_cropped_split"
    )


def test_rows_lead_to_their_line_and_to_the_override(panel, session, qtbot):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file.rsplit("/", 1)[-1], line)))
    session.set_focus(key=EPOCHS)
    table = panel.origin.table
    table.itemClicked.emit(table.topLevelItem(0), 1)
    assert opened == [("trainparams_default.yaml", 2)]
    table.itemClicked.emit(table.topLevelItem(1), 1)
    assert panel.in_front(panel.overrides)
    assert panel.overrides.edit.textCursor().block().text() == f"{EPOCHS}=10"


def test_of_a_sweep_the_override_is_told_as_it_is_written_and_which_run_is_shown(panel, session):
    composed = session.composed
    number = next(leaf for leaf in composed.leaves if leaf.key == EPOCHS).origin.line
    overrides = list(composed.selection.overrides)
    overrides[number - 1] = f"{EPOCHS}=10,20"
    session.show(
        msgspec.structs.replace(
            composed, selection=msgspec.structs.replace(composed.selection, overrides=tuple(overrides)), runs=2
        )
    )
    session.set_focus(key=EPOCHS)
    assert rows(panel)[-1][4] == f"{EPOCHS}=10,20 # run 1 of 2"
    panel.overrides.refresh()
    panel.origin.open_current()
    assert panel.overrides.edit.textCursor().block().text() == f"{EPOCHS}=10,20"


def test_f4_opens_the_chosen_place(panel, session, qtbot):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file.rsplit("/", 1)[-1], line)))
    session.set_focus(key=SHUFFLE)
    panel.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is panel)
    panel.origin.table.setFocus()
    qtbot.waitUntil(panel.origin.table.hasFocus)
    qtbot.keyClick(panel.origin.table, Qt.Key.Key_F4)
    panel.origin.table.setCurrentItem(panel.origin.table.topLevelItem(0))
    panel.origin.open_current()
    assert opened == [("op_train_cls_binary.yaml", 22), ("dataset_cls_test.yaml", 1)]


def test_the_menu_copies_the_place(panel, session):
    session.set_focus(key=SHUFFLE)
    table = panel.origin.table
    place = table.visualItemRect(table.topLevelItem(1)).center()
    table.customContextMenuRequested.emit(place)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy place"].trigger()
    assert QGuiApplication.clipboard().text().endswith("op_train_cls_binary.yaml:22")
    menu.close()


def test_the_chain_stays_while_a_config_does_not_compose(panel, session):
    session.set_focus(key=SHUFFLE)
    session.show(msgspec.structs.replace(Composed(session.selection), error=Problem("error", "x", "broken")))
    assert len(rows(panel)) == 2


def test_megabytes_in_a_value_are_shown_in_short(panel, session):
    text = "x" * 5_000_000
    leaf = Leaf("long", text, Origin("a", "/a.yaml", 1, "", text), (), text)
    session.show(msgspec.structs.replace(session.composed, leaves=(leaf,), yaml=f"long: {text}\n", lines=("long",)))
    session.set_focus(key="long")
    shown = [*rows(panel)[0], panel.origin.value.full_text(), panel.composed._tip(0)]
    assert max(map(len, shown)) < 1500
    assert rows(panel)[0][4].endswith("… 5,000,000 characters")
