"""What is done about a service that is not there, with a stand-in for ssh that obeys; `test_remote` has a real one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from niceml_gui import engine as engine_module
from niceml_gui.engine import Engine
from niceml_gui.session import Session
from niceml_gui.window import Window

from .conftest import FAKE

URL = "ssh://gpu1/scenes"


@pytest.fixture
def line(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file as long as which there is a way to the machine."""
    up, script = tmp_path / "up", tmp_path / "ssh.sh"
    up.touch()
    script.write_text(
        f'[ -e "{up}" ] && exec "{sys.executable}" "{FAKE}" "{project}"\n'
        "echo 'ssh: connect to host gpu1 port 22: Connection refused' >&2; exit 255\n"
    )
    monkeypatch.setenv("NICEML_SSH", f"/bin/sh {script}")
    return up


@pytest.fixture
def far(clean: None, line: Path, project: Path, qtbot: QtBot) -> Iterator[Session]:
    """A session on the other machine."""
    session = Session(Engine([sys.executable, str(FAKE), str(project)]))
    session.open(URL)
    qtbot.waitUntil(lambda: session.project is not None and not session.busy)
    yield session
    session.close()
    session.deleteLater()
    session.engine.deleteLater()


def cut(session: Session) -> None:
    os.kill(session.engine.pid, signal.SIGKILL)


def waits(session: Session) -> Callable[[], bool]:
    return lambda: session.connection.status == "waiting"


def test_pauses_grow_until_a_connection_has_proved_good(
    far: Session, line: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = []
    line.unlink()
    cut(far)
    for _ in range(7):
        qtbot.waitUntil(waits(far))
        pauses.append(far.connection._retry.interval())
        far.connection.try_now()
        assert far.connection.status == "connecting"
    assert pauses == [2000, 4000, 8000, 16000, 30_000, 60_000, 60_000]
    for steady, pause in ((60.0, 60_000), (0.0, 2000)):
        qtbot.waitUntil(waits(far))
        line.touch()
        far.connection.try_now()
        qtbot.waitUntil(lambda: far.connection.up)
        monkeypatch.setattr("niceml_gui.connection.STEADY", steady)
        line.unlink()
        cut(far)
        qtbot.waitUntil(waits(far))
        assert far.connection._retry.interval() == pause


def test_a_cut_connection_comes_back_by_itself_with_all_that_was_watched(far: Session, qtbot: QtBot) -> None:
    rows: list[int] = []
    far.runs.rows.connect(lambda _run, new: rows.append(new.last))
    far.runs.watch("r1", after=4)
    qtbot.waitUntil(lambda: rows == [5])
    cut(far)
    qtbot.waitUntil(waits(far))
    far.set_value("train.epochs", "9")
    assert far.stale
    with qtbot.waitSignal(far.project_changed, timeout=20_000):
        pass
    qtbot.waitUntil(lambda: far.composed.selection.overrides == ("train.epochs=9",) and not far.stale)
    qtbot.waitUntil(lambda: rows == [5, 6])  # from the last row on that was seen


def test_closing_a_project_elsewhere_comes_home(far: Session, project: Path, qtbot: QtBot) -> None:
    process = far.engine.pid
    far.close_project()
    assert far.host.here
    assert not psutil.pid_exists(process)
    qtbot.waitUntil(lambda: far.connection.up)
    far.open(str(project))
    qtbot.waitUntil(lambda: far.project is not None)
    assert far.address.key == str(project)


def test_connecting_can_be_cancelled(
    window: Window, session: Session, line: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICEML_SSH", "/bin/sh -c 'exec sleep 600'")
    session.open(URL)
    assert window.connection.isVisible()
    assert window.connection.text.full_text() == "Connecting to gpu1…"
    assert window.pages.currentWidget() is window.welcome
    hanging = session.engine.pid
    qtbot.mouseClick(window.connection.cancel, Qt.MouseButton.LeftButton)
    assert not psutil.pid_exists(hanging)
    assert not session.busy
    qtbot.waitUntil(lambda: session.connection.up)
    assert session.host.here
    assert not window.connection.isVisible()


def test_a_machine_that_never_says_a_word_is_given_up(
    session: Session, line: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICEML_SSH", "/bin/sh -c 'exec sleep 600'")
    monkeypatch.setattr(engine_module, "ASKING_SECONDS", 0.2)
    with qtbot.waitSignal(session.message) as said:
        session.open(URL)
    assert said.args is not None
    assert said.args[0].text == "The engine on gpu1 does not answer any more"
    assert session.host.here


def test_two_addresses_of_one_folder_share_what_is_not_saved(far: Session, project: Path, qtbot: QtBot) -> None:
    far.set_value("train.epochs", "7")
    far.open(f"{URL}?python=/opt/python")
    qtbot.waitUntil(lambda: far.project is not None and not far.busy)
    assert far.host.python == "/opt/python"
    assert far.selection.overrides == ("train.epochs=7",)
    far.close_project()
    far.open(str(project))  # the same folder here is another project
    qtbot.waitUntil(lambda: far.project is not None)
    assert far.selection.overrides == ()
