import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt

from niceml_gui.workspaces.compose.brief import MOST, brief
from niceml_gui.workspaces.compose.text import code_view
from niceml_gui.workspaces.compose.text.code_view import LINE_PX, CodeView
from niceml_gui.workspaces.compose.text.composed_pane import ComposedPane
from niceml_gui.workspaces.compose.text.folding import Folding, left_over, row_of
from niceml_gui.workspaces.compose.yaml_spans import spans

TEXT = """\
a:
  b: 1
  c:
  - x
  - d: 2
    e: 3

# a remark
f: |
  long
  text
g: 4
""".splitlines()


@pytest.fixture
def view(qtbot):
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(600, 10 * LINE_PX)
    view.show_lines(TEXT, [str(number) for number in range(len(TEXT))], names=TEXT)
    view.show()
    qtbot.waitExposed(view)
    return view


def seen(view):
    return [TEXT[line] for line in view._rows]


def test_mappings_lists_items_and_long_texts_can_be_folded():
    folding = Folding(TEXT)
    assert [(line, folding.end(line)) for line in range(len(TEXT)) if line in folding] == [
        (0, 5),
        (2, 5),
        (4, 5),
        (8, 10),
    ]
    assert [sorted(folding.deeper(level)) for level in (1, 2, 3, 4)] == [[0, 2, 4, 8], [2, 4], [4], []]
    assert folding.possible
    assert not Folding(["a: 1", "", "b: 2"]).possible


@given(st.lists(st.sampled_from(TEXT)), st.sets(st.integers(0, 20)))
def test_a_fold_hides_what_belongs_to_it_and_nothing_else(lines, wanted):
    folding = Folding(lines)
    can_fold = [line for line in range(len(lines)) if line in folding]
    assert can_fold == sorted(folding.deeper(1))
    folded = wanted.intersection(can_fold)
    rows = list(left_over(len(lines), folding, folded))
    hidden = {line for start in folded for line in range(start + 1, folding.end(start) + 1)}
    assert rows == [line for line in range(len(lines)) if line not in hidden]
    assert all(rows[row_of(rows, line)] <= line for line in range(len(lines)))
    for line in range(len(lines)):
        assert folding.around(line) == [start for start in can_fold if start < line <= folding.end(start)]


def test_a_click_on_the_mark_folds_and_unfolds(view, qtbot):
    mark = QPoint(view.gutter_width + 10, view.line_rect(2).center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=mark)
    assert seen(view) == [*TEXT[:3], *TEXT[6:]]
    assert view.line_at(view.line_rect(8).center().y()) == 8
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=mark)
    assert seen(view) == TEXT


def test_the_keyboard_folds_walks_over_folds_and_unfolds(view, qtbot):
    def press(*keys):
        for key in keys:
            qtbot.keyClick(view, key)

    view.go_to(5)
    press(Qt.Key.Key_Left)
    assert view.line == 4  # what the line belongs to
    press(Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert (view.line, view.folded) == (2, {2, 4})
    press(Qt.Key.Key_Down)
    assert view.line == 6
    press(Qt.Key.Key_Up, Qt.Key.Key_Right)
    assert view.folded == {4}


def test_levels_and_all_at_once(view, qtbot):
    activated = []
    view.go_to(3)
    view.line_activated.connect(activated.append)
    qtbot.keyClick(view, Qt.Key.Key_1)
    assert seen(view) == [TEXT[0], *TEXT[6:9], TEXT[11]]
    assert (view.line, activated) == (0, [0])
    qtbot.keyClick(view, Qt.Key.Key_2)
    assert seen(view) == [*TEXT[:3], *TEXT[6:]]
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert seen(view) == TEXT
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.folded == {0, 2, 4, 8}


def test_a_match_inside_a_fold_is_unfolded(view):
    view.fold_to(1)
    view.search("e: 3")
    view.next_match()
    assert view.line == 5
    assert view.folded == {8}


def test_folds_stay_when_the_text_changes(session, qtbot):
    pane = ComposedPane(session)
    qtbot.addWidget(pane)
    key = "ops.train.config"
    pane.view.fold(pane.keys.index(key), True)
    leaves = session.composed.leaves
    changed = session.composed.yaml.replace("globals:", "before: 1\nglobals:", 1)
    session.show(msgspec.structs.replace(session.composed, yaml=changed, lines=("before", *session.composed.lines)))
    assert pane.view.folded == {pane.keys.index(key)}
    session.set_focus(key=leaves[-1].key)
    assert pane.view.folded == {pane.keys.index(key)}
    session.set_focus(key=f"{key}.learning_rate")
    assert pane.view.folded == frozenset()
    pane.view.fold(pane.keys.index(key), True)
    assert session.focus.key == key


def test_five_megabytes_in_one_line_are_shown_elided(qtbot, monkeypatch):
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(600, 300)
    long = "key: " + "x" * 5_000_000
    view.show_lines([long, "b: 1"], ["", ""])
    assert brief(long).endswith("… 5,000,005 characters")
    assert len(brief(long)) < MOST + 40
    assert view.horizontalScrollBar().maximum() < 40 * MOST
    assert view.search("x") == MOST - 5
    cut = []
    monkeypatch.setattr(code_view, "spans", lambda text: cut.append(len(text)) or spans(text))
    view.viewport().grab()
    assert cut
    assert max(cut) < MOST + 40
