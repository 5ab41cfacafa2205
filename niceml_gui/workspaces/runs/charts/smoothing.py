"""An exponential moving average that goes on as its series grows. Plain numpy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from niceml_gui.workspaces.runs.charts.growing import Extremes, Floats, Growing

PORTION = 65_536  #: values that are averaged in one go: what fits into the processor's cache
NOTHING = 1e-18  #: a weight that changes no float64 any more


class Smoothed:
    """An exponential moving average of a growing array, continued as it grows.

    The mean of all values up to a point, in which each older one counts `weight` times as much; at the start there are
    few of them, and none is made up.

    Args:
        source: The array.
        weight: 0 (as it is) to below 1.
        skip: How many values at each beginning do not count; the average begins as if they were not there.
    """

    def __init__(self, source: Growing, weight: float, skip: int = 0) -> None:
        self._source = source
        self._skip = skip
        self.weight = weight
        self._begin()

    def _begin(self) -> None:
        self._carry = 0.0
        self._begun = 0
        self._unsettled = False  # at the end stands what was measured, since all of that is to be left out
        self.values = Growing()
        self.extremes = Extremes(self.values)

    def update(self, begins: Sequence[int] = ()) -> None:
        """Takes up what was appended to the source.

        Args:
            begins: Where in the source the average begins anew, in order.
        """
        if len(begins) < self._begun or (self._unsettled and len(self.values) < len(self._source)):
            self._begin()
        self._begun = len(begins)
        for first, end in pairwise((0, *begins, len(self._source))):
            if end > len(self.values):
                self._average(first, end)

    def _average(self, first: int, end: int) -> None:
        """Goes on in a part of the source that has one average."""
        self._unsettled = end - first <= self._skip
        if self._unsettled:
            self.values.extend(self._source.view[first:end])
            return
        counted = max(len(self.values) - first - self._skip, 0)
        if not counted:
            self._carry = 0.0
        for start in range(first + self._skip + counted, end, PORTION):
            fresh = self._source.view[start : min(start + PORTION, end)]
            means = ema(fresh, self.weight, self._carry)
            self._carry = float(means[-1])
            early = _powers(self.weight, counted + 1, len(fresh))
            means[: len(early)] /= 1.0 - early
            if not counted:
                self.values.extend(np.full(self._skip, means[0]))
            self.values.extend(means)
            counted += len(fresh)


def ema(values: Floats, weight: float, carry: float) -> Floats:
    """`s[i] = weight * s[i-1] + (1 - weight) * values[i]` with `s[-1] = carry`; same length as `values`."""
    sums = values * (1.0 - weight)
    reach, part = 1, weight
    while reach < len(sums) and part > NOTHING:  # each pass doubles how far back every sum reaches
        sums[reach:] += part * sums[:-reach]
        reach, part = 2 * reach, part * part
    early = _powers(weight, 1, len(sums))
    sums[: len(early)] += carry * early
    result: Floats = sums
    return result


def _powers(weight: float, first: int, count: int) -> Floats:
    """`weight` to the power of `first` and the numbers after it, at most `count`, as long as they are anything."""
    if weight <= 0.0:
        return np.zeros(0)
    end = min(first + count, int(np.log(NOTHING) / np.log(weight)) + 2)
    result: Floats = weight ** np.arange(first, end, dtype=float)
    return result
