"""Names with characters that nobody sees, or that turn the direction of a line, are written out wherever they stand."""

import msgspec
import pytest
from PySide6.QtGui import QFontMetricsF, QTextCursor

from niceml_engine.values import ConfigTree, Edge, Job, Node, Option, Problem
from niceml_gui.names import Names
from niceml_gui.session import Message
from niceml_gui.theme.style import mono
from niceml_gui.widgets.basics import ElidedLabel, label
from niceml_gui.widgets.messages import MessageBar
from niceml_gui.widgets.preview import TextPreview
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.pickers import ListPicker, Picker
from niceml_gui.workspaces.compose.graph.arrows import ArrowItem
from niceml_gui.workspaces.compose.graph.looks import Line, Look
from niceml_gui.workspaces.compose.problems import ProblemsPane
from niceml_gui.workspaces.compose.rules import ANYTHING
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.suggestions import Completion
from niceml_gui.workspaces.compose.tree.model import ENTRY
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane

TURNED, SHOWN = "rlo\u202egpj\x07", "rlo\\u202egpj\\x07"


def test_names_in_the_tree(session, qtbot):
    options = (Option(f"gr{TURNED}", TURNED, f"/p/{TURNED}.yaml", f"help {TURNED}"), Option("db", "דגל", "/p/a.yaml"))
    tree = ConfigTree(options, (Job(f"jobs/{TURNED}", "/p/j.yaml"),))
    session.project = msgspec.structs.replace(session.project, tree=tree)
    pane = ConfigTreePane(session)
    qtbot.addWidget(pane)
    names = {path: pane.model.index_of(path).data(ENTRY).name for path in pane.model._by_path}
    assert names == {
        f"gr{TURNED}": f"gr{SHOWN}",
        f"gr{TURNED}/{TURNED}": SHOWN,
        "db": "db",
        "db/דגל": "\u2068דגל\u2069",
        "jobs": "jobs",
        f"jobs/{TURNED}": SHOWN,
    }
    tip = pane.model.data(pane.model.index_of(f"gr{TURNED}/{TURNED}"), 3)
    assert tip == f"help {SHOWN}\n/p/{SHOWN}.yaml"
    pane.edit.setText("rlo")  # found by what one can type
    assert pane.filter.found == 3


def test_names_in_the_graph(session):
    arrow = ArrowItem(Line.of((Edge("a", "b", f"db.{TURNED}"),)), 200)
    assert arrow.packages == [arrow.label] == [arrow.toolTip()] == [f"db.{SHOWN}"]
    look = Look(Node(f"db/{TURNED}", "", missing=True))
    assert look.name == f"{SHOWN} (missing)"
    assert Names([f"/p/{TURNED}.yaml"]).place(f"/p/{TURNED}.yaml", 3) == f"{SHOWN}:3"


def test_options_are_shown_and_picked(qtbot):
    one, several = Picker(), ListPicker()
    for picker in (one, several):
        qtbot.addWidget(picker)
    picked = []
    one.picked.connect(picked.append)
    several.picked.connect(picked.append)
    one.show_options([TURNED, "plain"], "plain", missing=False)
    assert [one.itemText(at) for at in range(one.count())] == ["plain", SHOWN, "null"]
    one.activated.emit(1)
    one.activated.emit(2)
    several.show_options([TURNED, "plain"], (TURNED,))
    assert several.currentText() == SHOWN
    assert [action.text() for action in several.menu.actions()] == ["plain", SHOWN]
    several.menu.actions()[0].trigger()
    assert picked == [TURNED, None, f"[{TURNED},plain]"]


def test_problems_and_messages(session, qtbot):
    problem = Problem("error", "x", f"there is no {TURNED}", f"/p/{TURNED}.yaml", 3, details=f"a\n{TURNED}")
    session.show(msgspec.structs.replace(session.composed, problems=(problem,)))
    pane = ProblemsPane(session)
    qtbot.addWidget(pane)
    row = pane.table.topLevelItem(0)
    assert (row.text(1), row.text(2)) == (f"there is no {SHOWN}", f"{SHOWN}:3")
    assert (row.toolTip(1), row.toolTip(2)) == (f"there is no {SHOWN}\n\na\n{SHOWN}", f"/p/{SHOWN}.yaml")
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(600, 40)
    bar.add(Message("error", f"no {TURNED}", f"a\n{TURNED}"))
    assert (bar.text.accessibleName(), bar.details.toPlainText()) == (f"no {SHOWN}", f"a\n{SHOWN}")


@pytest.mark.parametrize("text", [TURNED, "דגל:3"])
def test_labels(text, qtbot):
    elided, plain = ElidedLabel(text), label(f"{text}\n{text}")
    for widget in (elided, plain):
        qtbot.addWidget(widget)
    elided.resize(400, 20)
    shown = {TURNED: SHOWN, "דגל:3": "\u2068דגל\u2069:3"}[text]
    assert (elided.text(), elided.full_text()) == (shown, text)
    assert plain.text() == f"{shown}\n{shown}"


def test_code_begins_at_the_left_whatever_its_first_letter(qtbot):
    text = '"דגל": value'
    edit, preview, field = CodeEdit(lambda row, column: Completion(0, ())), TextPreview("what changes"), Field()
    for widget in (edit, preview, field):
        qtbot.addWidget(widget)
        widget.resize(400, 60)
        widget.show()
    edit.show_text(text)
    preview.setPlainText(text)
    field.show_value("דגל/abc", "text", ANYTHING, "")
    for widget in (edit, preview):
        end = QTextCursor(widget.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        assert widget.cursorRect(end).x() > widget.cursorRect(QTextCursor(widget.document())).x()
    field.setCursorPosition(0)
    begin = field.cursorRect().x()
    field.end(False)
    assert field.cursorRect().x() > begin
    assert field.text() == "דגל/abc"


def test_a_composed_value_begins_at_the_left_whatever_its_first_letter(qtbot):
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(400, 60)
    view.show()

    def painted(text):
        view.show_lines([text], [""])
        return view.viewport().grab().toImage()

    one, other = painted("name: דגל mmm"), painted("name: דגל iii")
    differing = [x for x in range(one.width()) if any(one.pixel(x, y) != other.pixel(x, y) for y in range(24))]
    value = view.text_left + QFontMetricsF(mono()).horizontalAdvance("name: ")
    assert min(differing) > value + QFontMetricsF(mono()).horizontalAdvance("דגל") - 2
