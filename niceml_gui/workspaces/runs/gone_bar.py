"""The bar above a run whose folder is gone."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from niceml_gui import words
from niceml_gui.runs import Runs
from niceml_gui.widgets.basics import ElidedLabel, button, label
from niceml_gui.workspaces.runs.marked_bar import MarkedBar


class GoneBar(MarkedBar):
    """Shown while the folder of the selected run is gone.

    Args:
        runs: The runs.
        parent: The Qt parent.
    """

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__("warning", parent)
        self._runs = runs
        what = ElidedLabel("What was read of it is shown until another run is chosen.")
        self.other = button("", "Go on to the run that runs, or else to the newest")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 7, 10, 8)
        row.setSpacing(8)
        row.addWidget(label(words.GONE, "warning"))
        row.addWidget(what, 1)
        row.addWidget(self.other)
        self.other.clicked.connect(lambda: runs.select(runs.newest))

    def refresh(self) -> None:
        """Reads the runs."""
        self.setVisible(bool(self._runs.gone))
        other = self._runs.states.get(self._runs.newest)
        self.other.setVisible(other is not None)
        if other is not None:
            self.other.setText(f"Show {words.told(other)}")
