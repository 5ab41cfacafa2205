"""One curve of a chart: which points are drawn, and how. Imports pyqtgraph, so it is imported late itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.record import RunRecord, SeriesKey
from niceml_gui.workspaces.runs.series import Axis, Floats, Series, Smoothed, polyline

EXACT = ("learning_rate", "lr")  #: not measured but set: there is nothing to smooth
COMPILED = ("step_ms",)  #: the first value holds the compiling of the step, and would hide all others
FINE = 1500  #: lines of up to so many points are drawn smooth and a little thicker


@dataclass(frozen=True, slots=True)
class View:
    """What all charts have in common.

    Attributes:
        axis: What x means.
        low: Left end of x.
        high: Right end of x.
        smoothing: Weight of the moving average over batches; 0 for none.
        log: Whether y is logarithmic.
        crowded: Whether there are so many charts that beauty has to wait.
    """

    axis: Axis = "step"
    low: float = 0.0
    high: float = 1.0
    smoothing: float = 0.9
    log: bool = False
    crowded: bool = False


def positions(series: Series, record: RunRecord, axis: Axis) -> tuple[float, float]:
    """First and last x of a series that is not empty."""
    if axis == "time":
        return float(series.times.view[0]) - record.started, float(series.times.view[-1]) - record.started
    ends = series.steps.view[[0, -1]] if series.ordered else np.array([series.steps.view.min(), record.last_step])
    if axis == "epoch":
        ends = record.epochs.to_epochs(ends, record.last_step)
    return float(ends[0]), float(ends[1])


def line(series: Series, smoothed: Smoothed | None, record: RunRecord, view: View, width: int) -> tuple[Floats, Floats]:
    """The points of a curve in the chart's units, reduced to what `width` pixels can show."""
    values, extremes = (smoothed.values, smoothed.extremes) if smoothed else (series.values, series.extremes)
    edges = np.linspace(view.low, view.high, max(width, 2) + 1)
    if view.axis == "time":
        x, y = polyline(series.times.view, values, extremes, edges + record.started, series)
        x = x - record.started
    elif view.axis == "epoch":
        last = record.last_step
        x, y = polyline(series.steps.view, values, extremes, record.epochs.to_steps(edges, last), series)
        x = record.epochs.to_epochs(x, last)
    else:
        x, y = polyline(series.steps.view, values, extremes, edges, series)
    if view.log:
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.where(y > 0, np.log10(y), np.nan)
    return x, y


class Curve:
    """The drawn items of one series."""

    def __init__(self, plot: Any, key: SeriesKey, series: Series) -> None:
        self.key = key
        self.series = series
        self.smoothed: Smoothed | None = None
        self.raw = pg.PlotCurveItem(connect="finite")
        self.main = pg.PlotCurveItem(connect="finite")
        # Dots from the cache are pictures, which an SVG shows as ticks.
        self.dots = pg.ScatterPlotItem(size=5, pxMode=True, antialias=True, useCache=False)
        self.items = (self.raw, self.main, self.dots)
        for depth, item in enumerate(self.items):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def draw(self, record: RunRecord, view: View, width: int, color: str, many: bool) -> tuple[float, float] | None:
        """Draws what is in view and returns the range of y that it takes, if any."""
        key = self.key
        is_batch = key.level == "batch"
        smooth = is_batch and view.smoothing > 0 and key.metric not in EXACT
        if smooth and (self.smoothed is None or self.smoothed.weight != view.smoothing):
            self.smoothed = Smoothed(self.series.values, view.smoothing, skip=int(key.metric in COMPILED))
        x, y = line(self.series, None, record, view, width)
        ranged = (x >= view.low) & (x <= view.high) & np.isfinite(y)
        solid = QColor(color)
        faint = style.mix(theme().tokens.panel, color, 0.38)  # opaque: a translucent line takes ten times as long
        if smooth and self.smoothed is not None:
            self.smoothed.update()
            self.raw.setData(x, y, pen=pg.mkPen(faint, width=1))
            smooth_x, smooth_y = line(self.series, self.smoothed, record, view, width)
        else:
            self.raw.setData([], [])
            smooth_x, smooth_y = x, y
        dashed = Qt.PenStyle.DashLine if key.split == "validation" else Qt.PenStyle.SolidLine
        fine = len(smooth_x) <= FINE and not many
        pen = pg.mkPen(solid, width=1.6 if fine else 1, style=dashed)
        hidden = key.level == "epoch" and key._replace(level="batch") in record.series
        self.main.setData(*(([], []) if hidden else (smooth_x, smooth_y)), pen=pen, antialias=fine)
        dotted = key.level == "epoch" and int(ranged.sum()) <= 200 and not (hidden and key.metric in EXACT)
        points = (x[ranged], y[ranged]) if dotted else ([], [])
        self.dots.setData(*points, pen=None, brush=pg.mkBrush(solid))
        seen = y[ranged]
        if key.metric in COMPILED and len(seen) and not view.log:
            seen = seen[seen <= 5 * np.median(seen)]
        return (float(seen.min()), float(seen.max())) if len(seen) else None

    def nearest(self, record: RunRecord, axis: Axis, x: float) -> int:
        """Index of the point that is nearest to a position; the series is not empty."""
        if axis == "time":
            values, wanted = self.series.times.view, x + record.started
        else:
            values = self.series.steps.view
            wanted = float(record.epochs.to_steps(np.array([x]), record.last_step)[0]) if axis == "epoch" else x
        if not self.series.ordered and axis != "time":
            return int(np.abs(values - wanted).argmin())
        right = int(np.searchsorted(values, wanted))
        candidates = [index for index in (right - 1, right) if 0 <= index < len(values)]
        return min(candidates, key=lambda index: abs(values[index] - wanted))
