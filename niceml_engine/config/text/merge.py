"""Two changes of one text brought together, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

BOM = "\ufeff"
_COMPARED = 25_000_000  #: pairs of lines; where more would be compared, a text counts as changed from end to end
Hunk = tuple[int, int, list[str]]  #: the lines from one index to another, and what takes their place


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
    hunks = sorted({(one[0], one[1], tuple(one[2])) for text in (ours, theirs) for one in _hunks(lines, text)})
    result: list[str] = []
    at = -1
    for start, end, written in hunks:
        if start <= at:
            return None
        result += [*lines[max(at, 0) : start], *written]
        at = end
    return "".join([*result, *lines[max(at, 0) :]])


def in_the_style_of(found: str, text: str) -> str:
    """A text with the byte order mark and the line breaks of another one, which an editor may have dropped."""
    if found.startswith(BOM) and not text.startswith(BOM):
        text = BOM + text
    if found.count("\n") == found.count("\r\n") > 0 and "\r" not in text:
        text = text.replace("\n", "\r\n")
    return text


def _hunks(lines: list[str], text: str) -> Iterator[Hunk]:
    after = text.splitlines(keepends=True)
    head = next((at for at, pair in enumerate(zip(lines, after, strict=False)) if pair[0] != pair[1]), None)
    if head is None:
        head = min(len(lines), len(after))
    longest = min(len(lines), len(after)) - head
    tail = next((at for at in range(longest) if lines[-1 - at] != after[-1 - at]), longest)
    old, new = lines[head : len(lines) - tail], after[head : len(after) - tail]
    if len(old) * len(new) > _COMPARED:
        yield head, len(lines) - tail, new
        return
    matcher = difflib.SequenceMatcher(None, old, new, False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield start + head, end + head, after[first + head : last + head]
