"""Rows one below the other; those far away are only made when somebody is about to see or reach them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QRect, QTimer
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from niceml_gui.workspaces.compose.cards.forms import Row
from niceml_gui.workspaces.compose.cards.rows import RowWidget, control_of

ROW_PX = 30  #: height of a row that is not made yet
AT_ONCE = 40  #: so many rows are made at once: more than anybody sees at first
MOST = 300  #: more than so many are not kept
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
        self._make = make
        self._shown: tuple[Row, ...] = ()
        self._tops: list[int] = []
        self._wanted: set[int] = set()
        self._next: dict[RowWidget, RowWidget] = {}  # where Tab leads
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._make_wanted)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def update_rows(self, rows: Sequence[Row]) -> None:
        """Takes over new values: widgets of rows that stay keep focus and cursor, those of others go."""
        wanted = {row.id: row for row in rows}
        for name, widget in list(self.rows.items()):
            if name not in wanted or type(widget.control) is not control_of(wanted[name]):
                self._drop(name)
            else:
                widget.show_row(wanted[name])

    def show_rows(self, rows: Sequence[Row], at_once: int = AT_ONCE) -> None:
        """Shows these rows, in this order; so many at once, the others when they come into sight."""
        self._shown = tuple(rows)
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
        top, bottom = event.rect().top() - _AHEAD * ROW_PX, event.rect().bottom() + _AHEAD * ROW_PX
        for number, row in enumerate(self._shown):
            if row.id not in self.rows and self._tops[number] <= bottom and self._tops[number] + ROW_PX >= top:
                self._wanted.add(number)
        if self._wanted:
            self._timer.start()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Makes the rows that Tab is about to reach."""
        focused = self.focusWidget()
        for number, row in enumerate(self._shown):
            widget = self.rows.get(row.id)
            if widget is not None and focused is not None and widget.isAncestorOf(focused):
                self._wanted |= {*range(max(number - _AHEAD, 0), min(number + _AHEAD, len(self._shown)))}
                self._make_wanted()
                break
        return super().focusNextPrevChild(forward)

    def _make_wanted(self) -> None:
        wanted, self._wanted = self._wanted, set()
        for number in wanted:
            if number < len(self._shown):
                self._widget(self._shown[number])
        if len(self.rows) > MOST and wanted:
            self._drop_beyond(min(wanted) - MOST // 3, max(wanted) + MOST // 3)
        self._place()

    def _drop_beyond(self, first: int, last: int) -> None:
        """Drops the widgets of rows far away, unless somebody is at work in them."""
        for number, row in enumerate(self._shown):
            widget = self.rows.get(row.id)
            if widget is not None and not first <= number <= last and not widget.busy:
                self._drop(row.id)

    def _drop(self, name: tuple[str, str, int]) -> None:
        widget = self.rows.pop(name)
        self._next.pop(widget, None)
        widget.give_up()
        widget.hide()
        widget.deleteLater()

    def _widget(self, row: Row) -> RowWidget:
        if row.id not in self.rows:
            made = self.rows[row.id] = self._make(row)
            made.setParent(self)
        return self.rows[row.id]

    def _place(self) -> None:
        top, self._tops, here = _EDGE, [], []
        for row in self._shown:
            self._tops.append(top)
            widget = self.rows.get(row.id)
            if widget is None:
                top += ROW_PX
                continue
            height = max(widget.sizeHint().height(), ROW_PX)
            if widget.geometry() != (place := QRect(0, top, self.width(), height)):
                widget.setGeometry(place)
            here.append(widget)
            top += height
        shown = {row.id for row in self._shown}
        for name, widget in self.rows.items():
            widget.setVisible(name in shown)
        for one, other in pairwise(here):
            if self._next.get(one) is not other:
                self._next[one] = other
                QWidget.setTabOrder(one.reset or one.control, other.control)
        if self.height() != top + _EDGE:
            self.setFixedHeight(top + _EDGE)
