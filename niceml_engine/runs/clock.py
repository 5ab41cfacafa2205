"""The time of day for a stream: it never goes back."""

from __future__ import annotations

from time import monotonic, time

NOTICED = 0.5  #: seconds by which a clock has to be set back to count as set back


class SteadyClock:
    """Tells the time of day, and goes on where it was when the clock of the machine is set back.

    Whatever is worked out of two times, a duration, a rate, the order of rows, then stays right. A clock that is set
    forward, or a machine that slept, is followed; what it had been set back before is made good then.

    Args:
        last: A time that has been told before.
    """

    def __init__(self, last: float = 0.0) -> None:
        self._wall, self._steady = time(), monotonic()
        self._ahead = 0.0  # of the machine's clock
        self._last = last

    def now(self) -> float:
        """Seconds since the epoch; never less than before."""
        wall, steady = time(), monotonic()
        lost = (steady - self._steady) - (wall - self._wall)
        self._wall, self._steady = wall, steady
        if abs(lost) > NOTICED:
            self._ahead = max(self._ahead + lost, 0.0)
        self._last = max(self._last, wall + self._ahead)
        return self._last
