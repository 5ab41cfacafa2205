"""Ops of a run that run again upon its experiment."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from niceml_engine.protocol.runs import ResumeRun
from niceml_engine.values import Continuation
from niceml_gui import words
from niceml_gui.workspaces.runs.listing.menu import command
from niceml_gui.workspaces.runs.listing.rows import One
from niceml_gui.workspaces.runs.op_menu import op_menu
from niceml_gui.workspaces.runs.op_strip import TINY, _fitting


def entries(menu):
    return {action.text(): action for action in menu.actions() if action.text()}


def test_an_op_of_a_run_runs_again_alone_in_two_clicks(watched, streams, session, engine, qtbot):
    workspace = watched(streams.finished(), status="succeeded", experiment="/experiments/a")
    strip = workspace.strip
    qtbot.waitUntil(lambda: len(strip.texts) == 5)
    analysis = next(op for op in strip._ops if op.name == "analysis")
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip._more(analysis).center().toPoint())
    menu = QApplication.activePopupWidget()
    entries(menu)["Run only analysis again"].trigger()
    menu.close()
    assert [one for one in engine.asked if isinstance(one, ResumeRun)] == [ResumeRun("a", only=("analysis",))]


def test_where_cards_are_small_their_menu_comes_with_the_pointer_and_names_are_whole(watched, streams, qtbot):
    workspace = watched(streams.finished(), status="succeeded")
    strip = workspace.strip
    qtbot.waitUntil(lambda: len(strip.texts) == 5)
    strip.setFixedWidth(430)
    op = next(op for op in strip._ops if op.name == "prediction")
    (area,) = [area for one, area in zip(strip._ops, strip._areas(), strict=True) if one is op]
    assert area.width() < TINY
    assert strip._more(op).isEmpty()
    QTest.mouseMove(strip, area.center().toPoint())
    assert area.contains(strip._more(op))
    asked = []
    strip.menu_wanted.disconnect()
    strip.menu_wanted.connect(lambda op, place: asked.append(op))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip._more(op).center().toPoint())
    assert asked == ["prediction"]
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    assert strip._more(op).isEmpty()
    for one in strip._ops:
        assert QFontMetrics(_fitting(one.name, 61)).horizontalAdvance(one.name) <= 61


def test_the_menu_of_an_op_comes_by_the_right_button_and_by_keyboard(watched, streams, qtbot):
    workspace = watched(streams.finished(), status="succeeded")
    strip, asked = workspace.strip, []
    strip.menu_wanted.disconnect()
    strip.menu_wanted.connect(lambda op, place: asked.append((op, strip.rect().contains(strip.mapFromGlobal(place)))))
    place = QPointF(strip._areas()[2].center()).toPoint()
    for reason, at in (("Mouse", place), ("Keyboard", QPoint(0, 0))):
        strip.choose("train")
        event = QContextMenuEvent(QContextMenuEvent.Reason[reason], at, strip.mapToGlobal(at))
        QApplication.sendEvent(strip, event)
    assert asked == [("prediction", True), ("train", True)]


@pytest.mark.parametrize(
    ("op", "fields", "why"),
    [
        ("analysis", {"status": "running"}, "The run has not ended"),
        ("analysis", {"status": "failed", "experiment": ""}, "The run has made no experiment"),
        ("experiment", {"status": "failed", "experiment": "/e"}, "experiment is the first op"),
    ],
)
def test_why_an_op_cannot_run_again_is_said(session, streams, workspace, op, fields, why):
    menu = op_menu(session, streams.state("a", **fields), op, print, print, workspace)
    again = entries(menu)[f"Run only {op} again"]
    assert not again.isEnabled()
    assert again.toolTip().startswith(why)


def test_some_ops_of_a_run_are_asked_for_in_its_menu(workspace, session, tell, streams, qtbot):
    state = streams.state("a", "failed", op="prediction", experiment="/e")
    tell(state)
    with qtbot.waitSignal(workspace.ops_wanted) as asked:
        entries(workspace.runs.menu_of(One(state)))["Run some ops again…"].trigger()
    assert asked.args == ["a", ""]


def test_a_run_of_single_ops_is_told_from_the_one_that_made_the_experiment(streams):
    state = streams.state("b", "succeeded", metrics={"f1": 0.5}, continues=Continuation(("analysis",), parent="a"))
    assert words.subtitle(state, 0.0) == "only analysis · f1 0.500 · 1 min 00 s"
    state = streams.state("b", "queued", continues=Continuation(("prediction", "analysis"), parent="a"))
    assert words.subtitle(state, 0.0) == "resumed from prediction · waits for its turn"


def test_a_run_of_single_ops_is_copied_as_the_command_that_runs_just_these(streams):
    ops = ("experiment", "train", "prediction", "analysis", "exptests")
    parent = streams.state("r1")
    state = streams.state("b", continues=Continuation(("prediction", "exptests"), parent="r1"))
    assert command(state, parent, ops) == "niceml-engine runs resume r1 --only prediction --only exptests"
    state = streams.state("b", continues=Continuation(("analysis", "exptests"), parent="r1"))
    assert command(state, parent, ops) == "niceml-engine runs resume r1 --from analysis"
