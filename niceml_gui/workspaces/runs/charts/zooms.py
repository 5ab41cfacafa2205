"""Which part of x each chart shows: everything, or what a person has zoomed into, alone or together with others."""

from __future__ import annotations

import math
from collections.abc import Sequence

from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.charts.view import Across, Axis, Range, Settings

LEAST = {"step": 3.0, "epoch": 1e-3, "relative": 1e-3, "wall": 1e-3}  #: a shorter run does not fill its axis
SMALLEST = 1e-9  #: what part of its middle a range must be wide

Kind = tuple[Axis, bool]  #: charts with the same x, and logarithm or not, are zoomed together


def kind_of(settings: Settings) -> Kind:
    """With which other charts a chart is zoomed."""
    return settings.axis, settings.log_x and settings.axis != "wall"


class Zooms:
    """The ranges of x that were zoomed into, by kind; and for how long everything is, once for each drawing."""

    def __init__(self) -> None:
        self.shown: Sequence[Shown] = ()
        self._zoomed: dict[Kind, Range] = {}
        self._whole: dict[Kind, Range] = {}

    def forget(self) -> None:
        """Shows everything."""
        self._zoomed.clear()

    def grown(self) -> None:
        """Measures anew how long everything is."""
        self._whole.clear()

    def zoom(self, settings: Settings, low: float, high: float) -> bool:
        """Zooms the charts of a kind; whether there is anything to see in that range."""
        if not is_range(low, high):
            return False
        self._zoomed[kind_of(settings)] = (low, high)
        return True

    def freeze(self, settings: Settings) -> None:
        """Keeps what the charts of a kind show now."""
        self._zoomed.setdefault(kind_of(settings), self.whole(settings))

    def range(self, settings: Settings) -> Range:
        """What the charts of a kind show."""
        return self._zoomed.get(kind_of(settings)) or self.whole(settings)

    def whole(self, settings: Settings) -> Range:
        """From the first to the last point of all runs, with a little room."""
        kind = kind_of(settings)
        if kind not in self._whole:
            self._whole[kind] = self._measure(settings)
        return self._whole[kind]

    def _measure(self, settings: Settings) -> Range:
        ends = [
            Across(one.record, settings).ends(track)
            for one in self.shown
            for track in one.record.tracks.values()
            if len(track)
        ]
        axis, log = kind_of(settings)
        low, high = min((end[0] for end in ends), default=0.0), max((end[1] for end in ends), default=1.0)
        high = max(high, low + (0.1 if log else LEAST[axis]))
        return low - (high - low) * 0.01, high + (high - low) * 0.02


def is_range(low: float, high: float) -> bool:
    """Whether one end is so far from the other that something can be drawn between."""
    return math.isfinite(low) and math.isfinite(high) and high - low > max(1e-9, abs(high + low) * SMALLEST)


def translated(shown: Shown, x: float, one: Settings, other: Settings) -> float:
    """Where a place on the x axis of one chart is on that of another."""
    if kind_of(one) == kind_of(other):
        return x
    record = shown.record
    first, second = Across(record, one), Across(record, other)
    return second.place(*record.nearest_row(first.source_of(x), by_time=first.by_time))
