"""Texts cut to what anybody would read: a value may hold megabytes, and a toolkit lays out all it is given."""

from __future__ import annotations

from itertools import islice
from typing import Any

from niceml_gui.workspaces.compose.quoting import field_text

MOST = 2000  #: characters of a line of text that are shown


LONGEST = 20_000  #: characters of a value that can be changed in a field
MOST_ITEMS = 2_000  #: items of a list that can


def is_long(value: object) -> bool:
    """Whether a value is too long to be changed in a field, or even to be laid out there."""
    if isinstance(value, str):
        return len(value) > LONGEST
    return isinstance(value, list | tuple | dict) and len(value) > MOST_ITEMS


def short_text(value: Any) -> str:
    """A value as it stands in a field; of one that is too long, as much as stands for it."""
    if is_long(value):
        if isinstance(value, str):
            return brief(value)
        value = dict(islice(value.items(), 100)) if isinstance(value, dict) else [*value[:100]]
    return field_text(value)


def brief(text: str, most: int = MOST) -> str:
    """As much of a text as anybody would read, and how long it is if that is not all."""
    return text if len(text) <= most else f"{text[:most]}… {len(text):,} characters"


def one_line(text: str, most: int = 300) -> str:
    """The same on one line."""
    cut = brief(text, most)
    return " ".join(cut.split())
