"""Where the charts lie on screen: what scrolls, who is in view, and a mark for where one would land."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.charts.arrange import GAP, Place, Size, arrange, columns_of, marker, slot
from niceml_gui.workspaces.runs.charts.chart import Chart


class Board(QScrollArea):
    """Charts in rows."""

    resized = Signal()  #: there is more or less room

    def __init__(self) -> None:
        super().__init__()
        self.inner = QWidget()
        self.marker = QFrame(self.inner)
        self.marker.hide()
        self._placed: Mapping[str, Chart] = {}
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self.inner)
        self.setAccessibleName("Charts")
        for plain in (self.inner, self.viewport()):  # what lies behind them is seen
            plain.setAutoFillBackground(False)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def columns(self) -> int:
        """How many charts stand side by side."""
        return columns_of(len(self._placed), self.viewport().width())

    def place(self, charts: Mapping[str, Chart], sizes: Sequence[Size]) -> None:
        """Puts charts where they belong; called again, it changes nothing.

        Args:
            charts: By metric, in order.
            sizes: Of each.
        """
        room = self.viewport().size()
        places, height = arrange(sizes, room.width(), room.height())
        self.inner.resize(room.width(), max(height, room.height()))
        for chart, place in zip(charts.values(), places, strict=True):
            chart.setGeometry(*place)
            chart.canvas.wheel_zooms = height <= room.height()
        former, self._placed = self._placed, dict(charts)
        for metric, chart in former.items():
            if metric not in charts:
                chart.hide()
        for chart in charts.values():
            chart.show()

    def side_by_side(self, sizes: Sequence[Size]) -> tuple[list[QRect], QSize]:
        """Where charts of some sizes would lie, and how large all of them are together."""
        width = self.viewport().width()
        places, height = arrange(sizes, width, 0)
        return [QRect(*place) for place in places], QSize(width, height)

    def visible(self) -> list[str]:
        """The metrics of the charts that are on screen."""
        seen = self.viewport().rect().translated(0, self.verticalScrollBar().value())
        return [metric for metric, chart in self._placed.items() if chart.geometry().intersects(seen)]

    def size_of(self, width: int, height: int) -> Size:
        """The size of a chart that is to be so wide and so high, in pixels."""
        columns = self.columns
        return Size(max(1, round(width * columns / (self.viewport().width() - GAP))), height)

    # ------------------------------------------------------------------------------------------ dragging

    def slot_at(self, place: QPoint) -> int:
        """Before which chart something lands that is dropped at a global place; their number: behind the last."""
        inner = self.inner.mapFromGlobal(place)
        return slot(self._places(), inner.x(), inner.y())

    def mark(self, place: QPoint) -> None:
        """Shows where something would land, and scrolls there."""
        inner, places = self.inner.mapFromGlobal(place), self._places()
        self.marker.setGeometry(*marker(places, slot(places, inner.x(), inner.y()), inner.y()))
        self.marker.raise_()
        self.marker.show()
        self.ensureVisible(inner.x(), inner.y(), 0, 30)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tells of it."""
        super().resizeEvent(event)
        self.resized.emit()

    def _places(self) -> list[Place]:
        rects = (chart.geometry() for chart in self._placed.values())
        return [Place(rect.x(), rect.y(), rect.width(), rect.height()) for rect in rects]

    def _restyle(self) -> None:
        self.marker.setStyleSheet(f"background: {theme().tokens.accent}; border-radius: 1px")
