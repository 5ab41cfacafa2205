"""A thread that turns what a running program prints and measures into rows of the stream."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from niceml_engine.errors import StoreError
from niceml_engine.events import Artifact, Event, Log, metrics
from niceml_engine.jobs.program.beside import Beside
from niceml_engine.jobs.program.folders import newest_output, open_files, output_of, written
from niceml_engine.jobs.program.naming import Names, Row
from niceml_engine.jobs.program.output import Output
from niceml_engine.jobs.program.records import MARK, Records
from niceml_engine.jobs.program.tables import Table, is_named_like_table, is_table
from niceml_engine.jobs.program.tracebacks import own_code

SECONDS = 0.2  #: between two looks
SHARE = 20  #: so many times as long as looking for files took, they are not looked for again
AGAIN = 2.0  #: seconds between two searches for an output folder that has no file open
CLOCK = 2.0  #: seconds by which file systems may date a file too early
FILES = 200  #: that are followed at most
LAST_SECONDS = 60.0  #: for what is left when the program has ended


class Following:
    """Follows the program that this process has started, until it is closed.

    Args:
        emit: Takes the rows; called from the thread.
        root: Where the program was started.
        overrides: What it was started with.
        outputs: The files that hold what it prints.
        script: The program.
    """

    def __init__(
        self,
        emit: Callable[[Event], None],
        root: Path,
        overrides: Sequence[str],
        outputs: Iterable[Path] = (),
        script: str = "",
    ) -> None:
        self.folder: Path | None = None  #: where the program writes, once it is known
        self._emit = emit
        self._root = root
        self._overrides = overrides
        self._outputs = [Output(path, own_code(root)) for path in outputs]
        self._names = Names()
        self._files: dict[Path, Table | Records] = {}
        self._opened: set[Path] = set()  # for writing, once: a buffered table is there only after it was closed
        self._beside = Beside(root, script)
        self._refused: set[Path] = set()
        self._since = time.time() - CLOCK
        self._next_look = self._next_search = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="following", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Reads what is left, once the program has ended, and ends the thread."""
        self._done.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._done.wait(SECONDS):
            self._try(self._look)
        self._try(self._finish)

    def _try(self, look: Callable[[], object]) -> None:
        """Looks; whatever is wrong with files of others, the program goes on."""
        try:
            look()
        except StoreError:
            pass  # the stream cannot be written, which its writer has said to others already
        except Exception as error:
            with suppress(StoreError):
                self._emit(
                    Log(text=f"what it measures cannot be read: {type(error).__name__}: {error}", level="warning")
                )

    def _look(self) -> None:
        self._tell_lines()
        now = time.monotonic()
        if now >= self._next_look:
            self._find(list(open_files()))
            self._next_look = time.monotonic() + SHARE * (time.monotonic() - now)
        self._tell_rows()

    def _finish(self) -> None:
        self._next_search = 0.0
        self._find([])
        until = time.monotonic() + LAST_SECONDS
        while self._tell_rows() and time.monotonic() < until:
            pass
        self._tell_rows(ended=True)
        while self._tell_lines() and time.monotonic() < until:
            pass
        self._tell_lines(ended=True)

    def _tell_lines(self, *, ended: bool = False) -> bool:
        lines = [line for output in self._outputs for line in output.read(ended=ended)]
        for line in lines:
            self._emit(line)
        return bool(lines)

    def _tell_rows(self, *, ended: bool = False) -> bool:
        rows = [row for file in tuple(self._files.values()) for row in file.read(ended=ended)]
        for row in sorted(rows, key=_step):
            event = metrics(row.level, row.step, row.epoch, row.values)
            self._emit(msgspec.structs.replace(event, time=row.time))
        return bool(rows)

    def _find(self, opened: list[tuple[Path, str]]) -> None:
        """Looks for files that hold what is measured: in the output folder, open, or where the program began."""
        if self.folder is None:
            self._set_folder(output_of(path for path, _ in opened))
        if self.folder is None and time.monotonic() >= self._next_search:
            self._set_folder(newest_output(self._root, self._since, self._overrides))
            self._next_search = time.monotonic() + AGAIN
        self._opened |= {path for path, mode in opened if _measures(path) and (MARK in path.name or mode != "r")}
        for path in self._opened:
            if not self._beside.untouched(path):
                self._follow(path)
        for path in self._beside.written():
            self._follow_beside(path)
        if self.folder is not None:
            for path in written(self.folder, self._since):
                self._follow(path)

    def _set_folder(self, folder: Path | None) -> None:
        if folder is not None:
            self.folder = folder
            self._emit(Artifact(kind="output", path=str(folder)))
            self._emit(Log(text=f"writes into {self._short(folder)}"))

    def _follow_beside(self, path: Path) -> None:
        """Follows a table where the program was started, if nobody else can have written it."""
        if path in self._files or path in self._refused or not is_table(path):
            return
        if not self._beside.others():
            self._follow(path)
            return
        self._refused.add(path)
        self._emit(
            Log(
                text=f"does not read {self._short(path)}: the same program runs here another time, and who wrote it is "
                "not known; let it write below Hydra's output folder",
                level="warning",
            )
        )

    def _follow(self, path: Path) -> None:
        path = Path(os.path.realpath(path))
        if path in self._files or len(self._files) >= FILES:
            return
        if MARK in path.name:
            self._files[path] = Records(path, self._names, path.parent.name)
        elif _measures(path) and is_table(path):
            self._files[path] = Table(path, self._names, path.stem, self._beside.reach(path))
        else:
            return
        self._emit(Artifact(kind="metrics", path=self._short(path)))
        self._emit(Log(text=f"reads what is measured from {self._short(path)}"))

    def _short(self, path: Path) -> str:
        real = Path(os.path.realpath(self._root))
        return str(path.relative_to(real)) if path.is_relative_to(real) else str(path)


def _measures(path: Path) -> bool:
    """Whether a file may hold what is measured, by its name."""
    return MARK in path.name or is_named_like_table(path.name)


def _step(row: Row) -> int:
    return row.step
