"""The window dies, alone or with the worker of its run; the next one finds the run as it is."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from niceml_engine.events import Metrics, RunEnded
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.stream import StreamReader
from niceml_gui.session import Session
from tests.engine.projects import CURVE, write_curve
from tests.waiting import wait_until


@dataclass(frozen=True)
class Running:
    """A window, the service that it has started, and its run."""

    window: subprocess.Popen[bytes]
    services: list[psutil.Process]
    run: RunFolder
    worker: psutil.Process


@pytest.fixture
def running(clean: None, tmp_path: Path) -> Iterator[Running]:
    project = write_curve(tmp_path / "curve")
    window = subprocess.Popen(
        [sys.executable, "-m", "niceml_gui.app", str(project), "--job", str(project / CURVE), "--run"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: len(all_runs(project)) == 1, 60)
    (run,) = all_runs(project)
    wait_until(lambda: any(isinstance(row, Metrics) for row in StreamReader(run.stream).read()), 60)
    worker = run.worker()
    assert worker is not None
    services = [child for child in psutil.Process(window.pid).children() if child.pid != worker.pid]
    yield Running(window, services, run, psutil.Process(worker.pid))
    if window.poll() is None:
        window.kill()
        window.wait()
    run.ask_to_stop(now=True)
    wait_until(lambda: not run.is_alive(), 20)


@pytest.fixture
def next_window(running: Running, qtbot: QtBot) -> Iterator[Session]:
    """Another window on the same project, opened by the test when it says so."""
    session = Session()
    yield session
    session.close()
    session.deleteLater()


def open_project(session: Session, run: RunFolder, qtbot: QtBot) -> None:
    session.engine.start()
    session.open(run.spec().root)
    qtbot.waitUntil(lambda: run.id in session.runs.states, timeout=20_000)


def test_a_run_goes_on_after_its_window_was_killed(running: Running, next_window: Session, qtbot: QtBot) -> None:
    run, runs = running.run, next_window.runs
    running.window.kill()
    running.window.wait()
    assert not psutil.wait_procs(running.services, timeout=10)[1]
    assert run.is_alive()
    open_project(next_window, run, qtbot)
    assert runs.states[run.id].status == "running"
    runs.watch(run.id)
    with qtbot.waitSignal(runs.rows, timeout=20_000):
        pass
    runs.stop(run.id)
    qtbot.waitUntil(lambda: runs.states[run.id].status == "stopped", timeout=30_000)


def test_a_run_that_was_killed_with_its_window_is_found_failed_with_all_that_it_had_told(
    running: Running, next_window: Session, qtbot: QtBot
) -> None:
    run, runs = running.run, next_window.runs
    for process in (running.window, running.worker, *running.services):
        process.kill()
    running.window.wait()
    assert not psutil.wait_procs([running.worker, *running.services], timeout=10)[1]
    rows = StreamReader(run.stream).read()
    open_project(next_window, run, qtbot)
    qtbot.waitUntil(lambda: runs.states[run.id].status == "failed", timeout=20_000)
    assert runs.states[run.id].message.startswith("the worker ended without a word")
    found = StreamReader(run.stream).read()
    assert found[: len(rows)] == rows
    assert isinstance(found[-1], RunEnded)
