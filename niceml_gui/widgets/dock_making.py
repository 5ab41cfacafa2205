"""How a pane becomes a dock: what its tab looks like, and that it has the room that it wants."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QWidget
from PySide6QtAds import CDockManager, CDockWidget

_READABLE = 150  #: pixels of the tab of a file; where there are more than fit, the tabs scroll


def dock_of(
    manager: CDockManager,
    pane: QWidget,
    tip: str,
    actions: tuple[QAction, ...],
    close: Callable[[], object] | None,
) -> CDockWidget:
    """Makes the dock of a pane.

    Args:
        manager: To which it belongs.
        pane: With an object name of its own, and a window title, which its tab shows.
        tip: Shown over the tab.
        actions: Shown at the right of its tabs while it is in front.
        close: Called when its tab is to be closed; without it, it cannot be.
    """
    closable = close is not None
    dock = CDockWidget(manager, pane.windowTitle())
    dock.setObjectName(pane.objectName())
    dock.setWidget(pane, CDockWidget.eInsertMode.ForceNoScrollArea)
    pane.windowTitleChanged.connect(lambda title: _retitle(dock, title))
    dock.setMinimumSizeHintMode(CDockWidget.eMinimumSizeHintMode.MinimumSizeHintFromContentMinimumSize)
    feature = CDockWidget.DockWidgetFeature
    dock.setFeature(feature.DockWidgetFloatable, False)
    dock.setFeature(feature.DockWidgetPinnable, False)
    dock.setFeature(feature.DockWidgetClosable, closable)
    dock.setFeature(feature.CustomCloseHandling, closable)
    if close is not None:
        dock.closeRequested.connect(close)
    dock.tabWidget().setToolTip(tip)
    # Tabs that are always there have short names, and files have long ones, of which enough must stay to tell them.
    dock.tabWidget().setElideMode(Qt.TextElideMode.ElideMiddle if closable else Qt.TextElideMode.ElideNone)
    if closable:
        dock.tabWidget().setMinimumWidth(_READABLE)
    if actions:
        dock.setTitleBarActions(list(actions))
        for action in actions:
            action.changed.connect(lambda: _make_room(dock))
        # In front, the pane gets new buttons, a turn later.
        dock.visibilityChanged.connect(lambda: QTimer.singleShot(0, dock, lambda: _make_room(dock)))
    return dock


def _retitle(dock: CDockWidget, title: str) -> None:
    dock.setWindowTitle(title)
    _make_room(dock)


def _make_room(dock: CDockWidget) -> None:
    """Gives what stands on the tabs the width it wants now; by itself it is cut until some turns later."""
    area, tab = dock.dockAreaWidget(), dock.tabWidget()
    if area is None or (held := tab.parentWidget()) is None:
        return
    bar = area.titleBar()
    for button in bar.findChildren(QToolButton):
        action = button.defaultAction()
        if action is not None and action in dock.titleBarActions():
            button.setVisible(action.isVisible())  # by itself it stays, greyed out
    inner_first = (tab, held, bar)
    for widget in (tab, held, bar.tabBar()):
        widget.updateGeometry()  # else the one around it goes on with the width it knew
    for widget in reversed(inner_first):
        widget.layout().activate()
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LayoutRequest))
