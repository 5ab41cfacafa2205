"""What stands above the panes while runs are compared: what is of all of them, and what of the one that is chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.widgets.basics import FittingLabel, button, label
from niceml_gui.workspaces.runs.comparison.chosen import Comparison

OF_ALL = "Metrics and Table show all of them"


class ComparedBar(QWidget):
    """Says how many runs are compared, and of which one the other panes are.

    Args:
        comparison: Which runs are compared.
    """

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison
        self.count = label("", "heading")
        self.one = FittingLabel()
        self.one.setProperty("role", "muted")
        self.clear = button("Compare no more", "Untick all runs: the page is of the chosen run alone", role="flat")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 7, 10, 8)
        row.setSpacing(12)
        row.addWidget(self.count)
        row.addWidget(self.one, 1)
        row.addWidget(self.clear)
        self.clear.clicked.connect(comparison.clear)
        self.hide()

    def show_run(self, state: RunState | None) -> None:
        """Shows what is compared now, beside a chosen run."""
        comparison = self._comparison
        self.setVisible(comparison.active)
        if not comparison.active:
            return
        runs = words.counted(len(comparison.chosen.runs), "run")
        self.count.setText(f"{runs} compared")
        if state is None:
            self.one.set_texts((OF_ALL,), OF_ALL)
            return
        other = "" if state.id in comparison else ", which is not compared"
        told = words.told(state)
        said = f"{OF_ALL}, everything else is of {told}{other}"
        self.one.set_texts((said, f"the other panes are of {told}", f"others: {told}", ""), said)
