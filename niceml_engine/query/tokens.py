"""Cuts a query into words, with their places, and reads values."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from niceml_engine.errors import QueryError

Kind = Literal["word", "text", "operator", "mark"]
OPERATORS = ("<=", ">=", "!=", "!~", "==", "<", ">", "=", "~")
_PATTERN = re.compile(
    r"""(?P<operator><=|>=|!=|!~|==|[<>=~])"""
    r"""|(?P<mark>[()\[\],])"""
    r"""|"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<word>(?:[^\s()\[\]"'<>=!~,]|\[\d+\])+)"""
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d+\.?\d*|\.\d+)(ms|s|min|m|h|d|w)")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{1,2}:\d{2}(:\d{2})?)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_WORDS = {"true": True, "false": False, "null": None, "none": None, "nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted text, an operator, or one of `()[],`, and where it stands."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The word in small letters, if it may be one of the language's own."""
        return self.text.lower() if self.kind == "word" else ""


def tokenise(text: str) -> list[Token]:
    """Cuts a query into its words.

    Raises:
        QueryError: A quote is not closed, or there is a character that means nothing.
    """
    found = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _PATTERN.match(text, place)
        if match is None:
            raise _odd(text, place)
        found.append(_token(match))
        place = match.end()
    return found


def _token(match: re.Match[str]) -> Token:
    group = match.lastgroup or ""
    kind: Kind = "operator" if group == "operator" else "mark" if group == "mark" else "word"
    if group in ("double", "single"):
        kind = "text"
    return Token(kind, match[group], match.start(), match.end())


def _odd(text: str, place: int) -> QueryError:
    if text[place] in "\"'":
        return QueryError("this quote is not closed", place, len(text))
    if text[place] == "!":
        return QueryError("! alone means nothing; write not, != or !~", place, place + 1)
    return QueryError(f"{text[place]} means nothing here; put texts with odd characters in quotes", place, place + 1)


def literal(token: Token) -> object:
    """What a word stands for where a value is wanted: a number, true, false, null, or a text."""
    if token.kind == "text":
        return token.text
    lower = token.text.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if _NUMBER.fullmatch(token.text):
        return float(token.text)
    return token.text


def span(text: str) -> float | None:
    """Seconds of `90s`, `10min`, `2h`, `3d`, or of a plain number; none for anything else."""
    match = _SPAN.fullmatch(text)
    if match is not None:
        return float(match[1]) * _UNITS[match[2]]
    return float(text) if _NUMBER.fullmatch(text) else None


def moment(text: str, now: datetime) -> float | None:
    """Seconds since the epoch of `today`, `yesterday`, `2026-11-27` or `2026-11-27T18:00`, local time."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text.lower() in ("today", "yesterday"):
        return (midnight - timedelta(days=text.lower() == "yesterday")).timestamp()
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
