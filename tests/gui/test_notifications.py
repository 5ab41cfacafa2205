"""A person who does something else is told that a run has ended, by the service of a real session bus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.runs import RunChanged
from niceml_engine.values import RunState
from niceml_gui import state
from niceml_gui.run_notifications import in_words
from niceml_gui.session import Session
from niceml_gui.widgets.header import RUNS
from niceml_gui.window import Window
from tests.session_bus import Desktop, session_bus

RUN = RunState("r1", "first", "running", "j", created=1.0, started=10.0)


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    with session_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        made = Desktop(address)
        yield made
        made.close()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person looks at another program."""
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: Qt.ApplicationState.ApplicationInactive)


def tell(session: Session, *runs: RunState) -> None:
    for run in runs:
        session.engine.notified.emit(RunChanged(run))


def ended(run: RunState, status: str = "succeeded", message: str = "") -> RunState:
    return msgspec.structs.replace(run, status=status, ended=75.0, message=message)


def test_a_run_that_ends_is_told_and_shown_on_a_click(
    desktop: Desktop, away: None, window: Window, session: Session, qtbot: QtBot
) -> None:
    tell(session, RUN, ended(RUN, "failed", "train: the loss <b>is</b> NaN"))
    qtbot.waitUntil(lambda: bool(desktop.shown))
    _, _, _, title, text, actions, _, _ = desktop.shown[1]
    assert title == "first failed"
    assert text == "train: the loss &lt;b&gt;is&lt;/b&gt; NaN · 1 min 05 s"
    assert actions == ["default", "Show"]
    assert session.runs.current == ""
    desktop.click(7)  # the notification of another program
    desktop.click(1)
    qtbot.waitUntil(lambda: session.runs.current == "r1")
    assert window.workspace == RUNS


def test_a_notification_has_the_whole_name_and_quotes_what_is_code() -> None:
    run = msgspec.structs.replace(RUN, name="CLB-20261128T155110-id_yuta")
    title, text = in_words([ended(run, "failed", "`my` has no `net`")])
    assert title == "CLB-20261128T155110-id_yuta failed"
    assert text.startswith("“my” has no “net”")


def test_a_sweep_is_told_once(desktop: Desktop, away: None, window: Window, session: Session, qtbot: QtBot) -> None:
    runs = [msgspec.structs.replace(RUN, id=f"s{number}", group="rates") for number in range(3)]
    tell(session, *runs)
    tell(session, ended(runs[0]), ended(runs[1], "failed"))
    tell(session, ended(runs[2]), RUN, ended(RUN))
    qtbot.waitUntil(lambda: len(desktop.shown) == 2)
    assert [shown[3:5] for shown in desktop.shown.values()] == [
        ("3 runs of a sweep have ended", "2 succeeded, 1 failed"),
        ("first succeeded", "1 min 05 s"),
    ]


def test_who_looks_at_the_window_or_wants_none_is_not_told(
    desktop: Desktop, window: Window, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: Qt.ApplicationState.ApplicationActive)
    tell(session, RUN, ended(RUN))
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: Qt.ApplicationState.ApplicationInactive)
    assert window.commands.action("run.notify").isChecked()
    window.commands.run("run.notify")
    assert not window.commands.action("run.notify").isChecked()
    tell(session, RUN, ended(RUN))
    # what had ended before, and what is only renamed, ends no more
    window.commands.run("run.notify")
    tell(session, msgspec.structs.replace(ended(RUN), name="renamed"), RunState("old", "old", "failed", "j"))
    assert state.notifies()
    tell(session, msgspec.structs.replace(RUN, id="r2"), msgspec.structs.replace(ended(RUN), id="r2", name="last"))
    qtbot.waitUntil(lambda: len(desktop.shown) == 2)
    assert [shown[3] for shown in desktop.shown.values()] == ["You will be told when a run ends", "last succeeded"]


@pytest.mark.parametrize("bus", ["unix:path=/no/bus", ""])
def test_a_desktop_without_notifications_is_told(
    away: None, window: Window, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, bus: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    monkeypatch.setattr("niceml_gui.widgets.messages.PASSING_MS", 1)
    tell(session, RUN, ended(RUN))
    assert window.messages.text.full_text().startswith("This desktop shows no notifications: ")
    qtbot.waitUntil(lambda: not window.messages.messages)
    tell(session, msgspec.structs.replace(RUN, id="r2"), msgspec.structs.replace(ended(RUN), id="r2"))
    assert not window.messages.messages
    for _ in range(2):  # off, and on: whoever wants them is told again
        window.commands.run("run.notify")
    assert window.messages.messages


def test_a_bus_on_which_nobody_takes_notifications_is_as_good_as_none(
    tmp_path: Path, away: None, window: Window, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    with session_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        tell(session, RUN, ended(RUN))
        qtbot.waitUntil(lambda: window.messages.text.full_text().startswith("This desktop shows no notifications: "))


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ((ended(RUN, "stopped", "stopped"),), ("first stopped", "1 min 05 s")),
        ((ended(RUN), ended(RUN)), ("2 runs have ended", "2 succeeded")),
    ],
)
def test_the_end_of_runs_in_words(runs: tuple[RunState, ...], words: tuple[str, str]) -> None:
    assert in_words(runs) == words
