"""Numbers that only grow, and the smallest and largest of any stretch of them. Plain numpy."""

from __future__ import annotations

from mmap import mmap

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FANOUT = 16  #: how many entries of one level of extremes make one entry of the next
DIRECT = 256  #: a stretch of up to so many entries for each answer is looked through; a longer one asks the next level
PAGES = 32_768  #: longer arrays have pages of their own, which go back to the system when the array has grown further
MORE = 8  #: times as many pages are set aside then; they take addresses, and memory only once they are used


class Growing:
    """A float64 array to which values are appended at amortised constant cost.

    How much memory it takes depends on how long it is, not on the portions in which it grew.
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
        """Bytes that it takes: what is set aside beyond its end counts only where it is no page of its own."""
        return self._size * 8 if len(self._data) >= PAGES else self._data.nbytes

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
            room *= MORE if room >= PAGES else 2
        data = _pages(room) if room >= PAGES else np.empty(room)
        data[: self._size] = self._data[: self._size]
        self._data = data


def _pages(size: int) -> Floats:
    """An array outside of the heap, in which the arrays that it outgrows would leave holes for good."""
    return np.frombuffer(mmap(-1, size * 8), dtype=np.float64)


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
        self._update()
        levels = [(self._values, self._values), *self._levels]
        covered = [len(low) * FANOUT for low, _ in self._levels] + [0]
        lows = [low.view[start:].min() for (low, _), start in zip(levels, covered, strict=True) if len(low) > start]
        highs = [high.view[start:].max() for (_, high), start in zip(levels, covered, strict=True) if len(high) > start]
        return float(min(lows)), float(max(highs))

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
        # What whole entries of the next level do not cover is among the first and the last few of a range; that these
        # may cover a part of the rest once more does no harm.
        outer, groups = _outer(low.view, starts, ends)
        lows = np.minimum.reduceat(outer, groups)
        highs = np.maximum.reduceat(outer if low is high else _outer(high.view, starts, ends)[0], groups)
        first, last = -(-starts // FANOUT), ends // FANOUT
        inner = last > first
        if inner.any():
            inner_low, inner_high = self._reduce(depth + 1, first[inner], last[inner])
            lows[inner] = np.minimum(lows[inner], inner_low)
            highs[inner] = np.maximum(highs[inner], inner_high)
        return lows, highs


def _outer(values: Floats, starts: Ints, ends: Ints) -> tuple[Floats, Ints]:
    """The first and the last `FANOUT` values of each range, one range after the other; and where each begins."""
    if (ends - starts).min() >= FANOUT:
        windows = as_strided(values, (len(values) - FANOUT + 1, FANOUT), (values.itemsize, values.itemsize))
        outer = windows[np.stack((starts, ends - FANOUT), axis=1).ravel()].ravel()
    else:
        few = np.arange(FANOUT)
        left = np.minimum(starts[:, None] + few, ends[:, None] - 1)
        right = np.maximum(ends[:, None] - 1 - few, starts[:, None])
        outer = values[np.concatenate((left, right), axis=1)].ravel()
    return outer, np.arange(0, len(outer), 2 * FANOUT)


def _reduce(function: np.ufunc, values: Floats, starts: Ints, ends: Ints) -> Floats:
    cuts = np.stack((starts, ends), axis=1).ravel()
    if cuts[-1] == len(values):
        cuts = cuts[:-1]
    result: Floats = function.reduceat(values, cuts)[::2]
    return result
