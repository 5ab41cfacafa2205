"""What a program prints, line by line, read from the files that its output goes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from niceml_engine.events import Level, Log
from niceml_engine.jobs.program.tracebacks import Own, Tracebacks

PORTION = 1024 * 1024  #: bytes that are read at once
LONGEST = 10_000  #: characters of a line; the rest begins a new one
_LEVEL = re.compile(r"(?:^|[\s\[])(DEBUG|INFO|WARNING|ERROR|CRITICAL)(?=[\]\s:])")
_LEVELS: dict[str, Level] = {"DEBUG": "debug", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}
_HEAD = 120  #: characters of a line in which a logger says its level
_COLORS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Output:
    """Follows a file of printed lines from where it ends now; those of a traceback are errors.

    Args:
        path: The file.
        own: Says where a frame of a traceback is, if it is of the project's own code.
    """

    def __init__(self, path: Path, own: Own) -> None:
        self._path = path
        self._tracebacks = Tracebacks(own)
        self._offset = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def read(self, *, ended: bool = False) -> list[Log]:
        """The lines that are new; of what a progress bar draws over itself, the last.

        Args:
            ended: Whether nobody prints any more, so that a last line without an end is whole.
        """
        data = b""
        with suppress(OSError), self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(PORTION)
        self._offset += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST or (ended and not data):
            self._rest = self._rest.rstrip(b"\r").rpartition(b"\r")[2]
            whole.append(self._rest)
            self._rest = b""
        texts = (one.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace") for one in whole)
        lines = (_COLORS.sub("", text).rstrip() for text in texts)
        return [row for line in lines for row in self._rows(line)]

    def _rows(self, line: str) -> Iterator[Log]:
        raised, code = self._tracebacks.feed(line)
        level = "error" if raised else level_of(line)
        for start in range(0, len(line), LONGEST):
            yield Log(text=line[start : start + LONGEST], level=level, code=code)


def level_of(line: str) -> Level:
    """The level that a logger has written into a line; `info` if there is none."""
    match = _LEVEL.search(line[:_HEAD])
    return _LEVELS.get(match[1], "info") if match else "info"
