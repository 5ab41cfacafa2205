"""All charts of a run: one per metric, with one x axis for all.

What has changed is drawn by one timer, at most some 15 times a second, and only while somebody can see it.
"""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.chart_export import ChartMenu
from niceml_gui.workspaces.runs.record import RunRecord
from niceml_gui.workspaces.runs.series import Axis

if TYPE_CHECKING:
    from niceml_gui.workspaces.runs.chart import Chart

FRAME = 0.066  #: seconds between two drawings
BUDGET = 0.04  #: seconds that one drawing may take before the rest of the charts waits for the next
CROWD = 8  #: more charts than this are drawn plainly
WIDE = 560  #: from this width on charts stand side by side
LOWEST = 150  #: pixels that a chart needs to be readable
FIRST = ("loss", "accuracy")
LAST = ("learning_rate", "step_ms")
AXES: tuple[Axis, ...] = ("step", "epoch", "time")


def order(metric: str) -> tuple[int, int, str]:
    """Where a metric's chart stands: loss and accuracy first, the learning rate and the step time last."""
    if metric in FIRST:
        return 0, FIRST.index(metric), metric
    if metric in LAST:
        return 2, LAST.index(metric), metric
    return 1, 0, metric


class Controls(QWidget):
    """Smoothing, x axis, logarithm and following, for all charts."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.smooth = QSlider(Qt.Orientation.Horizontal)
        self.smooth.setRange(0, 99)
        self.smooth.setValue(90)
        self.smooth.setFixedWidth(76)
        self.smooth.setAccessibleName("Smoothing")
        self.smooth.setToolTip("Weight of the moving average over batches; 0 shows the values as they are")
        self.smooth_label = QLabel()
        self.smooth_label.setProperty("role", "muted")
        self.smooth_label.setMinimumWidth(self.fontMetrics().horizontalAdvance("smooth 0.99 "))
        self.axis = QComboBox()
        for name in AXES:
            self.axis.addItem(f"x: {name}", name)
        self.axis.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.axis.setAccessibleName("Horizontal axis")
        self.axis.setToolTip("What the charts are drawn over")
        self.log = QCheckBox("log")
        self.log.setToolTip("Logarithmic vertical axis in all charts")
        self.follow = QCheckBox("follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("Show the whole run as it grows; zooming switches this off")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(10)
        for widget in (self.smooth_label, self.smooth, self.axis, self.log, self.follow):
            layout.addWidget(widget)
        self.smooth.valueChanged.connect(self._tell)
        self.log.toggled.connect(self._tell)
        self._tell()

    @property
    def smoothing(self) -> float:
        """Weight of the moving average, 0 to below 1."""
        return self.smooth.value() / 100

    @property
    def over(self) -> Axis:
        """The x axis."""
        return AXES[self.axis.currentIndex()]

    def _tell(self) -> None:
        self.smooth_label.setText(f"smooth {self.smoothing:.2f}")
        self.changed.emit()


class ChartsPane(QWidget):
    """The charts of one record.

    Args:
        parent: The Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.controls = Controls(self)
        self.charts: dict[str, Chart] = {}
        self.alone = ""  #: the metric whose chart is shown alone; empty: all
        self._record = RunRecord()
        self._range: tuple[float, float] | None = None  #: as zoomed; None: everything
        self.frame = FRAME  #: seconds between two drawings; more while there is a lot to read
        self._late: list[Chart] = []
        self._drawn = 0.0
        self._columns = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._draw)
        self._dirty = False

        self._empty = QLabel()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._inner = QWidget()
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(10, 10, 10, 10)
        self._grid.setSpacing(10)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._inner)
        scroll.setAccessibleName("Charts")
        for plain in (self._inner, scroll.viewport()):  # what lies behind them is seen
            plain.setAutoFillBackground(False)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(holder)
        self.controls.changed.connect(self.refresh)
        self.controls.axis.currentIndexChanged.connect(self.fit)
        self.controls.follow.toggled.connect(self._follow)
        theme().changed.connect(self._restyle)
        self.set_record(self._record, "")

    # ------------------------------------------------------------------------------------------ content

    def set_record(self, record: RunRecord, waiting: str) -> None:
        """Shows another record; `waiting` is what is said until it has a metric."""
        if record is not self._record:
            self._record = record
            self._range = None
            self.controls.follow.setChecked(True)
        self._empty.setText(waiting)
        self.refresh()

    def refresh(self) -> None:
        """Notes that the record has grown; it is drawn within a frame."""
        self._dirty = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start(round(max(0.0, self._drawn + self.frame - monotonic()) * 1000))

    def close_plots(self) -> None:
        """Takes all plots apart; called before the window goes."""
        self._timer.stop()
        self._late.clear()
        for chart in self.charts.values():
            self._grid.removeWidget(chart)
            chart.close_plot()
            chart.setParent(None)
            chart.deleteLater()
        self.charts.clear()

    def zoom(self, low: float, high: float) -> None:
        """Shows x from `low` to `high` in all charts, and stops following."""
        if not high - low > 1e-9:
            return
        self._range = (low, high)
        self.controls.follow.setChecked(False)
        self.refresh()

    def fit(self) -> None:
        """Shows everything again, and follows."""
        self._range = None
        for chart in self.charts.values():
            chart.y_range = None
        self.controls.follow.setChecked(True)
        self.refresh()

    # ------------------------------------------------------------------------------------------ Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Draws what came while nobody looked."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops drawing."""
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the charts side by side or below each other."""
        super().resizeEvent(event)
        self._arrange()
        self.refresh()

    # ------------------------------------------------------------------------------------------ drawing

    def _draw(self) -> None:
        from niceml_gui.workspaces.runs.curve import View

        self._drawn = monotonic()
        if self._dirty:
            self._dirty = False
            self._make_charts()
            self._late = [self.charts[metric] for metric in self._shown()]
        self._stack.setCurrentIndex(1 if self._record.series else 0)
        low, high = self._whole() if self._range is None else self._range
        view = View(
            self.controls.over,
            low,
            high,
            self.controls.smoothing,
            self.controls.log.isChecked(),
            len(self._shown()) > CROWD,
        )
        while self._late and monotonic() - self._drawn < BUDGET:
            self._late.pop(0).draw(self._record, view)
        if self._late or self._dirty:
            self._timer.start(round(self.frame * 1000))

    def _whole(self) -> tuple[float, float]:
        from niceml_gui.workspaces.runs.curve import positions

        series = [series for series in self._record.series.values() if len(series)]
        ends = [positions(one, self._record, self.controls.over) for one in series]
        low, high = min((end[0] for end in ends), default=0.0), max((end[1] for end in ends), default=1.0)
        least = 10.0 if self.controls.over == "step" else 1e-3
        high = max(high, low + least)
        return low - (high - low) * 0.01, high + (high - low) * 0.02

    def _make_charts(self) -> None:
        metrics = dict.fromkeys(key.metric for key in self._record.series)
        if not metrics or set(metrics) == set(self.charts):
            return  # without a metric the charts stay for the next run: making them takes longer than drawing them
        from niceml_gui.workspaces.runs.chart import Chart

        for gone in set(self.charts) - set(metrics):
            chart = self.charts.pop(gone)
            chart.close_plot()
            chart.setParent(None)
            chart.deleteLater()
        for metric in metrics:
            if metric not in self.charts:
                chart = self.charts[metric] = Chart(metric, self._inner)
                chart.hovered.connect(self._hover)
                chart.zoomed.connect(self.zoom)
                chart.fit_wanted.connect(self.fit)
                chart.menu_wanted.connect(partial(self._menu, chart))
        self.charts = {metric: self.charts[metric] for metric in sorted(self.charts, key=order)}
        if self.alone not in self.charts:
            self.alone = ""
        self._columns = 0
        self._arrange()

    def _shown(self) -> list[str]:
        return [self.alone] if self.alone else list(self.charts)

    def _arrange(self) -> None:
        shown = self._shown()
        columns = 2 if self.width() >= WIDE and len(shown) > 1 else 1
        if columns == self._columns:
            return
        self._columns = columns
        rows = self._grid.rowCount()
        for chart in self.charts.values():
            self._grid.removeWidget(chart)
            chart.hide()
        for row in range(rows):
            self._grid.setRowStretch(row, 0)
            self._grid.setRowMinimumHeight(row, 0)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for index, metric in enumerate(shown):
            row, column = divmod(index, columns)
            self._grid.addWidget(self.charts[metric], row, column)
            self._grid.setRowStretch(row, 1)
            self._grid.setRowMinimumHeight(row, LOWEST)
            self.charts[metric].show()

    def _follow(self, on: bool) -> None:
        if on:
            self._range = None
        elif self._range is None:
            self._range = self._whole()
        self.refresh()

    def _hover(self, x: float) -> None:
        for metric in self._shown():
            self.charts[metric].point_at(x)

    def _restyle(self) -> None:
        for chart in self.charts.values():
            chart.restyle()
        self.refresh()

    def _menu(self, chart: Chart, place: QPoint) -> None:
        menu = ChartMenu(chart, self._record, alone=bool(self.alone))
        menu.fit.triggered.connect(self.fit)
        menu.log.toggled.connect(self.refresh)
        menu.alone.toggled.connect(lambda on: self.show_alone(chart.quantity if on else ""))
        menu.popup(place)

    def show_alone(self, metric: str) -> None:
        """Shows one chart alone; with an empty name, all of them again."""
        self.alone = metric
        self._columns = 0
        self._arrange()
        self.refresh()
