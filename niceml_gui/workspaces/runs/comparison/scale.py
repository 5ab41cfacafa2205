"""Where the values of a column stand on an axis: numbers by their size, texts one after the other. No widget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from niceml_gui import metrics, words
from niceml_gui.workspaces.runs.charts.ticks import Ticks, linear_ticks, log_ticks
from niceml_gui.workspaces.runs.comparison.grid import Value, name_of, order_of, shown

DECADES = 1.0  #: numbers over as many of them, or more, are shown by their logarithm
MOST = 12  #: different texts, or different numbers of a config, that are labelled each
ROOM = 0.06  #: beside the outermost numbers


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of a column.

    Attributes:
        column: Its name.
        low: The number at its beginning; of a logarithmic one, its logarithm.
        high: The number at its end.
        log: Whether it is logarithmic.
        texts: What stands on it, if it is not for numbers; in order.
        ticks: What is labelled: places from 0 to 1, and words.
    """

    column: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    texts: tuple[str, ...] = ()
    ticks: Ticks = ()

    def titled(self, title: str) -> str:
        """What stands beside the axis, of a column with a title."""
        return f"{title} (log)" if self.log else title

    def place(self, value: Value) -> float | None:
        """Where a value stands, from 0 to 1; none for what has no place on the axis."""
        if self.texts:
            text = words.NONE if value is None else shown(self.column, value)
            return _slot(self.texts.index(text), len(self.texts)) if text in self.texts else None
        if not isinstance(value, float) or not math.isfinite(value):
            return None
        if self.log:
            if value <= 0:
                return None
            value = math.log10(value)
        return (value - self.low) / (self.high - self.low)


def scale_of(column: str, values: Sequence[Value], count: float = 6.0) -> Scale:
    """The axis for the values of a column.

    Args:
        column: Its name.
        values: All that are to stand on it.
        count: About how many labels there is room for.
    """
    numbers = sorted({value for value in values if isinstance(value, float) and math.isfinite(value)})
    others = [value for value in values if isinstance(value, str)]
    config = name_of(column).space == "config"
    if not numbers or others:
        return _of_texts(column, values)
    grows = config or metrics.is_small_good(name_of(column).key)  # other metrics are parts of 1
    log = grows and numbers[0] > 0 and math.log10(numbers[-1] / numbers[0]) > DECADES - 1e-9
    ends = (math.log10(numbers[0]), math.log10(numbers[-1])) if log else (numbers[0], numbers[-1])
    room = (ends[1] - ends[0]) * ROOM or abs(ends[0]) * 0.1 or 0.5
    low, high = ends[0] - room, ends[1] + room
    if config and len(numbers) <= MOST:  # what was chosen is labelled as it was
        at = [(math.log10(value) if log else value, shown(column, value)) for value in numbers]
    elif name_of(column).kind == "span":
        at = words.clock_ticks(max(low, 0.0), high, count)
    else:
        at = list((log_ticks if log else linear_ticks)(low, high, count))
    ticks = tuple(((value - low) / (high - low), text) for value, text in at)
    return Scale(column, low, high, log, (), ticks)


def _of_texts(column: str, values: Sequence[Value]) -> Scale:
    seen = {words.NONE if value is None else shown(column, value): value for value in values}
    texts = tuple(sorted(seen, key=lambda text: (text == words.NONE, order_of(seen[text]))))
    step = max(1, math.ceil(len(texts) / MOST))
    ticks = tuple((_slot(place, len(texts)), text) for place, text in enumerate(texts) if place % step == 0)
    return Scale(column, texts=texts or ("",), ticks=ticks)


def _slot(place: int, count: int) -> float:
    return (place + 0.5) / count
