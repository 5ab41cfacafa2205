"""The fewest points that draw a series exactly. Plain numpy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from niceml_gui.workspaces.runs.charts.growing import Extremes, Floats, Growing, Ints

PIECES = 100  #: steps that go back more often than that are no order at all
NO_BREAKS: Ints = np.empty(0, dtype=np.intp)


def polyline(
    x: Floats, y: Growing, extremes: Extremes, edges: Floats, cuts: Sequence[int] = (), breaks: Ints = NO_BREAKS
) -> tuple[Floats, Floats]:
    """All points of a line that are in view, or where there are many the smallest and the largest per pixel column.

    Args:
        x: Positions, rising from one cut to the next; as long as `y`.
        y: Values.
        extremes: Of `y`.
        edges: Borders of the pixel columns, rising, in the unit of `x`.
        cuts: Points before which x begins anew; a new line begins there.
        breaks: Points before which the line is interrupted, in order.

    Returns:
        x and y of the line; NaN where it is interrupted. One point on each side is out of view, so that the line leaves
        the view where it should.
    """
    count = len(y)
    if not count:
        return np.empty(0), np.empty(0)
    if len(cuts) > PIECES:
        return _columns(x, y, extremes, np.linspace(0, count, len(edges)).astype(np.intp), 0, count, None, breaks)
    parts: list[tuple[Floats, Floats]] = []
    bounds = [0, *cuts, count]
    for start, end in pairwise(bounds):
        places = np.searchsorted(x[start:end], edges) + start
        if parts:
            parts.append((np.array([np.nan]), np.array([np.nan])))
        parts.append(_columns(x, y, extremes, places, start, end, edges, breaks))
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _columns(
    x: Floats, y: Growing, extremes: Extremes, places: Ints, start: int, end: int, edges: Floats | None, breaks: Ints
) -> tuple[Floats, Floats]:
    """The line of the points from `start` to `end`; `places` is where each pixel column begins among all points."""
    begin, end = max(int(places[0]) - 1, start), min(int(places[-1]) + 1, end)
    inner = breaks[np.searchsorted(breaks, begin, "right") : np.searchsorted(breaks, end)]
    if end - begin <= 2 * len(places):
        at = np.unique(inner) - begin
        return np.insert(x[begin:end], at, np.nan), np.insert(y.view[begin:end], at, np.nan)
    starts, ends = places[:-1], places[1:]
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    low, high = extremes.of(starts, ends)
    centres = x[(starts + ends) // 2] if edges is None else ((edges[:-1] + edges[1:]) / 2)[filled]
    xs, ys = np.repeat(centres, 2), np.stack((low, high), axis=1).ravel()
    xs = np.concatenate((x[begin : starts[0]], xs, x[ends[-1] : end]))
    ys = np.concatenate((y.view[begin : starts[0]], ys, y.view[ends[-1] : end]))
    if len(inner):
        at = np.unique(np.searchsorted(starts, inner)) * 2 + int(starts[0] - begin)
        at = at[at < len(xs)]
        xs, ys = np.insert(xs, at, np.nan), np.insert(ys, at, np.nan)
    return xs, ys
