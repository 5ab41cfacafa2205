import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolButton

from niceml_engine.protocol.configs import ReadFile
from niceml_engine.values import Composed, Problem, Project, Selection
from niceml_gui.session import Session
from niceml_gui.widgets.docks import Side
from niceml_gui.widgets.front_tab import ALL_TABS
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.tree.model import ENTRY

PARAMS = "ops/train/train_params/trainparams_default"
EPOCHS = "ops.train.config.train_params.epochs"


@pytest.fixture
def panel(session, qtbot):
    panel = ComposeWorkspace(session)
    qtbot.addWidget(panel)
    panel.resize(1600, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def followed(panel, key, node):
    """What each pane shows as selected."""
    found = panel.ops.row_of(key, node)
    return {
        "tree": panel.tree.view.currentIndex().data(ENTRY).path,
        "graph": panel.graph.current,
        "text": {panel.composed.keys[line] for line in (*panel.composed.view.focused, *panel.composed.view.marked)},
        "row": found.label.property("role") if found else None,
    }


def test_a_click_on_a_node_selects_it_everywhere(panel, qtbot):
    place = panel.graph.centre_of(PARAMS).toPoint()
    qtbot.mouseClick(panel.graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert followed(panel, "", PARAMS) == {
        "tree": PARAMS,
        "graph": PARAMS,
        "text": {"ops.train.config.train_params.steps_per_epoch"},
        "row": "heading",
    }


def test_a_click_on_a_line_selects_its_key_everywhere(panel, qtbot):
    line = panel.composed.keys.index(EPOCHS)
    panel.composed.view.reveal(line)
    middle = panel.composed.view.line_rect(line).center()
    qtbot.mouseClick(panel.composed.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(500, middle.y()))
    assert followed(panel, EPOCHS, PARAMS) == {"tree": PARAMS, "graph": PARAMS, "text": {EPOCHS}, "row": "heading"}
    assert panel.origin.table.topLevelItemCount() == 2
    assert panel.origin.table.topLevelItem(1).text(0) == "wins"


def test_a_row_of_the_tree_selects_its_node(panel, session):
    index = panel.tree.filter.mapFromSource(panel.tree.model.index_of(PARAMS))
    panel.tree.view.setCurrentIndex(index)
    assert (session.focus.node, panel.graph.current) == (PARAMS, PARAMS)


def test_a_field_that_gets_the_focus_selects_its_key(panel, session, qtbot):
    panel.ops.row_of(EPOCHS, "").control.setFocus()
    assert (session.focus.key, session.focus.node) == (EPOCHS, PARAMS)


def test_sources_open_in_tabs_at_their_line(panel, session, qtbot):
    file = "/project/configs/a.yaml"
    session.open_source(file, 3)
    tab = panel.sources[file]
    assert panel.in_front(tab)
    assert not panel.in_front(panel.drawing)
    assert tab.view.line == 2
    session.open_source(file, 1)
    assert len(panel.sources) == 1
    assert tab.view.line == 0
    assert [request for request in session.engine.asked if isinstance(request, ReadFile)] == [ReadFile(file)]
    panel.close_requested.emit(tab)
    assert panel.sources == {}
    assert tab not in panel.panes
    assert panel.in_front(panel.drawing)


def test_overrides_are_applied_with_control_enter(panel, session, qtbot):
    session.set_focus(key=EPOCHS)
    panel.show_pane(panel.overrides)
    panel.overrides.edit.setPlainText(f"{EPOCHS}=3\n\n# a note\n+new.key=1\n")
    qtbot.keyClick(panel.overrides.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert session.selection.overrides == (f"{EPOCHS}=3", "+new.key=1")
    assert session.undo.undoText() == "Set train_params.epochs to 3 and 1 more"
    assert panel.overrides.windowTitle() == "Overrides  2"
    session.undo.undo()
    assert panel.overrides.overrides == (f"{EPOCHS}=10",)


def test_an_error_is_said_beside_the_tabs(panel, session):
    assert panel.drawing.merged.text() == "16 files · merged in 31 ms"
    session.show(Composed(session.selection, error=Problem("error", "x", "broken")))
    assert panel.drawing.merged.text() == "does not compose"
    assert panel.composed.banner.isVisible()


def test_the_layout_is_restored(panel, session, qtbot):
    panel.set_sizes(panel.tree, [300, 900, 400])
    panel.move_pane(panel.origin, Side.RIGHT, panel.composed)
    panel.resolved.setChecked(True)
    panel.ops.cards["train"].set_folded(True)
    other = ComposeWorkspace(session)
    qtbot.addWidget(other)
    other.restore_state(panel.save_state())
    assert other.resolved.isChecked()
    assert other.ops.cards["train"].folded
    other.restore_state(b"garbage")
    other.resize(panel.size())
    other.show()
    qtbot.waitUntil(lambda: other.sizes(other.tree) == panel.sizes(panel.tree))
    assert other.in_front(other.composed)
    assert other.in_front(other.origin)
    other.reset_layout()
    assert other.in_front(other.composed)
    assert not other.in_front(other.origin)


def test_without_a_project_every_pane_says_what_to_do(qtbot, session):
    empty = Session(session.engine)
    panel = ComposeWorkspace(empty)
    qtbot.addWidget(panel)
    panel.show()
    said = [panel.tree.hint.text(), panel.composed.hint.text.text(), panel.ops.hint.text()]
    said.append(panel.origin.hint.text.text())
    assert all(said)
    empty.project = Project("/p", "p", (), session.project.tree)
    empty.selection = Selection("")
    empty.project_changed.emit()
    assert "Choose one in the tree" in panel.composed.hint.text.text()


def test_the_menu_of_the_graph_opens_at_its_button(panel):
    more = panel.drawing.tools[-1]
    (button,) = [one for one in more.associatedObjects() if isinstance(one, QToolButton)]
    panel.move(-700, 0)  # the button must be on the screen, which is smaller than the panel
    QCursor.setPos(QPoint(5, 5))
    button.click()
    menu = QApplication.activePopupWidget()
    assert menu.pos() == button.mapToGlobal(QPoint(0, button.height()))
    menu.close()


def test_in_a_narrow_window_tools_give_way_to_the_tabs_and_a_button_lists_those_that_do_not_fit(panel, qtbot):
    zoom, fit = (panel.drawing.tools[place] for place in (1, 2))

    def shown(action):
        return any(isinstance(one, QToolButton) and one.isVisible() for one in action.associatedObjects())

    def lists_all(pane):
        title = panel._docks[pane].dockAreaWidget().titleBar()
        return title.findChild(QAbstractButton, ALL_TABS).isVisible()

    panel.resize(1500, 700)
    qtbot.waitUntil(lambda: shown(zoom) and shown(panel.drawing.merged) and not lists_all(panel.composed))
    panel.resize(860, 700)
    qtbot.waitUntil(lambda: not shown(zoom) and not shown(panel.drawing.merged) and lists_all(panel.composed))
    assert shown(fit)
    assert any(action.text().startswith("Zoom in") for action in panel.drawing.menu_for("").actions())
