"""Tabs with something of their own at the right of the strip."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from niceml_gui.widgets.basics import Painted, set_role


class TabPane(QWidget):
    """A strip of tabs above their pages.

    Args:
        name: What the strip is called aloud.
        corner: What stands at its right.
    """

    close_requested = Signal(int)

    def __init__(self, name: str, corner: QWidget) -> None:
        super().__init__()
        self.bar = QTabBar()
        self.bar.setAccessibleName(name)
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.bar.setUsesScrollButtons(True)
        self.pages = QStackedWidget()
        strip = Painted()
        set_role(strip, "tab-strip")
        line = QHBoxLayout(strip)
        line.setContentsMargins(6, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(self.bar, 1)
        line.addWidget(corner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self.pages, 1)
        self.bar.currentChanged.connect(self.pages.setCurrentIndex)
        self.bar.tabCloseRequested.connect(self.close_requested)

    def add(self, page: QWidget, title: str, tip: str = "", *, closable: bool = False) -> int:
        """Adds a page at the end and returns its place."""
        place = self.pages.addWidget(page)
        self.bar.addTab(title)
        self.bar.setTabToolTip(place, tip)
        self.bar.setTabData(place, closable)
        # Qt gives all tabs a close button or none.
        self.bar.setTabsClosable(any(self.bar.tabData(other) for other in range(self.bar.count())))
        for other in range(self.bar.count()):
            if not self.bar.tabData(other):
                for side in (QTabBar.ButtonPosition.LeftSide, QTabBar.ButtonPosition.RightSide):
                    self.bar.setTabButton(other, side, None)
        return place

    def remove(self, place: int) -> None:
        """Takes a page out."""
        if (page := self.pages.widget(place)) is not None:
            self.pages.removeWidget(page)
            self.bar.removeTab(place)

    def show_page(self, page: QWidget) -> None:
        """Brings a page to the front."""
        self.bar.setCurrentIndex(self.pages.indexOf(page))
