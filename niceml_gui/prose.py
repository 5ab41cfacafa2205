"""Sentences as the window shows them: the engine's mark code as a terminal does, by backticks."""

from __future__ import annotations

import re

from niceml_engine.visible import visible

_CODE = re.compile(r"(`{1,2})([^`\n]+)\1")


def with_quotes(text: str) -> str:
    """A text in which what is code stands between quotes: “my” has no “net”."""
    return _CODE.sub("\N{LEFT DOUBLE QUOTATION MARK}\\2\N{RIGHT DOUBLE QUOTATION MARK}", text)


def prose(text: str, *, lines: bool = False) -> str:
    """A text that is shown: every character can be seen, and what is code stands between quotes.

    Args:
        text: The text.
        lines: Whether it may have several lines.
    """
    return visible(with_quotes(text), lines=lines)
