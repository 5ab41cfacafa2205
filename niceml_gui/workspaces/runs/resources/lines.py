"""What the charts of resources show, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSizeF

from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.picture import TICK_HEIGHT, TICK_WIDTH, Picture, Stroke
from niceml_gui.workspaces.runs.charts.ticks import linear_ticks, x_ticks
from niceml_gui.workspaces.runs.usage import Usage

GB = 1e9
MOST_TICKS = 5
ROOM = 1.08  #: of the highest value, so that a line does not run along the edge


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a chart.

    Attributes:
        name: Whose it is.
        column: In the usage.
        factor: What its values are multiplied by.
    """

    name: str
    column: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Chart:
    """What one chart shows.

    Attributes:
        title: What it is about.
        unit: Of its axis.
        parts: Its lines, the run's own first.
        top: Where the axis ends at least; 0: where the values do.
    """

    title: str
    unit: str
    parts: tuple[Part, ...]
    top: float = 0.0

    def words(self, value: float) -> str:
        """A value with its unit."""
        return f"{value:.0f} %" if self.unit == "%" else f"{value:.2f} {self.unit}"


def charts_of(usage: Usage) -> list[Chart]:
    """The charts of what is known."""
    last = usage.last
    if last is None:
        return []
    found = [
        Chart(
            f"CPU, {last.cores} cores of 100 %",
            "%",
            (Part("run", "cpu"), Part("machine", "machine_cpu", float(last.cores))),
            100.0 * last.cores,
        ),
        Chart(
            f"memory, of {last.total_memory / GB:.0f} GB",
            "GB",
            (Part("run", "memory", 1 / GB), Part("machine", "machine_memory", 1 / GB)),
        ),
    ]
    for number, gpu in enumerate(usage.gpus):
        name = gpu.name if len(usage.gpus) == 1 else f"GPU {number} {gpu.name}"
        found += [
            Chart(name, "%", (Part("used", f"gpu{number}"),), 100.0),
            Chart(
                f"{name} memory, of {gpu.total / GB:.0f} GB",
                "GB",
                (Part("used", f"gpu{number}_memory", 1 / GB),),
                gpu.total / GB,
            ),
        ]
    return found


def picture_of(chart: Chart, usage: Usage, begin: float, end: float, size: QSizeF, tokens: Tokens) -> Picture:
    """The picture of a chart.

    Args:
        chart: What it shows.
        usage: Of the run.
        begin: When the run began, in seconds since the epoch.
        end: Where the axis ends.
        size: Of the plot, in pixels.
        tokens: The theme.
    """
    x = usage.times - begin
    high = max(end - begin, float(x[-1]) if len(x) else 0.0, 1.0)
    columns = [usage.column(part.column) * part.factor for part in chart.parts]
    most = max((float(column.max()) for column in columns if len(column)), default=0.0)
    top = max(chart.top, most) * ROOM or 1.0
    colors = (tokens.accent, tokens.faint)
    thin = _thinned(len(x), size.width())
    strokes = [Stroke(x[thin], column[thin], color, fine=True) for column, color in zip(columns, colors, strict=False)]
    return Picture(
        0.0,
        high,
        0.0,
        top,
        x_ticks("relative", 0.0, high, size.width() / TICK_WIDTH, log=False),
        linear_ticks(0.0, top, min(size.height() / TICK_HEIGHT, MOST_TICKS)),
        strokes=strokes[::-1],
    )


def nearest(usage: Usage, time: float) -> int | None:
    """The row that is nearest to a time; `None` without one."""
    return int(np.abs(usage.times - time).argmin()) if len(usage) else None


def _thinned(count: int, width: float) -> slice:
    """Every so many rows, so that there are some for each pixel: of loads, no single one matters."""
    return slice(None, None, max(1, int(count // max(width * 2, 1))))
