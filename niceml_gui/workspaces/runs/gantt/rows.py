"""The rows of the gantt chart as plain values: each op, its attempts, and its phases below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niceml_gui import words
from niceml_gui.workspaces.runs.charts.growing import Floats, Ints
from niceml_gui.workspaces.runs.phases import Phases
from niceml_gui.workspaces.runs.record import OpState

KEPT = "kept from the run that this one goes on from"


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of bars, one after the other.

    Attributes:
        op: Which op's.
        name: What it is called.
        depth: 0 for the op itself.
        starts: When each bar begins, in seconds since the epoch, in order.
        ends: When it ends; NaN while it goes on.
        took: How long all of them took, in words; empty before the first.
        title: Of one of them.
        bad: Places of those that ended badly, and how: `failed`, `stopped`.
        note: Why there are no bars, if that is worth knowing.
    """

    op: str
    name: str
    depth: int
    starts: Floats
    ends: Floats
    took: str
    title: Callable[[int], str]
    bad: Mapping[int, str]
    note: str = ""

    @property
    def count(self) -> str:
        """How many phases it holds, if there are several."""
        return f" ×{len(self.starts):,}" if self.depth and len(self.starts) > 1 else ""

    def status(self, place: int) -> str:
        """How a bar stands: `running`, `succeeded`, `failed` or `stopped`."""
        return "running" if math.isnan(self.ends[place]) else self.bad.get(place, "succeeded")

    def end(self, place: int, now: float) -> float:
        """When a bar ends; now, while it goes on."""
        end = float(self.ends[place])
        return max(now, float(self.starts[place])) if math.isnan(end) else end

    def at(self, time: float, now: float, slack: float = 0.0) -> int | None:
        """The bar at a time, or, of those within `slack` seconds, the nearest one."""
        if not len(self.starts):
            return None
        place = max(int(np.searchsorted(self.starts, time, "right")) - 1, 0)
        near = [one for one in (place, place + 1) if one < len(self.starts)]

        def away(one: int) -> float:
            return max(float(self.starts[one]) - time, time - self.end(one, now), 0.0)

        best = min(near, key=away)
        return best if away(best) <= slack else None

    def describe(self, place: int, now: float, begin: float, clock: Callable[[float], float]) -> str:
        """One of its bars in words, a line for each fact.

        Args:
            place: Which one.
            now: Where what goes on ends.
            begin: When the run began.
            clock: Tells the time of day at times of the stream.
        """
        start, end = float(self.starts[place]), self.end(place, now)
        status = self.status(place)
        lines = [
            f"{self.title(place)}  {words.duration(end - start)}" + ("" if status == "succeeded" else f"  {status}"),
            f"{words.elapsed_exactly(start - begin)} to {words.elapsed_exactly(end - begin)} after the start"
            f", at {words.clock(clock(start))}",
        ]
        if self.depth:
            lines.append(f"in {self.op}")
        return "\n".join(lines)


def rows_of(ops: Sequence[OpState], phases: Phases, now: float) -> list[Row]:
    """The rows of a run, op by op; what another run did is no part of its time."""
    found: list[Row] = []
    for op in ops:
        if op.kept:
            none = np.empty(0)
            found.append(Row(op.name, op.name, 0, none, none, words.duration(op.seconds), str, {}, KEPT))
            continue
        found.append(_op_row(op, now))
        for row in phases.of(op.name):
            open_for = max(now - float(row.starts[-1]), 0.0) if row.is_open else 0.0
            took = words.duration(row.seconds + open_for)
            starts, ends = row.starts.copy(), row.ends.copy()  # those of the record go on
            # Being stopped is an exception, too, but no failure; attempts before the last one did fail.
            how = {place: op.status if row.starts[place] >= op.started else "failed" for place in row.failed}
            bad = {place: "stopped" if status == "stopped" else "failed" for place, status in how.items()}
            found.append(Row(op.name, row.name, row.depth, starts, ends, took, row.title, bad))
    return found


def _op_row(op: OpState, now: float) -> Row:
    begun = [(one.started, one.started + one.seconds, one.status) for one in op.attempts]
    if op.started:
        begun.append((op.started, np.nan if op.status == "running" else op.started + op.seconds, op.status))
    starts = np.array([start for start, _, _ in begun], float)
    ends = np.array([end for _, end, _ in begun], float)
    took = op.status
    if begun:
        took = words.duration(float(np.where(np.isnan(ends), max(now, starts[-1]), ends).sum() - starts.sum()))

    def title(place: int) -> str:
        most = f" of {op.most}" if op.most >= len(begun) else ""
        return f"{op.name}, attempt {place + 1}{most}" if len(begun) > 1 else op.name

    bad = {place: status for place, (_, _, status) in enumerate(begun) if status in ("failed", "stopped")}
    return Row(op.name, op.name, 0, starts, ends, took, title, bad)


def span_of(rows: Sequence[Row], now: float) -> tuple[float, float]:
    """From when to when there are bars, in seconds since the epoch."""
    begun = [row for row in rows if len(row.starts)]
    if not begun:
        return now, now + 1.0
    low = min(float(row.starts[0]) for row in begun)
    return low, max(row.end(len(row.starts) - 1, now) for row in begun)


def visible(row: Row, low: float, high: float, width: float, now: float) -> list[tuple[float, float, int, int]]:
    """The bars of a row that are in view; what is narrower than a pixel and touches another one is one bar.

    Args:
        row: The row.
        low: Where the view begins, in seconds since the epoch.
        high: Where it ends.
        width: Of the view, in pixels.
        now: Where what goes on ends.

    Returns:
        From and to in pixels, and from and to which bar of the row.
    """
    ends = np.where(np.isnan(row.ends), np.maximum(row.starts, now), row.ends)
    first = int(np.searchsorted(np.maximum.accumulate(ends), low, "left")) if len(ends) else 0
    last = int(np.searchsorted(row.starts, high, "right"))
    if first >= last:
        return []
    scale = width / (high - low)
    left = (row.starts[first:last] - low) * scale
    right = np.maximum((ends[first:last] - low) * scale, left)
    groups = _groups(left, right)
    stops = np.append(groups[1:], last - first)
    rights = np.maximum.reduceat(right, groups)
    return [
        (max(float(left[begin]), -2.0), min(float(edge), width + 2.0), first + int(begin), first + int(stop))
        for begin, stop, edge in zip(groups, stops, rights, strict=True)
    ]


def _groups(left: Floats, right: Floats) -> Ints:
    """Where bars begin that are drawn for themselves: wide ones, and those in another pixel than the one before."""
    wide: NDArray[np.bool_] = right - left >= 1.0
    apart = np.floor(left) > np.floor(np.concatenate(([-np.inf], np.maximum.accumulate(right)[:-1])))
    begins = wide | apart | np.concatenate(([True], wide[:-1]))
    return np.flatnonzero(begins)
