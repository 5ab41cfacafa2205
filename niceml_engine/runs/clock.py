"""The time of day for a stream: it goes on as time passes, whatever is done to the clock of the machine."""

from __future__ import annotations

import time as clocks
from time import monotonic, time

from niceml_engine.events import ClockSet

NOTICED = 0.5  #: seconds by which a clock has to be set to count as set; less is followed


class SteadyClock:
    """Tells the time of day as it was in the beginning, plus what has passed since.

    Whatever is worked out of two times, a duration, a rate, the order of rows, then stays right, be the clock of the
    machine set back or forward. The time in which the machine slept does not count: nothing was done in it.

    Args:
        last: A time that has been told before.
    """

    def __init__(self, last: float = 0.0) -> None:
        self._wall, self._steady, self._asleep = time(), monotonic(), _asleep()
        self._ahead = 0.0  # of the machine's clock
        self._last = last
        self._set = self._slept = 0.0  # since somebody asked

    def now(self) -> float:
        """Seconds since the epoch; never less than before."""
        wall, steady = time(), monotonic()
        turned = (wall - self._wall) - (steady - self._steady)
        self._wall, self._steady = wall, steady
        if abs(turned) > NOTICED:
            self._ahead -= turned
            self._set += turned
            asleep = _asleep()
            self._slept += asleep - self._asleep
            self._asleep = asleep
        self._last = max(self._last, wall + self._ahead)
        return self._last

    def was_set(self) -> ClockSet | None:
        """By how much the clock of the machine was set, or how long it slept, since this was asked last."""
        if not self._set:
            return None
        found = ClockSet(seconds=round(self._set, 3), slept=round(self._slept, 3) if self._slept > NOTICED else 0.0)
        self._set = self._slept = 0.0
        return found


def _asleep() -> float:
    """Seconds that the machine has slept since it was started, where that is known."""
    if not hasattr(clocks, "CLOCK_BOOTTIME"):
        return 0.0
    return clocks.clock_gettime(clocks.CLOCK_BOOTTIME) - clocks.clock_gettime(clocks.CLOCK_MONOTONIC)
