"""How charts show what they show: settings for all of them, those of one, and the view that comes of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import msgspec
import numpy as np

from niceml_gui.workspaces.runs.charts.growing import Floats
from niceml_gui.workspaces.runs.charts.series import Series, Track
from niceml_gui.workspaces.runs.record import RunRecord

Axis = Literal["step", "epoch", "relative", "wall"]
Spread = Literal["range", "std"]
AXES: tuple[Axis, ...] = get_args(Axis)
AXIS_TIPS = {
    "step": "batches trained so far",
    "epoch": "epochs trained so far",
    "relative": "time since the run started",
    "wall": "time of day",
}
AXIS_TITLES: dict[Axis, tuple[str, str]] = {  #: in a word, and in full
    "step": ("step", "step"),
    "epoch": ("epoch", "epoch"),
    "relative": ("relative", "time since the start"),
    "wall": ("wall", "time of day"),
}
LEAST = 1e-3  #: seconds after the start at which a logarithmic axis of time may begin
Range = tuple[float, float]


class Settings(msgspec.Struct, frozen=True):
    """What holds for all charts.

    Attributes:
        axis: What x means.
        smoothing: Weight of the moving average; 0 for none.
        smooth_epochs: Whether values of epochs are averaged, too: of a few dozen, the usual weight would show anything
            but the last ones. Whoever changes the weight where only epochs are measured wants it.
        log_x: Whether x is logarithmic.
        log_y: Whether y is logarithmic.
        outliers: Whether the range of y leaves out the most extreme values in view.
        spread: What the band around the mean of a group shows: all of it, or one standard deviation.
    """

    axis: Axis = "step"
    smoothing: float = 0.9
    smooth_epochs: bool = False
    log_x: bool = False
    log_y: bool = False
    outliers: bool = False
    spread: Spread = "range"

    @property
    def x_title(self) -> str:
        """What stands along the horizontal axis."""
        return AXIS_TITLES[self.axis][1] + (" (log)" if self.log_x and self.axis != "wall" else "")


USUAL = Settings()


class Own(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one chart has for itself; `None`: as for all.

    Attributes:
        follow: Whether it shows everything as it grows, whatever the others do; `False`: it is zoomed alone.
    """

    axis: Axis | None = None
    smoothing: float | None = None
    smooth_epochs: bool | None = None
    log_x: bool | None = None
    log_y: bool | None = None
    outliers: bool | None = None
    follow: bool | None = None

    def over(self, common: Settings) -> Settings:
        """The settings of the chart."""
        mine = {name: getattr(self, name) for name in Settings.__struct_fields__ if name in Own.__struct_fields__}
        return msgspec.structs.replace(common, **{name: value for name, value in mine.items() if value is not None})


@dataclass(frozen=True, slots=True)
class View:
    """What a chart is to show now.

    Attributes:
        settings: How.
        low: Left end of x, in the unit of the axis; of a logarithmic one its decimal logarithm.
        high: Right end of x.
        y_range: Bottom and top of y, likewise; `None`: what is in view.
    """

    settings: Settings = USUAL
    low: float = 0.0
    high: float = 1.0
    y_range: Range | None = None


class Across:
    """The x axis of one run.

    Args:
        record: The run's.
        settings: Say what x means.
    """

    def __init__(self, record: RunRecord, settings: Settings) -> None:
        self._record = record
        self._axis = settings.axis
        self.log = settings.log_x and settings.axis != "wall"
        self.by_time = settings.axis in ("relative", "wall")

    def source(self, series: Series) -> Floats:
        """What the points of a series are found by: steps, or seconds since the epoch."""
        return series.times if self.by_time else series.steps

    def to(self, source: Floats) -> Floats:
        """Places on the axis."""
        if self._axis == "relative":
            source = source - self._record.measured_from
        elif self._axis == "epoch":
            source = self._record.epochs.to_epochs(source, self._record.last_step)
        elif self._axis == "wall":
            source = self._record.clock.to(source)
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                source = np.log10(source)
        return source

    def back(self, places: Floats) -> Floats:
        """The other way round."""
        if self.log:
            places = 10.0**places
        if self._axis == "relative":
            return places + self._record.measured_from
        if self._axis == "wall":
            return self._record.clock.back(places)
        if self._axis == "epoch":
            return self._record.epochs.to_steps(places, self._record.last_step)
        return places

    def source_of(self, place: float) -> float:
        """A place on the axis, as a step or as seconds since the epoch."""
        return float(self.back(np.array([place]))[0])

    def place(self, step: float, time: float) -> float:
        """Where something is that happened after a step, at a time."""
        return float(self.to(np.array([time if self.by_time else step]))[0])

    def ends(self, track: Track) -> Range:
        """First and last place of rows, of which there is at least one."""
        source = track.times.view if self.by_time else track.steps.view
        ends = np.array([source[0], source[-1]])
        if track.cuts and not self.by_time:
            ends = np.array([source.min(), source.max()])
        if self.log:
            least = self._record.measured_from + LEAST if self.by_time else 1e-9
            later = source[np.searchsorted(source, least) :][:1]
            ends[0] = max(ends[0], later[0] if len(later) else least)
            ends[1] = max(ends[1], ends[0])
        low, high = self.to(ends)
        return float(low), float(high)
