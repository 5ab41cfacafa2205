"""The log: filtering, unfolding, following, copying, and the way to the config leaf; and what the worker printed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from niceml_engine.protocol.runs import Output, Printed
from niceml_gui.widgets.basics import Empty
from niceml_gui.workspaces.runs.journal import OutputPane
from niceml_gui.workspaces.runs.lines import LEVELS, Line
from niceml_gui.workspaces.runs.log_delegate import ROW_HEIGHT
from niceml_gui.workspaces.runs.log_model import LogModel
from niceml_gui.workspaces.runs.log_view import LogView
from niceml_gui.workspaces.runs.printed import CUT, PrintedLines

START = 1_764_000_000.0
OPS = ("train", "prediction", "")


def line(number, text="a line", op="train", level="info", **more):
    return Line(number, START + number, op, level, text, **more)


lines = st.lists(
    st.builds(
        line,
        st.integers(1, 10**6),
        st.text("ab ẞ\n", max_size=8),
        st.sampled_from(OPS),
        st.sampled_from(LEVELS),
        source=st.sampled_from(["run", "dagster"]),
    ),
    max_size=40,
)


def shown(model):
    return [model.line(row) for row in range(model.rowCount())]


@given(lines, st.sampled_from(OPS), st.sampled_from(LEVELS), st.text("abAß ", max_size=4), st.integers(0, 40))
def test_filters_keep_exactly_what_they_say_however_the_log_grows(qapp, found, op, level, text, first):
    model, source = LogModel(), found[:first]
    model.op, model.level, model.text = op, level, text
    model.set_source(source)
    source.extend(found[first:])
    model.grow()
    wanted = [
        one
        for one in found
        if LEVELS.index(one.level) >= LEVELS.index(level)
        and (not op or one.op == op)
        and all(word in one.text.casefold() for word in text.casefold().split())
    ]
    assert shown(model) == wanted
    model.source = "dagster"
    model.filter()
    assert shown(model) == [one for one in wanted if one.source == "dagster"]


def test_a_time_is_found_among_the_lines_that_are_shown(qapp):
    model = LogModel()
    assert model.row_at(START) is None
    model.set_source([line(number, op=OPS[number % 2]) for number in range(100)])
    model.op = "train"
    model.filter()
    assert model.line(model.row_at(START + 41)).time == START + 42
    assert model.row_at(START + 1000) == 49


@pytest.fixture
def view(qtbot):
    made = LogView("Log")
    made.resize(700, 200)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_hundred_thousand_lines_are_rows_without_widgets_of_their_own(view):
    view.show_lines([line(number, f"step {number}") for number in range(100_000)])
    assert view.lines.rowCount() == 100_000
    assert view.indexAt(QPoint(20, view.viewport().height() - 10)).row() == 99_999  # the end is followed
    assert len(view.findChildren(object)) < 100


def test_long_lines_unfold_and_take_the_width_there_is(view):
    view.show_lines([line(1, "x" * 300), line(2, "short"), line(3, "one\ntwo"), line(4, "no", details="why\nthus")])
    assert [view.can_unfold(row) for row in range(4)] == [True, False, True, True]
    for row in range(4):
        view.setCurrentIndex(view.lines.index(row, 0))
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert [view.rowHeight(row) // ROW_HEIGHT for row in range(4)] == [5, 1, 2, 3]
    view.resize(400, 200)
    assert view.rowHeight(0) // ROW_HEIGHT > 5
    view.lines.text = "x"
    view.lines.filter()
    view.lines.text = ""
    view.lines.filter()
    assert view.rowHeight(2) == 2 * ROW_HEIGHT  # what was unfolded stays so
    view.setCurrentIndex(view.lines.index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert view.rowHeight(0) == ROW_HEIGHT


def test_scrolling_up_ends_following_and_scrolling_down_begins_again(view, qtbot):
    source = [line(number) for number in range(100)]
    view.show_lines(source)
    assert view.follow
    with qtbot.waitSignal(view.follow_changed):
        QTest.keyClick(view, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    before = view.verticalScrollBar().value()
    source.append(line(101))
    view.show_lines(source)
    assert view.verticalScrollBar().value() == before
    QTest.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert view.follow
    source.append(line(102))
    view.show_lines(source)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_what_is_selected_is_copied_and_else_everything_that_is_shown(view):
    view.show_lines([line(1, "one"), line(2, "two", details="because"), line(3, "three", op="")])
    view.copy()
    assert [text.split("  ", 1)[1] for text in QApplication.clipboard().text().split("\n") if "  " in text] == [
        "train  one",
        "train  two",
        "-  three",
    ]
    view.selectRow(1)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().endswith("train  two\nbecause")


def test_an_error_leads_to_its_config_leaf_by_click_by_key_and_by_menu(view, qtbot):
    view.show_lines([line(1, "failed", level="error", key="ops.train.config.model")])
    where = view.visualRect(view.lines.index(0, 0))
    for row_open in (False, True):
        if row_open:
            view.toggle(view.lines.index(0, 0))  # nothing to unfold: it fits
        with qtbot.waitSignal(view.key_wanted) as caught:
            QTest.mouseClick(
                view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(where.right() - 30, where.top() + 10)
            )
        assert caught.args == ["ops.train.config.model"]
    with qtbot.assertNotEmitted(view.key_wanted):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, where.top() + 10))
    view.setCurrentIndex(view.lines.index(0, 0))
    with qtbot.waitSignal(view.key_wanted):
        QTest.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    menu = view.menu(view.lines.index(0, 0))
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Copy",
        "Unfold",
        "Show ops.train.config.model in Compose",
        "Select all",
    ]
    menu.deleteLater()


def piece(content, start=0, size=None):
    return Printed(start, content, start + len(content) if size is None else size)


@given(st.text("ab\né…", max_size=60), st.lists(st.integers(0, 80), max_size=6))
def test_pieces_of_output_give_the_lines_of_the_whole(text, cuts):
    whole, found = text.encode(), []
    printed = PrintedLines("stdout", found)
    places = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    for start, end in pairwise(places):
        assert printed.take(Printed(start, whole[start:end], len(whole))) is (end < len(whole))
    printed.end()
    expected = text.split("\n")
    assert [one.text for one in found] == (expected if expected[-1] else expected[:-1])


def test_progress_bars_and_colours_come_out_as_on_a_terminal():
    found = []
    printed = PrintedLines("stderr", found)
    printed.take(piece(b"\x1b[31mred\x1b[0m\n 1%\r 50%\r100%\r\nend"))
    printed.end()
    assert [one.text for one in found] == ["red", "100%", "end"]


def test_ten_megabytes_without_an_end_of_line_are_lines_too(qtbot):
    pane = OutputPane(Empty())
    qtbot.addWidget(pane)
    pane.resize(600, 300)
    pane.show()
    size, step = 10_000_000, 1_000_000
    for start in range(0, size, step):
        more = pane.take(Output(Printed(start, b"x" * step, size)), ended=False)
        assert more is (start + step < size)
    assert pane.view.lines.rowCount() == size // CUT
    assert pane.known == (size, 0)
    assert pane.bar.count.full_text() == "1 line"  # of which these are the pieces
    pane.bar.search.setText("y")
    assert pane.bar.count.full_text() == "0 of 1 line"
    pane.bar.search.clear()
    pane.take(Output(Printed(size, b"x" * 5 + b"\nnext\n", size + 11)), ended=True)
    assert pane.bar.count.full_text() == "2 lines"
    lines = [pane.view.lines.line(row) for row in range(pane.view.lines.rowCount())]
    assert [line.more for line in lines] == [False, *[True] * (size // CUT), False]
    pane.view.copy()
    assert QApplication.clipboard().text() == "x" * (size + 5) + "\nnext"
    pane.grab()  # and they are painted


@pytest.mark.parametrize("end", ["", "abc"])
def test_a_line_that_is_as_long_as_its_pieces_has_no_empty_one(end):
    found = []
    printed = PrintedLines("stdout", found)
    printed.take(piece(b"x" * CUT * 2))
    printed.take(piece(f"{end}\nnext\n\nlast\n".encode(), start=CUT * 2))
    pieces = ["x" * CUT] * 2 + ([end] if end else [])
    assert [one.text for one in found] == [*pieces, "next", "", "last"]
    assert [one.more for one in found] == [False, *[True] * (len(pieces) - 1), False, False, False]


def test_what_is_left_out_of_very_long_output_is_said():
    found = []
    PrintedLines("stdout", found).take(piece(b"end\n", start=5_000_000))
    assert [one.text for one in found] == ["… 5,000,000 bytes before are left out", "end"]
