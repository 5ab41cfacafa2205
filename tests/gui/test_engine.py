from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from niceml_engine.protocol.configs import Compose, OpenProject
from niceml_engine.protocol.runs import RunRows, WatchRun
from niceml_engine.values import Composed, ErrorInfo, Project, Selection
from niceml_gui.engine import AWAY, GONE, Engine
from niceml_gui.values import Loss


def test_a_question_asked_right_after_the_start_is_answered(engine: Engine, project: Path, qtbot: QtBot) -> None:
    answers: list[Project] = []
    engine.start()
    engine.ask(OpenProject(str(project)), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].root == str(project)


def test_an_error_arrives_as_a_value(engine: Engine, qtbot: QtBot) -> None:
    errors: list[ErrorInfo] = []
    engine.start()
    engine.ask(OpenProject("/missing"), failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert errors[0] == ErrorInfo("no such folder: /missing", details="a trace")


def test_news_come_as_signals(engine: Engine, qtbot: QtBot) -> None:
    engine.start()
    with qtbot.waitSignal(engine.notified) as blocker:
        engine.ask(WatchRun("r1", after=4))
    news = blocker.args[0]
    assert isinstance(news, RunRows)
    assert news.rows.last == 5


def test_a_forgotten_question_calls_nobody(engine: Engine, project: Path, qtbot: QtBot) -> None:
    answers: list[object] = []
    engine.start()
    engine.forget(engine.ask(OpenProject(str(project)), lambda _: answers.append("forgotten")))
    engine.ask(OpenProject(str(project)), lambda _: answers.append("kept"))
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["kept"]


def test_who_is_gone_is_not_called(engine: Engine, project: Path, qtbot: QtBot) -> None:
    class Asker(QObject):
        def take(self, *_: object) -> None:
            told.append(self.objectName())

    told: list[str] = []
    gone, there = Asker(), Asker()
    engine.start()
    for asker, callback in ((gone, gone.take), (gone, partial(gone.take, 1)), (there, there.take)):
        asker.setObjectName("gone" if asker is gone else "there")
        engine.ask(OpenProject(str(project)), callback)
    delete(gone)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["there"]


def test_a_service_that_says_nothing_is_ended(engine: Engine, qtbot: QtBot) -> None:
    errors: list[ErrorInfo] = []
    engine.start()
    pid = engine.pid
    with qtbot.waitSignal(engine.lost) as blocker:
        engine.ask(Compose(Selection("a", ("hang=1",))), failed=errors.append, timeout=0.2)
    assert errors == [ErrorInfo("no answer to Compose within 0.2 s")]
    (loss,) = blocker.args
    assert (loss.why, loss.slow) == ("The engine takes too long", True)
    assert not engine.running
    assert not psutil.pid_exists(pid)


def test_a_service_that_is_stopped_is_found_out_long_before_the_answer_is_due(
    engine: Engine, project: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("niceml_gui.engine.QUIET", 0.1)
    monkeypatch.setattr("niceml_gui.engine.HUNG", 0.5)
    answers: list[object] = []
    engine.start()
    engine.ask(OpenProject(str(project)), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    os.kill(engine.pid, signal.SIGSTOP)
    errors: list[ErrorInfo] = []
    with qtbot.waitSignal(engine.lost) as blocker:
        engine.ask(OpenProject(str(project)), failed=errors.append, timeout=600)
    (loss,) = blocker.args
    assert loss.why == "The engine does not answer any more"
    assert errors == [ErrorInfo(GONE)]
    assert loss.undone[0] == OpenProject(str(project))


def test_the_end_of_the_service_is_told_with_its_last_words(engine: Engine, qtbot: QtBot) -> None:
    errors: list[ErrorInfo] = []
    engine.start()
    with qtbot.waitSignal(engine.lost) as blocker:
        engine.ask(Compose(Selection("a", ("die=1",))), failed=errors.append)
    assert blocker.args == [Loss("The engine ended by itself with exit status 3", "a last word")]
    assert errors == [ErrorInfo(GONE)]
    assert engine.errors == "a last word"
    answers: list[Composed] = []
    engine.start()
    engine.ask(Compose(Selection("a", ("die=1",))), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].selection.overrides == ("die=1",)


def test_asking_a_stopped_service_fails_instead_of_waiting(engine: Engine, qtbot: QtBot) -> None:
    errors: list[ErrorInfo] = []
    engine.ask(OpenProject("x"), failed=errors.append)
    assert errors == []  # never before `ask` has returned
    qtbot.waitUntil(lambda: bool(errors))
    assert errors == [ErrorInfo(AWAY)]


def test_a_program_that_does_not_exist_is_named(clean: None, qtbot: QtBot) -> None:
    engine = Engine(["/nowhere/service"])
    with qtbot.waitSignal(engine.lost) as blocker:
        engine.start()
    assert "/nowhere/service" in blocker.args[0].why
    engine.deleteLater()


def test_closing_leaves_no_process(engine: Engine, project: Path, qtbot: QtBot) -> None:
    engine.start()
    answers: list[Project] = []
    engine.ask(OpenProject(str(project)), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    pid = engine.pid
    engine.close()
    assert not psutil.pid_exists(pid)
