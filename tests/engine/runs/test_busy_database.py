"""Another process holds Dagster's databases: a run waits for them, says so, and loses nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest
from rich.console import Console
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from niceml_engine.cli.runs import follow
from niceml_engine.events import Log, Metrics, OpEnded
from niceml_engine.runs import busy_database
from niceml_engine.runs.busy_database import waiting_for
from niceml_engine.runs.dagster_home import open_instance
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from niceml_engine.runs.untold import note, noted, tell
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


def measuring(project: Path) -> tuple[RunFolder, Queue]:
    """A run that measures until it is told to go on, and its queue."""
    run, queue = enqueue_job(project, CURVE), Queue(project)
    wait_until(lambda: bool(queue.advance()) or (project / "measures").exists())
    wait_until((project / "measures").exists)
    return run, queue


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
    run, queue = measuring(project)
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
        assert [one.name for one in noted(project, "ended")] == [run.id]
    assert dagster_status(project, run) == "STARTED"
    wait_until(lambda: tell(project) == "")
    assert dagster_status(project, run) == "CANCELED"
    assert not noted(project, "ended")


def test_dagster_is_told_of_a_dead_worker_later_where_its_database_is_locked(tmp_path: Path) -> None:
    project = write_own(tmp_path, UNTIL_TOLD)
    run, queue = measuring(project)
    worker = run.worker()
    assert worker is not None
    with locked(project):
        os.kill(worker.pid, signal.SIGKILL)
        wait_until(lambda: ended(queue, run))
        wait_until(lambda: bool(noted(project, "ended")))
        assert "has ended; Dagster's record does not say so for now: " in (tell(project, 60) or "")
    wait_until(lambda: tell(project) == "")
    assert dagster_status(project, run) == "FAILURE"


def test_a_run_that_is_followed_in_the_terminal_has_dagster_told_of_those_before(
    tmp_path: Path,
) -> None:
    project = write_own(tmp_path, UNTIL_TOLD)
    (project / "go").touch()
    run, queue = enqueue_job(project, CURVE), Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    note(project, "ended", run.id)
    assert follow(enqueue_job(project, CURVE), queue, Console()) == "succeeded"
    wait_until(lambda: not noted(project, "ended"))
    assert tell(project, 60) == ""
    assert dagster_status(project, run) == "SUCCESS"  # it had an end


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'runs.db'}", poolclass=StaticPool)
    with made.begin() as connection:
        connection.exec_driver_sql("create table told (line text)")
    yield made
    made.dispose()


class Disk:
    """The disk of a database: full from now on, until somebody is told of it, if that helps."""

    def __init__(self, engine: Engine, *, helps: bool = True, rolls_back: bool = False) -> None:
        self.said: list[str] = []
        self._helps, self._rolls_back = helps, rolls_back
        driver = engine.raw_connection().driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver
        driver.execute("pragma max_page_count=1")

    def tell(self, line: Log) -> None:
        self.said.append(line.text)
        if self._rolls_back and len(self.said) == 1:
            self._driver.rollback()  # as SQLite may do by itself
        if self._helps:
            self._driver.execute("pragma max_page_count=100000")


LONG = "x" * 9000  #: more than there is room for


@pytest.mark.parametrize("rolls_back", [False, True])
def test_what_a_disk_has_no_room_for_is_written_once_it_has_with_all_of_its_transaction(
    engine: Engine, tmp_path: Path, rolls_back: bool
) -> None:
    disk = Disk(engine, rolls_back=rolls_back)
    with waiting_for(tmp_path, disk.tell, lambda: False), engine.begin() as connection:
        connection.exec_driver_sql("insert into told values ('first')")
        connection.exec_driver_sql("insert into told values (?)", (LONG,))
    with engine.begin() as connection:
        assert connection.exec_driver_sql("select line from told").scalars().all() == ["first", LONG]
    waits, free = disk.said
    assert waits == (
        f"Dagster's database {tmp_path / 'runs.db'} cannot be written: database or disk is full; "
        "the run waits for room on its disk, 60 s at most: make some"
    )
    assert free == "Dagster's database is free again"


def test_a_transaction_that_was_rolled_back_is_not_done_once_more(engine: Engine, tmp_path: Path) -> None:
    with waiting_for(tmp_path, lambda _: None, lambda: False):
        with engine.connect() as connection:
            connection.exec_driver_sql("insert into told values ('not this')")
            connection.rollback()
        with engine.begin() as connection:
            connection.exec_driver_sql("insert into told values ('but this')")
        with engine.begin() as connection:
            assert connection.exec_driver_sql("select line from told").scalars().all() == ["but this"]


@pytest.mark.parametrize("lasting", [True, False])
def test_a_lack_of_room_that_lasts_is_an_error_unless_the_run_is_to_go_on(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    monkeypatch.setattr(busy_database, "SHORT_LACK", 0.0)
    monkeypatch.setattr(busy_database, "PAUSE", 0.01)
    disk, asked = Disk(engine, helps=False), []

    def gives_up() -> bool:
        asked.append(True)
        return len(asked) > 5

    with (
        waiting_for(tmp_path, disk.tell, gives_up, lasting=lasting),
        pytest.raises(OperationalError, match="database or disk is full"),
        engine.begin() as connection,
    ):
        connection.exec_driver_sql("insert into told values (?)", (LONG,))
    assert len(asked) == (6 if lasting else 1)
    assert [line.endswith("waits for room on its disk: make some") for line in disk.said[:1]] == [True] * lasting


def test_a_run_goes_on_once_dagsters_database_has_room_again(tmp_path: Path) -> None:
    project = write_own(tmp_path, UNTIL_TOLD)
    run, queue = measuring(project)
    worker = run.worker()
    assert worker is not None
    process = psutil.Process(worker.pid)
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    room = max(file.stat().st_size for file in run.path.iterdir()) + 6000  # too little for a database, not for rows
    process.rlimit(psutil.RLIMIT_FSIZE, (room, before[1]))
    (project / "go").touch()
    wait_until(lambda: ended(queue, run) or bool(warnings(run)))
    (said,) = warnings(run)
    assert "the run waits for room on its disk, 60 s at most: make some" in said
    process.rlimit(psutil.RLIMIT_FSIZE, before)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "succeeded", run.state().message
    assert dagster_status(project, run) == "SUCCESS"
