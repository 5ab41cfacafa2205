"""The time of day of a run, whose rows go on in time as if nobody had set the clock of its machine."""

from __future__ import annotations

import numpy as np

from niceml_gui.workspaces.runs.charts.growing import Floats


class WallClock:
    """Turns times of a stream into the time of day and back; neither ever goes back.

    A clock that was set forward is followed, one that was set back is not, until it has come as far again.
    """

    def __init__(self) -> None:
        self._from = np.array([-np.inf])  # from which time of the stream on
        self._behind = np.array([0.0])  # so far that is behind the clock
        self._set = 0.0

    def was_set(self, time: float, seconds: float) -> None:
        """Notes by how much the clock was set, and when, in the time of the stream."""
        self._set += seconds
        self._follow(time, max(self._set, float(self._behind[-1])))

    def begins_anew(self, time: float, before: float) -> None:
        """Notes that the rows are from now on those of another process, which has looked at the clock.

        Args:
            time: When it began.
            before: When the last row of the other one was written.
        """
        self._set = 0.0
        self._follow(time, max(float(self._behind[-1]) - max(time - before, 0.0), 0.0))

    def at(self, time: float) -> float:
        """The time of day at a time of the stream."""
        return float(self.to(np.array([time]))[0])

    def to(self, times: Floats) -> Floats:
        """The times of day at times of the stream."""
        if len(self._from) == 1:
            return times
        found: Floats = times + self._behind[np.searchsorted(self._from, times, "right") - 1]
        return found

    def back(self, clock: Floats) -> Floats:
        """The times of the stream at times of day; where the clock was set over one, when that was done."""
        if len(self._from) == 1:
            return clock
        place = np.searchsorted(self._from + self._behind, clock, "right") - 1
        found: Floats = np.minimum(clock - self._behind[place], np.append(self._from, np.inf)[place + 1])
        return found

    def _follow(self, time: float, behind: float) -> None:
        if behind != self._behind[-1]:
            self._from = np.append(self._from, max(time, float(self._from[-1])))
            self._behind = np.append(self._behind, behind)
