"""Panes that can be dragged beside each other or stacked as tabs, with layouts that have names."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from functools import partial

import msgspec
from PySide6.QtCore import QByteArray, Signal
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QSplitter, QVBoxLayout, QWidget
from PySide6QtAds import (
    BottomDockWidgetArea,
    CDockAreaTabBar,
    CDockManager,
    CDockSplitter,
    CDockWidget,
    CenterDockWidgetArea,
    LeftDockWidgetArea,
    RightDockWidgetArea,
    TopDockWidgetArea,
)

from niceml_gui.theme.icons import tint
from niceml_gui.widgets.crown import Crown
from niceml_gui.widgets.dock_making import dock_of
from niceml_gui.widgets.dock_sharing import ACROSS, DOWN, Extent, Sharing
from niceml_gui.widgets.front_tab import ALL_TABS, FrontTab

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


_WATCHED = "watched"  #: a property of splitters and bars of tabs
_ALOUD = {ALL_TABS: "All tabs", "tabCloseButton": "Close"}  #: what icons of tabs are called


class _Layout(msgspec.Struct):
    panes: bytes
    moved: bool  # whether a person has moved a border


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
    Some panes have a width or a height by a rule, which holds until a person moves a border.
    """

    close_requested = Signal(QWidget)  #: a pane that may be closed is to be

    def __init__(self) -> None:
        super().__init__()
        for flag, on in _FLAGS.items():
            CDockManager.setConfigFlag(flag, on)
        self._manager = CDockManager(self)
        self._docks: dict[QWidget, CDockWidget] = {}
        self._homes: dict[QWidget, QWidget] = {}
        self._sharing = Sharing(self, self._manager, self._docks)
        self._crown: Crown | None = None
        self._stretched: QWidget | None = None
        self._first = QByteArray()
        self._first_fronts: tuple[str, ...] = ()
        self._manager.dockAreasAdded.connect(self._watch)
        self._manager.dockAreasRemoved.connect(self._seat)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addWidget(self._manager, 1)

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
        close = partial(self.close_requested.emit, pane) if closable else None
        dock = dock_of(self._manager, pane, tip, actions, close)
        self._docks[pane] = dock
        if beside is not None:
            self._homes[pane] = beside
        self._put(pane, side, beside)
        self._watch()

    def add_above(self, bar: QWidget) -> None:
        """Puts a bar above all panes."""
        self._rows.insertWidget(self._rows.count() - 1, bar)

    @property
    def crowned(self) -> tuple[QWidget, ...]:
        """What lies above the tabs of a pane."""
        return () if self._crown is None else (self._crown.widget,)

    def crown(self, widget: QWidget, pane: QWidget) -> Crown:
        """Shows a widget above the tabs of the place where a pane lies, whichever of them is in front."""
        self._crown = Crown(widget, self._docks[pane], self)
        return self._crown

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

    def fronts(self) -> tuple[str, ...]:
        """The names of the panes that are in front where they lie."""
        return tuple(pane.objectName() for pane in self._docks if self.in_front(pane))

    def show_fronts(self, names: Collection[str] | None) -> None:
        """Brings panes to the front where they lie; `None`: those that were in front at first."""
        wanted = self._first_fronts if names is None else names
        for pane in self._docks:
            if pane.objectName() in wanted and not self.in_front(pane):
                self.show_pane(pane)

    def front_beside(self, pane: QWidget) -> QWidget:
        """The pane in front where a pane lies."""
        return next((other for other, dock in self._docks.items() if self._is_front_of(pane, dock)), pane)

    def _is_front_of(self, pane: QWidget, dock: CDockWidget) -> bool:
        area = self._docks[pane].dockAreaWidget()
        return area is not None and dock is area.currentDockWidget()

    def turn(self, step: int) -> QWidget | None:
        """Brings the next tab to the front, beside the one that has the focus; returns its pane."""
        pane = self._focused()
        area = self._docks[pane].dockAreaWidget() if pane is not None else None
        if area is None:
            return None
        area.setCurrentIndex((area.currentIndex() + step) % area.dockWidgetsCount())
        front = area.currentDockWidget()
        return next((pane for pane, dock in self._docks.items() if dock is front), None)

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

    def keep_width(self, pane: QWidget, extent: Extent) -> None:
        """Gives a pane its width by a rule."""
        self._sharing.keep(pane, ACROSS, extent)

    def keep_height(self, pane: QWidget, extent: Extent) -> None:
        """Gives a pane its height by a rule."""
        self._sharing.keep(pane, DOWN, extent)

    def share(self) -> None:
        """Shares the room by the rules, of which one says something else now."""
        self._sharing.share()

    def set_sizes(self, pane: QWidget, sizes: list[int]) -> None:
        """Shares the room of the splitter that a pane stands in, as a person does who moves its borders."""
        area = self._docks[pane].dockAreaWidget()
        if area is not None:
            self._manager.setSplitterSizes(area, sizes)
            self._sharing.moved = True

    def sizes(self, pane: QWidget) -> list[int]:
        """How the room of the splitter that a pane stands in is shared, in pixels."""
        area = self._docks[pane].dockAreaWidget()
        return list(self._manager.splitterSizes(area)) if area is not None else []

    def finish(self, stretched: QWidget) -> None:
        """Takes the present layout as the one to go back to.

        Args:
            stretched: The pane whose place gets what is left when the workspace grows.
        """
        self._stretched = stretched
        self._first = self._manager.saveState()
        self._first_fronts = self.fronts()
        self._settle()

    def reset_layout(self) -> None:
        """Goes back to the first layout."""
        self._restore(bytes(self._first.data()))
        self._sharing.moved = False
        self._sharing.share()

    def save_state(self) -> bytes:
        """The layout as it is."""
        return msgspec.msgpack.encode(_Layout(bytes(self._manager.saveState().data()), self._sharing.moved))

    def restore_state(self, state: bytes) -> None:
        """Goes back to a layout; panes that it does not know go to where they were added.

        What cannot be read changes nothing.
        """
        try:
            layout = msgspec.msgpack.decode(state, type=_Layout)
        except msgspec.MsgspecError:
            return
        if self._restore(layout.panes):
            self._sharing.moved = layout.moved
            self._sharing.share()

    # ------------------------------------------------------------------------------------------ Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the new room."""
        super().resizeEvent(event)
        self._sharing.share()

    def showEvent(self, event: QShowEvent) -> None:
        """Shares the room as it should have been while nobody looked."""
        super().showEvent(event)
        self._sharing.share()

    # ------------------------------------------------------------------------------------------ inner workings

    def _restore(self, panes: bytes) -> bool:
        known = self._manager.restoreState(QByteArray(panes))
        self._seat()
        if not known:
            return False
        front = [pane for pane in self._docks if self.in_front(pane)]
        for pane, dock in self._docks.items():
            if dock.isClosed() or dock.dockAreaWidget() is None:
                self._put(pane, Side.TAB, self._homes.get(pane))
        for pane in front:  # a pane that the layout does not know hides none that it shows
            self.show_pane(pane)
        self._settle()
        return True

    def _settle(self) -> None:
        """Makes splitters, of which a restored layout has new ones, behave as those before."""
        self._watch()
        inner = self._stretched
        while inner is not None and inner is not self._manager:
            outer = inner.parentWidget()
            if isinstance(outer, QSplitter):
                for place in range(outer.count()):
                    outer.setStretchFactor(place, int(place == outer.indexOf(inner)))
            inner = outer

    def _watch(self) -> None:
        self._seat()
        for splitter in self._manager.findChildren(CDockSplitter):
            if not splitter.property(_WATCHED):
                splitter.setProperty(_WATCHED, True)
                splitter.splitterMoved.connect(self._border_moved)
        for bar in self._manager.findChildren(CDockAreaTabBar):
            if not bar.property(_WATCHED):
                bar.setProperty(_WATCHED, True)
                FrontTab(bar)
        for button in self._manager.findChildren(QAbstractButton):
            if button.objectName() in _ALOUD:
                button.setAccessibleName(_ALOUD[button.objectName()])
            if button.objectName() == ALL_TABS:
                button.setToolTip("All tabs")
                tint(button, "chevron-down")

    def _border_moved(self) -> None:
        self._sharing.moved = True

    def _put(self, pane: QWidget, side: Side, beside: QWidget | None) -> None:
        area = self._docks[beside].dockAreaWidget() if beside is not None else None
        dock = self._docks[pane]
        if area is not None:
            self._manager.addDockWidget(side.value, dock, area)
        else:
            self._manager.addDockWidget(side.value, dock)
        if dock.isClosed():
            dock.toggleView(True)
        self._seat()

    def _seat(self) -> None:
        if self._crown is not None:
            self._crown.seat()

    def _focused(self) -> QWidget | None:
        now, crown = self.focusWidget(), self._crown
        if crown is not None and now is not None and crown.widget.isAncestorOf(now):
            return next((pane for pane, dock in self._docks.items() if dock is crown.dock), None)
        return next((pane for pane in self._docks if now and (pane is now or pane.isAncestorOf(now))), None)
