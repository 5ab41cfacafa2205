"""Charts as pictures and as tables: into files, and onto the clipboard."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TextIO

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QTextDocument
from PySide6.QtSvg import QSvgGenerator

from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.charts.picture import paint
from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.record import SeriesKey

if TYPE_CHECKING:
    from niceml_gui.workspaces.runs.charts.chart import Chart

HEADER = 34.0  #: pixels above the plot
PORTION = 2000  #: rows of a table between two looks at the clock
SLICE = 0.012  #: seconds of work between two turns of the event loop
Placed = Sequence[tuple["Chart", QRect]]  #: charts, and where each lies in a picture


def paint_card(painter: QPainter, area: QRectF, chart: Chart) -> None:
    """Paints a whole chart, as large as is wanted."""
    tokens = theme().tokens
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.setBrush(QColor(tokens.panel))
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(style.font(weight=QFont.Weight.DemiBold))
    painter.setPen(QColor(tokens.text))
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(QRectF(area.left() + 12, area.top(), area.width() - 24, HEADER), middle, chart.title.text())
    last = QTextDocument()
    last.setDefaultFont(style.font())
    last.setHtml(chart.last.text())
    painter.save()
    painter.translate(QPointF(area.right() - 12 - last.idealWidth(), area.top() + (HEADER - last.size().height()) / 2))
    last.drawContents(painter)
    painter.restore()
    plot = area.adjusted(0, HEADER, -8, -4)
    paint(painter, plot, chart.picture(plot), tokens)


def image_of(placed: Placed, size: QSize, ratio: float) -> QImage:
    """Charts as a picture.

    Args:
        placed: The charts.
        size: Of the whole.
        ratio: Pixels of the picture for each of these.
    """
    image = QImage(size * ratio, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(theme().tokens.background))
    painter = QPainter(image)
    for chart, place in placed:
        paint_card(painter, QRectF(place), chart)
    painter.end()
    return image


def save_picture(placed: Placed, size: QSize, file: str, ratio: float = 1.0) -> bool:
    """Saves charts as SVG or, by any other ending, as a picture of pixels.

    Returns:
        Whether the file could be written.
    """
    if not file.lower().endswith(".svg"):
        return image_of(placed, size, ratio).save(file)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the smaller SVG of the default cannot clip
    generator.setFileName(file)
    generator.setResolution(96)  # else text is scaled as if for a printer
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(", ".join(chart.title.text() for chart, _ in placed))
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(QRect(0, 0, size.width(), size.height()), QColor(theme().tokens.background))
    for chart, place in placed:
        paint_card(painter, QRectF(place), chart)
    painter.end()
    return True


def table(shown: Sequence[Shown], metrics: Sequence[str]) -> Iterator[str]:
    """All points of some metrics as CSV, in the order of time, in portions of some thousand lines.

    Values that are not finite stand as `nan`, `inf`, `-inf`. One metric has a column of its name; of several, each line
    names its own. Of several runs, each line names the run; where one was attempted again, also in which attempt.
    """
    several, many = len(metrics) != 1, len(shown) > 1
    retried = any(one.record.retried for one in shown)
    head = ["step", "epoch", "seconds", "split", "level", *(("metric", "value") if several else metrics)]
    yield ",".join([*["run"] * many, *["attempt"] * retried, *head]) + "\n"
    for metric in metrics:
        for one in shown:
            for lines in _lines(one, metric, attempts=retried):
                before = f"{one.name or one.run}," if many else ""
                yield "".join(
                    f"{before}{start},{metric},{value}\n" if several else f"{before}{start},{value}\n"
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
        ends = [(mark.step, mark.time, mark.kind) for mark in series.marks]
        ends += [(mark.last_step, mark.last_time, mark.kind) for mark in series.marks if mark.count > 1]
        steps += [series.steps, np.array([end[0] for end in ends])]
        times += [series.times, np.array([end[1] for end in ends])]
        values += [series.values.view, np.array([float(end[2]) for end in ends])]
        which.append(np.full(len(series) + len(ends), place))
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
                f"{step:.0f},{epoch:.4g},{time:.3f},{keys[place].split},{keys[place].level}",
                repr(value),
            )
            for step, epoch, time, place, value, number in zip(
                *(column[rows].tolist() for column in columns), strict=True
            )
        ]


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
