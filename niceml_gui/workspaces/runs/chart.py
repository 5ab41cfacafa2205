"""One chart: all curves of one metric, drawn with pyqtgraph from what a run's record holds.

pyqtgraph is imported here and nowhere else, and this module only when the first metric arrives.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from niceml_gui import words
from niceml_gui.theme import icons, theme
from niceml_gui.theme.tokens import MONO
from niceml_gui.workspaces.runs.curve import COMPILED, Curve, View
from niceml_gui.workspaces.runs.record import RunRecord, SeriesKey

SHORT = {"train": "train", "validation": "val"}
TITLES = {"step_ms": "step time (ms)"}
TICK_PX = 75  #: about the distance of two labels on an axis of time
MARKS = 40  #: more marks than this would only be a wall


class Chart(QFrame):
    """A card with the title, the last values and the curves of one metric.

    Args:
        quantity: The metric's name, as in `SeriesKey`.
        parent: The Qt parent.
    """

    hovered = Signal(float)  #: the pointer is at this x; NaN: it left
    zoomed = Signal(float, float)  #: the person wants to see x from, to
    menu_wanted = Signal(object)  #: global `QPoint`
    fit_wanted = Signal()

    def __init__(self, quantity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity = quantity
        self.log = False  #: on top of the view's own
        self.y_range: tuple[float, float] | None = None  #: as the person set it; None: what is in view
        self._view = View()
        self._record = RunRecord()
        self._curves: dict[SeriesKey, Curve] = {}
        self._marks: dict[tuple[SeriesKey, int], tuple[Any, Any]] = {}
        self._drag: QPointF | None = None
        self._pointed = math.nan
        self.setProperty("role", "card")
        self.setAccessibleName(f"Chart of {quantity}")
        self.setMinimumSize(220, 150)

        self.title = QLabel(TITLES.get(quantity, quantity))
        self.title.setProperty("role", "heading")
        self.last = QLabel()
        self.last.setTextFormat(Qt.TextFormat.RichText)
        self.more = QToolButton()
        self.more.setProperty("role", "flat")
        self.more.setFixedWidth(28)
        self.more.setToolTip(f"Export or change the chart of {quantity}")
        self.more.setAccessibleName(f"Menu of the chart of {quantity}")
        icons.tint(self.more, "more")
        self.more.clicked.connect(lambda: self.menu_wanted.emit(self.more.mapToGlobal(self.more.rect().bottomLeft())))

        if quantity in COMPILED:
            self.title.setToolTip("The first step holds the compiling too, so neither range nor average count it")
        self.plot: Any = pg.PlotWidget(self, background=None)
        self.box: Any = self.plot.getViewBox()
        self.box.setMouseEnabled(False, False)
        self.box.setMenuEnabled(False)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0)
        self.plot.hideButtons()
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setStyleSheet("QGraphicsView { background: transparent; border: none }")
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.getAxis("left").setWidth(48)
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setMouseTracking(True)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)
        self._read_out = QLabel(self)
        self._read_out.setProperty("role", "card")
        self._read_out.setContentsMargins(8, 4, 8, 4)
        self._read_out.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._read_out.hide()

        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 6, 0)
        header.addWidget(self.title)
        header.addStretch(1)
        header.addWidget(self.last)
        header.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 6)
        layout.setSpacing(2)
        layout.addLayout(header)
        layout.addWidget(self.plot, 1)
        self.restyle()

    # ------------------------------------------------------------------------------------------ drawing

    def draw(self, record: RunRecord, view: View) -> None:
        """Draws what is in view of the record; cheap enough to be called many times a second."""
        if record is not self._record:
            self.clear()
            self._record = record
        self._view = view = replace(view, log=view.log or self.log)
        tokens = theme().tokens
        colors = {"train": tokens.train, "validation": tokens.prediction}
        keys = [key for key in record.series if key.metric == self.quantity]
        width = max(int(self.box.width()), 100)
        self.plot.getAxis("left").setLogMode(None, view.log)
        in_time = view.axis == "time" and view.high - view.low > 2
        self.plot.getAxis("bottom").setTicks(
            [words.clock_ticks(view.low, view.high, width / TICK_PX)] if in_time else None
        )
        ranges = []
        for key in keys:
            if key not in self._curves:
                self._curves[key] = Curve(self.plot, key, record.series[key])
            ranged = self._curves[key].draw(record, view, width, colors[key.split], view.crowded or len(keys) > 4)
            if ranged:
                ranges.append(ranged)
        self.box.setXRange(view.low, view.high, padding=0)
        if self.y_range is not None:
            self.box.setYRange(*self.y_range, padding=0)
        elif ranges:
            low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
            room = max((high - low) * 0.06, abs(high) * 0.01) or 0.05
            self.box.setYRange(low - room, high + room, padding=0)
        self._draw_marks(keys)
        self._draw_last(keys, colors)
        if not math.isnan(self._pointed):
            self.point_at(self._pointed)

    def clear(self) -> None:
        """Forgets all curves."""
        for curve in self._curves.values():
            for item in curve.items:
                self.plot.removeItem(item)
        self._curves.clear()
        self._clear_marks()
        self.y_range = None
        self.point_at(math.nan)

    def close_plot(self) -> None:
        """Takes the plot apart; pyqtgraph must not be left to the end of the interpreter."""
        self.plot.viewport().removeEventFilter(self)
        self.clear()
        self.plot.close()

    def restyle(self) -> None:
        """Takes up the colours of the theme."""
        tokens = theme().tokens
        font = QFont(MONO)
        font.setPixelSize(10)
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(tokens.line))
            axis.setTickPen(pg.mkPen(tokens.line))
            axis.setTextPen(pg.mkPen(tokens.muted))
            axis.setTickFont(font)
            axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0, hideOverlappingLabels=True)
            axis.enableAutoSIPrefix(False)
        self.plot.getAxis("left").setGrid(255)
        self.plot.getAxis("left").setZValue(-100)  # the grid belongs below the curves
        self._cross.setPen(pg.mkPen(tokens.muted, style=Qt.PenStyle.DashLine))
        self._clear_marks()

    def _clear_marks(self) -> None:
        for items in self._marks.values():
            for item in items:
                self.plot.removeItem(item)
        self._marks.clear()

    def _draw_marks(self, keys: list[SeriesKey]) -> None:
        tokens = theme().tokens
        for key in keys:
            for mark in self._record.series[key].marks[:MARKS]:
                items = self._marks.get((key, mark.index))
                if items is None:
                    text = f"{'val ' if key.split == 'validation' else ''}{mark.kind} at step {mark.step:.0f}"
                    items = pg.InfiniteLine(angle=90, pen=pg.mkPen(tokens.error)), pg.TextItem(text, tokens.error)
                    for item in items:
                        self.plot.addItem(item, ignoreBounds=True)
                    self._marks[key, mark.index] = items
                x, (top, low, high) = self._x_of(mark.step, mark.time), self._corner()
                items[0].setPos(x)
                items[1].setPos(x, top)
                items[1].setAnchor((1 if x > (low + high) / 2 else 0, 0))

    def _corner(self) -> tuple[float, float, float]:
        (low, high), (_, top) = self.box.viewRange()
        return top, low, high

    def _x_of(self, step: float, time: float) -> float:
        if self._view.axis == "time":
            return time - self._record.started
        if self._view.axis == "epoch":
            return float(self._record.epochs.to_epochs(np.array([step]), self._record.last_step)[0])
        return step

    def _draw_last(self, keys: list[SeriesKey], colors: dict[str, str]) -> None:
        tokens = theme().tokens
        parts = []
        for split, short in SHORT.items():
            latest = [self._record.series[key] for key in keys if key.split == split]
            if not latest:
                continue
            series = max(latest, key=lambda series: series.times.view[-1] if len(series) else 0.0)
            broken = next((other.broken for other in latest if other.broken), "")
            value, color = (broken, tokens.error) if broken else (words.number(series.last), colors[split])
            parts.append(
                f'<span style="color:{tokens.muted}">{short}</span> '
                f'<b style="color:{color}; font-family:{MONO}">{value}</b>'
            )
        self.last.setText("&nbsp;&nbsp;".join(parts))

    # ------------------------------------------------------------------------------------------ pointer

    def point_at(self, x: float) -> None:
        """Shows the crosshair and the nearest values at x; NaN hides them."""
        self._pointed = x
        curves = [curve for curve in self._curves.values() if len(curve.series)]
        if math.isnan(x) or not curves or not self._view.low <= x <= self._view.high:
            self._cross.hide()
            self._read_out.hide()
            return
        tokens = theme().tokens
        colors = {"train": tokens.train, "validation": tokens.prediction}
        finest = max(curves, key=lambda curve: len(curve.series))
        index = finest.nearest(self._record, self._view.axis, x)
        step, time = float(finest.series.steps.view[index]), float(finest.series.times.view[index])
        x = self._x_of(step, time)
        note = " · with compiling" if self.quantity in COMPILED and not index else ""
        rows = [f'<span style="color:{tokens.muted}">{self._place(step, time)}{note}</span>']
        shown = set()
        for curve in sorted(curves, key=lambda curve: curve.key.level):
            if curve.key.split in shown:
                continue  # the batches say more than the epoch does
            shown.add(curve.key.split)
            value = curve.series.values.view[curve.nearest(self._record, self._view.axis, x)]
            rows.append(f'<span style="color:{colors[curve.key.split]}">{words.number(float(value))}</span>')
        self._read_out.setText(f"<span style='font-family:{MONO}'>{rows[0]}<br>{' / '.join(rows[1:])}</span>")
        self._read_out.adjustSize()
        self._cross.setPos(x)
        self._cross.show()
        low, high = self.box.viewRange()[1]
        found = float(finest.series.values.view[index])
        is_high = (math.log10(found) if self._view.log and found > 0 else found) > (low + high) / 2
        scene: QPointF = self.box.mapViewToScene(QPointF(x, low if is_high else high))
        place = self.plot.mapTo(self, self.plot.mapFromScene(scene))
        left = place.x() + 8
        if left + self._read_out.width() > self.width() - 8:
            left = place.x() - 8 - self._read_out.width()
        self._read_out.move(left, place.y() - 4 - self._read_out.height() if is_high else place.y() + 4)
        self._read_out.raise_()
        self._read_out.show()

    @property
    def read_out(self) -> str:
        """What the crosshair says; empty when it is hidden."""
        return self._read_out.text() if self._read_out.isVisibleTo(self) else ""

    def _place(self, step: float, time: float) -> str:
        if self._view.axis == "time":
            return words.elapsed(time - self._record.started)
        if self._view.axis == "epoch":
            return f"epoch {self._x_of(step, time):.2f}"
        return f"step {step:.0f}"

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handles pointer and wheel over the plot: pyqtgraph's own handling moves both axes at once."""
        if isinstance(event, QWheelEvent):
            self._wheel(event)
            return True
        if isinstance(event, QContextMenuEvent):
            self.menu_wanted.emit(event.globalPos())
            return True
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(math.nan)
        elif isinstance(event, QMouseEvent):
            self._mouse(event)
            return event.type() != QEvent.Type.MouseMove
        return super().eventFilter(watched, event)

    def _wheel(self, event: QWheelEvent) -> None:
        factor = 0.85 ** (event.angleDelta().y() / 120)
        centre = self._to_view(event.position())
        on_axis = event.position().x() < self.plot.getAxis("left").width()
        if on_axis or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            low, high = self.box.viewRange()[1]
            self.y_range = (centre.y() + (low - centre.y()) * factor, centre.y() + (high - centre.y()) * factor)
            self.box.setYRange(*self.y_range, padding=0)
        else:
            low, high = self._view.low, self._view.high
            self.zoomed.emit(centre.x() + (low - centre.x()) * factor, centre.x() + (high - centre.x()) * factor)

    def _mouse(self, event: QMouseEvent) -> None:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonDblClick:
            self.fit_wanted.emit()
        elif kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position()
        elif kind == QEvent.Type.MouseButtonRelease:
            self._drag = None
        elif self._drag is not None:
            before, now = self._to_view(self._drag), self._to_view(event.position())
            self._drag = event.position()
            if self.y_range is not None:
                low, high = self.y_range
                self.y_range = (low + before.y() - now.y(), high + before.y() - now.y())
            self.zoomed.emit(self._view.low + before.x() - now.x(), self._view.high + before.x() - now.x())
        else:
            self.hovered.emit(self._to_view(event.position()).x())

    def _to_view(self, place: QPointF) -> QPointF:
        point: QPointF = self.box.mapSceneToView(self.plot.mapToScene(place.toPoint()))
        return point
