"""What was measured in a run: its curves, and where on them something happened. Plain numpy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from niceml_engine.columns import Columns
from niceml_engine.events import Every
from niceml_gui.workspaces.runs.charts.growing import Floats, Ints
from niceml_gui.workspaces.runs.charts.series import EpochScale, Series, Track

Split = Literal["train", "validation"]


class SeriesKey(NamedTuple):
    """Which curve: the metric without `val_`, the level at which it was measured, and on which data."""

    metric: str
    level: Every
    split: Split


@dataclass(kw_only=True)
class Measured:
    """The curves of a run.

    Attributes:
        first: When the first row was written: of a run that continues another one, by that.
        time: When the last row was.
        series: The curves, in the order in which they appeared.
        tracks: Where all rows stand that measured something, of batches and of epochs.
        epochs: Turns steps into epochs.
        reached: How far what was measured has come, in words; empty before.
        measured_by: The op that measured it.
    """

    first: float = 0.0
    time: float = 0.0
    series: dict[SeriesKey, Series] = field(default_factory=dict)
    tracks: dict[Every, Track] = field(default_factory=dict)
    epochs: EpochScale = field(default_factory=EpochScale)
    reached: str = ""
    measured_by: str = ""
    _by_name: dict[tuple[str, Every], Series] = field(default_factory=dict)
    _by_steps: bool = False
    _goes_on: bool = False  # from a checkpoint; nothing was measured since

    @property
    def unit(self) -> str:
        """What is counted: `step`, or `epoch` where a program of a project's own tells of nothing else."""
        return "epoch" if self.tracks and not self._by_steps else "step"

    @property
    def last_step(self) -> float:
        """The highest step of any curve; 0 without one."""
        return max((float(track.steps.view[-1]) for track in self.tracks.values() if len(track)), default=0.0)

    @property
    def last_time(self) -> float:
        """When the last row of any curve was measured; 0 without one."""
        return max((float(track.times.view[-1]) for track in self.tracks.values() if len(track)), default=0.0)

    def step_at(self, time: float) -> float:
        """The last step that was trained by a time; 0 before the first."""
        track = self.tracks.get("batch") or self.tracks.get("epoch") or Track()
        place = int(np.searchsorted(track.times.view, time, "right"))
        return float(track.steps.view[place - 1]) if place else 0.0

    def measure(self, tables: Sequence[Columns], after: int, again: Sequence[int] = ()) -> None:
        """Takes up what was measured in the rows after one.

        Args:
            tables: What was measured.
            after: The number of that row.
            again: The numbers of rows with which a training goes on from a checkpoint; steps that it trains once more
                replace the former ones.
        """
        for begin, end in pairwise((after, *again, sys.maxsize)):
            self._goes_on |= begin in again
            parts = [(columns, part) for columns in tables if (part := _between(columns, begin, end)) is not None]
            if self._goes_on and parts:
                columns, part = min(parts, key=lambda one: int(_numbers(one[0])[one[1].start]))
                self._take_back(float(_steps(columns)[part.start]))
                self._goes_on = False
            for columns, part in parts:
                self._measure(columns, part)

    def _take_back(self, step: float) -> None:
        """Drops what was measured from a step on."""
        for level, track in self.tracks.items():
            count = track.before(step)
            if count == len(track):
                continue
            self.tracks[level] = kept = track.beginning(count)
            for (name, of), series in self._by_name.items():
                if of == level:
                    self._by_name[name, level] = self.series[_key(name, level)] = series.before(step, track, kept)

    def _measure(self, columns: Columns, part: slice) -> None:
        steps = _steps(columns)[part].astype(float)
        times = np.frombuffer(columns.times, "<f8")[part]
        self._note_time(float(times[0]))
        self._note_time(float(times[-1]))
        track = self.tracks.setdefault(columns.level, Track())
        start = len(track)
        track.extend(steps, times)
        for name, column in columns.named.items():
            values, rows = np.frombuffer(column.values, "<f8"), None
            if len(column.rows):
                rows = np.frombuffer(column.rows, "<i4")
                inside = (rows >= part.start) & (rows < part.stop)
                values, rows = values[inside], rows[inside] - part.start
            else:
                values = values[part]
            if len(values):
                series = self._by_name.get((name, columns.level))
                if series is None:
                    series = self._by_name[name, columns.level] = self.series[_key(name, columns.level)] = Series()
                series.extend(track, start, values, rows)
        self.measured_by = columns.op
        epochs = np.frombuffer(columns.epochs, "<i8")[part]
        epoch = int(epochs[-1])
        self.reached = f"epoch {epoch}" if columns.level == "epoch" or epoch else f"step {steps[-1]:.0f}"
        self._by_steps |= columns.level == "batch" or not np.array_equal(epochs, steps)
        self._count_epochs(columns.level, epochs, steps)

    def _note_time(self, time: float) -> None:
        self.first = min(self.first, time) if self.first else time
        self.time = max(self.time, time)

    def _count_epochs(self, level: Every, epochs: Ints, steps: Floats) -> None:
        if level == "epoch":
            for epoch, step in zip(epochs.tolist(), steps.tolist(), strict=True):
                self.epochs.ended(epoch, step)
            return
        for place in np.flatnonzero(np.diff(epochs, prepend=-1)):
            self.epochs.ended(float(epochs[place] - 1), float(steps[place] - 1))


def _key(name: str, level: Every) -> SeriesKey:
    return SeriesKey(name.removeprefix("val_"), level, "validation" if name.startswith("val_") else "train")


def _numbers(columns: Columns) -> NDArray[np.int64]:
    return np.frombuffer(columns.seqs, "<i8")


def _steps(columns: Columns) -> NDArray[np.int64]:
    return np.frombuffer(columns.steps, "<i8")


def _between(columns: Columns, after: int, last: int) -> slice | None:
    """Which rows of a table have numbers after one and up to another; `None`: none."""
    start, stop = np.searchsorted(_numbers(columns), (after, last), "right").tolist()
    return slice(start, stop) if stop > start else None
