"""The menus of one chart and of all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from niceml_gui.workspaces.runs.charts.arrange import Size
from niceml_gui.workspaces.runs.charts.view import AXES

if TYPE_CHECKING:
    from niceml_gui.workspaces.runs.charts.chart import Chart
    from niceml_gui.workspaces.runs.charts.pane import ChartsPane

WEIGHTS = (0.0, 0.5, 0.9, 0.97, 0.99)
TALLER = 60  #: pixels
SWITCHES = (
    ("log_y", "Logarithmic y"),
    ("log_x", "Logarithmic x"),
    ("outliers", "Ignore outliers"),
    ("smooth_epochs", "Smooth epochs, too"),
)
TIPS = {
    "outliers": """Single spikes, of one value or two side by side, are left out of range.
They are farther from the median of every five values, and from the middle
half of all, than these span; what falls or rises stays whole.""",
}


class ChartMenu(QMenu):
    """What can be done with one chart.

    Args:
        pane: Does it.
        chart: The chart.
    """

    def __init__(self, pane: ChartsPane, chart: Chart) -> None:
        super().__init__(chart)
        self._pane, self._metric = pane, chart.quantity
        layout, metric = pane.layout_of_charts, chart.quantity
        settings, own = layout.settings(metric), layout.own.get(metric)
        self._check("Pin", metric in layout.pinned, partial(pane.pin, metric))
        self._check("Show alone", pane.alone == metric, lambda on: pane.show_alone(metric if on else ""))
        self._add("Reset zoom", pane.fit)
        self.addSeparator()
        self.setToolTipsVisible(True)
        for name, text in SWITCHES:
            action = self._check(text, bool(getattr(settings, name)), partial(self._own, name))
            action.setToolTip(TIPS.get(name, ""))
        self._check("Follow", pane.follows(metric), partial(self._own, "follow"))
        self._smoothing(settings.smoothing, bool(own and own.smoothing is not None))
        self._axis(settings.axis, bool(own and own.axis is not None))
        self._add("As all charts", partial(pane.forget_own, metric)).setEnabled(own is not None)
        self.addSeparator()
        self._sizes(layout.size(metric), chart.height())
        self._moves()
        _add_exports(self, pane, [metric])

    def _add(self, text: str, do: Callable[[], object]) -> QAction:
        action = self.addAction(text)
        action.triggered.connect(lambda: do())
        return action

    def _check(self, text: str, on: bool, do: Callable[[bool], object]) -> QAction:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(do)
        return action

    def _own(self, name: str, value: object) -> None:
        self._pane.set_own(self._metric, name, value)

    def _smoothing(self, now: float, has_own: bool) -> None:
        self._choices("Smoothing", "smoothing", {f"{weight:g}": weight for weight in WEIGHTS}, now, has_own)

    def _axis(self, now: str, has_own: bool) -> None:
        self._choices("X axis", "axis", {axis: axis for axis in AXES}, now, has_own)

    def _choices(self, title: str, name: str, values: dict[str, object], now: object, has_own: bool) -> None:
        menu = self.addMenu(title)
        group = QActionGroup(menu)
        for text, value in {"As all charts": None, **values}.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(value == now if has_own else value is None)
            group.addAction(action)
            action.triggered.connect(partial(self._own, name, value))

    def _moves(self) -> None:
        menu, pane, metric = self.addMenu("Move"), self._pane, self._metric
        layout, far = pane.layout_of_charts, len(pane.charts)
        place, among = list(pane.charts).index(metric), layout.among(pane.charts, metric)
        if metric in layout.pinned:
            front, end = "To the front", "To the end of the pinned ones"
        else:
            front, end = "To the front" + (", behind the pinned ones" if among.start else ""), "To the end"
        for text, by in (("Forward", -1), ("Backward", 1), (front, -far), (end, far)):
            action = menu.addAction(text, partial(pane.move_by, metric, by))
            action.setEnabled(place != (among[0] if by < 0 else among[-1]))

    def _sizes(self, size: Size, height: int) -> None:
        menu = self.addMenu("Size")
        taller, lower = (size.height or height) + TALLER, (size.height or height) - TALLER
        for text, other in (
            ("Wider", size._replace(columns=size.columns + 1)),
            ("Narrower", size._replace(columns=max(size.columns - 1, 1))),
            ("Taller", size._replace(height=taller)),
            ("Lower", size._replace(height=lower)),
            ("Usual", Size()),
        ):
            menu.addAction(text, partial(self._pane.resize_chart, self._metric, other))


class AllMenu(QMenu):
    """What can be done with all charts.

    Args:
        pane: Does it.
    """

    def __init__(self, pane: ChartsPane) -> None:
        super().__init__(pane)
        settings = pane.controls.settings
        self.setToolTipsVisible(True)
        for name, text in SWITCHES:
            if name != "log_y":  # which stands in the strip
                action = self.addAction(text)
                action.setCheckable(True)
                action.setChecked(bool(getattr(settings, name)))
                action.setToolTip(TIPS.get(name, ""))
                action.toggled.connect(lambda on, name=name: pane.controls.change(**{name: on}))
        smoothing = self.addMenu("Smoothing")
        for weight in WEIGHTS:
            action = smoothing.addAction(f"{weight:g}", partial(pane.controls.change, smoothing=weight))
            action.setCheckable(True)
            action.setChecked(weight == settings.smoothing)
        paper = self.addAction("Save on light ground")
        paper.setCheckable(True)
        paper.setChecked(pane.layout_of_charts.paper)
        paper.setToolTip("Pictures for paper, whatever the theme")
        paper.toggled.connect(pane.set_paper)
        self.addSeparator()
        self.addAction("Find charts…\tCtrl+F", pane.controls.open_search)
        self.addAction("Reset zoom", pane.fit)
        self.addAction("Usual arrangement", pane.forget_arrangement)
        self.addAction("Same settings in all charts", pane.forget_all_own)
        _add_exports(self, pane, pane.metrics(), "all ")


def _add_exports(menu: QMenu, pane: ChartsPane, metrics: list[str], these: str = "") -> None:
    """Adds what makes pictures and tables of some charts."""
    menu.addSeparator()
    for ending in ("PNG", "SVG", "CSV"):
        menu.addAction(f"Save {these}as {ending}…", partial(pane.saving.save, metrics, ending.lower()))
    menu.addAction(f"Copy {these}as picture", partial(pane.saving.copy_picture, metrics))
    menu.addAction(f"Copy {these}as table", partial(pane.saving.copy_table, metrics))
