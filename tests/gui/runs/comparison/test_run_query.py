"""The query above the list of runs: mistakes, an empty answer, and what is offered."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.compared import LOSS, RATES


def test_a_query_with_a_mistake_says_what_and_where_and_the_last_good_one_stays(three, qtbot):
    workspace = three()
    query, model = workspace.runs.query, workspace.runs.model
    query.set_text("val_loss < 0.3")
    assert model.listed() == ["c", "b"]
    query.line.setText("val_loss < 0.3 and status = faild")
    assert not query.problem.isVisibleTo(query)  # somebody may still be typing
    qtbot.waitUntil(lambda: query.problem.isVisibleTo(query))
    assert query.problem.text() == "status is never faild; did you mean failed?"
    assert query.line.property("invalid") == "true"
    assert model.listed() == ["c", "b"]
    query.set_text("val_los < 0.3 or status = succeeded")
    assert query.problem.text() == "nothing has val_los; did you mean metric.val_loss?"
    query.set_text("")
    assert model.listed() == ["c", "b", "a"]
    assert not query.problem.isVisibleTo(query)


def test_a_query_that_leaves_nothing_says_why_and_offers_what_is_meant(three, tell, streams):
    workspace = three("a")
    runs = workspace.runs
    for run in RATES:  # measured under the name of a value that was set
        tell(streams.state(run, "succeeded", metrics={"val_loss": LOSS[run], "rate": 1e-6}))
    runs.query.set_text("val_loss < 1 and rate > 0.005")
    assert runs.model.listed() == []
    assert runs.nothing.isVisibleTo(runs)
    said = runs.nothing.text.text().replace("\u200b", "")  # it may be broken within a long key
    assert said == "rate is read as metric.rate, its last value; what was set is config.rate"
    assert not runs.query.problem.isVisibleTo(runs.query)  # it is not said twice
    assert runs.nothing.instead.toolTip() == "Ask for config.rate"
    runs.nothing.instead.click()
    assert runs.query.line.text() == "val_loss < 1 and config.rate > 0.005"
    assert sorted(runs.model.listed()) == ["a", "b"]
    assert not runs.nothing.isVisibleTo(runs)
    runs.query.set_text("config.rat > 0.005")
    assert runs.nothing.text.text().replace("\u200b", "").startswith("nothing has config.rat; did you mean config.")
    runs.query.set_text("status = failed")
    assert runs.nothing.text.text() == "None of 3 runs is like that."
    assert not runs.nothing.instead.isVisibleTo(runs.nothing)
    runs.nothing.everything.click()
    assert len(runs.model.listed()) == 3


def test_what_fits_is_offered_while_a_query_is_typed(three, qtbot):
    workspace = three()
    workspace.activateWindow()
    query = workspace.runs.query
    query.line.setFocus()
    qtbot.waitUntil(query.line.hasFocus)
    QTest.keyClicks(query.line, "config.ep")
    assert query.offered == ["config.train.epochs"]
    QTest.keyClick(query.popup, Qt.Key.Key_Return)
    assert query.line.text() == "config.train.epochs "
    qtbot.waitUntil(lambda: query.offered[:2] == ["=", "!="])
    query.popup.hide()
    QTest.keyClicks(query.line, "> 4")
    query.popup.hide()
    assert workspace.runs.model.listed() == ["c"]
    QTest.keyClick(query.line, Qt.Key.Key_Escape)
    assert query.line.text() == ""


def test_examples_can_be_tried(three):
    workspace = three()
    query = workspace.runs.query
    query.help.click()
    examples = query._examples
    assert examples.isVisible()
    examples.chosen.emit("status = failed and age < 2d")
    assert query.line.text() == "status = failed and age < 2d"
    assert not examples.isVisible()
    assert workspace.runs.model.listed() == []
