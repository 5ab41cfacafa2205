"""Waiting for Dagster's databases while another process has locked them, however long that takes.

Dagster gives up after seconds, and what was trained meanwhile would be lost for want of a line in its record.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from niceml_engine.events import Log

PATIENCE = 1.0  #: seconds that SQLite itself waits, before somebody is told
PAUSE = 0.2  #: seconds between two attempts


@contextmanager
def waiting_for(folder: str | Path, tell: Callable[[Log], object], gives_up: Callable[[], bool]) -> Iterator[None]:
    """Lets all that is asked of the databases below a folder wait for as long as they are locked.

    Args:
        folder: Dagster's, in which its SQLite databases lie.
        tell: Told once that it waits, and once that it does not any more; from any thread.
        gives_up: Whether nobody is to wait any longer; what is locked then is an error, as without this.
    """
    waiting = _Waiting(Path(folder).resolve(), tell, gives_up)
    listeners = (
        ("do_connect", waiting.connect),
        ("do_execute", waiting.execute),
        ("do_executemany", waiting.execute_many),
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

    def __init__(self, folder: Path, tell: Callable[[Log], object], gives_up: Callable[[], bool]) -> None:
        self._folder = folder
        self._tell = tell
        self._gives_up = gives_up
        self._waits = 0  # in how many threads
        self._lock = threading.Lock()

    def connect(self, dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        if arguments and self._is_ours(arguments[0]):
            options["timeout"] = PATIENCE

    def execute(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._do(cursor.execute, statement, parameters, context)

    def execute_many(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._do(cursor.executemany, statement, parameters, context)

    def _do(self, execute: Callable[..., object], statement: str, parameters: Any, context: Any) -> bool:
        """Does it instead of SQLAlchemy where it is ours, and returns whether that is so."""
        database = context.root_connection.engine.url.database if context is not None else None
        if not self._is_ours(database):
            return False
        waits = False
        try:
            while True:
                try:
                    execute(statement, parameters)
                    return True
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or self._gives_up():
                        raise
                if not waits:
                    waits = True
                    self._count(1, database)
                threading.Event().wait(PAUSE)
        finally:
            if waits:
                self._count(-1, database)

    def _is_ours(self, database: str | None) -> bool:
        return bool(database) and Path(str(database)).is_relative_to(self._folder)

    def _count(self, change: int, database: str | None) -> None:
        with self._lock:
            before, self._waits = self._waits, self._waits + change
            if not before:
                self._tell(
                    Log(
                        text=f"another process has locked Dagster's database {database}; the run waits for it: "
                        "close what has it open, such as a backup or a database browser",
                        level="warning",
                    )
                )
            elif not self._waits:
                self._tell(Log(text="Dagster's database is free again"))
