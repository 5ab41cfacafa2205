"""Two changes of one text brought together, line by line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

from niceml_engine.config.text.aligning import differences

BOM = "\ufeff"
Hunk = tuple[int, int, tuple[str, ...]]  #: the lines from one index to another, and what takes their place


def merged(base: str, ours: str, theirs: str) -> str | None:
    """Merges what two people made of a text.

    Args:
        base: The text that both began with.
        ours: What one made of it.
        theirs: What the other made of it.

    Returns:
        The text with both changes; `None` where they touch the same or neighbouring lines in different ways.
    """
    lines = base.splitlines(keepends=True)
    mine, other = _of_both(lines, ours, theirs)
    return None if any(_meets(hunk, mine) for hunk in other) else _applied(lines, [*mine, *other])


def overruled(base: str, ours: str, theirs: str) -> str:
    """Merges what two people made of a text, with the first one's lines where both touch the same or neighbouring ones.

    Args:
        base: The text that both began with.
        ours: What one made of it, who is followed.
        theirs: What the other made of it, who keeps what lies apart.
    """
    lines = base.splitlines(keepends=True)
    mine, other = _of_both(lines, ours, theirs)
    return _applied(lines, [*mine, *(hunk for hunk in other if not _meets(hunk, mine))])


def in_the_style_of(found: str, text: str) -> str:
    """A text with the byte order mark and the line breaks of another one, which an editor may have dropped."""
    if found.startswith(BOM) and not text.startswith(BOM):
        text = BOM + text
    if found.count("\n") == found.count("\r\n") > 0 and "\r" not in text:
        text = text.replace("\n", "\r\n")
    return text


def _of_both(lines: list[str], ours: str, theirs: str) -> tuple[list[Hunk], list[Hunk]]:
    """What one changed, and what the other changed in another way."""
    mine = list(_hunks(lines, ours))
    same = set(mine)
    return mine, [hunk for hunk in _hunks(lines, theirs) if hunk not in same]


def _meets(hunk: Hunk, others: list[Hunk]) -> bool:
    """Whether a hunk overlaps or touches one of others, which lie apart from each other and in order."""
    start, end, _ = hunk
    at = bisect_left(others, start, key=itemgetter(1))
    return at < len(others) and others[at][0] <= end


def _applied(lines: list[str], hunks: list[Hunk]) -> str:
    result: list[str] = []
    at = 0
    for start, end, written in sorted(hunks):
        result += [*lines[at:start], *written]
        at = end
    return "".join([*result, *lines[at:]])


def _hunks(lines: list[str], text: str) -> Iterator[Hunk]:
    after = text.splitlines(keepends=True)
    for start, end, first, last in differences(lines, after):
        yield start, end, tuple(after[first:last])
