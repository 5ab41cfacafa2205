"""What a run leaves: nothing, whatever its ops have started. And what it does while others hold its database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import state_of, wait_for_exit
from niceml_engine.runs.queue import Queue, write_settings
from niceml_engine.values import QueueSettings
from tests.engine.projects import CURVE, enqueue_job, write_own
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

#: Leaves a process, a thread that is no daemon, and a timer; the process tells its number.
MESSY = """\
import subprocess
import sys
import threading

from lib.curve import Curve


class Own(Curve):
    def __init__(self, steps: int, pause: float) -> None:
        super().__init__(3, 0.0)
        self.child = child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        open("child", "w").write(str(child.pid))
        threading.Thread(target=threading.Event().wait, name="left behind").start()
        threading.Timer(3600, print).start()
"""
#: Does not care who wants it to stop, and starts a process that does not either.
STUBBORN = """\
import subprocess
import sys
from pathlib import Path
from threading import Event

from lib.curve import Curve


class Own(Curve):
    def files(self, index: int) -> dict[str, bytes]:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        Path("child").write_text(str(child.pid))
        while True:
            try:
                Event().wait(60)
            except BaseException:
                pass
"""
QUICK = """\
from lib.curve import Curve


class Own(Curve):
    def __init__(self, steps: int, pause: float) -> None:
        super().__init__(3, 0.0)
"""


def started(project: Path) -> tuple[Queue, RunFolder]:
    queue, run = Queue(project), enqueue_job(project, CURVE)
    queue.advance()
    return queue, run


def test_no_process_and_no_thread_remains_of_a_run(tmp_path: Path) -> None:
    project = write_own(tmp_path, MESSY)
    write_settings(project, QueueSettings(patience=0.5))
    queue, run = started(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    child = int((project / "child").read_text())
    assert not psutil.pid_exists(child)
    said = run.output(4000)[1]
    assert f"the run has left process {child}, " in said
    assert "the run has left threads, which are ended: left behind, " in said


def test_a_run_that_does_not_stop_ends_itself_after_its_time_where_nobody_else_is_there_to_do_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_own(tmp_path, STUBBORN)
    monkeypatch.chdir(project)
    write_settings(project, QueueSettings(patience=3.0))
    _, run = started(project)
    wait_until(lambda: (project / "child").exists() and bool((project / "child").read_text()))
    child, worker = int((project / "child").read_text()), run.worker()
    assert worker is not None
    run.ask_to_stop()
    for words in ("list", "queue"):
        assert "  stopping  " in CliRunner().invoke(app, ["runs", words]).stdout
    wait_until(lambda: not run.is_alive())  # with no queue that would see to it
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
    assert state_of(run).status == "stopped"


def test_a_run_waits_for_a_database_that_another_program_holds(tmp_path: Path) -> None:
    project = write_own(tmp_path, QUICK)
    queue, first = started(project)
    wait_until(lambda: ended(queue, first))
    wait_for_exit(first)
    database = project / ".niceml" / "dagster" / "history" / "runs.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("begin exclusive")
        queue, run = started(project)
        worker = run.worker()
        assert worker is not None
        process = psutil.Process(worker.pid)
        wait_until(lambda: any(file.path == str(database) for file in process.open_files()))
        assert run.state().status == "starting"
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    assert dagster_status(project, run) == "SUCCESS"
