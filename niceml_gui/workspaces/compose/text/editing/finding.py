r"""Where a text, or what a regular expression describes, stands in a document, in the positions that Qt counts.

Expressions are those of PCRE, which Qt brings. They are looked for line by line, with a bound on the steps of each
attempt and on the time of all, because some would otherwise take longer than anybody lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from PySide6.QtCore import QRegularExpression

SECONDS = 0.5  #: for an expression in a whole document
LONGEST_LINE = 4_000  #: characters of a line in which an expression is looked for
_STEPS = 20_000  #: of one attempt, as PCRE counts
_LONGEST = 1_000  #: characters of an expression
_FILLED = re.compile(r"\\(\d|n|\\)")


class FindError(ValueError):
    """An expression is wrong, or takes too long; says so in a few words."""


class Match(NamedTuple):
    """A place: from where to where, in UTF-16 units, and what an expression's groups hold, all of it first."""

    start: int
    end: int
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is looked for.

    Attributes:
        needle: The text; an empty one stands nowhere.
        case: Whether its case counts.
        words: Whether it only counts where no other letters are joined to it.
        expression: Whether it is a regular expression; one that matches no letter at a place does not stand there.
    """

    needle: str = ""
    case: bool = False
    words: bool = False
    expression: bool = False

    def matches(self, text: str) -> list[Match]:
        """All places in a text, in order.

        Raises:
            FindError: It is an expression, and wrong, or too slow.
        """
        if not self.needle:
            return []
        return list(self._expressed(text)) if self.expression else list(self._plain(text))

    def replacement(self, match: Match, template: str) -> str:
        r"""What takes the place of a match: of an expression, with `\1` for its first group, `\0` for all of it.

        Raises:
            FindError: There is no such group.
        """
        if not self.expression:
            return template

        def filled(found: re.Match[str]) -> str:
            if not found[1].isdigit():
                return "\n" if found[1] == "n" else "\\"
            if int(found[1]) >= len(match.groups):
                raise FindError(f"no group {found[1]}")
            return match.groups[int(found[1])]

        return _FILLED.sub(filled, template)

    def _plain(self, text: str) -> Iterator[Match]:
        pattern = re.escape(self.needle)
        if self.words:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        wide = not text.isascii() and max(text) > "\uffff"
        for found in re.finditer(pattern, text, 0 if self.case else re.IGNORECASE):
            start, end = found.span()
            yield Match(_units(text[:start]), _units(text[:end])) if wide else Match(start, end)

    def _expressed(self, text: str) -> Iterator[Match]:
        compiled, end = self._compiled(), monotonic() + SECONDS
        begin = 0
        for line in text.split("\n"):
            length = len(line) if line.isascii() else _units(line)
            every = compiled.globalMatch(line if length <= LONGEST_LINE else "")
            done = -1
            while every.hasNext() and monotonic() < end:
                found = every.next()
                done = found.capturedEnd()
                if found.capturedLength() > 0:
                    groups = (found.captured(number) for number in range(compiled.captureCount() + 1))
                    yield Match(begin + found.capturedStart(), begin + found.capturedEnd(), tuple(groups))
            if monotonic() > end or not (every.isValid() or done == length):  # Qt tells no end from a limit
                raise FindError("takes too long here")
            begin += length + 1

    def _compiled(self) -> QRegularExpression:
        option = QRegularExpression.PatternOption
        options = option.UseUnicodePropertiesOption | (option(0) if self.case else option.CaseInsensitiveOption)
        alone = QRegularExpression(self.needle, options)
        if len(self.needle) > _LONGEST or not alone.isValid():
            raise FindError("too long" if len(self.needle) > _LONGEST else alone.errorString())
        inside = rf"(?<!\w)(?:{self.needle})(?!\w)" if self.words else f"(?:{self.needle})"
        compiled = QRegularExpression(f"(*LIMIT_MATCH={_STEPS}){inside}", options)
        if not compiled.isValid():  # begins with what only counts at the very beginning
            raise FindError(compiled.errorString())
        return compiled


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
