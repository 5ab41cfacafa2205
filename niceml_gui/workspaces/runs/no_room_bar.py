"""The bar above a run that goes on although its disk is full."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from niceml_engine.values import ACTIVE, RunState
from niceml_gui.widgets.basics import ElidedLabel, label
from niceml_gui.workspaces.runs.marked_bar import MarkedBar


class NoRoomBar(MarkedBar):
    """Shown while what the selected run measures is lost, as its disk is full."""

    def __init__(self) -> None:
        super().__init__("warning")
        self.what = ElidedLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 7, 10, 8)
        row.setSpacing(8)
        row.addWidget(label("disk full", "warning"))
        row.addWidget(self.what, 1)

    def show_run(self, state: RunState | None) -> None:
        """Shows what happens to a run; hides where its disk has room."""
        self.setVisible(state is not None and state.no_room and state.status in ACTIVE)
        if state is not None:
            self.what.set_full_text(
                "The run goes on; what it measures and saves is lost until there is room on the disk of "
                f"{state.folder or 'its folder'}."
            )
