"""Tabs that are more than fit: the one in front stays in view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6QtAds import CDockAreaTabBar
from shiboken6 import isValid


class FrontTab(QObject):
    """Shows the tab in front again when its bar gets another width.

    Args:
        bar: The tabs.
    """

    def __init__(self, bar: CDockAreaTabBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.show)
        bar.installEventFilter(self)

    def show(self) -> None:
        """Scrolls to it."""
        if isValid(self._bar) and (tab := self._bar.currentTab()) is not None:  # a layout may have taken it away
            self._bar.ensureWidgetVisible(tab, 0, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Waits until the tabs are laid out."""
        if event.type() == QEvent.Type.Resize:
            self._soon.start()
        return False
