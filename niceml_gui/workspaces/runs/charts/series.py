"""The points of one metric, and where they stand: at which step, at what time, in which epoch. Plain numpy.

Series that are measured together share their steps and times. A point then costs some 10 bytes with its part of the
extremes, and 26 where it stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niceml_gui.workspaces.runs.charts.growing import Extremes, Floats, Growing, Ints

KINDS = ("nan", "inf", "-inf")


class Track:
    """Steps and times of rows, in the order in which they were measured."""

    def __init__(self) -> None:
        self.steps = Growing()
        self.times = Growing()
        self.cuts: list[int] = []  #: rows before which the steps went back, as they do when an op trains again

    def __len__(self) -> int:
        return len(self.steps)

    def extend(self, steps: Floats, times: Floats) -> None:
        """Adds rows."""
        if not len(steps):
            return
        count = len(self)
        before = self.steps.view[-1] if count else steps[0]
        backward = np.flatnonzero(np.diff(steps, prepend=before) < 0)
        self.cuts += [count + int(place) for place in backward]
        latest = self.times.view[-1] if count else times[0]
        self.steps.extend(steps)
        self.times.extend(np.maximum.accumulate(np.maximum(times, latest)))  # clocks may be set back; the axis may not

    def before(self, step: float) -> int:
        """How many rows there are before a step, but for those that were measured before the steps last went back."""
        start = self.cuts[-1] if self.cuts else 0
        return start + int(np.searchsorted(self.steps.view[start:], step))

    def beginning(self, count: int) -> Track:
        """A track of its own with the first rows of this one."""
        made = Track()
        made.extend(self.steps.view[:count], self.times.view[:count])
        return made


@dataclass(frozen=True, slots=True)
class Mark:
    """One or more values in a row that were not finite.

    Attributes:
        index: How many finite points of the series come before.
        kind: `nan`, `inf` or `-inf`.
        step: Where it began, in batches.
        time: When it began, in seconds since the epoch.
        last_step: Where it ended.
        last_time: When it ended.
        count: How many values in a row.
    """

    index: int
    kind: str
    step: float
    time: float
    last_step: float
    last_time: float
    count: int = 1


class Marks:
    """Where a series was not finite, in columns, since there may be as many as points."""

    def __init__(self) -> None:
        self._columns = tuple(Growing() for _ in range(7))

    def __len__(self) -> int:
        return len(self._columns[0])

    def __iter__(self) -> Iterator[Mark]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Mark:
        index, kind, step, time, last_step, last_time, count = (float(one.view[place]) for one in self._columns)
        return Mark(int(index), KINDS[int(kind)], step, time, last_step, last_time, int(count))

    @property
    def breaks(self) -> Ints:
        """Before which finite points the line is broken, in order."""
        return self._columns[0].view.astype(np.intp)

    def spans(self, *, by_time: bool) -> tuple[Floats, Floats]:
        """Where each mark begins and ends, in steps or in seconds since the epoch."""
        first, last = (self._columns[3], self._columns[5]) if by_time else (self._columns[2], self._columns[4])
        return first.view, last.view

    def before(self, index: int, step: float) -> Marks:
        """Those before a finite point and a step, as marks of their own."""
        indices, _, steps, *_ = (column.view for column in self._columns)
        count = int(((indices < index) | ((indices == index) & (steps < step))).sum())
        made = Marks()
        for column, own in zip(made._columns, self._columns, strict=True):
            column.extend(own.view[:count])
        return made

    def extend(self, index: int, finite: NDArray[np.bool_], values: Floats, steps: Floats, times: Floats) -> None:
        """Notes values that are not finite.

        Args:
            index: How many finite points come before all of these.
            finite: Which values are finite.
            values: What was measured, finite or not.
            steps: Where.
            times: When.
        """
        bad = np.flatnonzero(~finite)
        kinds = np.where(np.isnan(values[bad]), 0, np.where(values[bad] > 0, 1, 2))
        apart, other = np.diff(bad, prepend=-2) > 1, np.diff(kinds, prepend=kinds[0]) != 0
        begins = np.flatnonzero(apart | other)
        ends = np.append(begins[1:], len(bad)) - 1
        indices = index + np.cumsum(finite)[bad[begins]]
        counts = ends - begins + 1
        place = len(self) - 1
        if place >= 0 and self._columns[0].view[place] == indices[0] and self._columns[1].view[place] == kinds[0]:
            ended = bad[ends[0]]
            for column, value in ((4, steps[ended]), (5, times[ended])):
                self._columns[column].view[place] = value
            self._columns[6].view[place] += counts[0]
            begins, ends, indices, counts = begins[1:], ends[1:], indices[1:], counts[1:]
        first, last = bad[begins], bad[ends]
        found = (indices, kinds[begins], steps[first], times[first], steps[last], times[last], counts)
        for column_, values_ in zip(self._columns, found, strict=True):
            column_.extend(values_.astype(float))


class Series:
    """The finite points of one metric at one level, and marks where it was not finite."""

    def __init__(self) -> None:
        self.track = Track()
        self.values = Growing()
        self.extremes = Extremes(self.values)
        self.marks = Marks()

    def __len__(self) -> int:
        return len(self.values)

    def before(self, step: float, shared: Track, kept: Track) -> Series:
        """A series of its own with the points before a step, as of `Track.before`.

        Args:
            step: The step.
            shared: A track that several series may share.
            kept: The rows of it that are before the step.
        """
        made, count = Series(), min(self.track.before(step), len(self))
        made.track = kept if self.track is shared else self.track.beginning(count)
        made.values.extend(self.values.view[:count])
        made.marks = self.marks.before(count, step)
        return made

    @property
    def steps(self) -> Floats:
        """At which step each point was measured; not valid after the next rows."""
        return self.track.steps.view[: len(self)]

    @property
    def times(self) -> Floats:
        """When each point was measured, in seconds since the epoch; not valid after the next rows."""
        return self.track.times.view[: len(self)]

    @property
    def cuts(self) -> list[int]:
        """Points before which the steps went back."""
        return [cut for cut in self.track.cuts if cut < len(self)]

    @property
    def last(self) -> float | None:
        """The latest finite value."""
        return float(self.values.view[-1]) if len(self.values) else None

    @property
    def broken(self) -> str:
        """How the latest value was not finite; empty if it was."""
        mark = self.marks[len(self.marks) - 1] if len(self.marks) else None
        return mark.kind if mark and mark.index == len(self) else ""

    def extend(self, track: Track, start: int, values: Floats, rows: NDArray[np.int32] | None = None) -> None:
        """Takes up what was measured in the rows of a track from `start` to its end.

        The track is shared as long as something finite was measured in each of its rows.

        Args:
            track: Where the rows stand.
            start: The first of the rows.
            values: What was measured, finite or not.
            rows: In which of them, counted from `start`; `None`: in all.
        """
        finite = np.isfinite(values)
        whole = rows is None and bool(finite.all())
        if whole and not start and not len(self) and not len(self.marks):
            self.track = track
        if whole and self.track is track and len(self) == start:
            self.values.extend(values)
            return
        if self.track is track:
            self.track = track.beginning(len(self))
        steps, times = track.steps.view[start:], track.times.view[start:]
        if rows is not None:
            steps, times = steps[rows], times[rows]
        if not finite.all():
            self.marks.extend(len(self), finite, values, steps, times)
            steps, times, values = steps[finite], times[finite], values[finite]
        self.track.extend(steps, times)
        self.values.extend(values)


class EpochScale:
    """Turns steps into epochs and back: epoch 2.5 is the middle of the third epoch."""

    def __init__(self) -> None:
        self._epochs = Growing()
        self._steps = Growing()
        self._epochs.append(0.0)
        self._steps.append(0.0)
        self.steps_per_epoch = 0  #: as announced, until an epoch has ended

    def ended(self, epoch: float, step: float) -> None:
        """Notes that an epoch ended at a step; what contradicts earlier notes is ignored."""
        if epoch > self._epochs.view[-1] and step > self._steps.view[-1]:
            self._epochs.append(epoch)
            self._steps.append(step)

    def to_epochs(self, steps: Floats, last_step: float) -> Floats:
        """Epochs of steps; `last_step` helps out while nothing is known about the length of an epoch."""
        epochs, ends = self._knots(last_step)
        return np.interp(steps, ends, epochs)

    def to_steps(self, epochs: Floats, last_step: float) -> Floats:
        """Steps of epochs."""
        knots, ends = self._knots(last_step)
        return np.interp(epochs, knots, ends)

    def _knots(self, last_step: float) -> tuple[Floats, Floats]:
        epochs, steps = self._epochs.view, self._steps.view
        if len(epochs) > 1:
            width = (steps[-1] - steps[-2]) / (epochs[-1] - epochs[-2])
        else:
            width = float(self.steps_per_epoch or max(last_step, 1))
        far = 1_000_000
        return (
            np.concatenate(([-far], epochs, [epochs[-1] + far])),
            np.concatenate(([-far * width], steps, [steps[-1] + far * width])),
        )
