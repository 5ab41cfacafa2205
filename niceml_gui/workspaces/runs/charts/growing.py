"""Numbers that only grow, and the smallest and largest of any stretch of them. Plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FANOUT = 16  #: how many entries of one level of extremes make one entry of the next
DIRECT = 256  #: a stretch of up to so many entries for each answer is looked through; a longer one asks the next level


class Growing:
    """A float64 array to which values are appended at amortised constant cost.

    How much room it takes depends on how long it is, not on the portions in which it grew.
    """

    def __init__(self) -> None:
        self._data: Floats = np.empty(64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def view(self) -> Floats:
        """The values so far, without a copy; not valid after the next append."""
        return self._data[: self._size]

    @property
    def room(self) -> int:
        """Bytes that it takes."""
        return self._data.nbytes

    def append(self, value: float) -> None:
        """Adds one value."""
        self._reserve(self._size + 1)
        self._data[self._size] = value
        self._size += 1

    def extend(self, values: Floats) -> None:
        """Adds many values."""
        end = self._size + len(values)
        self._reserve(end)
        self._data[self._size : end] = values
        self._size = end

    def _reserve(self, size: int) -> None:
        room = len(self._data)
        if size <= room:
            return
        while room < size:
            room = room * 3 // 2
        data = np.empty(room)
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

    @property
    def room(self) -> int:
        """Bytes that it takes, without the array."""
        return sum(array.room for level in self._levels for array in level)

    def of(self, starts: Ints, ends: Ints) -> tuple[Floats, Floats]:
        """Minimum and maximum of each range `[start, end)`; no range is empty, and they are in order."""
        self._update()
        return self._reduce(0, starts, ends)

    def all(self) -> tuple[float, float]:
        """Minimum and maximum of the whole array, which is not empty."""
        low, high = self.of(np.array([0]), np.array([len(self._values)]))
        return float(low[0]), float(high[0])

    def _update(self) -> None:
        low = high = self._values
        depth = 0
        while len(low) >= FANOUT * FANOUT:
            if depth == len(self._levels):
                self._levels.append((Growing(), Growing()))
            lower, higher = self._levels[depth]
            fresh = slice(len(lower) * FANOUT, len(low) // FANOUT * FANOUT)
            if fresh.start < fresh.stop:
                blocks = np.arange(0, fresh.stop - fresh.start, FANOUT)
                lower.extend(np.minimum.reduceat(low.view[fresh], blocks))
                higher.extend(np.maximum.reduceat(high.view[fresh], blocks))
            low, high = lower, higher
            depth += 1

    def _reduce(self, depth: int, starts: Ints, ends: Ints) -> tuple[Floats, Floats]:
        low, high = self._levels[depth - 1] if depth else (self._values, self._values)
        if depth == len(self._levels) or ends[-1] - starts[0] < DIRECT * len(starts):
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
