"""Where a `_target_` stands that is being typed, read from the lines around it: these need not be YAML yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LINE = re.compile(r"^(\s*)((?:-\s+)*)(?:([^\s#:'\"\[{-][^:#]*):(?:\s+(.*))?)?")
_NAME = re.compile(r"[\"']?([\w.]+)")


class Place(NamedTuple):
    """Where a `_target_` stands, as far as it is known.

    Attributes:
        keys: The keys of its mapping in what is composed, one for each place that includes the file.
        owner: The `_target_` of the mapping around it.
        argument: As which argument of that it is given.
        items: Whether it is an item of a list that is given.
    """

    keys: tuple[str, ...] = ()
    owner: str = ""
    argument: str = ""
    items: bool = False


class _Line(NamedTuple):
    """A line: how far its key or value is indented, behind the dashes of items, and what it says."""

    indent: int
    is_item: bool
    key: str
    value: str


def _read(text: str) -> _Line | None:
    """A line; `None` where it is empty or a comment."""
    if not text.strip() or text.lstrip().startswith("#"):
        return None
    match = _LINE.match(text)
    if match is None:
        return None
    key = (match[3] or "").strip()
    return _Line(len(match[1]) + len(match[2]), bool(match[2]), key, match[4] or "")


def around(lines: Sequence[str], row: int) -> Place:
    """The place of the mapping in which a line stands; its only key is relative to the file."""
    path: list[str] = []
    header, is_item = -1, False
    indent, number = 0, -1  # of the mapping or list that is gone through; how many items of it came before
    for at in range(row, -1, -1):
        line = _read(lines[at])
        if line is None or (at < row and line.indent > indent):
            continue
        if at < row and line.indent < indent and line.key:
            path.append(f"{line.key}[{number}]" if number >= 0 else line.key)
            if header < 0:
                header, is_item = at, number >= 0
            number = -1
        indent = line.indent
        number += line.is_item
    key = ".".join(reversed(path))
    argument = path[0].partition("[")[0] if path else ""
    return Place((key,), _owner(lines, header) if header >= 0 else "", argument, is_item)


def _owner(lines: Sequence[str], header: int) -> str:
    """The `_target_` beside a line, in the same mapping."""
    at = _read(lines[header])
    if at is None:
        return ""
    above = [] if at.is_item else _mapping(map(_read, reversed(lines[:header])), at.indent, downwards=False)
    below = _mapping(map(_read, lines[header + 1 :]), at.indent, downwards=True)
    value = next((line.value for line in (*above, *below) if line.key == "_target_"), "")
    match = _NAME.match(value)
    return match[1] if match else ""


def _mapping(lines: Iterable[_Line | None], indent: int, *, downwards: bool) -> Iterable[_Line]:
    """The lines of a mapping from one of them on, until it ends."""
    for line in lines:
        if line is None or line.indent > indent:
            continue
        if line.indent < indent or (downwards and line.is_item):
            return
        yield line
        if line.is_item:
            return
