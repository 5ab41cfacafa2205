"""Curves over two axes: ROC, precision and recall, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from niceml_engine.results import ALL, Curve, Lines
from niceml_gui import words
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import label
from niceml_gui.workspaces.runs.analysis.export import export_button
from niceml_gui.workspaces.runs.analysis.plot import Area, Axis, Legend, Plot, Spot
from niceml_gui.workspaces.runs.analysis.section import EACH, ResultSection, Shown
from niceml_gui.workspaces.runs.analysis.styles import Look, class_look, subset_look


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve in the plot, and what it is called there."""

    name: str
    curve: Curve
    subset: str
    place: int = -1  #: among the classes, where each has a curve of its own

    def look(self, subsets: tuple[str, ...]) -> Look:
        """How it is drawn."""
        tokens = theme().tokens
        return subset_look(self.subset, subsets, tokens) if self.place < 0 else class_look(self.place, tokens)


def drawn(results: Mapping[str, Lines], shown: Shown) -> list[Drawn]:
    """The curves that are drawn: one of each subset, or those of all classes of one subset."""
    if shown.label == EACH:
        curves = results[shown.subset].curves if shown.subset in results else ()
        each = [curve for curve in curves if curve.label != ALL]
        return [Drawn(curve.label, curve, shown.subset, place) for place, curve in enumerate(each)]
    return [Drawn(subset, curve, subset) for subset, lines in results.items() if (curve := _chosen(lines, shown.label))]


def _chosen(lines: Lines, label: str) -> Curve | None:
    if len(lines.curves) == 1:
        return lines.curves[0]
    return next((curve for curve in lines.curves if curve.label == label), None)


class LinePlot(Plot):
    """Curves over the same two axes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.curves: list[Drawn] = []
        self._lines = Lines("", "", "", "", ())
        self._subsets: tuple[str, ...] = ()

    def show_results(self, results: Mapping[str, Lines], shown: Shown) -> None:
        """Shows the curves of some subsets."""
        self._lines = next(iter(results.values()), self._lines)
        self._subsets = tuple(results)
        self.curves = drawn(results, shown)
        self.across = Axis(self._lines.x, *_extent([value for one in self.curves for value in one.curve.x]))
        self.up = Axis(self._lines.y, *_extent([value for one in self.curves for value in one.curve.y]))
        self.refresh()

    def legend(self) -> list[Legend]:
        """The curves with what each amounts to."""
        return [Legend(text, one.look(self._subsets)) for text, one in zip(self.texts, self.curves, strict=True)]

    @property
    def texts(self) -> list[str]:
        """What stands beside the curves."""
        values = ("" if one.curve.value is None else f"{one.curve.value:.3f}" for one in self.curves)
        return [f"{one.name} {value}".strip() for one, value in zip(self.curves, values, strict=True)]

    def spots(self) -> list[list[QPointF]]:
        """All points of the curves."""
        return [[QPointF(x, y) for x, y in zip(one.curve.x, one.curve.y, strict=True)] for one in self.curves]

    def read(self, spot: Spot) -> list[str]:
        """Both values of a point, and the third, if it has one."""
        one = self.curves[spot.curve]
        curve, point = one.curve, spot.point
        texts = [one.name, f"{self._lines.x} {curve.x[point]:.3f}", f"{self._lines.y} {curve.y[point]:.3f}"]
        third = curve.at[point] if curve.at else None
        if third is not None:
            texts.append(f"{self._lines.at} {third:.0f}" if self._lines.dots else f"{self._lines.at} {third:.3g}")
        return texts

    def draw_data(self, painter: QPainter, area: Area) -> None:
        """Paints the curves, those of the subset that is looked at last."""
        tokens = theme().tokens
        if self._lines.diagonal:
            painter.setPen(QPen(QColor(tokens.faint), 1, Qt.PenStyle.DashLine))
            painter.drawLine(area.at(area.x.low, area.x.low), area.at(area.x.high, area.x.high))
        for one in self.curves:
            look = one.look(self._subsets)
            points = [area.at(x, y) for x, y in zip(one.curve.x, one.curve.y, strict=True)]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(look.pen())
            painter.drawPolyline(QPolygonF(points))
            marked = points if self._lines.dots else []
            if one.curve.marked is not None:
                marked = [points[one.curve.marked]]
            painter.setPen(QPen(QColor(look.color), 1))
            painter.setBrush(QColor(look.color))
            for point in marked:
                painter.drawEllipse(point, 2.6, 2.6)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def table(self) -> list[list[str]]:
        """All points, for a CSV file."""
        third = [self._lines.at] if self._lines.at else []
        rows = [["curve", self._lines.x, self._lines.y, *third]]
        for one in self.curves:
            curve = one.curve
            thirds = curve.at or (None,) * len(curve.x)
            for x, y, at in zip(curve.x, curve.y, thirds, strict=True):
                rows.append([one.name, repr(x), repr(y), *(("" if at is None else f"{at:g}") for _ in third)])
        return rows


class LinesSection(ResultSection[Lines]):
    """A plot of curves, of all subsets together or of all classes of one.

    Args:
        title: What it is called.
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.plot = LinePlot(title)
        self.note = label("", "muted")
        self.right.addWidget(self.note)
        self.more = export_button(self.plot, title)
        self.right.addWidget(self.more)
        self.body.addWidget(self.plot)

    def show_results(self, results: Mapping[str, Lines], shown: Shown) -> None:
        """Shows the curves of some subsets."""
        lines = next(iter(results.values()))
        self.note.setText(lines.value)
        self.note.setToolTip(_VALUES.get(lines.value, ""))
        self.plot.show_results(results, shown)
        self.plot.setToolTip("" if self.plot.curves else words.NONE)


_VALUES = {
    "AUC": "Area under the curve",
    "AP": "Average precision: the area under the curve",
    "ECE": "Expected calibration error: how far, on average, the observed frequency is from the predicted probability",
}


def _extent(values: list[float]) -> tuple[float, float]:
    """The range of an axis: 0 to 1 where everything lies in it."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high if high > low else low + 1.0)
