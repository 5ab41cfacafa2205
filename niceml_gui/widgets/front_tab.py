"""Tabs that are more than fit: the one in front stays in view, and a button lists all of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractButton
from PySide6QtAds import CDockAreaTabBar
from shiboken6 import isValid

ALL_TABS = "tabsMenuButton"  #: what the library calls the button that lists them


class FrontTab(QObject):
    """Shows the tab in front, and the button for all tabs, when its bar gets another width or other tabs.

    The library shows the button only where a title is shortened, and titles of panes are not.

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
        for changed in (bar.currentChanged, bar.tabInserted, bar.removingTab):
            changed.connect(lambda: self._soon.start())

    def show(self) -> None:
        """Scrolls to it."""
        if not isValid(self._bar):  # a layout may have taken it away
            return
        self._offer_all()
        if (tab := self._bar.currentTab()) is not None:
            self._bar.ensureWidgetVisible(tab, 0, 0)

    def _offer_all(self) -> None:
        button = self._bar.parentWidget().findChild(QAbstractButton, ALL_TABS)
        if button is None or not isValid(button):  # the area is being taken apart
            return
        tabs = [self._bar.tab(place) for place in range(self._bar.count())]
        room = self._bar.width() + (button.width() if button.isVisible() else 0)
        wished = sum(tab.sizeHint().width() for tab in tabs if not tab.isHidden())
        if wished > room and not button.isVisible():
            button.setVisible(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Waits until the tabs are laid out."""
        if event.type() == QEvent.Type.Resize:
            self._soon.start()
        return False
