"""The phases of a run's ops, as rows of spans that are ready to be drawn. Plain numpy.

Phases of one name, inside of the same ones, are a row, be they ten or ten thousand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from niceml_engine.events import Phase, PhaseStarted
from niceml_gui.workspaces.runs.charts.growing import Floats, Growing


@dataclass(eq=False)
class PhaseRow:
    """All phases of an op that have one name, and lie inside phases of the same names.

    Attributes:
        depth: 1 for those that lie inside of no other.
        parts: Which ones they are, in the order in which they began.
        failed: Places of those that an exception left.
        seconds: How long those took together that have ended.
        inner: The rows of what lies inside them.
    """

    op: str
    name: str
    depth: int
    parts: list[str] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    seconds: float = 0.0
    inner: dict[str, PhaseRow] = field(default_factory=dict)
    _starts: Growing = field(default_factory=Growing)
    _ends: Growing = field(default_factory=Growing)

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def starts(self) -> Floats:
        """When each began, in seconds since the epoch."""
        return self._starts.view

    @property
    def ends(self) -> Floats:
        """When each ended; NaN for those that are open."""
        return self._ends.view

    @property
    def is_open(self) -> bool:
        """Whether one of them goes on."""
        return bool(len(self)) and math.isnan(self.ends[-1])

    def title(self, place: int) -> str:
        """One of them in words."""
        return f"{self.name} {self.parts[place]}".rstrip()

    def begin(self, part: str, time: float) -> int:
        """Adds a phase that begins, not before the one before it, whatever its clock said; returns its place."""
        self.parts.append(part)
        self._starts.append(max(time, float(self.starts[-1])) if len(self._starts) else time)
        self._ends.append(math.nan)
        return len(self) - 1

    def end(self, place: int, time: float, *, failed: bool) -> None:
        """Ends a phase."""
        start = float(self.starts[place])
        self._ends.view[place] = max(time, start)
        self.seconds += max(time - start, 0.0)
        if failed:
            self.failed.add(place)

    def walk(self) -> Iterator[PhaseRow]:
        """This row and those inside, in the order in which they are drawn."""
        yield self
        for row in self.inner.values():
            yield from row.walk()


class Phases:
    """The rows of each op."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, PhaseRow]] = {}
        self._open: dict[str, dict[int, tuple[PhaseRow, int]]] = {}
        self._lost = -math.inf  # from when on rows are missing that may have ended what was open

    def of(self, op: str) -> list[PhaseRow]:
        """The rows of an op, those inside others after them."""
        return [row for top in self._rows.get(op, {}).values() for row in top.walk()]

    def current(self, op: str) -> str:
        """What an op does at this moment, from the outermost open phase to the innermost: `epoch 3 · validation`."""
        return " · ".join(row.title(place) for row, place in self._open.get(op, {}).values())

    def begin(self, event: PhaseStarted) -> None:
        """Takes up a phase that begins."""
        open_ = self._open.setdefault(event.op, {})
        row = self._row(event.op, event.name, event.inside)
        for phase, (other, place) in tuple(open_.items()):
            if self._may_have_ended(other, place) and other in row.walk():  # its kind begins again: it has
                other.end(place, self._lost, failed=False)
                del open_[phase]
        open_[event.phase] = (row, row.begin(event.part, event.time))

    def end(self, event: Phase) -> None:
        """Takes up a phase that ends; of one whose beginning is not known, it is worked out."""
        known = self._open.get(event.op, {}).pop(event.phase, None)
        row = known[0] if known else self._row(event.op, event.name, event.inside)
        place = known[1] if known else row.begin(event.part, event.time - event.seconds)
        row.end(place, float(row.starts[place]) + event.seconds, failed=event.failed)

    def end_all(self, op: str, time: float, *, failed: bool) -> None:
        """Ends what is open, as its op has ended."""
        for row, place in self._open.pop(op, {}).values():
            ended = self._lost if not failed and self._may_have_ended(row, place) else time
            row.end(place, ended, failed=failed)

    def lose(self, time: float) -> None:
        """Takes up that rows are missing from a time on."""
        self._lost = time

    def _may_have_ended(self, row: PhaseRow, place: int) -> bool:
        """Whether an open phase may have ended without a row that is left."""
        return float(row.starts[place]) <= self._lost

    def _row(self, op: str, name: str, inside: int) -> PhaseRow:
        outer = self._open.get(op, {}).get(inside)
        rows = outer[0].inner if outer else self._rows.setdefault(op, {})
        if name not in rows:
            rows[name] = PhaseRow(op, name, outer[0].depth + 1 if outer else 1)
        return rows[name]
