"""The editor itself: colours aside, what keys do and what stays."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from niceml_gui.workspaces.compose.text.editing import finding
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.suggestions import Completion, Suggestion
from niceml_gui.workspaces.compose.text.find_bar import with_find

CONTROL = Qt.KeyboardModifier.ControlModifier


def suggest(row, column):
    return Completion(0, (Suggestion("epochs", "5"), Suggestion("epsilon")))


@pytest.fixture
def edit(qtbot):
    made = CodeEdit(suggest)
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    made.setFocus()
    return made


def at_end(edit):
    edit.moveCursor(QTextCursor.MoveOperation.End)


def test_a_new_line_is_indented_as_the_one_above_and_deeper_after_a_colon(edit, qtbot):
    edit.show_text("train:")
    at_end(edit)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    edit.insertPlainText("a: 1")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "train:\n  a: 1\n  "


def test_lines_are_indented_and_commented_together_and_back(edit, qtbot):
    edit.show_text("a: 1\nb:\n  c: 2")
    edit.selectAll()
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.toPlainText() == "  a: 1\n  b:\n    c: 2"
    qtbot.keyClick(edit, Qt.Key.Key_Backtab)
    qtbot.keyClick(edit, Qt.Key.Key_Slash, CONTROL)
    assert edit.toPlainText() == "# a: 1\n# b:\n  # c: 2"
    qtbot.keyClick(edit, Qt.Key.Key_Slash, CONTROL)
    assert edit.toPlainText() == "a: 1\nb:\n  c: 2"
    edit.undo()
    assert edit.toPlainText().startswith("# a")


def test_values_are_offered_as_soon_as_a_key_has_its_colon_and_late_ones_only_where_one_still_is(edit, qtbot):
    edit.show_text("")
    qtbot.keyClicks(edit, "a: ")
    assert edit.completer.texts == ["epochs", "epsilon"]
    edit.completer.hide()
    qtbot.keyClick(edit, Qt.Key.Key_Space)
    assert edit.completer.texts == []
    edit.completer.show_again()
    assert edit.completer.texts == ["epochs", "epsilon"]
    edit.completer.hide()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    edit.completer.show_again()
    assert edit.completer.texts == []


def test_completion_is_asked_for_and_taken(edit, qtbot):
    edit.show_text("ep")
    at_end(edit)
    qtbot.keyClick(edit, Qt.Key.Key_Space, CONTROL)
    assert edit.completer.texts == ["epochs", "epsilon"]
    qtbot.keyClick(edit.completer.popup, Qt.Key.Key_Down)
    qtbot.keyClick(edit.completer.popup, Qt.Key.Key_Return)
    assert edit.toPlainText() == "epsilon"
    assert edit.completer.texts == []


@pytest.mark.parametrize(
    ("typed", "offered", "text", "column"),
    [
        ("a: ${tra", "train.rate", "a: ${train.rate}", 16),
        ("a: ${oc", "oc.env:", "a: ${oc.env:}", 12),
        ("a: ${b}, tra", "train.rate", "a: ${b}, train.rate", 19),
    ],
)
def test_an_interpolation_that_is_taken_is_closed(qtbot, typed, offered, text, column):
    start = max(typed.rfind("{"), typed.rfind(" ")) + 1
    edit = CodeEdit(lambda row, column: Completion(start, (Suggestion(offered),)))
    qtbot.addWidget(edit)
    edit.show()
    edit.show_text(typed)
    at_end(edit)
    qtbot.keyClick(edit, Qt.Key.Key_Space, CONTROL)
    qtbot.keyClick(edit.completer.popup, Qt.Key.Key_Return)
    assert edit.toPlainText() == text
    assert edit.textCursor().positionInBlock() == column


@pytest.mark.parametrize(
    ("rest", "text"), [("", "- /model: "), ("@net: cnn", "- /model@net: cnn"), (": cnn", "- /model: cnn")]
)
def test_what_has_to_follow_is_written_unless_it_is_there(qtbot, rest, text):
    edit = CodeEdit(lambda row, column: Completion(2, (Suggestion("/model", "1 option", ": "),)))
    qtbot.addWidget(edit)
    edit.show()
    edit.show_text(f"- /mod{rest}")
    cursor = edit.textCursor()
    cursor.setPosition(len("- /mod"))
    edit.setTextCursor(cursor)
    qtbot.keyClick(edit, Qt.Key.Key_Space, CONTROL)
    qtbot.keyClick(edit.completer.popup, Qt.Key.Key_Return)
    assert edit.toPlainText() == text


def test_escape_closes_the_list_and_nothing_else(edit, qtbot):
    edit.show_text("")
    qtbot.keyClicks(edit, "e")
    assert edit.completer.texts == ["epochs", "epsilon"]
    qtbot.keyClick(edit.completer.popup, Qt.Key.Key_Escape)
    assert edit.completer.texts == []
    assert edit.toPlainText() == "e"


def test_matches_are_found_and_replaced_as_one_step(qtbot):
    edit = CodeEdit(suggest)
    edit.show_text("lr: 1\nLR: 2\nx: lr\n")
    both, bar = with_find(edit)
    qtbot.addWidget(both)
    bar.edit.setText("lr")
    assert bar.count.text() == "3 found"
    bar.edit.setText("LR")
    bar.other.setText("rate")
    edit.go_to(0)
    bar.one.click()
    bar.one.click()
    assert edit.toPlainText() == "rate: 1\nLR: 2\nx: lr\n"
    bar.all.click()
    assert edit.toPlainText() == "rate: 1\nrate: 2\nx: rate\n"
    edit.undo()
    assert edit.toPlainText() == "rate: 1\nLR: 2\nx: lr\n"


def test_case_and_whole_words_count_where_they_are_asked_for(qtbot):
    edit = CodeEdit(suggest)
    edit.show_text("train: 1\nTRAIN: 2\ndata_train: 3\nnote: 🙂🙂 train\n")
    both, bar = with_find(edit)
    qtbot.addWidget(both)
    both.show()
    bar.open_bar()
    bar.edit.setText("train")
    assert bar.count.text() == "4 found"
    bar.words.click()
    assert bar.count.text() == "3 found"
    bar.case.click()
    assert bar.count.text() == "2 found"
    bar.other.setText("fit")
    bar.all.click()
    assert edit.toPlainText() == "fit: 1\nTRAIN: 2\ndata_train: 3\nnote: 🙂🙂 fit\n"
    assert bar.count.text() == "2 replaced"
    edit.undo()
    assert bar.count.text() == "2 found"


def test_expressions_are_found_and_replaced_with_their_groups(qtbot):
    edit = CodeEdit(suggest)
    edit.show_text("a_lr: 1\nb_lr: 22\nnote: 🙂 c_lr: 3\n")
    both, bar = with_find(edit)
    qtbot.addWidget(both)
    both.show()
    bar.open_bar()
    bar.edit.setText(r"(\w)_lr: (\d+)$")
    assert bar.count.text() == "0 found"
    bar.expression.click()
    assert bar.count.text() == "3 found"
    assert r"\1 is the first group" in bar.other.placeholderText()
    bar.other.setText(r"rate_\1: \2\2 # ${\0}")
    bar.all.click()
    expected = "rate_a: 11 # ${a_lr: 1}\nrate_b: 2222 # ${b_lr: 22}\nnote: 🙂 rate_c: 33 # ${c_lr: 3}\n"
    assert edit.toPlainText() == expected
    edit.undo()
    edit.go_to(0)
    bar.other.setText(r"x\n\\y")
    bar.one.click()
    bar.one.click()
    assert edit.toPlainText().startswith("x\n\\y\nb_lr")
    bar.edit.setText("^b.*")
    assert bar.count.text() == "1 found"
    bar.edit.setText(r"\d*")  # which matches nothing at all as well, everywhere
    assert bar.count.text() == "2 found"


@pytest.mark.parametrize("needle", ["(a", "a)(b", "[", "(*LIMIT_MATCH=4000000000)a"])
def test_an_expression_that_is_wrong_is_told(qtbot, needle):
    edit = CodeEdit(suggest)
    edit.show_text("a: 1\nb: (a\n")
    both, bar = with_find(edit)
    qtbot.addWidget(both)
    both.show()
    bar.open_bar()
    bar.expression.click()
    bar.words.click()
    bar.edit.setText(needle)
    assert bar.count.property("role") == "error"
    assert "found" not in bar.count.text()
    bar.all.click()
    assert edit.toPlainText() == "a: 1\nb: (a\n"
    bar.edit.setText("(b)")
    assert (bar.count.text(), bar.count.property("role")) == ("1 found", "muted")
    bar.other.setText(r"\2")
    bar.all.click()
    assert bar.count.text() == "no group 2"
    edit.next_match()
    bar.one.click()
    assert bar.count.text() == "no group 2"
    assert edit.toPlainText() == "a: 1\nb: (a\n"
    bar.other.setText(r"\1\1")
    bar.all.click()
    assert (bar.count.text(), edit.toPlainText()) == ("1 replaced", "a: 1\nbb: (a\n")


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        ("(a+)+$", f"{'a' * 3000}b\n" * 50),
        (r"(\w+).*\1\d", f"{' '.join(f'w{chr(97 + n % 26)}' for n in range(1300))}\n" * 5000),
        ("(?=.*?k|a)a", f"{'a' * 3999}\n" * 500),
    ],
)
def test_an_expression_that_would_take_ages_is_given_up(monkeypatch, needle, text):
    now = [0.0]  # of which every look takes a while, so that no test depends on the machine

    def later():
        now[0] += finding.SECONDS / 5
        return now[0]

    monkeypatch.setattr(finding, "monotonic", later)
    with pytest.raises(finding.FindError, match="takes too long"):
        finding.Finding(needle, expression=True).matches(text)


def test_marks_are_painted_beside_their_line(edit):
    edit.show_text("a: 1\nb: 2\n")
    before = edit.grab().toImage()
    edit.mark({1: ("error", "not a number")})
    assert edit.grab().toImage() != before
    assert edit.marks[1] == ("error", "not a number")


def test_a_list_that_is_cut_says_so_in_a_row_that_cannot_be_taken(qtbot):
    edit = CodeEdit(lambda row, column: Completion(0, (Suggestion("one"), Suggestion("two")), 1240))
    qtbot.addWidget(edit)
    edit.show()
    completer = edit.completer
    completer.show()
    model = completer.popup.model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["one", "two", "… 1,240 more: type on"]
    assert completer.texts == ["one", "two"]
    for _ in range(3):
        qtbot.keyClick(completer.popup, Qt.Key.Key_Down)
    assert completer.popup.currentIndex().data() == "two"
    for _ in range(3):
        qtbot.keyClick(completer.popup, Qt.Key.Key_Up)
    qtbot.keyClick(completer.popup, Qt.Key.Key_Return)
    assert "more" not in edit.toPlainText()
