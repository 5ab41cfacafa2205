"""Rows one below the other; those far away are only made when somebody is about to see or reach them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from heapq import nlargest
from itertools import pairwise
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QTimer
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.cards.rows import RowWidget, control_of

ROW_PX = 30  #: height of a row that is not made yet
AT_ONCE = 10  #: rows of a card that are made when it unfolds
SLICE = 0.008  #: seconds of one turn of the event loop in which rows are made that come into sight
MOST = 150  #: more than so many are not kept
_AHEAD = 5
_EDGE = 6


class RowList(QWidget):
    """Shows rows.

    Args:
        make: Makes the widget of a row.
    """

    def __init__(self, make: Callable[[Row], RowWidget]) -> None:
        super().__init__()
        self.rows: dict[tuple[str, str, int], RowWidget] = {}  #: those that are made
        self._maker = make
        self._all: Sequence[Row] = ()
        self._places: dict[tuple[str, str, int], int] = {}  # where each of them stands when all are shown
        self._shown: Sequence[Row] = ()
        self._numbers: dict[tuple[str, str, int], int] = {}  # where those stand that are shown
        self._made: list[int] = []  # the places that have a widget
        self._extras: list[int] = []  # by how much all rows up to there are higher than if none were made
        self._wanted: set[int] = set()
        self._next: dict[RowWidget, RowWidget] = {}  # where Tab leads
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._make_some)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def update_rows(self, rows: Sequence[Row]) -> None:
        """Takes over new values: widgets of rows that stay keep focus and cursor, those of others go."""
        self._all, wanted = rows, {row.id: row for row in rows}
        self._places = {name: number for number, name in enumerate(wanted)}
        for name, widget in list(self.rows.items()):
            if name not in wanted or type(widget.control) is not control_of(wanted[name]):
                self._drop(name)
            else:
                widget.show_row(wanted[name])

    def show_rows(self, rows: Sequence[Row], at_once: int = 0) -> None:
        """Shows these rows, in this order; so many at once, the others when they come into sight."""
        self._shown = rows
        everything = rows is self._all
        self._numbers = self._places if everything else {row.id: number for number, row in enumerate(rows)}
        for row in self._shown[:at_once]:
            self._widget(row)
        self._place()

    def reach(self, row: Row) -> RowWidget:
        """The widget of a shown row, made now if it is not."""
        made = self._widget(row)
        self._place()
        return made

    def event(self, event: QEvent) -> bool:
        """Places the rows anew when one of them wants another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives all rows the new width."""
        super().resizeEvent(event)
        if event.oldSize().width() != self.width():
            self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Notes which rows have come into sight and are not made."""
        self._wanted.update(number for number in self._near(event.rect()) if self._shown[number].id not in self.rows)
        if self._wanted:
            self._timer.start()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Makes the rows that Tab is about to reach."""
        focused = self.focusWidget()
        for name, widget in self.rows.items():
            if focused is not None and widget.isAncestorOf(focused) and name in self._numbers:
                number = self._numbers[name]
                self._wanted |= {*range(max(number - _AHEAD, 0), min(number + _AHEAD, len(self._shown)))}
                self._make(sorted(self._wanted))
                break
        return super().focusNextPrevChild(forward)

    def _top(self, number: int) -> int:
        """Where a row begins."""
        before = bisect_left(self._made, number)
        return _EDGE + number * ROW_PX + (self._extras[before - 1] if before else 0)

    def _at(self, y: int) -> int:
        """The last row that begins at a height or above it."""
        return bisect_right(range(len(self._shown)), y, key=self._top) - 1

    def _near(self, area: QRect) -> range:
        """The rows in an area and some around it."""
        first, last = self._at(area.top()), self._at(area.bottom())
        return range(max(first - _AHEAD, 0), min(last + 1 + _AHEAD, len(self._shown)))

    def _make_some(self) -> None:
        """Makes some of the rows that are still in sight, and the others in the next turns of the event loop."""
        self._wanted.intersection_update(self._near(self.visibleRegion().boundingRect()))
        self._make(sorted(self._wanted), SLICE)
        if self._wanted:
            self._timer.start()

    def _make(self, numbers: list[int], seconds: float = math.inf) -> None:
        """Makes rows, as many as there is time for; at least one."""
        end = perf_counter() + seconds
        for number in numbers:
            self._wanted.discard(number)
            if number < len(self._shown):
                self._widget(self._shown[number])
            if perf_counter() > end:
                break
        if len(self.rows) > MOST and numbers:
            self._drop_farthest(len(self.rows) - MOST, (numbers[0] + numbers[-1]) // 2)
        self._place()
        QCoreApplication.removePostedEvents(self, QEvent.Type.LayoutRequest.value)  # of the rows just placed

    def _drop_farthest(self, count: int, middle: int) -> None:
        """Drops the widgets of rows that are not shown or far away, unless somebody is at work in them.

        No more than there are too many: hundreds at once would hold up a frame.
        """
        far = {name: abs(self._numbers.get(name, len(self._all)) - middle) for name in self.rows}
        for name in nlargest(count, far, key=far.__getitem__):
            if far[name] > MOST // 3 and not self.rows[name].busy:
                self._drop(name)

    def _drop(self, name: tuple[str, str, int]) -> None:
        widget = self.rows.pop(name)
        self._next.pop(widget, None)
        widget.give_up()
        widget.hide()
        widget.deleteLater()

    def _widget(self, row: Row) -> RowWidget:
        if row.id not in self.rows:
            made = self.rows[row.id] = self._maker(row)
            made.setParent(self)
        return self.rows[row.id]

    def _place(self) -> None:
        """Gives the rows that are made their places; the others only take room."""
        made = sorted((self._numbers[name], name) for name in self.rows if name in self._numbers)
        self._made, self._extras, extra = [], [], 0
        here = [self.rows[name] for _, name in made]
        for (number, _), widget in zip(made, here, strict=True):
            height = max(widget.sizeHint().height(), ROW_PX)
            place = QRect(0, _EDGE + number * ROW_PX + extra, self.width(), height)
            if widget.geometry() != place:
                widget.setGeometry(place)
            extra += height - ROW_PX
            self._made.append(number)
            self._extras.append(extra)
        for name, widget in self.rows.items():
            if widget.isHidden() == (name in self._numbers):
                widget.setVisible(name in self._numbers)
        for one, other in pairwise(here):
            if self._next.get(one) is not other:
                self._next[one] = other
                QWidget.setTabOrder(one.reset or one.control, other.control)
        height = 2 * _EDGE + len(self._shown) * ROW_PX + extra
        if self.height() != height:
            self.setFixedHeight(height)
