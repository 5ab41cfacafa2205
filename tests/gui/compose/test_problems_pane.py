"""The problems: put together, filtered, walked through by keys, copied, and mended."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton

from niceml_engine.protocol.files import Conflict, FileChange, WriteFiles, Written
from niceml_engine.protocol.mending import PlanFix
from niceml_engine.values import Fix, Problem, TextEdit
from niceml_gui.widgets.change_dialog import ChangeDialog
from niceml_gui.widgets.wrapping import _lines
from niceml_gui.workspaces.compose.problems import ProblemsPane
from tests.gui.compose.conftest import TRAIN, QuietEngine

EPOCHS = f"{TRAIN}.train_params.epochs"
FILE = "/project/a.yaml"
EDIT = TextEdit(FILE, 2, "b: 1\n", "b: 2\n")
CHANGE = FileChange(FILE, "a: 1\nb: 1\n", "a: 1\nb: 2\n")
FOUND = (
    Problem("info", "shadowed", "a note", FILE, 9),
    Problem("warning", "missing-self", "no self", "/project/b.yaml", 3),
    Problem("error", "missing-choice", "choose one", FILE, 4, EPOCHS, fix="db=mysql"),
    Problem("error", "wrong-type", "not a number", FILE, 7, "size", details="f(x: int)"),
)


@pytest.fixture
def pane(session, qtbot):
    pane = ProblemsPane(session)
    qtbot.addWidget(pane)
    pane.resize(700, 400)
    pane.show()
    return pane


def show(session, *problems):
    session.show(msgspec.structs.replace(session.composed, problems=problems))


def rows(pane):
    return [[row.text(0), row.text(1), row.text(2)] for row in pane._rows()]


def button(pane, number):
    return pane.table.itemWidget(pane._rows()[number], 3).findChild(QPushButton)


class Writer(QuietEngine):
    """Plans and writes one change, and finds a conflict where the file reads otherwise."""

    text = CHANGE.before

    def ask(self, request, then=None, failed=None, timeout=30.0):
        number = super().ask(request, then, failed, timeout)
        if isinstance(request, PlanFix):
            then((CHANGE,))
        elif isinstance(request, WriteFiles):
            (change,) = request.changes
            fits = self.text == change.before
            self.text = change.after if fits else self.text
            then(Written((change,)) if fits else Written(conflicts=(Conflict(change, self.text, change.after),)))
        return number


def test_the_worst_comes_first_with_its_place_and_notes_are_folded(pane, session):
    show(session, *FOUND)
    assert rows(pane) == [
        ["error", f"{EPOCHS}: choose one", "a:4"],
        ["error", "size: not a number", "a:7"],
        ["warning", "no self", "b:3"],
        ["info", "a note", "a:9"],
    ]
    folded = pane.table.topLevelItem(3)
    assert (folded.text(0), folded.isExpanded()) == ("1 note on what is overridden or not certain", False)
    pane.table.itemClicked.emit(folded, 0)
    assert folded.isExpanded()
    assert session.focus.key == ""
    show(session, *FOUND[:1])
    assert pane.table.topLevelItem(0).text(0) == "No problems · 1 note"
    assert pane.table.topLevelItem(0).isExpanded()
    show(session)
    assert pane.list.hint.title.text() == "No problems"
    assert not pane.bar.isVisible()


def test_a_click_goes_to_the_key_and_to_the_line(pane, session, qtbot):
    show(session, *FOUND)
    with qtbot.waitSignal(session.source_requested) as asked:
        pane.table.itemClicked.emit(pane._rows()[0], 1)
    assert asked.args == [FILE, 4]
    assert session.focus.key == EPOCHS


def test_problems_are_put_together_by_file_and_by_kind_and_filtered(pane, session):
    show(session, *FOUND)
    pane.groups.setCurrentText("by file")
    tops = [pane.table.topLevelItem(at).text(0) for at in range(pane.table.topLevelItemCount())]
    assert tops == ["a.yaml · 3", "b.yaml · 1"]
    pane.groups.setCurrentText("by kind")
    tops = [pane.table.topLevelItem(at).text(0) for at in range(pane.table.topLevelItemCount())]
    assert tops == ["missing choice · 1", "wrong type · 1", "missing self · 1", "shadowed · 1"]
    pane.filter.setText("A.yaml error")
    assert [row[0] for row in rows(pane)] == ["error", "error"]
    pane.filter.setText("nothing like it")
    assert pane.list.hint.title.text() == "Nothing fits the filter"
    assert pane.bar.isVisible()


def test_keys_walk_through_what_is_wrong_and_round(pane, session):
    show(session, *FOUND)
    lines = []
    for by in (1, 1, 1, 1, -1, -1):
        pane.step(by)
        lines.append(pane._current().line)
    assert lines == [4, 7, 3, 4, 3, 7]
    show(session, FOUND[0])
    pane.step(1)
    assert pane._current().line == 9


def test_all_problems_are_copied_and_one_with_its_details(pane, session, qtbot):
    show(session, *FOUND)
    pane.copy_button.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == f"error: {FILE}:4: {EPOCHS}: choose one"
    assert len(lines) == 4
    pane.table.setCurrentItem(pane._rows()[1])
    qtbot.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines()[-1] == "f(x: int)"


def test_a_fix_by_overrides_is_one_undoable_step(pane, session):
    wrong = session.selection.overrides[0]
    fix = Fix("write it otherwise", drops=(wrong,), adds=("~a", "+b=1"))
    show(session, Problem("error", "x", "wrong", fixes=(fix,)), FOUND[2])
    assert (button(pane, 0).text(), button(pane, 0).toolTip()) == ("Fix", "Write it otherwise")
    button(pane, 0).click()
    assert pane.findChildren(QMenu) == pane.window().findChildren(ChangeDialog) == []
    assert session.selection.overrides == ("~a", "+b=1")
    assert session.undo.undoText() == "Write it otherwise"
    session.undo.undo()
    assert session.selection.overrides == (wrong,)
    button(pane, 1).click()  # before it was checked, the override that composing knows of
    assert session.selection.overrides == (wrong, "db=mysql")


def test_several_ways_to_mend_are_offered_in_a_menu(pane, session, qtbot):
    fixes = (Fix("choose a", adds=("db=a",)), Fix("write a into job.yaml", edits=(EDIT,)))
    show(session, Problem("error", "missing-choice", "choose", fixes=fixes))
    assert button(pane, 0).text() == "Choose ▾"
    pane.table.setCurrentItem(pane._rows()[0])
    qtbot.keyClick(pane.table, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    menu = pane.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == ["Choose a", "Write a into job.yaml…"]
    menu.actions()[0].trigger()
    assert session.selection.overrides[-1] == "db=a"
    menu.close()


def test_a_fix_of_a_file_is_shown_before_it_is_written_and_can_be_undone(pane, session, qtbot):
    engine = Writer()
    session.files._engine = engine
    messages = []
    session.message.connect(lambda message: messages.append(message.text))
    show(session, Problem("error", "x", "wrong", fixes=(Fix("write 2 into a.yaml", edits=(EDIT,)),)))
    assert button(pane, 0).text() == "Fix…"
    button(pane, 0).click()
    assert pane.findChildren(QMenu) == []
    (dialog,) = pane.window().findChildren(ChangeDialog)
    lines = dialog.preview.toPlainText().splitlines()
    assert lines[0] == "a.yaml"
    assert {"-b: 1", "+b: 2"} < set(lines)
    assert engine.text == CHANGE.before
    dialog.write.click()
    assert (engine.text, session.undo.undoText()) == (CHANGE.after, "Write 2 into a.yaml")
    session.undo.undo()
    assert engine.text == CHANGE.before
    session.undo.redo()
    assert engine.text == CHANGE.after
    engine.text = "somebody else was here\n"
    session.undo.undo()
    assert engine.text == "somebody else was here\n"
    assert "a.yaml was changed in the meantime" in messages[-1]


def test_a_long_message_takes_three_lines_the_last_one_with_an_ellipsis(qapp):
    options = ", ".join(f"option_{number}_\U0001f600" for number in range(45))
    lines = _lines(f"exp must be chosen; options: {options}", qapp.font(), 400)
    metrics = QFontMetrics(qapp.font())
    assert len(lines) == 3
    assert [line.endswith("…") for line in lines] == [False, False, True]
    assert all(metrics.horizontalAdvance(line) <= 400 for line in lines)
    assert "".join(lines[:2]).replace(" ", "") in f"exp must be chosen; options: {options}".replace(" ", "")
    assert _lines("short", qapp.font(), 400) == ["short"]
    assert _lines("one\u2028two", qapp.font(), 400) == ["one", "two"]
