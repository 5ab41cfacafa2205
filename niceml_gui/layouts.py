"""Commands for the panes of the workspace in front: walking, turning, moving them, and layouts with names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from niceml_gui import panes
from niceml_gui.widgets.docks import Docks, Side
from niceml_gui.widgets.picker import Entry

Front = Callable[[], tuple[str, QWidget]]


class Layouts:
    """What can be done with the panes of a workspace.

    Args:
        window: Over which questions are asked.
        front: Says which workspace is in front, and what it is called.
    """

    def __init__(self, window: QWidget, front: Front) -> None:
        self._window = window
        self._front = front

    def turn(self, step: int) -> None:
        """Brings the next tab to the front, where the focus is, and takes the focus along."""
        _, workspace = self._front()
        pane = workspace.turn(step) if isinstance(workspace, Docks) else None
        target = panes.first_focus(pane) if pane is not None else None
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def move(self, side: Side) -> None:
        """Moves the pane with the focus to a side of the workspace."""
        _, workspace = self._front()
        if isinstance(workspace, Docks):
            workspace.move_focused(side)

    def save_as(self) -> None:
        """Asks for a name, and keeps the present layout under it."""
        name, workspace = self._front()
        title, accepted = QInputDialog.getItem(
            self._window, "Save layout", "Name of the layout", panes.layouts(name), editable=True
        )
        title = title.replace("/", " ").strip()
        if accepted and title:
            panes.keep_layout(name, title, workspace)

    def fill(self, menu: QMenu) -> None:
        """Fills a menu with the layouts that were kept."""
        name, workspace = self._front()
        menu.clear()
        titles = panes.layouts(name)
        for title in titles:
            menu.addAction(title, partial(panes.use_layout, name, title, workspace))
        if not titles:
            menu.addAction("No layouts kept yet").setEnabled(False)
            return
        drop = menu.addMenu("Forget")
        for title in titles:
            drop.addAction(title, partial(panes.drop_layout, name, title))

    def entries(self) -> list[Entry]:
        """Panes to go to and layouts to use, for the palette."""
        name, workspace = self._front()
        found: list[Entry] = []
        if isinstance(workspace, Docks):
            for pane in workspace.panes:
                found.append(Entry(f"Show {pane.windowTitle()}", partial(_show, workspace, pane), "pane", "command"))
        for title in panes.layouts(name):
            use = partial(panes.use_layout, name, title, workspace)
            found.append(Entry(f"Use layout {title}", use, "layout", "command"))
        return found


def _show(workspace: Docks, pane: QWidget) -> None:
    workspace.show_pane(pane)
    target = panes.first_focus(pane)
    if target is not None:
        target.setFocus()
