"""The tables in the folder where a program was started: nothing but their growth says that the program writes them.

A program that opens a file, appends a row and closes it again is hardly ever caught with the file open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from niceml_engine.jobs.program.tables import Reach, is_named_like_table


class Beside:
    """Knows which tables were in a folder before a program, and finds those that were written since.

    Args:
        folder: Where the program was started.
        script: The program, by whose name others that run it are known.
    """

    def __init__(self, folder: Path, script: str) -> None:
        self._folder = Path(os.path.realpath(folder))
        self._script = Path(script).name
        self._before = {path: (state, Reach.of(path)) for path, state in self._tables()}

    def written(self) -> Iterator[Path]:
        """The tables that are new, or are not any more as they were."""
        for path, state in self._tables():
            if path not in self._before or self._before[path][0] != state:
                yield path

    def untouched(self, path: Path) -> bool:
        """Whether a table is as it was before the program, even if that has it open."""
        return path in self._before and path not in self.written()

    def reach(self, path: Path) -> Reach | None:
        """How far a table reached before the program; nothing if it was not there."""
        return self._before[path][1] if path in self._before else None

    def others(self) -> bool:
        """Whether the same program runs here another time, so that nobody knows which of them wrote a table."""
        if not self._script:
            return False
        own = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid in own or Path(process.cwd()) != self._folder:
                    continue
                if any(Path(word).name == self._script for word in process.cmdline()):
                    return True
        return False

    def _tables(self) -> Iterator[tuple[Path, tuple[int, int, int]]]:
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                if is_named_like_table(entry.name) and entry.is_file():
                    state = entry.stat()
                    yield Path(os.path.realpath(entry.path)), (state.st_ino, state.st_size, state.st_mtime_ns)
