"""How panes share the room of a workspace: some by a rule, the others the rest, until a person moves a border."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget
from PySide6QtAds import CDockWidget

Extent = Callable[[int], int]  #: pixels of a pane for pixels of the workspace
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Sharing:
    """Gives panes their widths and heights by rules.

    Attributes:
        moved: Whether a person has moved a border; from then on no rule holds.

    Args:
        whole: The workspace.
        manager: What holds all splitters.
        docks: The docks of the panes.
    """

    def __init__(self, whole: QWidget, manager: QWidget, docks: Mapping[QWidget, CDockWidget]) -> None:
        self.moved = False
        self._whole, self._manager, self._docks = whole, manager, docks
        self._extents: list[tuple[QWidget, Qt.Orientation, Extent]] = []

    def keep(self, pane: QWidget, orientation: Qt.Orientation, extent: Extent) -> None:
        """Gives a pane its width, or its height, by a rule."""
        self._extents.append((pane, orientation, extent))

    def share(self) -> None:
        """Gives panes what their rules say; the others share the rest as they did."""
        if self.moved:
            return
        kept: dict[QSplitter, dict[int, int]] = {}
        for pane, orientation, extent in self._extents:
            splitter, place = self._column(pane, orientation)
            if splitter is not None:
                room = self._whole.width() if orientation is ACROSS else self._whole.height()
                kept.setdefault(splitter, {})[place] = extent(room)
        for splitter, places in kept.items():
            sizes = splitter.sizes()
            if not any(sizes):  # nothing has been laid out yet
                continue
            rest = sum(sizes) - sum(places.values())
            others = sum(size for place, size in enumerate(sizes) if place not in places) or 1
            splitter.setSizes([places.get(place, size * rest // others) for place, size in enumerate(sizes)])

    def _column(self, pane: QWidget, orientation: Qt.Orientation) -> tuple[QSplitter | None, int]:
        """The splitter that decides of a pane's width or height, and the pane's place in it."""
        inner: QWidget = self._docks[pane].dockAreaWidget() or self._docks[pane]  # behind a tab it has no parent
        outer = inner.parentWidget()
        while outer is not None and outer is not self._manager:
            if isinstance(outer, QSplitter) and outer.orientation() == orientation and outer.count() > 1:
                return outer, outer.indexOf(inner)
            inner, outer = outer, outer.parentWidget()
        return None, 0
