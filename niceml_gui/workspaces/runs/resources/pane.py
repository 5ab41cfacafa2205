"""The pane with the charts of what a run takes of its machine."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget

from niceml_gui.widgets.basics import Empty, Painted
from niceml_gui.workspaces.runs.resources.chart import ResourceChart
from niceml_gui.workspaces.runs.resources.lines import charts_of
from niceml_gui.workspaces.runs.usage import Usage

WIDE = 640  #: pixels from which on two charts have room beside each other


class ResourcesPane(QStackedWidget):
    """CPU and memory of the run and its machine, and of each GPU, with one crosshair."""

    wanted = Signal()  #: it is in view, and is to show what the run takes

    def __init__(self) -> None:
        super().__init__()
        self.charts: list[ResourceChart] = []
        self.empty = Empty("Nothing measured yet", "What the run takes of CPU, memory and GPUs appears here.")
        self._board = Painted()
        self._board.setProperty("role", "canvas")
        self._grid = QGridLayout(self._board)
        self._grid.setContentsMargins(12, 12, 12, 12)
        self._grid.setSpacing(10)
        self.addWidget(self.empty)
        self.addWidget(self._board)

    def show_usage(self, usage: Usage, begin: float, end: float) -> None:
        """Shows what is known, from the beginning to the end (seconds since the epoch)."""
        shown = charts_of(usage)
        while len(self.charts) < len(shown):
            self._add()
        for chart, what in zip(self.charts, shown, strict=False):
            chart.show_chart(what, usage, begin, end)
        for number, chart in enumerate(self.charts):
            chart.setVisible(number < len(shown))
        self.setCurrentIndex(int(bool(shown)))

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for what the run takes."""
        super().showEvent(event)
        self.wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts charts beside each other where there is room."""
        super().resizeEvent(event)
        self._arrange()

    def _add(self) -> None:
        chart = ResourceChart()
        chart.hovered.connect(self._point)
        self.charts.append(chart)
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= WIDE else 1
        for number, chart in enumerate(self.charts):
            self._grid.addWidget(chart, number // columns, number % columns)
        self._grid.setRowStretch(len(self.charts), 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)

    def _point(self, seconds: float) -> None:
        for chart in self.charts:
            chart.set_at(seconds)
