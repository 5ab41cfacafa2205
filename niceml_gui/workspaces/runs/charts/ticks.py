"""Where an axis is labelled, and with what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from niceml_gui import words
from niceml_gui.workspaces.runs.charts.view import Axis

Ticks = Sequence[tuple[float, str]]  #: place on the axis, label

LONGEST = 7  #: letters for which there is room beside a chart
_DAY = 86_400
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, _DAY)


def linear_ticks(low: float, high: float, count: float, least: float = 0.0) -> Ticks:
    """Round places, a multiple of 1, 2 or 5 apart.

    Args:
        low: Where the axis begins.
        high: Where it ends.
        count: About how many labels are wanted.
        least: How far apart they are at least: 1 where there is nothing between whole numbers.
    """
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return []
    wished = span / max(count, 1.0)
    unit = 10.0 ** math.floor(math.log10(wished))
    step = min((unit * many for many in (1, 2, 5, 10)), key=lambda step: abs(math.log(step / wished)))
    step = max(step, least)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(place * step, _label(place * step, step)) for place in range(first, last + 1)]


def log_ticks(low: float, high: float, count: float, least: float = 0.0) -> Ticks:
    """Round places on a logarithmic axis, of which decimal logarithms are given and returned."""
    decades = high - low
    if not (decades > 0 and math.isfinite(decades)):
        return []
    if decades < 0.7:  # so little that it looks almost linear
        ticks = linear_ticks(10.0**low, 10.0**high, count, least)
        return [(math.log10(value), label) for value, label in ticks if value > 0]
    if decades > count / 2:
        every = max(1, math.ceil(decades / max(count, 1.0)))
        first = math.ceil(low / every - 1e-9) * every
        return [(float(power), _power(power)) for power in range(first, math.floor(high + 1e-9) + 1, every)]
    places = [
        (power + math.log10(digit), digit * 10.0**power)
        for power in range(math.floor(low), math.ceil(high) + 1)
        for digit in (1, 2, 5)
    ]
    return [(place, _label(value, value)) for place, value in places if low <= place <= high]


def wall_ticks(low: float, high: float, count: float) -> Ticks:
    """Round times of day, local; the date where a day begins.

    Args:
        low: Where the axis begins, in seconds since the epoch.
        high: Where it ends.
        count: About how many labels are wanted.
    """
    wished = (high - low) / max(count, 1.0)
    if not (wished > 0 and math.isfinite(wished)):
        return []
    step: float = min(_STEPS, key=lambda step: abs(math.log(step / wished)))
    if wished > _DAY:
        step = math.ceil(wished / _DAY) * _DAY
    begin = datetime.fromtimestamp(low)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    since = math.ceil((begin - midnight).total_seconds() / step) * step
    ticks = []
    for number in range(round((high - low) / step) + 2):
        moment = midnight + timedelta(seconds=since + number * step)
        place = moment.timestamp()
        if low <= place <= high:
            ticks.append((place, _moment(moment, step)))
    return ticks


def x_ticks(axis: Axis, low: float, high: float, count: float, *, log: bool) -> Ticks:
    """The labels of a horizontal axis."""
    if axis == "wall":
        return wall_ticks(low, high, count)
    least = 1.0 if axis == "step" else 0.0
    if log:
        return log_ticks(low, high, count, least)
    if axis == "relative" and high - low > 2:
        return words.clock_ticks(low, high, count)
    return linear_ticks(low, high, count, least)


def y_ticks(low: float, high: float, count: float, *, log: bool) -> Ticks:
    """The labels of a vertical axis: as many as are wanted, or fewer where they would be too long."""
    ticks: Ticks = ()
    for fewer in (1, 2, 4, 8):
        ticks = (log_ticks if log else linear_ticks)(low, high, count / fewer)
        if all(len(label) <= LONGEST for _, label in ticks):
            break
    return ticks


def _moment(moment: datetime, step: float) -> str:
    if step < 1:
        return f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"
    if not (moment.hour or moment.minute or moment.second):
        return f"{moment.day} {moment:%b}"
    return f"{moment:%H:%M:%S}" if step < 60 else f"{moment:%H:%M}"


def _label(value: float, step: float) -> str:
    """A label with as many digits as places of that distance need."""
    if value == 0 or abs(value) < step / 1000:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-4:
        digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(step)))
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", words.MINUS)
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}".replace("-", words.MINUS)


def _power(power: int) -> str:
    return f"{10.0**power:g}" if -3 <= power <= 4 else f"1e{power}".replace("-", words.MINUS)
