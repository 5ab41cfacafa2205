"""Sections in one column where there is little room, in several where there is more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

NARROWEST = 340  #: pixels of a column, once there are several
MOST = 4
GAP = 24


class Columns(QWidget):
    """Shares widgets among as many columns as there is room for; each goes where the least stands yet."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._widgets: tuple[QWidget, ...] = ()
        self._columns: list[QVBoxLayout] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(14, 4, 14, 12)
        self._layout.setSpacing(GAP)

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self._columns)

    @property
    def column_width(self) -> int:
        """The pixels that a widget has."""
        margins = self._layout.contentsMargins()
        count = self._wanted(self.width())
        return (self.width() - margins.left() - margins.right() - (count - 1) * GAP) // count

    def show_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Shows these widgets, in this order."""
        if tuple(widgets) != self._widgets:
            for widget in set(self._widgets) - set(widgets):
                widget.hide()
            self._widgets = tuple(widgets)
            self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares them anew where more or fewer columns have room."""
        super().resizeEvent(event)
        if self._wanted(event.size().width()) != self.count:
            self._share()
        self.resized.emit()

    def _wanted(self, width: int) -> int:
        return max(1, min((width + GAP) // (NARROWEST + GAP), MOST, max(len(self._widgets), 1)))

    def _share(self) -> None:
        for column in self._columns:
            # Not `takeAt`: the items would live on, and a widget tells only the first of its items that its height
            # for a width has changed.
            while (item := column.itemAt(0)) and (widget := item.widget()):
                column.removeWidget(widget)
            self._layout.removeItem(column)
            column.deleteLater()
        self._columns = [QVBoxLayout() for _ in range(self._wanted(self.width()))]
        heights, width = [0] * len(self._columns), self.column_width
        for column in self._columns:
            column.setSpacing(8)
            self._layout.addLayout(column, 1)
        for widget in self._widgets:
            place = heights.index(min(heights))
            self._columns[place].addWidget(widget)
            widget.show()
            layout = widget.layout()
            high = layout.heightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1
            heights[place] += max(high, widget.sizeHint().height(), 1)
        for column in self._columns:
            column.addStretch(1)
