"""Another process holds Dagster's databases: a run waits for them, says so, and loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from niceml_engine.events import Log, Metrics, OpEnded
from niceml_engine.runs.dagster_home import open_instance
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from tests.engine.projects import CURVE, enqueue_job, write_curve, write_own
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

#: Measures something, and ends once somebody says so.
UNTIL_TOLD = """\
from pathlib import Path

from lib.curve import Curve


class Own(Curve):
    def __init__(self, steps: int, pause: float) -> None:
        super().__init__(2, 0.01)

    def files(self, index: int) -> dict[str, bytes]:
        if index:
            while not Path("go").exists():
                Path("measures").touch()
        return super().files(index)
"""


@contextmanager
def locked(project: Path) -> Iterator[None]:
    """Holds all of Dagster's databases, as a backup or a database browser does."""
    with ExitStack() as held:
        for file in sorted((project / ".niceml" / "dagster" / "history").rglob("*.db")):
            connection = held.enter_context(closing(sqlite3.connect(file, isolation_level=None)))
            connection.execute("begin immediate")
        yield


def warnings(run: RunFolder) -> list[str]:
    return [row.text for row in StreamReader(run.stream).read() if isinstance(row, Log) and row.level == "warning"]


def test_a_run_begins_once_dagsters_database_can_be_had_and_says_that_it_waits(tmp_path: Path) -> None:
    project = write_own(tmp_path, UNTIL_TOLD)
    (project / "go").touch()
    with open_instance(project):
        pass
    run, queue = enqueue_job(project, CURVE), Queue(project)
    with locked(project):
        wait_until(lambda: ended(queue, run) or bool(warnings(run)))
        (said,) = warnings(run)
        assert "another process has locked Dagster's database" in said
        assert str(project / ".niceml" / "dagster" / "history") in said
        assert (run.state().status, run.state().message) == ("starting", said)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    assert dagster_status(project, run) == "SUCCESS"


def test_what_was_done_while_dagsters_database_was_locked_is_not_lost(tmp_path: Path) -> None:
    project = write_own(tmp_path, UNTIL_TOLD)
    run, queue = enqueue_job(project, CURVE), Queue(project)
    wait_until(lambda: bool(queue.advance()) or (project / "measures").exists())
    wait_until((project / "measures").exists)
    with locked(project):
        (project / "go").touch()
        wait_until(lambda: ended(queue, run) or bool(warnings(run)))
        assert any(isinstance(row, OpEnded) for row in StreamReader(run.stream).read())
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    assert dagster_status(project, run) == "SUCCESS"
    texts = [row.text for row in StreamReader(run.stream).read() if isinstance(row, Log)]
    assert "Dagster's database is free again" in texts


def test_a_run_that_waits_for_dagsters_database_can_be_stopped(tmp_path: Path) -> None:
    project = write_curve(tmp_path)
    run, queue = enqueue_job(project, CURVE), Queue(project)

    def measures() -> bool:
        queue.advance()
        return any(isinstance(row, Metrics) for row in StreamReader(run.stream).read())

    wait_until(measures)
    with locked(project):
        run.ask_to_stop()
        wait_until(lambda: ended(queue, run), seconds=25)  # before the queue would end it by force
    wait_for_exit(run)
    assert run.state().status == "stopped"
    assert run.state().message == "stopped"
