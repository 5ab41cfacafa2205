"""Cuts a line of YAML into coloured spans; pure text, so that it can be tested without a window."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["text", "key", "string", "number", "interpolation", "comment"]

_KEY = re.compile(r"""(\s*(?:-\s+)*)((?:"[^"]*"|'[^']*'|[^\s#'"\[\]{},][^#]*?)):(?=\s|$)""")
_DASH = re.compile(r"\s*(?:-(?:\s+|$))+")
_NUMBER = re.compile(
    r"(?<![\w./-])(?:[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|true|false|null|~|[-+]?\.?(?:inf|nan))(?![\w./:-])",
    re.IGNORECASE,
)


class Span(NamedTuple):
    """A part of a line, from column `start` to before `end`."""

    start: int
    end: int
    kind: Kind


@lru_cache(maxsize=8192)
def spans(line: str) -> tuple[Span, ...]:
    """Cuts a line into spans that follow each other without gaps."""
    found: list[Span] = []
    position = 0
    if match := _KEY.match(line):
        if match.start(2):
            found.append(Span(0, match.start(2), "text"))
        found.append(Span(match.start(2), match.end(2), "key"))
        position = match.end(2) + 1
        found.append(Span(position - 1, position, "text"))
    elif match := _DASH.match(line):
        position = match.end()
        found.append(Span(0, position, "text"))
    found += _value(line, position)
    return tuple(found)


def _value(line: str, start: int) -> list[Span]:
    end = _comment_start(line, start)
    found: list[Span] = []
    position = start
    while position < end:
        opening = line.find("${", position, end)
        stop = end if opening < 0 else opening
        found += _plain(line, position, stop)
        if opening < 0:
            break
        position = _interpolation_end(line, opening, end)
        found.append(Span(opening, position, "interpolation"))
    if end < len(line):
        found.append(Span(end, len(line), "comment"))
    return found


def _plain(line: str, start: int, end: int) -> list[Span]:
    if start >= end:
        return []
    text = line[start:end]
    if not text.strip():
        return [Span(start, end, "text")]
    bare = text.strip()
    if bare[0] not in "[{":
        return [Span(start, end, "number" if _NUMBER.fullmatch(bare) else "string")]
    found: list[Span] = []
    position = 0
    for match in _NUMBER.finditer(text):
        if match.start() > position:
            found.append(Span(start + position, start + match.start(), "string"))
        found.append(Span(start + match.start(), start + match.end(), "number"))
        position = match.end()
    if position < len(text):
        found.append(Span(start + position, end, "string"))
    return found


def _interpolation_end(line: str, start: int, end: int) -> int:
    depth = 0
    for index in range(start + 1, end):
        if line[index] == "{":
            depth += 1
        elif line[index] == "}":
            depth -= 1
            if not depth:
                return index + 1
    return end


def _comment_start(line: str, start: int) -> int:
    quote = ""
    for index in range(start, len(line)):
        character = line[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and (index == 0 or line[index - 1] in " [,{:"):
            quote = character
        elif character == "#" and (index == 0 or line[index - 1].isspace()):
            return index
    return len(line)
