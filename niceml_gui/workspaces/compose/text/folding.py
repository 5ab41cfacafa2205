"""What of a YAML text can be folded away, and which lines are left to see; pure, so that it needs no window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

MOST_LINES = 50_000
"""In a longer text, which nobody folds, nothing can be folded."""


class Folding:
    """What belongs to which line: mappings, lists, items of lists, long texts.

    It is found out where somebody looks, as a text may have tens of thousands of lines.

    Args:
        lines: The text.
    """

    def __init__(self, lines: Sequence[str] = ()) -> None:
        self._lines = lines if len(lines) <= MOST_LINES else ()
        self._ends: dict[int, int] = {}

    def __contains__(self, line: int) -> bool:
        """Whether something belongs to a line, so that it can be folded away below it."""
        own = _depth(self._lines[line]) if 0 <= line < len(self._lines) else -1
        return own >= 0 and next(self._depths(line + 1), (0, -1))[1] > own

    @cached_property
    def possible(self) -> bool:
        """Whether anything can be folded at all."""
        return any(line in self for line in range(len(self._lines)))

    def end(self, line: int) -> int:
        """The last line that belongs to a line."""
        if line not in self._ends:
            own = _depth(self._lines[line])
            self._ends[line] = line
            for below, depth in self._depths(line + 1):
                if depth <= own:
                    break
                self._ends[line] = below
        return self._ends[line]

    def around(self, line: int) -> list[int]:
        """The lines that a line belongs to, the innermost last."""
        at, depth = next(self._depths(line), (line, 0))
        found: list[int] = []
        for above in range(at - 1, -1, -1):
            if not depth:
                break
            if 0 <= (other := _depth(self._lines[above])) < depth:
                depth = other
                found.append(above)
        return [above for above in reversed(found) if above < line]

    def deeper(self, level: int) -> frozenset[int]:
        """The lines to fold so that only so many levels are left; 1 is what belongs to nothing else."""
        found: set[int] = set()
        above: list[tuple[int, int]] = []  # depth and line of all that is open
        for line, depth in self._depths(0):
            while above and above[-1][0] >= depth:
                above.pop()
            if above and len(above) >= level:
                found.add(above[-1][1])
            above.append((depth, line))
        return frozenset(found)

    def _depths(self, start: int) -> Iterator[tuple[int, int]]:
        """From a line on, all that are neither empty nor comments, with their depths."""
        for line in range(start, len(self._lines)):
            if (depth := _depth(self._lines[line])) >= 0:
                yield line, depth


def _depth(line: str) -> int:
    """How far a line is indented; -1 if it is empty or a comment."""
    text = line.lstrip(" ")
    if not text or text[0] == "#":
        return -1
    # The items of a list may stand as far left as the key that they belong to.
    return 2 * (len(line) - len(text)) + (text[0] == "-" and text[1:2] in ("", " "))


def left_over(count: int, folding: Folding, folded: Collection[int]) -> Sequence[int]:
    """The lines that are seen, of so many, while something is folded away below those."""
    if not folded:
        return range(count)
    rows: list[int] = []
    line = 0
    for start in sorted(folded):
        if start >= line:
            rows.extend(range(line, start + 1))
            line = folding.end(start) + 1
    rows.extend(range(line, count))
    return rows


def row_of(rows: Sequence[int], line: int) -> int:
    """Where a line is seen: at its own row, or at that of the fold that hides it."""
    return max(0, bisect_right(rows, line) - 1)
