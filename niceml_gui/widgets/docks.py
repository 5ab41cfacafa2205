"""Panes that can be dragged beside each other or stacked as tabs, with layouts that have names."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget
from PySide6QtAds import (
    BottomDockWidgetArea,
    CDockManager,
    CDockWidget,
    CenterDockWidgetArea,
    LeftDockWidgetArea,
    RightDockWidgetArea,
    TopDockWidgetArea,
)

_FLAG = CDockManager.eConfigFlag
_FLAGS = {
    _FLAG.OpaqueSplitterResize: True,
    _FLAG.AlwaysShowTabs: True,
    _FLAG.DisableStylesheet: True,
    _FLAG.AllTabsHaveCloseButton: True,
    _FLAG.ActiveTabHasCloseButton: True,
    _FLAG.MiddleMouseButtonClosesTab: True,
    _FLAG.DockAreaHasCloseButton: False,
    _FLAG.DockAreaHasUndockButton: False,
    _FLAG.DockAreaHasTabsMenuButton: True,
    _FLAG.DockAreaDynamicTabsMenuButtonVisibility: True,
    _FLAG.XmlCompressionEnabled: False,
    _FLAG.DoubleClickUndocksWidget: False,
}


class Side(Enum):
    """Where a pane goes, seen from another one."""

    LEFT = LeftDockWidgetArea
    RIGHT = RightDockWidgetArea
    ABOVE = TopDockWidgetArea
    BELOW = BottomDockWidgetArea
    TAB = CenterDockWidgetArea  #: in the same place, as a tab


class Docks(QWidget):
    """A workspace made of panes.

    A pane is known by its object name, by which a saved layout finds it again, and its window title stands on its tab.
    """

    close_requested = Signal(QWidget)  #: a pane that may be closed is to be

    def __init__(self) -> None:
        super().__init__()
        for flag, on in _FLAGS.items():
            CDockManager.setConfigFlag(flag, on)
        self._manager = CDockManager(self)
        self._docks: dict[QWidget, CDockWidget] = {}
        self._homes: dict[QWidget, QWidget] = {}
        self._first = QByteArray()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._manager)

    @property
    def panes(self) -> tuple[QWidget, ...]:
        """All panes, in the order in which they were added."""
        return tuple(self._docks)

    def add(
        self,
        pane: QWidget,
        side: Side = Side.TAB,
        beside: QWidget | None = None,
        *,
        tip: str = "",
        closable: bool = False,
        actions: tuple[QAction, ...] = (),
    ) -> None:
        """Adds a pane.

        Args:
            pane: With an object name of its own, and a window title.
            side: Where it goes.
            beside: Seen from which pane; without one, from all.
            tip: Shown over the tab.
            closable: Whether its tab can be closed; `close_requested` asks for it.
            actions: Shown at the right of its tabs while it is in front.
        """
        dock = CDockWidget(self._manager, pane.windowTitle())
        dock.setObjectName(pane.objectName())
        dock.setWidget(pane, CDockWidget.eInsertMode.ForceNoScrollArea)
        pane.windowTitleChanged.connect(dock.setWindowTitle)
        dock.setMinimumSizeHintMode(CDockWidget.eMinimumSizeHintMode.MinimumSizeHintFromContentMinimumSize)
        feature = CDockWidget.DockWidgetFeature
        dock.setFeature(feature.DockWidgetFloatable, False)
        dock.setFeature(feature.DockWidgetPinnable, False)
        dock.setFeature(feature.DockWidgetClosable, closable)
        dock.setFeature(feature.CustomCloseHandling, closable)
        dock.closeRequested.connect(lambda: self.close_requested.emit(pane))
        dock.tabWidget().setToolTip(tip)
        dock.tabWidget().setElideMode(Qt.TextElideMode.ElideMiddle)
        if actions:
            dock.setTitleBarActions(list(actions))
        self._docks[pane] = dock
        if beside is not None:
            self._homes[pane] = beside
        self._put(pane, side, beside)

    def remove(self, pane: QWidget) -> None:
        """Takes a pane out; it belongs to nobody then."""
        dock = self._docks.pop(pane)
        self._homes.pop(pane, None)
        dock.takeWidget()
        pane.setParent(None)
        self._manager.removeDockWidget(dock)
        dock.deleteLater()

    def show_pane(self, pane: QWidget) -> None:
        """Brings a pane to the front of its tabs."""
        self._docks[pane].raise_()

    def in_front(self, pane: QWidget) -> bool:
        """Whether a pane is not behind another one of its tabs."""
        return bool(self._docks[pane].isCurrentTab())

    def turn(self, step: int) -> None:
        """Brings the next tab to the front, beside the one that has the focus."""
        pane = self._focused()
        area = self._docks[pane].dockAreaWidget() if pane is not None else None
        if area is not None:
            area.setCurrentIndex((area.currentIndex() + step) % area.dockWidgetsCount())

    def move_pane(self, pane: QWidget, side: Side, beside: QWidget | None = None) -> None:
        """Moves a pane to a side of another one, or of all."""
        self._put(pane, side, beside)
        self.show_pane(pane)

    def move_focused(self, side: Side) -> None:
        """Moves the pane that has the focus to a side of all others."""
        pane = self._focused()
        if pane is not None:
            self.move_pane(pane, side)

    # ------------------------------------------------------------------------------------------ sizes and layouts

    def set_sizes(self, pane: QWidget, sizes: list[int]) -> None:
        """Shares the room of the splitter that a pane stands in."""
        area = self._docks[pane].dockAreaWidget()
        if area is not None:
            self._manager.setSplitterSizes(area, sizes)

    def sizes(self, pane: QWidget) -> list[int]:
        """How the room of the splitter that a pane stands in is shared, in pixels."""
        area = self._docks[pane].dockAreaWidget()
        return list(self._manager.splitterSizes(area)) if area is not None else []

    def stretch(self, pane: QWidget) -> None:
        """Gives a pane's place what is left when the workspace grows."""
        area = self._docks[pane].dockAreaWidget()
        splitter = area.parentWidget() if area is not None else None
        while isinstance(splitter, QSplitter):
            place = splitter.indexOf(area)
            for other in range(splitter.count()):
                splitter.setStretchFactor(other, int(other == place))
            area, splitter = splitter, splitter.parentWidget()

    def finish(self) -> None:
        """Takes the present layout as the one to go back to."""
        self._first = self._manager.saveState()

    def reset(self) -> None:
        """Goes back to the first layout."""
        self.restore(bytes(self._first.data()))

    def save(self) -> bytes:
        """The layout as it is."""
        return bytes(self._manager.saveState().data())

    def restore(self, state: bytes) -> bool:
        """Goes back to a layout; panes that it does not know go to where they were added.

        Returns:
            Whether it could be read; nothing changes otherwise.
        """
        if not self._manager.restoreState(QByteArray(state)):
            return False
        for pane, dock in self._docks.items():
            if dock.isClosed() or dock.dockAreaWidget() is None:
                self._put(pane, Side.TAB, self._homes.get(pane))
        return True

    # ------------------------------------------------------------------------------------------ inner workings

    def _put(self, pane: QWidget, side: Side, beside: QWidget | None) -> None:
        area = self._docks[beside].dockAreaWidget() if beside is not None else None
        dock = self._docks[pane]
        if area is not None:
            self._manager.addDockWidget(side.value, dock, area)
        else:
            self._manager.addDockWidget(side.value, dock)
        if dock.isClosed():
            dock.toggleView(True)

    def _focused(self) -> QWidget | None:
        now = self.focusWidget()
        return next((pane for pane in self._docks if now and (pane is now or pane.isAncestorOf(now))), None)
