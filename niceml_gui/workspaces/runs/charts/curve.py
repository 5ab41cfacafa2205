"""One curve: the points of a run's series as lines in the units of a chart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from niceml_gui.workspaces.runs.analysis.value_table import NO_QUALITY, SMALL_IS_GOOD
from niceml_gui.workspaces.runs.charts.growing import Floats
from niceml_gui.workspaces.runs.charts.polyline import PIECES, Columns, polyline
from niceml_gui.workspaces.runs.charts.smoothing import Smoothed
from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.charts.view import Across, Range, View
from niceml_gui.workspaces.runs.record import SeriesKey

EXACT = ("learning_rate", "lr")  #: not measured but set: there is nothing to smooth
COMPILED = ("step_ms",)  #: the first value holds the compiling of the step, and would hide all others
USUAL = (0.02, 0.98)  #: which part of the values in view is in range when outliers are left out


class Line(NamedTuple):
    """Points of a line in the units of the axes; NaN interrupts it."""

    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """A curve as it is drawn.

    Attributes:
        front: The moving average, or where there is none what was measured.
        behind: What was measured, where the average stands before it.
        seen: The range of y in view, if there is anything.
        hidden: Whether there are points in view that a logarithmic axis has no place for.
    """

    front: Line
    behind: Line | None
    seen: Range | None
    hidden: bool

    def led_on(self, line: Line) -> Lines:
        """The same, led on along those points of another line that lie after its own."""
        later = line.x > np.nanmax(self.front.x, initial=-np.inf)
        x, y = (np.concatenate((own, other[later])) for own, other in zip(self.front, line, strict=True))
        return replace(self, front=Line(x, y))


class Curve:
    """A series of a run, with its moving average.

    Args:
        shown: The run.
        key: Which of its series.
    """

    def __init__(self, shown: Shown, key: SeriesKey) -> None:
        self.shown = shown
        self.key = key
        self.series = shown.record.series[key]
        self._smoothed: Smoothed | None = None

    @property
    def measured_in_batches(self) -> bool:
        """Whether it is the coarser of two curves that say the same."""
        return self.key.level == "epoch" and self.key._replace(level="batch") in self.shown.record.series

    def lines(self, view: View, width: int, *, behind: bool = True) -> Lines:
        """The curve, with at most two points for each of `width` columns of pixels.

        Args:
            view: What is in view, and how.
            width: Of the plot, in pixels.
            behind: Whether the measured points are drawn, too, where there is an average.
        """
        across, series = Across(self.shown.record, view.settings), self.series
        edges = across.back(np.linspace(view.low, view.high, max(width, 2) + 1))
        columns = Columns.of(across.source(series), edges, () if across.by_time else series.cuts)
        breaks, smoothed = series.marks.breaks, self.smoothed(view.settings.smoothing)
        if across.by_time and 0 < len(series.cuts) <= PIECES:  # over steps, these are pieces anyway
            breaks = np.union1d(breaks, series.cuts)
        lines = []
        if smoothed is None or behind:
            lines.append(polyline(columns, series.values, series.extremes, breaks))
        if smoothed is not None:
            lines.append(polyline(columns, smoothed.values, smoothed.extremes, breaks))
        hidden = view.settings.log_y and bool((lines[0][1] <= 0).any())
        drawn = [Line(across.to(x), _logarithm(y) if view.settings.log_y else y) for x, y in lines]
        return Lines(drawn[-1], drawn[0] if len(drawn) > 1 else None, self._seen(drawn[0], view), hidden)

    def smoothed(self, weight: float) -> Smoothed | None:
        """The moving average of a weight, up to date; `None` where there is nothing to smooth."""
        if self.key.level == "epoch" or weight <= 0 or self.key.metric in EXACT:
            return None
        if self._smoothed is None or self._smoothed.weight != weight:
            self._smoothed = Smoothed(self.series.values, weight, skip=int(self.key.metric in COMPILED))
        cuts = self.series.cuts
        self._smoothed.update(cuts if len(cuts) <= PIECES else ())  # an op that trains again begins anew
        return self._smoothed

    def at(self, places: Floats, view: View) -> Floats:
        """The values of the line in front at some places of the x axis; NaN before its beginning and after its end."""
        across = Across(self.shown.record, view.settings)
        smoothed = self.smoothed(view.settings.smoothing)
        values = self.series.values if smoothed is None else smoothed.values
        source = across.source(self.series)
        found = np.interp(across.back(places), source, values.view, left=np.nan, right=np.nan)
        return _logarithm(found) if view.settings.log_y else found

    def nearest(self, across: Across, x: float) -> int:
        """Index of the point that is nearest to a place; the series is not empty."""
        source = across.source(self.series)
        wanted = float(across.back(np.array([x]))[0])
        if self.series.cuts and not across.by_time:
            return int(np.abs(source - wanted).argmin())
        right = int(np.searchsorted(source, wanted))
        candidates = [index for index in (right - 1, right) if 0 <= index < len(source)]
        return min(candidates, key=lambda index: abs(source[index] - wanted))

    def best(self) -> int | None:
        """Index of the best epoch, where there is a good and a bad."""
        if self.key.level != "epoch" or self.key.metric in NO_QUALITY or len(self.series) < 2:
            return None
        values = self.series.values.view
        small = any(word in self.key.metric for word in SMALL_IS_GOOD)
        return int(values.argmin() if small else values.argmax())

    def _seen(self, line: Line, view: View) -> Range | None:
        x, y = line
        seen = y[(x >= view.low) & (x <= view.high) & np.isfinite(y)]
        if not len(seen):
            return None
        if self.key.metric in COMPILED and not view.settings.log_y:
            seen = seen[seen <= 5 * np.median(seen)]
        if view.settings.outliers and len(seen) > 10:
            low, high = np.quantile(seen, USUAL)
            return float(low), float(high)
        return float(seen.min()), float(seen.max())


def _logarithm(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)
