"""Numeric series that only grow, and what a plot needs of them: smoothing and exact extremes per pixel column.

Everything here is plain numpy. A point costs 24 bytes, at most 38 with the room to grow and the extremes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Axis = Literal["step", "epoch", "time"]

FANOUT = 16  #: how many entries of one level of extremes make one entry of the next


class Growing:
    """A float64 array to which values are appended at amortised constant cost."""

    def __init__(self) -> None:
        self._data: Floats = np.empty(64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def view(self) -> Floats:
        """The values so far, without a copy; not valid after the next append."""
        return self._data[: self._size]

    def append(self, value: float) -> None:
        """Adds one value."""
        if self._size == len(self._data):
            self._reserve(self._size + 1)
        self._data[self._size] = value
        self._size += 1

    def extend(self, values: Floats) -> None:
        """Adds many values."""
        end = self._size + len(values)
        if end > len(self._data):
            self._reserve(end)
        self._data[self._size : end] = values
        self._size = end

    def _reserve(self, size: int) -> None:
        data = np.empty(max(size, len(self._data) * 3 // 2))
        data[: self._size] = self._data[: self._size]
        self._data = data


class Extremes:
    """Minima and maxima of blocks of a growing array, of blocks of these blocks, and so on.

    Args:
        values: The array; what is appended to it later is taken up with the next question.
    """

    def __init__(self, values: Growing) -> None:
        self._values = values
        self._levels: list[tuple[Growing, Growing]] = []

    def of(self, starts: Ints, ends: Ints) -> tuple[Floats, Floats]:
        """Minimum and maximum of each range `[start, end)`; no range is empty, and they are in order."""
        self._update()
        return self._reduce(0, starts, ends)

    def _update(self) -> None:
        low = high = self._values
        depth = 0
        while len(low) >= FANOUT * FANOUT:
            if depth == len(self._levels):
                self._levels.append((Growing(), Growing()))
            lower, higher = self._levels[depth]
            fresh = slice(len(lower) * FANOUT, len(low) // FANOUT * FANOUT)
            lower.extend(low.view[fresh].reshape(-1, FANOUT).min(axis=1))
            higher.extend(high.view[fresh].reshape(-1, FANOUT).max(axis=1))
            low, high = lower, higher
            depth += 1

    def _reduce(self, depth: int, starts: Ints, ends: Ints) -> tuple[Floats, Floats]:
        low, high = self._levels[depth - 1] if depth else (self._values, self._values)
        if depth == len(self._levels) or ends[-1] - starts[0] < 4 * FANOUT * len(starts):
            return _reduce(np.minimum, low.view, starts, ends), _reduce(np.maximum, high.view, starts, ends)
        first, last = -(-starts // FANOUT), ends // FANOUT
        left = np.minimum(first * FANOUT, ends)
        right = np.maximum(last * FANOUT, left)
        lows = np.minimum(_gather(low.view, starts, left, np.inf).min(1), _gather(low.view, right, ends, np.inf).min(1))
        highs = np.maximum(
            _gather(high.view, starts, left, -np.inf).max(1), _gather(high.view, right, ends, -np.inf).max(1)
        )
        inner = last > first
        if inner.any():
            inner_low, inner_high = self._reduce(depth + 1, first[inner], last[inner])
            lows[inner] = np.minimum(lows[inner], inner_low)
            highs[inner] = np.maximum(highs[inner], inner_high)
        return lows, highs


def _reduce(function: np.ufunc, values: Floats, starts: Ints, ends: Ints) -> Floats:
    cuts = np.stack((starts, ends), axis=1).ravel()
    if cuts[-1] == len(values):
        cuts = cuts[:-1]
    result: Floats = function.reduceat(values, cuts)[::2]
    return result


def _gather(values: Floats, starts: Ints, ends: Ints, nothing: float) -> Floats:
    """The less than `FANOUT` values of each range, side by side, filled up with `nothing`."""
    indices = starts[:, None] + np.arange(FANOUT)
    inside = indices < ends[:, None]
    return np.where(inside, values[np.minimum(indices, len(values) - 1)], nothing)


@dataclass(frozen=True, slots=True)
class Mark:
    """One or more values in a row that were not finite.

    Attributes:
        index: How many finite points of the series come before.
        kind: `nan`, `inf` or `-inf`.
        step: Where it began, in batches.
        time: When it began, in seconds since the epoch.
        count: How many values in a row.
    """

    index: int
    kind: str
    step: float
    time: float
    count: int = 1


class Series:
    """The finite points of one metric at one level, and marks where it was not finite."""

    def __init__(self) -> None:
        self.steps = Growing()
        self.times = Growing()
        self.values = Growing()
        self.extremes = Extremes(self.values)
        self.marks: list[Mark] = []
        self._step = self._time = -np.inf
        self.ordered = True  #: steps never went back, as they do when one op trains twice

    def __len__(self) -> int:
        return len(self.values)

    @property
    def last(self) -> float | None:
        """The latest finite value."""
        return float(self.values.view[-1]) if len(self.values) else None

    @property
    def broken(self) -> str:
        """How the latest value was not finite; empty if it was."""
        mark = self.marks[-1] if self.marks else None
        return mark.kind if mark and mark.index == len(self) else ""

    def add(self, step: float, time: float, value: float) -> None:
        """Appends a finite value."""
        if step < self._step:
            self.ordered = False
        if time < self._time:  # clocks may be set back; the axis may not
            time = self._time
        self._step, self._time = step, time
        self.steps.append(step)
        self.times.append(time)
        self.values.append(value)

    def mark(self, step: float, time: float, kind: str) -> None:
        """Notes a value that was not finite."""
        last = self.marks[-1] if self.marks else None
        if last and last.index == len(self) and last.kind == kind:
            self.marks[-1] = Mark(last.index, kind, last.step, last.time, last.count + 1)
        else:
            self.marks.append(Mark(len(self), kind, step, time))


class Smoothed:
    """An exponential moving average of a growing array, continued as it grows.

    The mean of all values up to a point, in which each older one counts `weight` times as much; at the start there are
    few of them, and none is made up.

    Args:
        source: The array.
        weight: 0 (as it is) to below 1.
        skip: How many values at the beginning do not count; the average begins as if they were not there.
    """

    def __init__(self, source: Growing, weight: float, skip: int = 0) -> None:
        self._source = source
        self._carry = 0.0
        self._skip = skip
        self.weight = weight
        self.values = Growing()
        self.extremes = Extremes(self.values)

    def update(self) -> None:
        """Takes up what was appended to the source."""
        counted = max(len(self.values) - self._skip, 0)
        fresh = self._source.view[counted + self._skip :]
        if len(fresh):
            sums = ema(fresh, self.weight, self._carry)
            self._carry = float(sums[-1])
            means = sums / (1.0 - self.weight ** np.arange(counted + 1, counted + len(fresh) + 1))
            if not counted:
                self.values.extend(np.full(self._skip, means[0]))
            self.values.extend(means)


def ema(values: Floats, weight: float, carry: float) -> Floats:
    """`s[i] = weight * s[i-1] + (1 - weight) * values[i]` with `s[-1] = carry`; same length as `values`."""
    sums = values * (1.0 - weight)
    reach, part = 1, weight
    while reach < len(sums) and part > 1e-18:  # each pass doubles how far back every sum reaches
        sums[reach:] += part * sums[:-reach]
        reach, part = 2 * reach, part * part
    result: Floats = sums + carry * weight ** np.arange(1, len(sums) + 1)
    return result


def polyline(x: Floats, y: Growing, extremes: Extremes, edges: Floats, series: Series) -> tuple[Floats, Floats]:
    """The fewest points that draw a series exactly: all of them, or minimum and maximum per pixel column.

    Args:
        x: Positions, as many as `y` has values.
        y: The values, or their average.
        extremes: Of `y`.
        edges: Borders of the pixel columns, rising, in the unit of `x`.
        series: Says where the line is broken (by a value that is not finite) and whether `x` is in order.

    Returns:
        x and y of the line; NaN where it is interrupted.
    """
    count = len(y)
    if not count:
        return np.empty(0), np.empty(0)
    cuts = np.searchsorted(x, edges) if series.ordered else np.linspace(0, count, len(edges)).astype(np.intp)
    begin, end = max(int(cuts[0]) - 1, 0), min(int(cuts[-1]) + 1, count)
    breaks = np.array([mark.index for mark in series.marks if begin < mark.index < end], dtype=np.intp)
    if end - begin <= 2 * len(edges):
        places = np.unique(breaks) - begin
        return np.insert(x[begin:end], places, np.nan), np.insert(y.view[begin:end], places, np.nan)
    starts, ends = cuts[:-1], cuts[1:]
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    low, high = extremes.of(starts, ends)
    centres = x[(starts + ends) // 2] if not series.ordered else ((edges[:-1] + edges[1:]) / 2)[filled]
    xs, ys = np.repeat(centres, 2), np.stack((low, high), axis=1).ravel()
    xs = np.concatenate((x[begin : starts[0]], xs, x[ends[-1] : end]))
    ys = np.concatenate((y.view[begin : starts[0]], ys, y.view[ends[-1] : end]))
    places = np.unique(np.searchsorted(starts, breaks)) * 2 + int(starts[0] - begin)
    places = places[places < len(xs)]
    return np.insert(xs, places, np.nan), np.insert(ys, places, np.nan)


class EpochScale:
    """Turns steps into epochs and back: epoch 2.5 is the middle of the third epoch."""

    def __init__(self) -> None:
        self._ends: list[tuple[int, int]] = [(0, 0)]  # epoch, step at its end; both rising
        self.steps_per_epoch = 0  #: as announced, until an epoch has ended

    def ended(self, epoch: int, step: int) -> None:
        """Notes that an epoch ended at a step; what contradicts earlier notes is ignored."""
        last_epoch, last_step = self._ends[-1]
        if epoch > last_epoch and step > last_step:
            self._ends.append((epoch, step))

    def to_epochs(self, steps: Floats, last_step: float) -> Floats:
        """Epochs of steps; `last_step` helps out while nothing is known about the length of an epoch."""
        epochs, ends = self._knots(last_step)
        return np.interp(steps, ends, epochs)

    def to_steps(self, epochs: Floats, last_step: float) -> Floats:
        """Steps of epochs."""
        knots, ends = self._knots(last_step)
        return np.interp(epochs, knots, ends)

    def _knots(self, last_step: float) -> tuple[Floats, Floats]:
        epoch, step = self._ends[-1]
        if epoch:
            before_epoch, before_step = self._ends[-2]
            width = (step - before_step) / (epoch - before_epoch)
        else:
            width = float(self.steps_per_epoch or max(last_step, 1))
        far = 1_000_000
        knots = [(-far, -far * width), *self._ends, (epoch + far, step + far * width)]
        return np.array([knot[0] for knot in knots], float), np.array([knot[1] for knot in knots], float)
