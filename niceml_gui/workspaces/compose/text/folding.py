"""What of a YAML text can be folded away, and which lines are left to see; pure, so that it needs no window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import NamedTuple

MOST_LINES = 50_000


class Region(NamedTuple):
    """A line with all that belongs to it: lines `start` to `end` (included); only `start` stays when it is folded."""

    start: int
    end: int
    level: int  #: 1 for what belongs to nothing else


def regions(lines: Sequence[str]) -> dict[int, Region]:
    """All that can be folded, by first line, in order: mappings, lists, items of lists, long texts.

    In a text of more than `MOST_LINES`, which nobody folds, it is nothing.
    """
    if len(lines) > MOST_LINES:
        return {}
    found: list[Region] = []
    above: list[tuple[int, int]] = []  # depth and line of all that is open
    last = -1

    def close(depth: int) -> None:
        while above and above[-1][0] >= depth:
            start = above.pop()[1]
            if last > start:
                found.append(Region(start, last, len(above) + 1))

    for number, line in enumerate(lines):
        text = line.lstrip(" ")
        if not text or text[0] == "#":
            continue
        # The items of a list may stand as far left as the key that they belong to.
        depth = 2 * (len(line) - len(text)) + (text[0] == "-" and text[1:2] in ("", " "))
        close(depth)
        above.append((depth, number))
        last = number
    close(-1)
    return {region.start: region for region in sorted(found)}


def left_over(count: int, known: dict[int, Region], folded: Collection[int]) -> Sequence[int]:
    """The lines that are seen, of so many, while those regions are folded."""
    if not folded:
        return range(count)
    rows: list[int] = []
    line = 0
    for start in sorted(folded):
        if start >= line:
            rows.extend(range(line, start + 1))
            line = known[start].end + 1
    rows.extend(range(line, count))
    return rows


def row_of(rows: Sequence[int], line: int) -> int:
    """Where a line is seen: at its own row, or at that of the fold that hides it."""
    return max(0, bisect_right(rows, line) - 1)


def around(known: dict[int, Region], line: int) -> list[Region]:
    """The regions that hold a line without beginning there, the innermost last."""
    return [region for region in known.values() if region.start < line <= region.end]
