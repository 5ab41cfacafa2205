"""What a worker printed, as lines, taken up piece by piece."""

from __future__ import annotations

import codecs
import re

from niceml_engine.protocol.runs import Printed
from niceml_gui.workspaces.runs.lines import Line, Source

CUT = 4000  #: letters after which a line that does not end is cut
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b\x0c\x0e-\x1f]")  # colours, cursors


class PrintedLines:
    """Turns pieces of stdout or stderr into lines, as a terminal would show them.

    A line that is written over, as progress bars do, is kept as it was at last.

    Args:
        source: Whose pieces they are.
        lines: Takes the lines.
    """

    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.known = 0  #: bytes that were taken up
        self._source, self._lines = source, lines
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_more = False  # what comes next is a further piece of a line

    def take(self, printed: Printed) -> bool:
        """Takes up a piece; true where there is more to ask for."""
        if printed.start > self.known:
            self._add(f"… {printed.start - self.known:,} bytes before are left out")
        if printed.start + len(printed.content) <= self.known:
            return False
        fresh = printed.content[max(self.known - printed.start, 0) :]
        self.known = printed.start + len(printed.content)
        *whole, self._rest = (self._rest + self._decoder.decode(fresh)).split("\n")
        for line in whole:
            self._add(line)
        while len(self._rest) >= CUT and "\r" not in self._rest:
            self._add(self._rest[:CUT], ended=False)
            self._rest = self._rest[CUT:]
        if "\r" in self._rest and len(self._rest) > CUT:
            self._rest = self._rest.rpartition("\r")[2][-CUT:]
        return self.known < printed.size

    def end(self) -> None:
        """The worker has ended: what has no end of line is a line, too."""
        if self._rest:
            self._add(self._rest)
            self._rest = ""

    def _add(self, text: str, *, ended: bool = True) -> None:
        """Adds a line, or a piece of one that goes on."""
        if not text and self._is_more and ended:  # the line ended just where it was cut
            self._is_more = False
            return
        text = text.rstrip("\r")
        text = _ESCAPES.sub("", text.rpartition("\r")[2] if "\r" in text else text)
        for start in range(0, max(len(text), 1), CUT):
            part = text[start : start + CUT]
            more = self._is_more or start > 0
            self._lines.append(Line(len(self._lines), 0.0, "", "info", part, source=self._source, more=more))
        self._is_more = not ended
