"""What Python says of an exception, among the lines that a program prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

#: The place of a frame as a person sees it, of the project's own code; empty: of others.
Own = Callable[[str, int], str]

_BEGIN = "Traceback (most recent call last):"
_CAUSE = "The above exception was the direct cause of the following exception:"
_FRAME = re.compile(r'\s+File "(?P<file>.+)", line (?P<line>\d+)')
_RAISED = re.compile(r"(?P<error>[\w.]+)(: (?P<message>.*))?$")
_KEY = re.compile(r"full_key: (?P<key>[\w.\[\]-]+)$")  #: what Hydra ends with where it cannot make an object
_CALLED = re.compile(r"(?P<error>\w+)\((?P<message>.*)\)$")  #: what it says above that of what was raised inside
_HYDRAS = "InstantiationException"
_PACKAGES = frozenset({"site-packages", "dist-packages"})


@dataclass(frozen=True, kw_only=True)
class Raised:
    """An exception that was printed.

    Attributes:
        error: Its class, without the module.
        message: The first line of what it says.
        code: `file:line` of the project's own code that it came out of; empty where there is none.
        key: The config key that Hydra names.
    """

    error: str
    message: str = ""
    code: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.error}: {self.message}" if self.message else self.error


@dataclass
class _Block:
    """One traceback; `cause`: the one before it is why."""

    cause: bool
    frames: list[str] = field(default_factory=list)
    error: str = ""
    message: str = ""


class Tracebacks:
    """Reads lines one by one, and knows which of them belong to a traceback.

    Args:
        own: Says where a frame is, if it is of the project's own code.
    """

    def __init__(self, own: Own) -> None:
        self._own = own
        self._blocks: list[_Block] = []
        self._open = self._caused = False
        self._key = self._before = ""
        self._made: Raised | None = None  # what Hydra says without a traceback

    def feed(self, line: str) -> tuple[bool, str]:
        """Takes up a line; returns whether it belongs to a traceback, and of which own code it is a frame."""
        if line.strip() == _BEGIN:
            self._blocks.append(_Block(self._caused))
            self._open, self._caused = True, False
            return True, ""
        if not self._open:
            self._caused = line.strip() == _CAUSE or (self._caused and not line.strip())
            if found := _KEY.match(line.strip()):
                self._key = found["key"]
                inside = _CALLED.match(self._before)
                self._made = Raised(
                    error=inside["error"] if inside else _HYDRAS,
                    message=inside["message"].strip("'\"") if inside else self._before,
                    key=self._key,
                )
            self._before = line.strip()
            return False, ""
        block = self._blocks[-1]
        if frame := _FRAME.match(line):
            code = self._own(frame["file"], int(frame["line"]))
            block.frames += [code] if code else []
            return True, code
        if line[:1] not in ("", " ", "\t"):
            found = _RAISED.match(line)
            block.error, block.message = (found["error"], found["message"] or "") if found else ("", line)
            self._open = False
        return True, ""

    @property
    def last(self) -> Raised | None:
        """The exception at the bottom of what was raised last; `None` where nothing was."""
        if not self._blocks:
            return self._made
        place, code = len(self._blocks) - 1, ""
        while True:
            block = self._blocks[place]
            code = block.frames[-1] if block.frames else code
            if not block.cause or not place:
                break
            place -= 1
        if not block.error:
            return None
        return Raised(error=block.error.rpartition(".")[2], message=block.message, code=code, key=self._key)


def raised_in(lines: Iterable[str], own: Own) -> Raised | None:
    """The exception that lines tell of last."""
    found = Tracebacks(own)
    for line in lines:
        found.feed(line)
    return found.last


def own_code(root: Path) -> Own:
    """Tells code below a folder from what is installed, wherever it is."""

    def place(file: str, line: int) -> str:
        path = Path(file) if Path(file).is_absolute() else root / file
        if not path.is_relative_to(root) or _PACKAGES & set(path.parts) or not path.is_file():
            return ""
        return f"{path.relative_to(root).as_posix()}:{line}"

    return place
