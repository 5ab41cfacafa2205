"""A widget above the tabs of a dock area, whichever of them is in front."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget
from PySide6QtAds import CDockWidget
from shiboken6 import isValid

_MOVES = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}
_GROWS = {QEvent.Type.LayoutRequest}


class Crown(QObject):
    """Keeps a widget where the area of a dock begins, which leaves room for it: half of its own, unless it needs more.

    It is no child of the area: areas come and go with every layout, and take with them what they hold.

    Args:
        widget: What is shown.
        dock: Above the tabs among which this one is.
        parent: Holds all areas, and the widget from now on.
    """

    def __init__(self, widget: QWidget, dock: CDockWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.widget = widget
        self.dock = dock
        self._within = parent
        self._area: QWidget | None = None
        widget.setParent(parent)
        widget.installEventFilter(self)
        self.seat()

    def seat(self) -> None:
        """Goes to where the dock is now."""
        area = self.dock.dockAreaWidget()
        if area is self._area:
            return
        if self._area is not None and isValid(self._area):
            self._area.removeEventFilter(self)
            self._area.setContentsMargins(0, 0, 0, 0)
        self._area = area
        if area is not None:
            area.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the area, and gives the widget the height that it wants."""
        if event.type() in (_MOVES if watched is self._area else _GROWS):
            self._place()
        return False

    def _place(self) -> None:
        area, widget = self._area, self.widget
        if area is None or not isValid(area):
            widget.hide()
            return
        shown = area.isVisibleTo(self._within)
        height = 0
        if shown:
            wished, least = _heights(widget, area.width())
            height = max(min(wished, area.height() // 2), least)
        if area.contentsMargins().top() != height:
            area.setContentsMargins(0, height, 0, 0)
        widget.setGeometry(QRect(area.mapTo(self._within, QPoint()), QSize(area.width(), height)))
        widget.setVisible(shown)
        widget.raise_()


def _heights(widget: QWidget, width: int) -> tuple[int, int]:
    """How high a widget of a width would be, and has to be at least."""
    layout = widget.layout()
    if layout is None or not layout.hasHeightForWidth():
        return widget.sizeHint().height(), widget.minimumSizeHint().height()
    return layout.heightForWidth(width), layout.minimumHeightForWidth(width)
