"""All charts of one run, or of several: one per metric.

What has changed is drawn by one timer: some 15 times a second what was measured, at once what a person does, and only
what can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

import msgspec
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from niceml_gui.theme import theme
from niceml_gui.widgets.basics import Empty
from niceml_gui.workspaces.runs.charts.arrange import GAP, HIGHEST, LOWEST, Size
from niceml_gui.workspaces.runs.charts.board import Board
from niceml_gui.workspaces.runs.charts.chart import Chart
from niceml_gui.workspaces.runs.charts.controls import FEW, Controls
from niceml_gui.workspaces.runs.charts.layout import Layout, load_layout, save_layout
from niceml_gui.workspaces.runs.charts.menu import AllMenu, ChartMenu
from niceml_gui.workspaces.runs.charts.saving import Saving
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, Shown, unit_of
from niceml_gui.workspaces.runs.charts.view import Own, View
from niceml_gui.workspaces.runs.charts.zooms import Zooms, is_range, kind_of, translated
from niceml_gui.workspaces.runs.record import RunRecord

FRAME = 0.066  #: seconds between two drawings of what was measured
QUICK = 0.012  #: seconds between two drawings of what a person does
SHARE = 6  #: so many times as long as a drawing took, others have their turn before the next one
BUDGET = 0.04  #: seconds that one drawing may take before the rest of the charts waits for the next
SAVE_MS = 400  #: after the last change of the layout


class ChartsPane(QWidget):
    """The charts of one or more records.

    Args:
        parent: The Qt parent.
    """

    said = Signal(str, bool)  #: what came of saving or copying, and whether it is an error

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.controls = Controls(self)
        self.charts: dict[str, Chart] = {}
        self.title = ""  #: what the run is called, if there is but one
        self.alone = ""  #: the metric whose chart is shown alone; empty: all
        self.shown: Sequence[Shown] = ()
        self.layout_of_charts = Layout()
        self.saving = Saving(self, self.said.emit)
        self._root = ""
        self._unsaved = False
        self._zooms = Zooms()
        self._late: list[Chart] = []
        self._drawn = 0.0
        self._took = 0.0
        self._due = 0.0
        self._dirty = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._draw)
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(SAVE_MS)
        self._save_timer.timeout.connect(self._save)

        self._empty = Empty("No curves")
        self.board = Board()
        self.board.resized.connect(self._arrange)
        self.board.verticalScrollBar().valueChanged.connect(self.redraw)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.board)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(holder)
        self.controls.changed.connect(self._settings_changed)
        self.controls.followed.connect(self._follow)
        self.controls.searched.connect(self._arrange)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.controls.open_search)
        self.controls.more.clicked.connect(self._menu_of_all)
        theme().changed.connect(self.redraw)

    # ------------------------------------------------------------------------------------------ content

    def set_project(self, root: str) -> None:
        """Lays the charts out as they were left in a project."""
        if root == self._root:
            return
        self._save()
        self._root = root
        self.layout_of_charts = load_layout(root) if root else Layout()
        self.controls.show_settings(self.layout_of_charts.common)
        self._arrange()

    def set_record(self, record: RunRecord, waiting: str, title: str = "") -> None:
        """Shows a run alone; `waiting` is what is said until it has a metric, `title` what pictures call it."""
        self.title = title
        if len(self.shown) != 1 or self.shown[0].record is not record or self.shown[0].hue != NO_HUE:
            self.show_runs((Shown(record.run, record),), waiting)
            return
        self.say(waiting)

    def say(self, waiting: str) -> None:
        """What is said until there is a metric."""
        self._empty.say("No curves", waiting)

    def show_runs(self, shown: Sequence[Shown], waiting: str) -> None:
        """Shows runs over each other; `waiting` is what is said until one of them has a metric."""
        before, now = {one.run for one in self.shown}, {one.run for one in shown}
        if not now & before:  # where one is hidden, or added, the others stay as they are
            self.fit()
            for chart in self.charts.values():
                chart.forget()
        self.shown = self._zooms.shown = tuple(shown)
        self.say(waiting)
        self.refresh()

    def refresh(self) -> None:
        """Notes that a record has grown; it is drawn within a frame."""
        self._zooms.grown()
        self._wake(max(FRAME, SHARE * self._took))

    def redraw(self) -> None:
        """Draws as soon as can be, since a person has done something."""
        self._wake(QUICK)

    def close_plots(self) -> None:
        """Ends all timers; called before the window goes."""
        self._save()
        self.saving.close()
        self._timer.stop()
        self._late.clear()
        self.board.place({}, [])
        for chart in self.charts.values():
            chart.setParent(None)
            chart.deleteLater()
        self.charts.clear()

    # ------------------------------------------------------------------------------------------ what is in view

    def follows(self, metric: str) -> bool:
        """Whether a chart shows everything as it grows."""
        own = self.layout_of_charts.own.get(metric, Own()).follow
        return self.controls.follow.isChecked() if own is None else own

    def zoom(self, low: float, high: float, metric: str = "") -> None:
        """Shows x from `low` to `high` in all charts with the x axis of one, and stops following."""
        settings = self.layout_of_charts.settings(metric) if metric else self.controls.settings
        if metric and self.layout_of_charts.own.get(metric, Own()).follow is not None:
            if is_range(low, high):
                self.charts[metric].x_range = (low, high)
                self.set_own(metric, "follow", False)
        elif self._zooms.zoom(settings, low, high):
            self.controls.follow.setChecked(False)
            self.redraw()

    def fit(self) -> None:
        """Shows everything again, and follows."""
        self._zooms.forget()
        for chart in self.charts.values():
            chart.x_range = chart.y_range = None
        self.controls.follow.setChecked(True)
        self.redraw()

    def show_alone(self, metric: str) -> None:
        """Shows one chart alone; with an empty name, all of them again."""
        self.alone = metric
        self._arrange()

    def _view(self, chart: Chart) -> View:
        layout = self.layout_of_charts
        settings, own = layout.settings(chart.quantity), layout.own.get(chart.quantity, Own()).follow
        if own is None:
            low, high = self._zooms.range(settings)
        elif own or chart.x_range is None:
            low, high = self._zooms.whole(settings)
        else:
            low, high = chart.x_range
        return View(settings, low, high, chart.y_range)

    def _follow(self, on: bool) -> None:
        if on:
            self._zooms.forget()
        else:
            for metric in self.charts:
                self._zooms.freeze(self.layout_of_charts.settings(metric))
        self.redraw()

    def _hover(self, chart: Chart, x: float) -> None:
        for metric in self.board.visible():
            other = self.charts[metric]
            here = x
            if other is not chart and self.shown and x == x:
                here = translated(self.shown[0], x, chart.view.settings, other.view.settings)
            other.point_at(here, leads=other is chart)

    # ------------------------------------------------------------------------------------------ layout

    def set_layout(self, layout: Layout) -> None:
        """Lays the charts out otherwise, which is remembered."""
        self.layout_of_charts = layout
        self._unsaved = True
        self._save_timer.start()
        self._arrange()

    def set_own(self, metric: str, name: str, value: object) -> None:
        """Gives a chart a setting of its own, by the field's name in `Own`; `None` takes it back."""
        if name in ("axis", "log_x"):
            self.charts[metric].x_range = None
        changed = {name: value}
        if name == "smoothing" and value is not None and self._only_epochs():
            changed["smooth_epochs"] = True
        self.set_layout(self.layout_of_charts.with_own(metric, **changed))

    def forget_own(self, metric: str) -> None:
        """Lets a chart show things as all do."""
        self.set_layout(self.layout_of_charts.with_own(metric, **dict.fromkeys(Own.__struct_fields__)))

    def forget_all_own(self) -> None:
        """Lets all charts show things alike."""
        self.set_layout(msgspec.structs.replace(self.layout_of_charts, own={}))

    def forget_arrangement(self) -> None:
        """Puts all charts back into their usual order and size."""
        self.set_layout(msgspec.structs.replace(self.layout_of_charts, order=(), pinned=(), sizes={}))

    def set_paper(self, on: bool) -> None:
        """Saves and copies charts on light ground, or as the theme is."""
        self.set_layout(msgspec.structs.replace(self.layout_of_charts, paper=on))

    def pin(self, metric: str, on: bool) -> None:
        """Puts a chart before the others, and keeps it there; or not any more."""
        self.set_layout(self.layout_of_charts.with_pin(metric, on))

    def move_by(self, metric: str, by: int) -> None:
        """Moves a chart some places forward or, with a positive number, backward, among those pinned alike."""
        place, among = list(self.charts).index(metric), self.layout_of_charts.among(self.charts, metric)
        wanted = max(among[0], min(place + by, among[-1]))
        self.set_layout(self.layout_of_charts.moved(self.charts, metric, wanted + (wanted > place)))

    def resize_chart(self, metric: str, size: Size) -> None:
        """Makes a chart so many columns wide, and so many pixels high."""
        height = size.height and max(LOWEST, min(round(size.height / GAP) * GAP, HIGHEST))
        size = Size(min(size.columns, self.board.columns), height)
        self.set_layout(self.layout_of_charts.with_size(metric, size))

    def placed(self, metrics: Sequence[str]) -> tuple[list[tuple[Chart, QRect]], QSize]:
        """Charts and where they lie beside each other; and how large that is."""
        rects, size = self.board.side_by_side([self.layout_of_charts.size(metric) for metric in metrics])
        return [(self.charts[metric], rect) for metric, rect in zip(metrics, rects, strict=True)], size

    def metrics(self) -> list[str]:
        """The metrics whose charts are there, as far as they are searched for, in order."""
        if self.alone:
            return [self.alone]
        words = self.controls.search.text().casefold().split()
        pinned = self.layout_of_charts.pinned
        return [
            metric for metric in self.charts if metric in pinned or all(word in metric.casefold() for word in words)
        ]

    # ------------------------------------------------------------------------------------------ Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Draws what came while nobody looked."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops drawing."""
        super().hideEvent(event)
        self._timer.stop()

    # ------------------------------------------------------------------------------------------ inner workings

    def _wake(self, pause: float) -> None:
        self._dirty = True
        due = self._drawn + pause
        if self.isVisible() and (not self._timer.isActive() or due < self._due):
            self._due = due
            self._timer.start(round(max(0.0, due - monotonic()) * 1000))

    def _draw(self) -> None:
        self._drawn = monotonic()
        if self._dirty:
            self._dirty = False
            self._make_charts()
            self._late = [self.charts[metric] for metric in self.board.visible()]
        self.controls.set_unit(unit_of(self.shown))
        self._stack.setCurrentIndex(1 if any(one.record.series for one in self.shown) else 0)
        while self._late and monotonic() - self._drawn < BUDGET:
            chart = self._late.pop(0)
            chart.draw(self.shown, self._view(chart))
        self._took = monotonic() - self._drawn
        if self._late or self._dirty:
            self._due = self._drawn + QUICK
            self._timer.start(round(QUICK * 1000))

    def _make_charts(self) -> None:
        metrics = dict.fromkeys(key.metric for one in self.shown for key in one.record.series)
        if not metrics or set(metrics) == set(self.charts):
            return  # without a metric the charts stay for the next run: making them takes longer than drawing them
        gone = [self.charts.pop(metric) for metric in set(self.charts) - set(metrics)]
        for metric in metrics:
            if metric not in self.charts:
                self.charts[metric] = self._new_chart(metric)
        if self.alone not in self.charts:
            self.alone = ""
        self.controls.set_many(len(self.charts) > FEW)
        self._arrange()
        for chart in gone:
            chart.setParent(None)
            chart.deleteLater()

    def _new_chart(self, metric: str) -> Chart:
        chart = Chart(metric, self.board.inner)
        chart.hovered.connect(partial(self._hover, chart))
        chart.zoomed.connect(partial(self.zoom, metric=metric))
        chart.fit_wanted.connect(self.fit)
        chart.redraw_wanted.connect(self.redraw)
        chart.menu_wanted.connect(partial(self._menu, chart))
        chart.dragged.connect(self.board.mark)
        chart.dropped.connect(partial(self._drop, metric))
        chart.stretched.connect(partial(self._stretch, metric))
        return chart

    def _arrange(self) -> None:
        """Puts the charts where they belong; called again, it changes nothing."""
        self.charts = {metric: self.charts[metric] for metric in self.layout_of_charts.arranged(self.charts)}
        layout, metrics = self.layout_of_charts, self.metrics()
        sizes = [Size()] if self.alone else [layout.size(metric) for metric in metrics]
        self.board.place({metric: self.charts[metric] for metric in metrics}, sizes)
        for metric, chart in self.charts.items():
            chart.set_pinned(metric in layout.pinned)
        self.redraw()

    def _drop(self, metric: str, place: QPoint) -> None:
        self.board.marker.hide()
        before, metrics, order = self.board.slot_at(place), self.metrics(), list(self.charts)
        before = order.index(metrics[before]) if before < len(metrics) else len(order)
        self.set_layout(self.layout_of_charts.moved(self.charts, metric, before))

    def _stretch(self, metric: str, width: int, height: int) -> None:
        self.resize_chart(metric, self.board.size_of(width, height))

    def _only_epochs(self) -> bool:
        return bool(self.shown) and not any("batch" in one.record.tracks for one in self.shown)

    def _settings_changed(self) -> None:
        before, now = self.layout_of_charts.common, self.controls.settings
        if now.smoothing != before.smoothing and self._only_epochs() and not now.smooth_epochs:
            self.controls.change(smooth_epochs=True)
            return
        if kind_of(before) != kind_of(now):
            self.fit()
        self.set_layout(msgspec.structs.replace(self.layout_of_charts, common=now))

    def _menu(self, chart: Chart, place: QPoint) -> None:
        menu = ChartMenu(self, chart)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _menu_of_all(self) -> None:
        menu = AllMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.controls.more.mapToGlobal(self.controls.more.rect().bottomLeft()))

    def _save(self) -> None:
        self._save_timer.stop()
        if self._unsaved and self._root:
            self._unsaved = False
            with suppress(OSError):  # a layout is not worth a word
                save_layout(self._root, self.layout_of_charts)
