"""Bars over bins: how the scores of samples spread."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from niceml_engine.results import Bars, Histogram, Spread
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import label
from niceml_gui.workspaces.runs.analysis.export import export_button
from niceml_gui.workspaces.runs.analysis.plot import Area, Axis, Legend, Plot, Spot, draw_bar
from niceml_gui.workspaces.runs.analysis.section import ResultSection, Shown
from niceml_gui.workspaces.runs.analysis.styles import sort_look

SHARE = "share of each"
_NOTHING = Histogram("", "", (0.0, 1.0), ())


class BarPlot(Plot):
    """Sorts of samples over the same bins, each as shares of its own number, so that rare ones can be seen."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._histogram = _NOTHING
        self._spread = Spread("", "", ())

    def show_result(self, histogram: Histogram, shown: Shown) -> None:
        """Shows the samples of one subset."""
        self._histogram = histogram
        self._spread = _chosen(histogram, shown.label)
        top = max((max(shares(bars)) for bars in self._spread.bars), default=1.0) or 1.0
        self.across = Axis(self._spread.x, histogram.edges[0], histogram.edges[-1])
        self.up = Axis(SHARE, 0.0, min(top * 1.05, 1.0), percent=True)
        self.refresh()

    def legend(self) -> list[Legend]:
        """The sorts, and how many there are of each."""
        tokens = theme().tokens
        return [
            Legend(f"{bars.label}  {sum(bars.counts)}", sort_look(bars.label, place, tokens), filled=True)
            for place, bars in enumerate(self._spread.bars)
        ]

    def spots(self) -> list[list[QPointF]]:
        """The middle of each bin, on top of its highest bar."""
        if not self._spread.bars:
            return []
        edges = self._histogram.edges
        tops = [max(column) for column in zip(*map(shares, self._spread.bars), strict=True)]
        return [[QPointF((edges[bin] + edges[bin + 1]) / 2, top) for bin, top in enumerate(tops)]]

    def read(self, spot: Spot) -> list[str]:
        """The bin, and how many of each sort lie in it."""
        low, high = self._histogram.edges[spot.point : spot.point + 2]
        rows = [
            f"{bars.label}  {bars.counts[spot.point]} · {shares(bars)[spot.point]:.1%}" for bars in self._spread.bars
        ]
        return [f"{low:.3g} – {high:.3g}", *rows]

    def draw_data(self, painter: QPainter, area: Area) -> None:
        """Paints the bars, and where the predictions decide."""
        tokens = theme().tokens
        edges = self._histogram.edges
        for place, bars in enumerate(self._spread.bars):
            look = sort_look(bars.label, place, tokens)
            for bin, share in enumerate(shares(bars)):
                if share:
                    corner, foot = area.at(edges[bin], share), area.at(edges[bin + 1], 0.0)
                    draw_bar(painter, QRectF(corner, foot).adjusted(0.5, 0, -0.5, 0), look)
        marked = self._histogram.marked
        if marked is not None:
            painter.setPen(QPen(QColor(tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(area.at(marked, area.y.low), area.at(marked, area.y.high))

    def table(self) -> list[list[str]]:
        """All bins, for a CSV file."""
        edges = self._histogram.edges
        head = ["from", "to", *(bars.label for bars in self._spread.bars)]
        counts = zip(*(bars.counts for bars in self._spread.bars), strict=True)
        return [head, *([repr(edges[bin]), repr(edges[bin + 1]), *map(str, row)] for bin, row in enumerate(counts))]


class HistogramSection(ResultSection[Histogram]):
    """The bars of the subset that is looked at.

    Args:
        title: What it is called.
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.plot = BarPlot(title)
        self.note = label("", "muted")
        self.right.addWidget(self.note)
        self.more = export_button(self.plot, title)
        self.right.addWidget(self.more)
        self.body.addWidget(self.plot)

    def show_results(self, results: Mapping[str, Histogram], shown: Shown) -> None:
        """Shows the bars of a subset."""
        histogram = results.get(shown.subset, _NOTHING)
        self.note.setText(shown.subset)
        self.plot.setVisible(histogram is not _NOTHING)
        self.plot.show_result(histogram, shown)


def shares(bars: Bars) -> list[float]:
    """The parts of all samples of a sort that lie in each bin."""
    total = sum(bars.counts) or 1
    return [count / total for count in bars.counts]


def _chosen(histogram: Histogram, label: str) -> Spread:
    found = next((spread for spread in histogram.spreads if spread.label == label), None)
    return found or next(iter(histogram.spreads), Spread("", "", ()))
