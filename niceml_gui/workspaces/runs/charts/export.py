"""What charts show as a table, written a slice at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TextIO

import numpy as np
from PySide6.QtCore import QObject, QTimer

from niceml_gui.workspaces.runs.charts.series import Mark, Track
from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.measured import SeriesKey

PORTION = 2000  #: rows of a table between two looks at the clock
SLICE = 0.012  #: seconds of work between two turns of the event loop


def table(shown: Sequence[Shown], metrics: Sequence[str]) -> Iterator[str]:
    """All points of some metrics as CSV, in the order of time, in portions of some thousand lines.

    Values that are not finite stand as `nan`, `inf`, `-inf`. One metric has a column of its name; of several, each line
    names its own. Of several runs, each line names the run; where one was attempted again, also in which attempt.
    """
    several, many = len(metrics) != 1, len(shown) > 1
    retried = any(one.record.retried for one in shown)
    head = ["step", "epoch", "seconds", "split", "level", *(("metric", "value") if several else metrics)]
    yield ",".join([*["run"] * many, *["attempt"] * retried, *map(_cell, head)]) + "\n"
    for metric in metrics:
        for one in shown:
            for lines in _lines(one, metric, attempts=retried):
                before, name = f"{_cell(one.name or one.run)}," if many else "", _cell(metric)
                yield "".join(
                    f"{before}{start},{name},{value}\n" if several else f"{before}{start},{value}\n"
                    for start, value in lines
                )


def _lines(shown: Shown, metric: str, *, attempts: bool) -> Iterator[list[tuple[str, str]]]:
    """Lines of a metric of a run, in portions: what stands before the value, and the value."""
    record = shown.record
    keys: list[SeriesKey] = [key for key in record.series if key.metric == metric]
    if not keys:
        return
    steps, times, values, which = [], [], [], []
    for place, key in enumerate(keys):
        series = record.series[key]
        odd = [(*one, float(mark.kind)) for mark in series.marks for one in _marked(mark, record.tracks[key.level])]
        odd_steps, odd_times, odd_values = np.array(odd, float).reshape(-1, 3).T
        steps += [series.steps, odd_steps]
        times += [series.times, odd_times]
        values += [series.values.view, odd_values]
        which.append(np.full(len(series) + len(odd), place))
    all_steps, all_times, all_values = np.concatenate(steps), np.concatenate(times), np.concatenate(values)
    all_which = np.concatenate(which)
    order = np.argsort(all_times, kind="stable")
    epochs = record.epochs.to_epochs(all_steps, record.last_step)
    tries = 1 + np.searchsorted(record.retried, all_times, "right")
    for start in range(0, len(order), PORTION):
        rows = order[start : start + PORTION]
        columns = (all_steps, epochs, all_times - record.measured_from, all_which, all_values, tries)
        yield [
            (
                f"{f'{number},' if attempts else ''}"
                f"{step:.0f},{epoch:.10g},{time:.6f},{keys[place].split},{keys[place].level}",
                repr(value),
            )
            for step, epoch, time, place, value, number in zip(
                *(column[rows].tolist() for column in columns), strict=True
            )
        ]


def _marked(mark: Mark, track: Track) -> list[tuple[float, float]]:
    """Step and time of each value that a mark stands for; where others were measured between, of its ends."""
    times = track.times.view
    rows = slice(np.searchsorted(times, mark.time), np.searchsorted(times, mark.last_time, "right"))
    if len(times[rows]) == mark.count:
        return list(zip(track.steps.view[rows].tolist(), times[rows].tolist(), strict=True))
    return list(dict.fromkeys([(mark.step, mark.time), (mark.last_step, mark.last_time)]))


def _cell(text: str) -> str:
    """A text as a cell of CSV, quoted only where it has to be."""
    return text if not set(text) & set(',"\r\n') else '"' + text.replace('"', '""') + '"'


class Writing(QObject):
    """Writes a table, a slice at a time, so that the window never waits.

    Args:
        portions: What to write.
        done: Gets the text if there is no file, and why it failed, empty if it did not.
        path: The file, which is there once all of it is written; without one the text is only made.
        parent: The Qt parent.
    """

    def __init__(
        self, portions: Iterator[str], done: Callable[[str, str], object], path: Path | None, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._portions = portions
        self._done = done
        self._path = path
        self._part = path.with_name(f".{path.name}.part") if path is not None else None
        self._sink: TextIO | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._timer.start(0)
        self._go_on()

    @property
    def busy(self) -> bool:
        """Whether there is more to write."""
        return self._timer.isActive()

    def close(self) -> None:
        """Gives up, if it has not ended."""
        self._end()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def _go_on(self) -> None:
        begin = perf_counter()
        try:
            if self._sink is None:
                self._sink = io.StringIO() if self._part is None else self._part.open("w", encoding="utf-8")
            while (portion := next(self._portions, None)) is not None:
                self._sink.write(portion)
                if perf_counter() - begin > SLICE:
                    return
            self._finish(self._sink)
        except OSError as error:
            self.close()
            self._done("", f"{self._path} was not saved: {error.strerror or error}")

    def _finish(self, sink: TextIO) -> None:
        text = sink.getvalue() if isinstance(sink, io.StringIO) else ""
        self._end()
        if self._part is not None and self._path is not None:
            self._part.replace(self._path)
        self._done(text, "")

    def _end(self) -> None:
        self._timer.stop()
        if self._sink is not None:
            self._sink.close()
            self._sink = None
        self.deleteLater()
