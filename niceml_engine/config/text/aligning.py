"""Where two sequences differ."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterator, Sequence

_COMPARED = 25_000_000  #: pairs; where more would be compared, all between the first and the last difference counts
Difference = tuple[int, int, int, int]  #: what goes from one index to another, and comes from one index to another


def differences(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Difference]:
    """The stretches in which two sequences differ, in order; what lies between them is equal."""
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    tail = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(before) * len(after) > _COMPARED:
        yield head, len(old) - tail, head, len(new) - tail
        return
    for tag, start, end, first, last in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if tag != "equal":
            yield start + head, end + head, first + head, last + head
