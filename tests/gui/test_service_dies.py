"""The service is killed, or stops without a word, at whatever moment: the window says so, and nothing typed is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.source_tab import SourceTab
from tests.bad_projects import Bad
from tests.gui.conftest import JOB

PATIENCE = 60_000
ENDS = pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped service is found out after seconds, which is less than a person waits but enough for a busy machine."""
    monkeypatch.setattr("niceml_gui.engine.QUIET", 0.3)
    monkeypatch.setattr("niceml_gui.engine.HUNG", 5.0)


@pytest.fixture
def window(real: Session, tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    made = Window(real)
    made.show()
    real.open_source(str(tmp_path / "configs/jobs/a.yaml"))
    qtbot.waitUntil(lambda: isinstance(source(made).view, CodeEdit), timeout=PATIENCE)
    yield made
    made.leave()
    made.deleteLater()


def source(window: Window) -> SourceTab:
    """The open source of the job."""
    panel = window.pages.currentWidget()
    assert isinstance(panel, ComposeWorkspace)
    return next(iter(panel.sources.values()))


def type_into(tab: SourceTab, text: str) -> None:
    assert isinstance(tab.view, CodeEdit)
    tab.view.selectAll()
    tab.view.insertPlainText(text)


def idle(window: Window) -> None:
    """Nothing is asked: only the next question finds out."""


def composing(window: Window) -> None:
    window.session.set_value("epochs", "6")


def checking(window: Window) -> None:
    window.session.rescan()


def forms(window: Window) -> None:
    window.show_workspace(1)
    window.show_workspace(0)


@ENDS
@pytest.mark.parametrize("moment", [idle, composing, checking, forms], ids=lambda moment: moment.__name__)
def test_what_was_typed_is_there_and_composed_by_the_next_service(
    moment: Callable[[Window], None], end: signal.Signals, window: Window, qtbot: QtBot
) -> None:
    session, tab = window.session, source(window)
    type_into(tab, JOB + "typed: 1\n")
    session.set_value("epochs", "5")
    pid = session.engine.pid
    moment(window)
    os.kill(pid, end)
    session.set_value("epochs", "7")
    qtbot.waitUntil(lambda: session.engine.pid not in (0, pid) and not session.stale, timeout=PATIENCE)
    assert {leaf.key: leaf.value for leaf in session.composed.leaves}["epochs"] == 7
    said = [one for one in window.messages.messages if one.severity == "error"]
    assert len(said) == 1, [one.text for one in said]
    (message,) = said
    assert message.text.endswith("it has been started again; nothing that was typed is lost")
    assert tab.text == JOB + "typed: 1\n"
    assert tab.unsaved
    session.undo.undo()
    qtbot.waitUntil(lambda: not session.stale, timeout=PATIENCE)
    assert session.overridden("epochs") in ("epochs=5", "epochs=6")


def test_a_service_that_stands_still_is_waited_for_calmly_and_then_offered_to_be_restarted(
    window: Window, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("niceml_gui.engine.HUNG", 600.0)
    session, tab, bar = window.session, source(window), window.connection
    type_into(tab, JOB + "typed: 1\n")
    pid = session.engine.pid
    os.kill(pid, signal.SIGSTOP)
    session.set_value("epochs", "7")
    qtbot.waitUntil(lambda: window.status.busy.text() == "waiting for the engine…", timeout=PATIENCE)
    assert not bar.isVisible(), "the status bar is enough at first"
    os.kill(pid, signal.SIGCONT)
    qtbot.waitUntil(lambda: not session.stale, timeout=PATIENCE)
    assert window.status.busy.text() == ""

    os.kill(pid, signal.SIGSTOP)
    session.set_value("epochs", "8")
    qtbot.waitUntil(bar.isVisible, timeout=PATIENCE)
    assert bar.text.full_text().startswith("The engine does not answer; it is started again in ")
    bar.now.click()
    qtbot.waitUntil(lambda: not session.stale and session.engine.pid not in (0, pid), timeout=PATIENCE)
    assert {leaf.key: leaf.value for leaf in session.composed.leaves}["epochs"] == 8
    assert not bar.isVisible()
    assert (tab.text, tab.unsaved) == (JOB + "typed: 1\n", True)
    assert [one.text for one in window.messages.messages if one.severity == "error"] == []


@ENDS
def test_a_project_that_was_being_opened_is_opened_by_the_next_service(
    end: signal.Signals, window: Window, tmp_path_factory: pytest.TempPathFactory, qtbot: QtBot
) -> None:
    session, other = window.session, Bad("other", "").write(tmp_path_factory.mktemp("other"))
    os.kill(session.engine.pid, end)
    session.open(str(other))
    qtbot.waitUntil(
        lambda: session.project is not None and session.project.root == str(other) and not session.stale,
        timeout=PATIENCE,
    )
    assert session.composed.digest
    assert not session.busy


@ENDS
def test_a_file_that_was_being_saved_is_still_unsaved_and_said_to_be(
    end: signal.Signals, window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    session, tab, file = window.session, source(window), tmp_path / "configs/jobs/a.yaml"
    type_into(tab, JOB + "typed: 1\n")
    pid = session.engine.pid
    os.kill(pid, end)
    tab.save()
    qtbot.waitUntil(lambda: session.engine.pid not in (0, pid) and not session.stale, timeout=PATIENCE)
    (message,) = [one for one in window.messages.messages if one.severity == "error"]
    assert "see whether this was done: writing files" in message.text
    assert tab.unsaved
    assert file.read_text() == JOB
    tab.save()
    qtbot.waitUntil(lambda: file.read_text() == JOB + "typed: 1\n", timeout=PATIENCE)
    qtbot.waitUntil(lambda: not tab.unsaved, timeout=PATIENCE)


def test_a_composition_that_takes_too_long_ends_the_service_and_is_not_begun_again(
    window: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    session, pid = window.session, window.session.engine.pid
    monkeypatch.setattr("niceml_gui.composer.TIMEOUT", 0.05)
    big = tmp_path / "configs/jobs/a.yaml"
    big.write_text("".join(f"k{n}: {n}\n" for n in range(20_000)))
    session.rescan()
    qtbot.waitUntil(lambda: session.engine.pid not in (0, pid), timeout=PATIENCE)
    assert any("composes when the selection or a file changes" in one.text for one in window.messages.messages)
    monkeypatch.setattr("niceml_gui.composer.TIMEOUT", 60.0)
    big.write_text(JOB)
    session.set_value("epochs", "4")
    qtbot.waitUntil(lambda: not session.stale and session.composed.error is None, timeout=PATIENCE)
    assert session.connection.up
