import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from niceml_engine.protocol.configs import Export, Exported
from niceml_engine.values import ErrorInfo, Leaf, Origin
from niceml_gui.workspaces.compose.leaf_menu import leaf_menu
from niceml_gui.workspaces.compose.panel import ComposeWorkspace

EPOCHS = "ops.train.config.train_params.epochs"
FILTERS = "ops.train.config.model.filters"


def find(session, key):
    return next(leaf for leaf in session.composed.leaves if leaf.key == key)


@pytest.fixture
def panel(session, qtbot):
    panel = ComposeWorkspace(session)
    qtbot.addWidget(panel)
    panel.resize(1600, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def trigger(session, panel, key, name):
    actions = {
        action.text().split("\t")[0]: action for action in leaf_menu(session, find(session, key), panel).actions()
    }
    actions[name].trigger()
    return QGuiApplication.clipboard().text()


def test_values_are_copied_as_what_one_needs(session, panel):
    assert trigger(session, panel, FILTERS, "Copy key") == FILTERS
    assert trigger(session, panel, FILTERS, "Copy value") == "[16, 32, 64]"
    assert trigger(session, panel, FILTERS, "Copy as override") == f"{FILTERS}=[16,32,64]"
    assert trigger(session, panel, EPOCHS, "Copy as override") == f"{EPOCHS}=10"


def test_a_value_is_copied_as_a_command_line(session, panel, monkeypatch):
    asked = []

    def ask(request, then=None, failed=None, timeout=0):
        if isinstance(request, Export):
            asked.append(request)
            then(Exported("niceml-engine run job.yaml\n", "", ""))

    monkeypatch.setattr(session.engine, "ask", ask)
    assert trigger(session, panel, FILTERS, "Copy as command line") == "niceml-engine run job.yaml"
    assert asked[-1] == Export(asked[-1].selection, "command")
    assert asked[-1].selection.overrides == (f"{EPOCHS}=10", f"{FILTERS}=[16,32,64]")
    trigger(session, panel, EPOCHS, "Copy as command line")
    assert asked[-1].selection.overrides == (f"{EPOCHS}=10",)


def test_a_command_line_that_cannot_be_made_is_told(session, panel, monkeypatch):
    said = []
    session.message.connect(lambda message: said.append(message.text))

    def ask(request, then=None, failed=None, timeout=0):
        if isinstance(request, Export):
            failed(ErrorInfo("it does not compose"))

    monkeypatch.setattr(session.engine, "ask", ask)
    trigger(session, panel, FILTERS, "Copy as command line")
    assert said == [f"No command line holds {FILTERS}: it does not compose"]


def test_a_secret_is_not_copied(session, panel):
    leaf = Leaf("credentials.key", "abc", Origin("a", "/a.yaml", 1), secret=True)
    names = [action.text().split("\t")[0] for action in leaf_menu(session, leaf, panel).actions()]
    assert "Copy key" in names
    assert not {"Copy value", "Copy as override", "Copy as command line"} & set(names)


def test_the_menu_opens_the_source_and_resets(session, panel):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file.rsplit("/", 1)[-1], line)))
    trigger(session, panel, EPOCHS, "Open source")
    assert opened == [("trainparams_default.yaml", 2)]
    trigger(session, panel, EPOCHS, "Reset to the files' value")
    assert session.selection.overrides == ()


def test_fields_and_origins_open_their_source_with_f4(session, panel, qtbot):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file.rsplit("/", 1)[-1], line)))
    panel.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is panel)
    control = panel.ops.row_of(EPOCHS, "").control
    control.setFocus()
    qtbot.keyClick(control, Qt.Key.Key_F4)
    assert opened == [("trainparams_default.yaml", 2)]


def test_a_row_of_a_card_has_the_menu(session, panel, qtbot):
    row = panel.ops.row_of(EPOCHS, "")
    place = row.label.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, row.label.mapToGlobal(place))
    QApplication.sendEvent(row.label, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Copy as override" in [action.text() for action in menu.actions()]
    menu.close()
