"""Waiting for Dagster's databases: while another process has locked them, and while their disk is full.

Dagster gives up after seconds, and what was trained meanwhile would be lost for want of a line in its record.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from niceml_engine.events import Log

PATIENCE = 1.0  #: seconds that SQLite itself waits, before somebody is told
PAUSE = 0.2  #: seconds between two attempts
SHORT_LACK = 60.0  #: seconds that a disk may be full before a run fails that is not to go on without room
LITTLE = 1_000_000  #: bytes that a disk has left which may be too few for a database
_DONE = "niceml"  # under which a connection keeps what its transaction has done

_Step = Callable[[sqlite3.Cursor], object]


@contextmanager
def waiting_for(
    folder: str | Path,
    tell: Callable[[Log], object],
    gives_up: Callable[[], bool],
    lost: Callable[[], object] = lambda: None,
    *,
    lasting: bool = False,
) -> Iterator[None]:
    """Lets all that is asked of the databases below a folder wait for as long as they are locked or have no room.

    Args:
        folder: Dagster's, in which its SQLite databases lie.
        tell: Told once that it waits, and once that it does not any more; from any thread.
        gives_up: Whether nobody is to wait any longer; what keeps them is an error then, as without this.
        lost: Called when something was not to be had after all; from any thread.
        lasting: Whether to wait for room, too, for as long as it takes; else for a minute.
    """
    waiting = _Waiting(Path(folder).resolve(), tell, gives_up, lost, lasting)
    listeners = (
        ("do_connect", waiting.connect),
        ("do_execute", waiting.execute),
        ("do_executemany", waiting.execute_many),
        ("commit", waiting.commit),
        ("rollback", waiting.roll_back),
    )
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


class _Waiting:
    """What SQLAlchemy calls instead of the driver."""

    def __init__(
        self,
        folder: Path,
        tell: Callable[[Log], object],
        gives_up: Callable[[], bool],
        lost: Callable[[], object],
        lasting: bool,
    ) -> None:
        self._folder = folder
        self._tell = tell
        self._gives_up = gives_up
        self._lost = lost
        self._lasting = lasting
        self._waits = 0  # in how many threads
        self._no_room_since = 0.0  # 0: it has
        self._lock = threading.Lock()

    def connect(self, dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        if arguments and self._is_ours(arguments[0]):
            options["timeout"] = PATIENCE

    def execute(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._do(lambda on: on.execute(statement, parameters), cursor, context)

    def execute_many(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._do(lambda on: on.executemany(statement, parameters), cursor, context)

    def commit(self, connection: Connection) -> None:
        """Commits before SQLAlchemy does, which then finds nothing to commit."""
        database = str(connection.engine.url.database)
        if not self._is_ours(database):
            return
        done, driver = connection.info.get(_DONE, []), connection.connection.cursor().connection

        def attempt() -> None:
            _once_more(driver, done)
            driver.commit()

        self._insist(attempt, database)
        done.clear()

    def roll_back(self, connection: Connection) -> None:
        connection.info.get(_DONE, []).clear()

    def _do(self, step: _Step, cursor: sqlite3.Cursor, context: Any) -> bool:
        """Does it instead of SQLAlchemy where it is ours, and returns whether that is so."""
        database = context.root_connection.engine.url.database if context is not None else None
        if not self._is_ours(database):
            return False
        done: list[_Step] = context.root_connection.info.setdefault(_DONE, [])

        def attempt() -> None:
            _once_more(cursor.connection, done)
            step(cursor)

        self._insist(attempt, str(database))
        if cursor.connection.in_transaction:
            done.append(step)
        else:
            done.clear()
        return True

    def _insist(self, attempt: Callable[[], object], database: str) -> None:
        """Tries again and again what a database that is locked, or has no room, may refuse."""
        waits = False
        try:
            while True:
                try:
                    attempt()
                    self._no_room_since = 0.0
                    return
                except sqlite3.OperationalError as error:
                    why = self._why_to_wait(error)
                    if not why:
                        self._lost()
                        raise
                if not waits:
                    waits = True
                    self._count(1, why.format(database))
                threading.Event().wait(PAUSE)
        finally:
            if waits:
                self._count(-1)

    def _why_to_wait(self, error: sqlite3.OperationalError) -> str:
        """What keeps a database, if that is to be waited for any longer; `{}` stands for the database."""
        code = error.sqlite_errorcode & 0xFF
        if self._gives_up():
            return ""
        if code == sqlite3.SQLITE_BUSY:
            return (
                "another process has locked Dagster's database {}; the run waits for it: "
                "close what has it open, such as a backup or a database browser"
            )
        if code not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
            return ""
        is_full = code == sqlite3.SQLITE_FULL or shutil.disk_usage(self._folder).free < LITTLE
        if not is_full and code == sqlite3.SQLITE_CANTOPEN:
            return ""
        self._no_room_since = self._no_room_since or monotonic()
        if monotonic() - self._no_room_since > SHORT_LACK and not (is_full and self._lasting):
            return ""
        longest = "" if self._lasting else f", {SHORT_LACK:.0f} s at most"
        how = f"the run waits for room on its disk{longest}: make some"
        return f"Dagster's database {{}} cannot be written: {error}; {how}"

    def _is_ours(self, database: str | None) -> bool:
        return bool(database) and Path(str(database)).is_relative_to(self._folder)

    def _count(self, change: int, why: str = "") -> None:
        with self._lock:
            before, self._waits = self._waits, self._waits + change
            if not before:
                self._tell(Log(text=why, level="warning"))
            elif not self._waits:
                self._tell(Log(text="Dagster's database is free again"))


def _once_more(connection: sqlite3.Connection, done: list[_Step]) -> None:
    """Does once more what a transaction had done that SQLite has rolled back, as it may for want of room."""
    if done and not connection.in_transaction:
        cursor = connection.cursor()
        for step in done:
            step(cursor)
        cursor.close()
