"""The comments of a YAML text that speak of a value: those right above it, and that behind it on the same line."""

from __future__ import annotations

import re

MOST_LINES = 12  #: of a comment above a value
MOST_CHARACTERS = 600
_COMMENT = re.compile(r"[ \t]*#[ \t]?(.*)")
_BEHIND = re.compile(r",?[ \t]+#[ \t]?(.*)")
_BEHIND_KEY = re.compile(r"[ \t]*:[^#\n]*?[ \t]#[ \t]?(.*)")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  #: what ends a line in the counts of YAML's parsers
_HEADER = re.compile(r"@package\b")
_RULE = re.compile(r"[\W_]*")


class Comments:
    """Finds comments in a text.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = _BREAK.split(text) if "#" in text else []

    def of(self, line: int, column: int, key_end: int, value_end: int) -> str:
        """What is said of a value: above its key, then behind it.

        Args:
            line: The line, from 0, on which its key stands, or the dash of an item.
            column: Where in that line; -1 for the dash of an item, wherever it is.
            key_end: The index at which the key ends; -1 where there is none.
            value_end: The index at which a value ends that begins and ends on one line or in brackets; else -1.
        """
        if not self._lines:
            return ""
        end, pattern = (value_end, _BEHIND) if value_end >= 0 else (key_end, _BEHIND_KEY)
        behind = pattern.match(self._text, end) if end >= 0 else None
        said = [*self._above(line, column), *([behind[1].strip()] if behind else [])]
        return "\n".join(filter(None, said))[:MOST_CHARACTERS]

    def _above(self, line: int, column: int) -> list[str]:
        """The comment right above what begins at a column, where it begins at the same one."""
        here = self._lines[line]
        if column < 0:
            column = len(here) - len(here.lstrip())
            if not here[column:].startswith("-"):
                return []
        elif here[:column].strip():
            return []
        found: list[str] = []
        while line > 0 and len(found) < MOST_LINES:
            line -= 1
            match = _COMMENT.fullmatch(self._lines[line])
            if match is None or self._lines[line].index("#") != column:
                break
            found.append(match[1].strip())
        return [text for text in reversed(found) if not _RULE.fullmatch(text) and not _HEADER.match(text)]
