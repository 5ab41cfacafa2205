"""Every error that the engine raises on purpose.

A `NicemlError` is made for a person: its message is one line that says what is wrong and what to do,
and it names the file, line and key where there is one. Everything longer goes into `details`.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from niceml_engine.values import Problem

_REASONS = {
    errno.ENOSPC: "the disk is full; make room, or choose another place",
    errno.EDQUOT: "your share of the disk is used up; make room, or choose another place",
    errno.EFBIG: "the file grows larger than is allowed here",
    errno.EACCES: "you have no right to; choose another place, or change its rights",
    errno.EPERM: "you have no right to; choose another place, or change its rights",
    errno.EROFS: "the disk can only be read; choose another place",
    errno.ENOTDIR: "a file lies where a folder is needed; choose another place",
    errno.EEXIST: "a file lies where a folder is needed; choose another place",
    errno.EISDIR: "this is a folder; name a file",
}


def os_reason(error: OSError, missing: str = "it is not there") -> str:
    """Says what the operating system means, without the paths that it names: who asked knows a better one.

    Args:
        error: What it raised.
        missing: What it means here that something does not exist.
    """
    if isinstance(error, FileNotFoundError):
        return missing
    return _REASONS.get(error.errno or 0) or error.strerror or next(iter(str(error).splitlines()), "no reason is given")


FULL = _REASONS[errno.ENOSPC]


def disk_first(message: str) -> tuple[str, str]:
    """A message that ends with a full disk begins with that instead; and what to try, which is empty for others."""
    what = message.removesuffix(f": {FULL}")
    full, _, make_room = FULL.partition("; ")
    return (message, "") if what == message else (f"{full}: {what}", make_room)


def no_file_reason(path: str) -> str:
    """Why nothing can be read at a path although something lies there; empty for a regular file, and for nothing.

    Who opens a pipe waits for somebody to write into it, maybe for ever: hence one looks first.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return f"it is a link to {os.path.realpath(path)}, which is not there" if os.path.islink(path) else ""
    except (OSError, ValueError) as error:
        circle = getattr(error, "errno", None) == errno.ELOOP
        return "it is a link that leads round in a circle; make it a file" if circle else ""
    if stat.S_ISREG(mode):
        return ""
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return f"it is {next((kind for fits, kind in kinds if fits(mode)), 'a device')}, not a file; name a file"


def mentions(message: str, name: str) -> bool:
    """Whether a message names a key or a place already, as a word of its own."""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w\[]|\.\w)", message) is not None


class NicemlError(Exception):
    """An error that a person can understand and mend.

    Args:
        message: One line: what is wrong and what to do.
        file: The file that is to blame, if there is one.
        line: The line in `file`, counted from 1; 0 if unknown.
        key: The config key, such as `ops.train.config.epochs`.
        details: What an expert wants to see: a traceback, the original message.
    """

    def __init__(self, message: str, *, file: str = "", line: int = 0, key: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.key = key
        self.details = details

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        parts = [part for part in (place, self.key) if part and not mentions(self.message, part)]
        return ": ".join([*parts, self.message])


class ProjectError(NicemlError):
    """A folder or file is not a project that can be opened."""


class ConfigError(NicemlError):
    """A config cannot be read, composed or edited."""

    @classmethod
    def of(cls, problem: Problem) -> ConfigError:
        """The error that says what a problem says."""
        return cls(problem.message, file=problem.file, line=problem.line, key=problem.key, details=problem.details)


class DataError(NicemlError):
    """Images, labels or subsets are missing or broken."""


class StoreError(NicemlError):
    """A location cannot be reached, read or written."""


class RunError(NicemlError):
    """A run cannot be started, found or changed."""


class TrustError(RunError):
    """A start would run code of a project that the person has not trusted yet; the details list it."""


class OpError(NicemlError):
    """An op failed for a reason that the person can mend, such as a loss that turned NaN."""


class ProgramError(OpError):
    """A program of a project's own failed.

    Args:
        message: One line: what is wrong.
        raised: The exception that it ended with, as `Class: message`; empty where it ended with none.
        code: `file:line` of the project's own code that raised it.
        key: The config key that the exception names.
        advice: What to try, where the exception does not tell.
        details: What the program printed last.
    """

    def __init__(
        self, message: str, *, raised: str = "", code: str = "", key: str = "", advice: str = "", details: str = ""
    ) -> None:
        super().__init__(message, key=key, details=details)
        self.raised = raised
        self.code = code
        self.advice = advice


class QueryError(NicemlError):
    """A query cannot be read, and where in it.

    Args:
        message: What is wrong and what to do.
        start: Where what is wrong begins, in characters from 0.
        end: Where it ends.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class ProtocolError(NicemlError):
    """The byte stream between window and service does not hold what it should."""
