"""Asks before runs are deleted, which nothing takes back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from niceml_engine.values import RunState
from niceml_engine.visible import visible
from niceml_gui.widgets.basics import button, label
from niceml_gui.widgets.dialog import fit

_WIDE = 460  #: pixels


class DeleteDialog(QDialog):
    """Accepted when runs are to be deleted.

    Args:
        runs: Those that would be deleted.
        what: How they are called.
        parent: Over whose window it lies.
    """

    def __init__(self, runs: Sequence[RunState], what: str, parent: QWidget) -> None:
        super().__init__(parent)
        several = len(runs) > 1
        kept = [state.experiment for state in runs if state.experiment]
        self.setModal(True)
        self.setWindowTitle("Delete sweep" if several else "Delete run")
        self.question = label(visible(f"Delete {what}?"), "heading")
        self.question.setWordWrap(True)
        lost = label(f"{'Their' if several else 'Its'} stream, log and output are deleted for good, in Dagster too.")
        lost.setWordWrap(True)
        folders = "experiment folders with their" if several else "experiment folder with its"
        self.experiments = QCheckBox(f"Delete the {folders} models too")
        self.experiments.setToolTip("\n".join(kept))
        self.experiments.setEnabled(bool(kept))
        self.cancel = button("Cancel", "Delete nothing (Esc)")
        self.delete = button("Delete", "Delete for good", icon="trash", role="danger", token="error")
        self.delete.setAutoDefault(False)
        self.cancel.setDefault(True)  # Return destroys nothing
        self.cancel.clicked.connect(self.reject)
        self.delete.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        for part in (self.question, lost, self.experiments):
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addLayout(foot)
        self.resize(_WIDE, 0)
        fit(self)
