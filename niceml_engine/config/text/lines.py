"""Lines of a text, whichever line breaks it has."""

from __future__ import annotations

import re

_BREAK = re.compile(r"\r\n|\n|\r")


def newline(text: str) -> str:
    """The line break that a text uses."""
    match = _BREAK.search(text)
    return match[0] if match else "\n"


def line_start(text: str, index: int) -> int:
    """Index at which the line of a character starts."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def line_end(text: str, index: int) -> int:
    """Index after the line break that ends the line; the text's length where there is none."""
    if index and text[index - 1] in "\r\n":
        return index
    match = _BREAK.search(text, index)
    return match.end() if match else len(text)


def line_before(text: str, start: int) -> int:
    """Index at which the line above one starts."""
    return line_start(text, start - (2 if text.endswith("\r\n", 0, start) else 1))


def first_on_line(text: str, index: int) -> bool:
    """Whether nothing but space stands before a character on its line."""
    return not text[line_start(text, index) : index].strip()


def column(text: str, index: int) -> int:
    """How many characters stand before one on its line."""
    return index - line_start(text, index)
