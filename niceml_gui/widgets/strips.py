"""Rows and columns that give way: controls that move below their tabs, panes that share the width by a rule."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QSplitter, QTabBar, QWidget

from niceml_gui.widgets.basics import Painted


class TabStrip(Painted):
    """Tabs at the left and controls at the right, which move below the tabs where there is no room for both.

    Args:
        tabs: The tabs.
        controls: What belongs to the pages.
    """

    def __init__(self, tabs: QTabBar, controls: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "tab-strip")
        tabs.setExpanding(False)
        tabs.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(8, 0, 8, 0)
        self._line.setSpacing(0)
        self._line.addWidget(tabs, 1)
        self._line.addWidget(controls)

    @property
    def stacked(self) -> bool:
        """Whether the controls stand below the tabs."""
        return self._line.direction() == QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        """As narrow as one likes: the controls give way."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the controls where there is room for them."""
        super().resizeEvent(event)
        parts = (self._line.itemAt(place) for place in range(self._line.count()))
        below = event.size().width() < sum(part.minimumSize().width() for part in parts if part is not None) + 24
        self._line.setDirection(QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight)


class SharedSplitter(QSplitter):
    """Panes side by side that share the width by a rule, until a person moves a border.

    Args:
        share: Widths of the panes for a whole width, in pixels.
    """

    def __init__(self, share: Callable[[int], list[int]]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._share = share
        self._moved = False
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._keep)

    def save(self) -> bytes:
        """Where the borders stand; empty if nobody has moved them."""
        return bytes(self.saveState().data()) if self._moved else b""

    def restore(self, state: bytes) -> None:
        """Puts the borders where they stood; what cannot be read is ignored."""
        if state and self.restoreState(QByteArray(state)):
            self._moved = True

    def reset(self) -> None:
        """Shares the width by the rule again."""
        self._moved = False
        self.setSizes(self._share(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the new width."""
        super().resizeEvent(event)
        if not self._moved:
            self.setSizes(self._share(event.size().width()))

    def _keep(self) -> None:
        self._moved = True
