"""The fewest points that draw a series exactly. Plain numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from niceml_gui.workspaces.runs.charts.growing import Extremes, Floats, Growing, Ints

PIECES = 100  #: steps that go back more often than that are no order at all
NO_BREAKS: Ints = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Which points lie in which column of pixels; the same for all values over an x.

    Attributes:
        x: Positions, rising from one cut to the next.
        centres: Of the columns; `None`: points have no order, and are shared out by their number.
        pieces: From which point to which x rises, and where each column begins, and the last one ends, among them.
    """

    x: Floats
    centres: Floats | None
    pieces: Sequence[tuple[int, int, Ints]]

    @classmethod
    def of(cls, x: Floats, edges: Floats, cuts: Sequence[int] = ()) -> Columns:
        """Sorts points into columns.

        Args:
            x: Positions.
            edges: Borders of the columns, rising.
            cuts: Points before which x begins anew.
        """
        count = len(x)
        if len(cuts) > PIECES:
            return cls(x, None, [(0, count, np.linspace(0, count, len(edges)).astype(np.intp))])
        bounds = pairwise([0, *cuts, count])
        pieces = [(start, end, np.searchsorted(x[start:end], edges) + start) for start, end in bounds if end > start]
        return cls(x, (edges[:-1] + edges[1:]) / 2, pieces)

    def parted(self, index: int) -> tuple[Columns, Columns]:
        """The pieces that end by a point, and the others."""
        if not index:
            return replace(self, pieces=()), self
        older = [piece for piece in self.pieces if piece[1] <= index]
        return replace(self, pieces=older), replace(self, pieces=self.pieces[len(older) :])


def polyline(columns: Columns, y: Growing, extremes: Extremes, breaks: Ints = NO_BREAKS) -> tuple[Floats, Floats]:
    """All points of a line that are in view, or where there are many the smallest and the largest per column of pixels.

    Args:
        columns: In which column each point is.
        y: Values.
        extremes: Of `y`.
        breaks: Points before which the line is interrupted, in order.

    Returns:
        x and y of the line; NaN where it is interrupted. One point on each side is out of view, so that the line leaves
        the view where it should.
    """
    parts = [_piece(columns, y, extremes, breaks, *piece) for piece in columns.pieces]
    if len(parts) == 1:
        return parts[0]
    gap = np.array([np.nan])
    xs, ys = ([one for part in parts for one in (gap, part[side])][1:] for side in (0, 1))
    return (np.concatenate(xs), np.concatenate(ys)) if parts else (np.empty(0), np.empty(0))


def _piece(
    columns: Columns, y: Growing, extremes: Extremes, breaks: Ints, start: int, end: int, places: Ints
) -> tuple[Floats, Floats]:
    x, values = columns.x, y.view
    begin, end = max(int(places[0]) - 1, start), min(int(places[-1]) + 1, end)
    inner = breaks[np.searchsorted(breaks, begin, "right") : np.searchsorted(breaks, end)] if len(breaks) else breaks
    if end - begin <= 2 * len(places):
        at = np.unique(inner) - begin
        return np.insert(x[begin:end], at, np.nan), np.insert(values[begin:end], at, np.nan)
    starts, ends = places[:-1], places[1:]
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    low, high = extremes.of(starts, ends)
    centres = x[(starts + ends) // 2] if columns.centres is None else columns.centres[filled]
    xs, ys = np.repeat(centres, 2), np.stack((low, high), axis=1).ravel()
    xs = np.concatenate((x[begin : starts[0]], xs, x[ends[-1] : end]))
    ys = np.concatenate((values[begin : starts[0]], ys, values[ends[-1] : end]))
    if len(inner):
        at = np.unique(np.searchsorted(starts, inner)) * 2 + int(starts[0] - begin)
        at = at[at < len(xs)]
        xs, ys = np.insert(xs, at, np.nan), np.insert(ys, at, np.nan)
    return xs, ys
