"""One curve: the points of a run's series as lines in the units of a chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from niceml_gui.workspaces.runs.analysis.value_table import NO_QUALITY, SMALL_IS_GOOD
from niceml_gui.workspaces.runs.charts.growing import Extremes, Floats, Growing
from niceml_gui.workspaces.runs.charts.polyline import polyline
from niceml_gui.workspaces.runs.charts.smoothing import Smoothed
from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.charts.view import Across, Range, View
from niceml_gui.workspaces.runs.record import SeriesKey

EXACT = ("learning_rate", "lr")  #: not measured but set: there is nothing to smooth
COMPILED = ("step_ms",)  #: the first value holds the compiling of the step, and would hide all others
USUAL = (0.02, 0.98)  #: which part of the values in view is in range when outliers are left out


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """A curve as it is drawn.

    Attributes:
        x: Of the points as they were measured.
        y: Of these.
        main_x: Of the line in front: of the moving average, or the same.
        main_y: Likewise.
        behind: Whether the measured points are drawn behind it.
        seen: The range of y in view, if there is anything.
        hidden: How many points in view are no positive numbers, on a logarithmic axis.
    """

    x: Floats
    y: Floats
    main_x: Floats
    main_y: Floats
    behind: bool
    seen: Range | None
    hidden: bool


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

    def lines(self, view: View, width: int) -> Lines:
        """The curve, with at most two points for each of `width` columns of pixels."""
        across = Across(self.shown.record, view.settings)
        x, y = self._line(across, view, width, self.series.values, self.series.extremes)
        smoothed = self.smoothed(view.settings.smoothing)
        main = (x, y) if smoothed is None else self._line(across, view, width, smoothed.values, smoothed.extremes)
        hidden = False
        if view.settings.log_y:
            hidden = bool((y <= 0).any())
            y, main = _logarithm(y), (main[0], _logarithm(main[1]))
        return Lines(x, y, *main, smoothed is not None, self._seen(x, y, view), hidden)

    def smoothed(self, weight: float) -> Smoothed | None:
        """The moving average of a weight, up to date; `None` where there is nothing to smooth."""
        if self.key.level == "epoch" or weight <= 0 or self.key.metric in EXACT:
            return None
        if self._smoothed is None or self._smoothed.weight != weight:
            self._smoothed = Smoothed(self.series.values, weight, skip=int(self.key.metric in COMPILED))
        self._smoothed.update()
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

    def _line(
        self, across: Across, view: View, width: int, values: Growing, extremes: Extremes
    ) -> tuple[Floats, Floats]:
        edges = across.back(np.linspace(view.low, view.high, max(width, 2) + 1))
        cuts = () if across.by_time else self.series.cuts
        x, y = polyline(across.source(self.series), values, extremes, edges, cuts, self.series.marks.breaks)
        return across.to(x), y

    def _seen(self, x: Floats, y: Floats, view: View) -> Range | None:
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
