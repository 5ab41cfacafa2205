"""Starting what a check is against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from niceml_engine.values import Problem
from niceml_gui.app import run_once_composed
from niceml_gui.session import Session
from niceml_gui.starting import in_a_line
from niceml_gui.tour import Tour
from niceml_gui.widgets.doubt_dialog import DoubtDialog
from niceml_gui.widgets.header import COMPOSE, RUNS
from niceml_gui.window import Window

Settle = Callable[[Session], None]
WRONG = "train.model._target_: there is no such class"


@pytest.fixture
def doubtful(project: Path) -> None:
    (project / "doubtful").touch()


def asked(window: Window, qtbot: QtBot) -> DoubtDialog:
    qtbot.waitUntil(lambda: bool(window.findChildren(DoubtDialog)))
    return window.findChildren(DoubtDialog)[-1]


@pytest.fixture
def dialog(doubtful: None, window: Window, settle: Settle, qtbot: QtBot) -> DoubtDialog:
    settle(window.session)
    window.header.run_button.click()
    return asked(window, qtbot)


def test_run_asks_where_a_check_has_found_an_error(window: Window, dialog: DoubtDialog, qtbot: QtBot) -> None:
    assert dialog.text.text() == WRONG
    assert list(window.session.runs.states) == ["r1"]
    dialog.anyway.click()
    qtbot.waitUntil(lambda: "r2" in window.session.runs.states)
    assert window.workspace == RUNS


def test_nothing_starts_when_the_problems_are_to_be_shown(window: Window, dialog: DoubtDialog, qtbot: QtBot) -> None:
    window.show_workspace(RUNS)
    dialog.problems.click()
    assert window.workspace == COMPOSE
    assert list(window.session.runs.states) == ["r1"]


def test_a_start_waits_for_the_check_of_what_was_just_changed(
    doubtful: None, window: Window, settle: Settle, qtbot: QtBot
) -> None:
    settle(window.session)
    window.session.set_value("train.epochs", "7")
    assert not window.session.checked
    window.commands.run("run.start")
    dialog = asked(window, qtbot)
    assert dialog.text.text() == WRONG
    dialog.cancel.click()
    assert list(window.session.runs.states) == ["r1"]


def test_what_is_not_checked_in_time_or_changed_meanwhile_starts_without_a_question(
    doubtful: None, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubts: list[object] = []
    session.starting.doubted.connect(doubts.append)
    session.set_value("train.epochs", "8")
    with qtbot.waitSignal(session.runs.requested):
        session.start_run()
        session.starting._patience.timeout.emit()
    session.set_value("train.epochs", "9")
    with qtbot.waitSignal(session.runs.requested):
        session.start_run()
        session.set_value("train.epochs", "10")
    assert doubts == []


def test_a_run_again_and_a_start_that_nobody_waits_for_are_no_question(
    doubtful: None, session: Session, settle: Settle, qtbot: QtBot
) -> None:
    doubts: list[object] = []
    session.starting.doubted.connect(doubts.append)
    settle(session)
    with qtbot.waitSignal(session.runs.requested):
        session.runs.again("r1")
    run_once_composed(session)
    with qtbot.waitSignal(session.message) as said, qtbot.waitSignal(session.runs.requested):
        session.rescan()
    assert said.args[0].text == f"Started in spite of this: {WRONG}"
    assert doubts == []


def test_the_tour_insists_as_nobody_is_there(
    doubtful: None,
    window: Window,
    settle: Settle,
    qtbot: QtBot,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Tour(window, tmp_path)
    settle(window.session)
    window.header.run_button.click()
    qtbot.waitUntil(lambda: "r2" in window.session.runs.states)
    assert f"error: {WRONG}" in capsys.readouterr().err


def test_the_first_of_several_errors_is_named_and_the_others_are_counted() -> None:
    one = Problem("error", "no-class", "there is no such class", key="a.b")
    assert in_a_line((one,)) == "a.b: there is no such class"
    assert in_a_line((one, one)) == "a.b: there is no such class, and 1 more error"
    assert in_a_line((one, one, one)) == "a.b: there is no such class, and 2 more errors"
    placed = msgspec.structs.replace(one, file="/p/configs/a.yaml", line=6)
    assert in_a_line((placed,), "/p") == "configs/a.yaml:6: a.b: there is no such class"
    assert in_a_line((placed,), "/q") == "/p/configs/a.yaml:6: a.b: there is no such class"
