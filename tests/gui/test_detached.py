"""Runs need no window: they are found at start, and any number of windows may look at one."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from niceml_engine.events import Log
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.launch import end_processes
from niceml_engine.runs.stream import StreamWriter
from niceml_gui.session import Session
from niceml_gui.window import Window
from niceml_gui.workspaces.runs.panel import RunsWorkspace
from niceml_gui.workspaces.runs.record import RunRecord
from tests.engine.projects import CURVE, run_of, write_curve
from tests.waiting import wait_until

Open = Callable[[], Session]


@pytest.fixture
def curve(tmp_path: Path, state_dir: Path) -> Path:
    return write_curve(tmp_path / "curve")


@pytest.fixture
def window_on(clean: None, curve: Path, qtbot: QtBot) -> Iterator[Open]:
    """Opens the project as one more window does, with a service of its own."""
    made: list[Session] = []

    def open_one() -> Session:
        session = Session()
        made.append(session)
        session.open(str(curve))
        qtbot.waitUntil(lambda: bool(session.composed.digest) and not session.busy, timeout=60_000)
        return session

    yield open_one
    for session in made:
        session.close()
        session.deleteLater()


def test_running_finished_and_lost_runs_are_found_at_start(curve: Path, window_on: Open, qtbot: QtBot) -> None:
    running = run_of(curve, CURVE, os.getpid())
    finished = run_of(curve, CURVE, os.getpid())
    finished.write_final_state(msgspec.structs.replace(finished.state(), status="succeeded", message="done"))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        lost = run_of(curve, CURVE, worker.pid)
        with closing(StreamWriter(lost.stream)) as stream:
            stream.emit(Log(text="its last word"))
        worker.kill()
    session = window_on()
    qtbot.waitUntil(lambda: len(session.runs.states) == 3, timeout=30_000)
    qtbot.waitUntil(lambda: session.runs.states[lost.id].status == "failed", timeout=30_000)
    assert session.runs.states[lost.id].message.startswith("the worker ended without a word")
    assert session.runs.states[finished.id].status == "succeeded"
    assert session.runs.states[running.id].status == "starting"
    assert list(session.runs.states) == [lost.id, finished.id, running.id]


@pytest.mark.timeout(180)
def test_two_windows_watch_one_run_and_either_may_stop_it(curve: Path, window_on: Open, qtbot: QtBot) -> None:
    one, other = window_on(), window_on()
    seen = {one: RunRecord(), other: RunRecord()}
    for session, record in seen.items():
        session.runs.rows.connect(lambda _run, rows, record=record: record.feed(rows))
    one.start_run()
    qtbot.waitUntil(lambda: bool(one.runs.current), timeout=60_000)
    run = RunFolder(runs_folder(curve) / one.runs.current)
    qtbot.waitUntil(lambda: run.id in other.runs.states, timeout=30_000)
    for session in seen:
        session.runs.watch(run.id)
    qtbot.waitUntil(lambda: all(record.last_step > 10 for record in seen.values()), timeout=90_000)
    # the service that has launched the worker goes; the other one goes on, and can end it
    one.close()
    shown = seen[other].last_step
    qtbot.waitUntil(lambda: seen[other].last_step > shown + 10, timeout=30_000)
    for record in seen.values():
        (series,) = record.series.values()
        assert list(series.steps) == list(range(1, len(series.steps) + 1))
    other.runs.stop(run.id)
    qtbot.waitUntil(lambda: other.runs.states[run.id].status == "stopped", timeout=30_000)
    wait_until(lambda: not run.is_alive(), 20)


@pytest.mark.timeout(180)
def test_of_a_window_that_closes_while_its_run_goes_on_nothing_is_left_but_the_run(
    curve: Path, window_on: Open, qtbot: QtBot
) -> None:
    timers = set(active_timers())
    window = Window(window_on())
    window.show()
    window.session.start_run()
    qtbot.waitUntil(lambda: isinstance(window.pages.currentWidget(), RunsWorkspace), timeout=60_000)
    panel = window.pages.currentWidget()
    assert isinstance(panel, RunsWorkspace)
    qtbot.waitUntil(lambda: panel.record.last_step > 10, timeout=90_000)
    for pane in panel.panes:
        panel.show_pane(pane)
        qtbot.waitUntil(pane.isVisible)
    run = RunFolder(runs_folder(curve) / window.session.runs.current)
    window.leave()
    window.session.close()
    qtbot.waitUntil(lambda: not set(active_timers()) - timers)
    window.deleteLater()
    assert run.is_alive()
    end_processes(run)
    wait_until(lambda: not run.is_alive(), 20)


def active_timers() -> list[QTimer]:
    return [one for one in gc.get_objects() if isinstance(one, QTimer) and isValid(one) and one.isActive()]
