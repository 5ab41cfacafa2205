"""Texts cut to what anybody would read: a value may hold megabytes, and a toolkit lays out all it is given."""

from __future__ import annotations

MOST = 2000  #: characters of a line of text that are shown


def brief(text: str, most: int = MOST) -> str:
    """As much of a text as anybody would read, and how long it is if that is not all."""
    return text if len(text) <= most else f"{text[:most]}… {len(text):,} characters"


def one_line(text: str, most: int = 300) -> str:
    """The same on one line."""
    cut = brief(text, most)
    return " ".join(cut.split())
