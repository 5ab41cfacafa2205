"""CSV files with a column that counts steps or epochs, read while they are written."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from niceml_engine.events import Every
from niceml_engine.jobs.program.naming import Names, Row

STEPS = ("step", "global_step", "steps", "iteration", "iter", "batch")
EPOCHS = ("epoch", "epochs")
PORTION = 4 * 1024 * 1024  #: bytes that are read at once
_COMPARED = 64  #: bytes that tell whether a file is still the same up to a place
_LONGEST = 1024 * 1024  #: a line that is longer is no row of numbers


class Reach(NamedTuple):
    """How far a file reached at a time.

    Attributes:
        size: Its bytes.
        last: The last of them, by which it is known whether more was appended to it.
    """

    size: int = 0
    last: bytes = b""

    @classmethod
    def of(cls, path: Path) -> Reach:
        """How far a file reaches now; nowhere if it cannot be read."""
        with suppress(OSError), path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - _COMPARED, 0))
            return cls(size, file.read(_COMPARED))
        return cls()


class Table:
    """Follows one CSV file.

    A row counts once its line has ended. A file that is written anew, with more rows or columns, is read again,
    and what was told before is left out.

    Args:
        path: The file.
        names: Says what its columns are called in the stream.
        place: What tells its columns from those of other files that are called alike.
        before: How far the file reached before: rows up to there are left out, if more was appended to it.
    """

    def __init__(self, path: Path, names: Names, place: str, before: Reach | None = None) -> None:
        self._path = path
        self._names = names
        self._place = place
        self._told = 0
        self._file = (0, 0)
        self._last = b""
        self._header: list[str] | None = None
        self._before = before
        self._begin()

    def read(self, *, ended: bool = False) -> list[Row]:
        """The rows that are new.

        Args:
            ended: Whether nobody writes any more, so that a last line without an end is whole.
        """
        found: list[Row] = []
        with suppress(OSError), self._path.open("rb") as file:
            state = os.fstat(file.fileno())
            if (state.st_ino, state.st_dev) != self._file or not self._goes_on(file):
                self._begin()
                self._file = (state.st_ino, state.st_dev)
                self._pass_over(file, state.st_size)
            file.seek(self._offset)
            data = file.read(PORTION)
            whole = data if ended and len(data) < PORTION else data[: data.rfind(b"\n") + 1]
            if len(data) == PORTION and not whole:
                whole = data  # no line of a table; it is passed over
            self._offset += len(whole)
            self._last = whole[-_COMPARED:] or self._last
            for line in whole.decode("utf-8", "replace").splitlines():
                found += self._row(line)
        return found

    def _begin(self) -> None:
        self._offset, self._seen = 0, 0
        self._last, self._header = b"", None
        self._delimiter = ","

    def _pass_over(self, file: BinaryIO, size: int) -> None:
        """Goes on behind what a file held before, where it still holds that, and more."""
        before, self._before = self._before, None
        if before is None or not 0 < before.size < size:
            return
        file.seek(before.size - len(before.last))
        if file.read(len(before.last)) == before.last:
            file.seek(0)
            header = file.readline(_LONGEST)
            list(self._row(header.decode("utf-8", "replace")))
            self._offset, self._last = max(before.size, len(header)), b""

    def _goes_on(self, file: BinaryIO) -> bool:
        """Whether what was read last still stands where it was read."""
        file.seek(self._offset - len(self._last))
        return file.read(len(self._last)) == self._last

    def _row(self, line: str) -> Iterator[Row]:
        if not line.strip() or len(line) > _LONGEST:
            return
        if self._header is None:
            self._delimiter = max(",;\t", key=line.count)
            self._header = [name.strip().lstrip("\ufeff") for name in self._cells(line)]
            return
        self._seen += 1
        if self._seen <= self._told:
            return
        self._told = self._seen
        counts: dict[str, int] = {}
        values: dict[str, float] = {}
        for name, text in zip(self._header, self._cells(line), strict=False):
            kind = "step" if name.lower() in STEPS else "epoch" if name.lower() in EPOCHS else ""
            try:
                number = float(text)
            except ValueError:
                continue
            if not kind and name:
                values[name] = number
            elif kind and abs(number) < 2**53:
                counts.setdefault(kind, int(number))
        if not counts or not values:
            return
        level: Every = "batch" if "step" in counts else "epoch"
        step = counts.get("step", counts.get("epoch", 0))
        shown = {self._names.of(name, level, self._place): value for name, value in values.items()}
        yield Row(level, step, counts.get("epoch", 0), shown)

    def _cells(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._delimiter))
        except csv.Error:
            return []


def is_named_like_table(name: str) -> bool:
    """Whether a file may be a table, by its name."""
    return name.lower().endswith((".csv", ".tsv"))


def is_table(path: Path) -> bool:
    """Whether the first line of a CSV file names a column that counts; `False` while it has not ended."""
    try:
        with path.open("rb") as file:
            line = file.readline(64 * 1024)
    except OSError:
        return False
    if not line.endswith(b"\n"):
        return False
    names = line.decode("utf-8-sig", "replace").strip().lower().replace(";", ",").replace("\t", ",").split(",")
    return any(name.strip(' "') in (*STEPS, *EPOCHS) for name in names)
