"""One curve: the points of a run's series as lines in the units of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from niceml_gui import metrics
from niceml_gui.workspaces.runs.charts.growing import Floats, Ints
from niceml_gui.workspaces.runs.charts.polyline import PIECES, Columns, polyline
from niceml_gui.workspaces.runs.charts.smoothing import Smoothed
from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.charts.view import Across, Range, Settings, View
from niceml_gui.workspaces.runs.measured import SeriesKey

EXACT = ("learning_rate", "lr")  #: not measured but set: there is nothing to smooth
COMPILED = ("step_ms",)  #: the first value of a process holds the compiling of the step, and would hide all others
SPARSE = 4  #: a validation with so many times fewer points than the training has none for each batch
AMONG = 5  #: values in a row of whose median one spike says nothing, nor do two beside each other


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
        earlier: The line of attempts before the last one; empty where there was but one.
        seen: The range of y in view, if there is anything.
        hidden: Whether there are points in view that a logarithmic axis has no place for.
    """

    front: Line
    behind: Line | None
    earlier: Line
    seen: Range | None
    hidden: bool

    @property
    def measured(self) -> Line:
        """What was measured, averaged or not."""
        return self.front if self.behind is None else self.behind

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

    @property
    def latest(self) -> int:
        """Index of the first point of the last attempt, with those that it goes on from."""
        begun = self.shown.record.begun_anew
        return int(np.searchsorted(self.series.times, begun)) if begun else 0

    @property
    def attempts(self) -> list[int]:
        """Where attempts after the first begin, as far as something was measured before."""
        return self._first_of(self.shown.record.retried)

    @property
    def is_sparse(self) -> bool:
        """Whether each point is a whole on its own: an epoch, or a validation every so many steps."""
        if self.key.level == "epoch":
            return True
        series = self.shown.record.series
        trained = [len(one) for key, one in series.items() if key.level == "batch" and key.split == "train"]
        return self.key.split == "validation" and len(self.series) * SPARSE <= max(trained, default=0)

    def averaged(self, settings: Settings) -> bool:
        """Whether there is something to smooth: an epoch is an average already, unless that is wanted all the same."""
        if self.key.metric in EXACT or self.measured_in_batches:
            return False
        return not self.is_sparse or settings.smooth_epochs

    def lines(self, view: View, width: int, *, behind: bool = True) -> Lines:
        """The curve, with at most two points for each of `width` columns of pixels.

        Args:
            view: What is in view, and how.
            width: Of the plot, in pixels.
            behind: Whether the measured points are drawn, too, where there is an average.
        """
        across, series = Across(self.shown.record, view.settings), self.series
        edges = across.back(np.linspace(view.low, view.high, max(width, 2) + 1))
        cuts = self._cuts()
        if across.by_time and len(cuts) > PIECES:
            cuts = []  # times are in order all the same
        older, newer = Columns.of(across.source(series), edges, cuts).parted(self.latest)
        smoothed, gaps = self.smoothed(view.settings), self._gaps()
        apart = self._apart(gaps)
        averages, breaks = (series, apart) if smoothed is None else (smoothed, gaps)
        front = Line(*polyline(newer, averages.values, averages.extremes, breaks))
        earlier = Line(*polyline(older, averages.values, averages.extremes, breaks))
        measured = front
        if smoothed is not None and behind:
            measured = Line(*polyline(newer, series.values, series.extremes, apart))
        hidden = view.settings.log_y and bool((measured.y <= 0).any())
        placed = {id(line): Line(across.to(line.x), self._height(line.y, view)) for line in (front, measured, earlier)}
        raw = None if measured is front else placed[id(measured)]
        seen = self._seen([placed[id(measured)], placed[id(earlier)]], placed[id(front)], view)
        return Lines(placed[id(front)], raw, placed[id(earlier)], seen, hidden)

    def smoothed(self, settings: Settings) -> Smoothed | None:
        """The moving average, up to date; `None` where there is nothing to smooth."""
        weight = settings.smoothing
        if weight <= 0 or not self.averaged(settings):
            return None
        if self._smoothed is None or self._smoothed.weight != weight:
            self._smoothed = Smoothed(self.series.values, weight, skip=int(self.key.metric in COMPILED))
        begins = self.begins()
        self._smoothed.update(begins if len(begins) <= PIECES else ())
        return self._smoothed

    def at(self, places: Floats, view: View) -> Floats:
        """The values of the line in front at some places of the x axis; NaN before its beginning and after its end."""
        across, last = Across(self.shown.record, view.settings), self.latest
        smoothed = self.smoothed(view.settings)
        values = self.series.values if smoothed is None else smoothed.values
        source, measured = across.source(self.series)[last:], values.view[last:]
        if not len(source):
            return np.full(len(places), np.nan)
        if self.series.cuts and not across.by_time:
            stands = _not_repeated(source)
            source, measured = source[stands], measured[stands]
        found = np.interp(across.back(places), source, measured, left=np.nan, right=np.nan)
        return self._height(found, view)

    def nearest(self, across: Across, x: float) -> int:
        """Index of the point that is nearest to a place, of several the last one; the series is not empty."""
        source = across.source(self.series)
        wanted = float(across.back(np.array([x]))[0])
        if self.series.cuts and not across.by_time:
            return len(source) - 1 - int(np.abs(source - wanted)[::-1].argmin())
        right = int(np.searchsorted(source, wanted))
        candidates = [index for index in (right - 1, right) if 0 <= index < len(source)]
        return min(candidates, key=lambda index: abs(source[index] - wanted))

    def best(self) -> int | None:
        """Index of the best epoch of the last attempt, where there is a good and a bad."""
        last = self.latest
        if not self.is_sparse or not metrics.is_quality(self.key.metric) or len(self.series) - last < 2:
            return None
        small = metrics.is_small_good(self.key.metric)
        values = self.series.values.view[last:] * (1.0 if small else -1.0)
        return last + int(np.where(_not_repeated(self.series.steps[last:]), values, np.inf).argmin())

    def begins(self) -> list[int]:
        """Points with which the average begins anew: where the line does, and where a step was compiled again."""
        if self.key.metric not in COMPILED:
            return self._cuts()
        resumed = np.searchsorted(self.series.times, self.shown.record.resumed).tolist()
        return sorted({*self._cuts(), *(place for place in resumed if 0 < place < len(self.series))})

    def _gaps(self) -> Ints:
        """Points before which every line is interrupted: something was not finite, or rows are missing.

        Where as far lies between two points as between those before, none of the missing rows was of this curve.
        """
        breaks, steps = self.series.marks.breaks, self.series.steps
        lost = [place for place in self._first_of(self.shown.record.gaps) if place < len(steps)]
        if not lost:
            return breaks
        own = [one for one in lost if one < 2 or steps[one] - steps[one - 1] > steps[one - 1] - steps[one - 2]]
        return np.union1d(breaks, own).astype(np.intp)

    def _apart(self, gaps: Ints) -> Ints:
        """Points before which the line of what was measured is interrupted: a step that was compiled stands alone."""
        if self.key.metric not in COMPILED:
            return gaps
        compiled = np.array([0, *self.begins()], dtype=np.intp)
        return np.unique(np.concatenate((gaps, compiled, compiled + 1)))

    def _cuts(self) -> list[int]:
        """Points before which the line begins anew: steps went back, or an attempt begins that goes on from nothing."""
        return sorted({*self.series.cuts, *self._first_of(self.shown.record.anew)})

    def _first_of(self, begins: Sequence[float]) -> list[int]:
        """The first points of what began at some times, as far as something was measured before."""
        if not begins:  # nearly always, and numpy takes its time even for nothing
            return []
        return [int(place) for place in np.unique(np.searchsorted(self.series.times, begins)) if place > 0]

    def _height(self, values: Floats, view: View) -> Floats:
        return _logarithm(values) if view.settings.log_y else values

    def _seen(self, lines: Iterable[Line], front: Line, view: View) -> Range | None:
        seen = np.concatenate([_within(line, view) for line in lines])
        if not len(seen):
            return None
        if self.key.metric in COMPILED and not view.settings.log_y:
            seen = seen[seen <= 5 * np.quantile(seen, 0.5, method="lower")]  # of two values the usual one
        elif not view.settings.outliers:
            seen = np.concatenate((seen, _beyond(_within(front, view), seen)))
        if view.settings.outliers:
            seen = _usual(seen)
        return float(seen.min()), float(seen.max())


def _within(line: Line, view: View) -> Floats:
    """The heights of a line within a view: of its points, and where it enters and leaves."""
    x, y = line
    if not len(x):
        return y

    def crossing(edge: float) -> Floats:
        left = x[:-1] < edge
        if not left.any():
            return y[:0]
        before = np.flatnonzero(left & (x[1:] > edge))
        part = (edge - x[before]) / (x[before + 1] - x[before])
        heights: Floats = y[before] + part * (y[before + 1] - y[before])
        return heights

    inside = (x >= view.low) & (x <= view.high)
    heights = np.concatenate((crossing(view.low), y[inside], crossing(view.high)))
    return heights[np.isfinite(heights)]


def _usual(heights: Floats) -> Floats:
    """Heights without single spikes: those farther from the medians of five, and from the middle half, than these span.

    What falls or rises stays whole, since its median is what stands in the middle, at its ends the end itself. The
    middle half speaks for what goes up and down all the time, of which the medians may be all the same.

    Args:
        heights: In the order in which they stand, at least one.
    """
    among = np.pad(heights, AMONG // 2, mode="edge")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(among, AMONG), axis=1)
    ends = (medians.min(), medians.max(), *np.quantile(heights, (0.25, 0.75)))
    low, high = min(ends), max(ends)
    usual: Floats = heights[(heights >= 2 * low - high) & (heights <= 2 * high - low)]
    return usual


def _beyond(averages: Floats, measured: Floats) -> Floats:
    """Averages beyond what was measured in view, as there are where it was otherwise before; roundings do not count."""
    low, high = measured.min(), measured.max()
    rounding = 1e-9 * max(abs(low), abs(high))
    beyond: Floats = averages[(averages < low - rounding) | (averages > high + rounding)]
    return beyond


def _not_repeated(places: Floats) -> NDArray[np.bool_]:
    """Which points stand: after one that went on from a checkpoint, those that it has measured once more do not."""
    later: Floats = np.minimum.accumulate(places[::-1])[::-1]
    return places < np.append(later[1:], np.inf)


def _logarithm(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)
