"""Charts as pictures and as tables, and the menu that offers them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QWidget

from niceml_gui.workspaces.runs.record import RunRecord

if TYPE_CHECKING:
    from niceml_gui.workspaces.runs.chart import Chart


def table(record: RunRecord, metric: str) -> str:
    """All points of a metric as CSV, in the order of time; values that are not finite stand as `nan`, `inf`, `-inf`."""
    rows: list[tuple[float, str, str, float, float, str]] = []
    last = record.last_step
    for key, series in record.series.items():
        if key.metric != metric:
            continue
        epochs = record.epochs.to_epochs(series.steps.view, last)
        for step, epoch, time, value in zip(
            series.steps.view, epochs, series.times.view, series.values.view, strict=True
        ):
            rows.append((float(time), key.split, key.level, float(step), float(epoch), repr(float(value))))
        for mark in series.marks:
            epoch = float(record.epochs.to_epochs(np.array([mark.step]), last)[0])
            rows.append((mark.time, key.split, key.level, mark.step, epoch, mark.kind))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("step", "epoch", "seconds", "split", "level", metric))
    for time, split, level, step, epoch, value in sorted(rows, key=lambda row: row[0]):
        writer.writerow((f"{step:.0f}", f"{epoch:.4g}", f"{time - record.started:.3f}", split, level, value))
    return out.getvalue()


def save_picture(widget: QWidget, file: str) -> bool:
    """Saves a widget as it looks, as SVG or, by any other ending, as a picture at the resolution of the screen.

    Returns:
        Whether the file could be written.
    """
    if not file.lower().endswith(".svg"):
        return widget.grab().save(file)
    generator = QSvgGenerator()
    generator.setFileName(file)
    generator.setResolution(widget.logicalDpiX())  # else text is scaled as if for a printer
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    generator.setTitle(widget.accessibleName())
    painter = QPainter()
    if not painter.begin(generator):
        return False
    widget.render(painter, QPoint())
    painter.end()
    return True


class ChartMenu(QMenu):
    """What can be done with one chart.

    Args:
        chart: The chart; its `log` is switched by the menu, the rest of what it offers is for the pane to do.
        record: What the chart shows.
        alone: Whether the chart is shown alone.
    """

    def __init__(self, chart: Chart, record: RunRecord, *, alone: bool) -> None:
        super().__init__(chart)
        self._chart, self._record = chart, record
        self.log = self.addAction("Logarithmic")
        self.log.setCheckable(True)
        self.log.setChecked(chart.log)
        self.log.toggled.connect(self._set_log)
        self.alone = self.addAction("Show alone")
        self.alone.setCheckable(True)
        self.alone.setChecked(alone)
        self.fit = self.addAction("Reset zoom")
        self.addSeparator()
        self._add("Save as PNG…", lambda: self._save("png"))
        self._add("Save as SVG…", lambda: self._save("svg"))
        self._add("Save as CSV…", lambda: self._save("csv"))
        self._add("Copy picture and table", self._copy)
        self.aboutToHide.connect(self.deleteLater)

    def _add(self, text: str, do: Callable[[], None]) -> None:
        self.addAction(text).triggered.connect(lambda: do())

    def _set_log(self, on: bool) -> None:
        self._chart.log = on

    def _save(self, ending: str) -> None:
        proposed = f"{self._chart.quantity.replace(' ', '_')}.{ending}"
        file, _ = QFileDialog.getSaveFileName(self._chart, "Save chart", proposed, f"*.{ending}")
        if not file:
            return
        path = Path(file).with_suffix(f".{ending}")
        try:
            if ending == "csv":
                path.write_text(table(self._record, self._chart.quantity))
            elif not save_picture(self._chart, str(path)):
                raise OSError("the folder cannot be written")
        except OSError as error:
            QMessageBox.warning(self._chart, "Save chart", f"{path} was not saved: {error.strerror or error}")

    def _copy(self) -> None:
        data = QMimeData()
        data.setImageData(self._chart.grab().toImage())
        data.setText(table(self._record, self._chart.quantity))
        QApplication.clipboard().setMimeData(data)
