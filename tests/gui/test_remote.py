"""The window here, project and service on another machine, behind a real sshd."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.values import RunState
from niceml_gui import state
from niceml_gui.address import Address, Host
from niceml_gui.session import Message, Session
from niceml_gui.values import Loss
from niceml_gui.widgets.header import RUNS
from niceml_gui.widgets.path_dialog import PathDialog, choose_path
from niceml_gui.widgets.remote_dialog import RemoteDialog
from niceml_gui.window import Window
from niceml_gui.words import countdown
from niceml_gui.workspaces.compose.text.source_tab import SourceTab
from niceml_gui.workspaces.runs.listing.menu import run_menu
from niceml_gui.workspaces.runs.panel import RunsWorkspace
from niceml_gui.workspaces.runs.record import RunRecord
from tests.conftest import REPOSITORY
from tests.engine.projects import CURVE, run_of, write_curve
from tests.sshd import ALIAS, Sshd, sshd
from tests.waiting import wait_until


@pytest.fixture
def machine(tmp_path: Path, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    folder = tmp_path / "sshd"
    folder.mkdir()
    environment = {"NICEML_STATE_DIR": str(state_dir), "PYTHONPATH": str(REPOSITORY)}
    with sshd(folder, environment) as server:
        monkeypatch.setenv("NICEML_SSH", server.ssh)
        yield server


@pytest.fixture
def scenes(tmp_path: Path, state_dir: Path) -> Path:
    """A trusted project on the other machine."""
    return write_curve(tmp_path / "scenes")


@pytest.fixture
def far(clean: None, qtbot: QtBot) -> Iterator[Session]:
    """A session that has opened nothing yet."""
    session = Session()
    yield session
    session.close()
    session.deleteLater()


@pytest.fixture
def window(far: Session) -> Iterator[Window]:
    window = Window(far)
    window.show()
    yield window
    window.close()
    window.deleteLater()


def composed(session: Session) -> Callable[[], bool]:
    return lambda: bool(session.composed.digest) and not session.busy and not session.stale


def steps(record: RunRecord) -> list[float]:
    """The steps at which the run has measured something, as far as the window knows."""
    return [step for series in record.series.values() for step in series.steps]


def rows_of(run: RunFolder) -> int:
    """How many rows the run has written."""
    return run.stream.read_bytes().count(b"\n") if run.stream.exists() else 0


def test_a_machine_is_named_in_a_dialog_that_knows_the_last_ones(
    window: Window, far: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host gpu1 gpu2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    state.remember_project(Address("/a/scenes", Host("gpu7", "anna", 2222, python="/opt/python")))
    chosen: list[str] = []
    monkeypatch.setattr(far, "open", chosen.append)
    window.welcome.refresh()
    window.welcome.remote_button.click()
    (dialog,) = window.findChildren(RemoteDialog)
    machines = [dialog.machine.itemText(row) for row in range(dialog.machine.count())]
    assert machines == ["anna@gpu7:2222", "gpu1", "gpu2"]
    assert (dialog.machine.currentText(), dialog.folder.text(), dialog.python.text()) == (
        "anna@gpu7:2222",
        "/a/scenes",
        "/opt/python",
    )
    for machine, folder, words in (
        ("", "/a", "Name a machine"),
        ("gpu1", "", "Name a folder there"),
        ("a b", "/a", "names no machine"),
        ("gpu1:x", "/a", "cannot be read"),
    ):
        dialog.machine.setCurrentText(machine)
        dialog.folder.setText(folder)
        dialog.keep.click()
        assert words in dialog.note.text()
        assert chosen == []
    dialog.machine.setCurrentText("gpu2")
    dialog.folder.setText("~/my scenes")
    dialog.python.setText("")
    dialog.keep.click()
    assert chosen == ["ssh://gpu2/~/my%20scenes"]


def test_the_folder_is_chosen_from_what_lies_there(window: Window, machine: Sshd, scenes: Path, qtbot: QtBot) -> None:
    window.asking.open_remote()
    (dialog,) = window.findChildren(RemoteDialog)
    dialog.machine.setCurrentText(ALIAS)
    dialog.python.setText(sys.executable)
    dialog.folder.setText(str(scenes.parent))
    dialog.browse.click()
    (paths,) = dialog.findChildren(PathDialog)
    assert paths.windowTitle() == f"Choose a project on {ALIAS}"
    qtbot.waitUntil(lambda: paths.entries.count() > 0, timeout=60_000)
    (there,) = paths.entries.findItems("scenes", Qt.MatchFlag.MatchExactly)
    paths.entries.setCurrentItem(there)
    paths.choose.click()
    assert dialog.folder.text() == str(scenes)
    # a machine that is not reached is told there
    dialog.machine.setCurrentText(f"{ALIAS}:1")
    dialog.browse.click()
    (paths,) = [one for one in dialog.findChildren(PathDialog) if one.isVisible()]
    qtbot.waitUntil(lambda: "cannot be reached" in paths.note.full_text(), timeout=60_000)
    dialog.reject()


def messages_of(session: Session) -> list[Message]:
    said: list[Message] = []
    session.message.connect(said.append)
    return said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ssh://{alias}{root}?python=/no/python", "gpu1 does not find /no/python"),
        ("ssh://{alias}{root}?command=exit%204", "exit 4 does not start on gpu1"),
        ("ssh://{alias}{root}?command=echo%20niceml%209.9%20messages%20ab;%20cat", "gpu1: niceml 9.9 there and "),
        ("ssh://{alias}{root}?command=yes", "gpu1: this is not the service of niceml"),
        ("ssh://127.0.0.1:{port}{root}", "The key of 127.0.0.1:{port} is not known yet"),
        ("ssh://nobody-else@{alias}{root}", "nobody-else@gpu1 does not let you in: "),
        ("ssh://{alias}:1{root}", "gpu1:1 cannot be reached: connect to host 127.0.0.1 port 1: Connection refused"),
        ("ssh://{alias}/no/where?python={python}", "/no/where: there is no such folder"),
        ("ssh://-x/y", "ssh://-x/y names no machine"),
    ],
)
def test_a_machine_that_cannot_be_used_is_told_in_one_line(
    far: Session, machine: Sshd, scenes: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, url: str, words: str
) -> None:
    monkeypatch.setenv("SSH_ASKPASS", "false")
    names = {"alias": ALIAS, "root": scenes, "port": machine.port, "python": sys.executable}
    said = messages_of(far)
    far.open(url.format(**names))
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    assert words.format(**names) in said[0].text
    assert "\n" not in said[0].text
    # the window is on this machine again, and a project here opens
    assert far.host.here
    assert not far.busy
    far.open(str(scenes))
    qtbot.waitUntil(composed(far), timeout=60_000)
    assert len(said) == 1


@pytest.fixture
def opened(far: Session, machine: Sshd, scenes: Path, qtbot: QtBot) -> Session:
    """A session on the other machine."""
    far.open(machine.url(scenes))
    qtbot.waitUntil(composed(far), timeout=60_000)
    return far


def test_a_connection_over_which_nothing_comes_is_given_up(
    opened: Session, machine: Sshd, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setenv("NICEML_SSH", f"{machine.ssh} -o ServerAliveInterval=1 -o ServerAliveCountMax=1")
    opened.restart_engine()
    qtbot.waitUntil(lambda: opened.connection.up and composed(opened)(), timeout=60_000)
    machine.cut(signal.SIGSTOP)
    with qtbot.waitSignal(opened.connection.lost, timeout=30_000) as lost:
        pass
    assert lost.args == [Loss(f"The connection to {ALIAS} is lost", lost.args[0].details, "cut")]
    assert "not responding" in lost.args[0].details
    # by itself, after the first pause
    qtbot.waitUntil(lambda: opened.connection.up, timeout=60_000)


def test_a_service_that_dies_there_is_started_again_at_once(opened: Session, machine: Sshd, qtbot: QtBot) -> None:
    said = messages_of(opened)
    (service,) = machine.services()
    opened.set_value("ops.data_generation.config.generator.pause", "0.03")
    service.kill()
    qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert (
        said[0].text == f"The engine on {ALIAS} was killed; it has been started again; nothing that was typed is lost"
    )
    qtbot.waitUntil(lambda: opened.connection.up and composed(opened)(), timeout=60_000)
    assert "pause: 0.03" in opened.composed.yaml


def test_who_is_not_let_in_any_more_is_asked_and_not_bothered(
    opened: Session, machine: Sshd, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    askpass, asked = tmp_path / "askpass", tmp_path / "asked"
    askpass.write_text(f'#!/bin/sh\necho "$1" >> "{asked}"\necho open sesame\n')
    askpass.chmod(0o755)
    monkeypatch.setenv("SSH_ASKPASS", str(askpass))
    key = str(machine.folder / "user_key")
    subprocess.run(["ssh-keygen", "-q", "-p", "-f", key, "-P", "", "-N", "open sesame"], check=True)
    machine.cut()
    qtbot.waitUntil(lambda: opened.connection.status == "down", timeout=60_000)
    assert opened.connection.loss is not None
    assert f"{ALIAS} does not let you in: " in opened.connection.loss.why
    assert not asked.exists(), "an attempt that nobody made asked for a passphrase"
    opened.connection.try_now()
    qtbot.waitUntil(lambda: opened.connection.up, timeout=60_000)
    assert asked.read_text().startswith("Enter passphrase for key")


def test_what_ended_while_nobody_was_connected_is_known_afterwards(
    far: Session, machine: Sshd, scenes: Path, qtbot: QtBot
) -> None:
    ended, gone = (run_of(scenes, CURVE, os.getpid()) for _ in range(2))
    far.open(machine.url(scenes))
    qtbot.waitUntil(lambda: len(far.runs.states) == 2, timeout=60_000)
    assert {state.status for state in far.runs.states.values()} == {"starting"}
    far.runs.select(gone.id)
    machine.cut()
    qtbot.waitUntil(lambda: far.connection.status == "waiting", timeout=30_000)
    ended.write_final_state(msgspec.structs.replace(ended.state(), status="succeeded", message="done"))
    gone.delete()
    far.connection.try_now()
    qtbot.waitUntil(lambda: far.runs.gone == gone.id, timeout=60_000)
    assert far.runs.states[ended.id].status == "succeeded"
    assert far.runs.current == gone.id  # what is known of it stays in view until another one is chosen
    far.runs.select(ended.id)
    assert list(far.runs.states) == [ended.id]


def test_what_lies_there_is_not_offered_to_programs_here(
    window: Window, far: Session, machine: Sshd, scenes: Path, qtbot: QtBot
) -> None:
    far.open(machine.url(scenes))
    qtbot.waitUntil(composed(far), timeout=60_000)
    source = SourceTab(far, far.selection.job)
    qtbot.addWidget(source)
    qtbot.waitUntil(lambda: bool(source.text), timeout=30_000)  # but it is shown, and can be changed, here
    said = messages_of(far)
    source.edit(1)
    assert said[0].text == f"It lies on {ALIAS}: other programs of this machine do not see it"
    edit = next(one for one in source.findChildren(QPushButton) if one.accessibleName() == "Open in editor")
    assert not edit.isEnabled()
    assert edit.toolTip() == said[0].text
    run = RunState("r", "r", "succeeded", "j", folder=str(scenes), experiment="s3://bucket/e")
    menu = {action.text(): action for action in run_menu(far, run, repr, repr, repr, repr, window).actions()}
    assert not menu["Open run folder"].isEnabled()
    assert menu["Open run folder"].toolTip().startswith(f"It lies on {ALIAS}")
    # paths are chosen from what lies there
    chosen: list[str] = []
    choose_path(far.engine, "file", "Choose job", str(scenes / "configs"), chosen.append, window)
    (dialog,) = window.findChildren(PathDialog)
    qtbot.waitUntil(lambda: dialog.entries.count() == 1, timeout=30_000)
    for name in ("jobs", "job_data_generation", "curve.yaml"):
        qtbot.waitUntil(lambda name=name: dialog.entries.item(0).text() == name, timeout=30_000)
        dialog.entries.itemActivated.emit(dialog.entries.item(0))
    assert chosen == [far.selection.job]


@pytest.mark.timeout(180)
def test_compose_run_watch_lose_the_connection_and_stop_on_another_machine(
    window: Window, far: Session, machine: Sshd, scenes: Path, qtbot: QtBot
) -> None:
    far.open(machine.url(scenes))
    qtbot.waitUntil(composed(far), timeout=60_000)
    assert far.project is not None
    assert far.project.root == str(scenes)
    assert window.windowTitle() == f"scenes · {ALIAS} — niceml"
    assert not window.connection.isVisible()
    far.set_value("ops.data_generation.config.generator.pause", "0.03")
    qtbot.waitUntil(composed(far))

    window.header.run_button.click()
    qtbot.waitUntil(lambda: bool(far.runs.current), timeout=30_000)
    run = RunFolder(runs_folder(scenes) / far.runs.current)
    panel = window.pages.currentWidget()
    assert isinstance(panel, RunsWorkspace)
    qtbot.waitUntil(lambda: len(steps(panel.record)) > 10, timeout=60_000)
    qtbot.waitUntil(lambda: "loss" in panel.charts.charts, timeout=10_000)

    # the cable is pulled: it is said, the worker goes on, and edits are kept
    services = machine.services()
    machine.cut()
    qtbot.waitUntil(window.connection.isVisible, timeout=10_000)
    assert window.connection.text.full_text().startswith(f"The connection to {ALIAS} is lost; trying again in ")
    assert window.status.host.text() == f" {ALIAS} · not connected"
    written = rows_of(run)
    wait_until(lambda: rows_of(run) > written + 10, 30)
    psutil.wait_procs([one for one in services if one.pid != (run.worker() or one).pid], timeout=10)
    assert run.is_alive()
    far.set_value("ops.data_generation.config.generator.pause", "0.02")
    far.runs.stop(run.id)
    assert "pause=0.02" in far.selection.overrides[0]
    messages: list[Message] = []
    far.message.connect(messages.append)
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[0].text == f"Not done: there is no connection to {ALIAS} at the moment"
    assert messages[0] in window.messages.messages
    pill, known = window.header.pill, far.connection.last_seen  # of the run nobody knows what it does meanwhile
    wait_until(lambda: far.connection.last_seen > known + 1.2)
    window.header.refresh()
    assert (pill.property("token"), "may have ended since" in pill.toolTip()) == ("muted", True)
    started, seen = far.runs.states[run.id].started, time.time() - far.connection.last_seen
    assert pill.text().strip() == f"last seen {countdown(seen - started)}"

    # it heals: what was written meanwhile comes, each row once, and what was edited is composed
    qtbot.mouseClick(window.connection.now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: far.connection.up and panel.record.seq > written + 10, timeout=60_000)
    assert not window.connection.isVisible()
    assert messages[0] not in window.messages.messages
    assert (pill.property("token"), pill.text().strip()[:7]) == ("ok", "running")
    assert steps(panel.record) == list(range(1, len(steps(panel.record)) + 1))
    qtbot.waitUntil(composed(far), timeout=30_000)
    assert far.composed.selection == far.selection
    assert "pause: 0.02" in far.composed.yaml
    assert far.runs.states[run.id].status == "running"

    window.header.segments.segments[RUNS].click()
    window.header.stop_button.click()
    qtbot.waitUntil(lambda: far.runs.states[run.id].status == "stopped", timeout=30_000)
    wait_until(lambda: not run.is_alive(), 20)
