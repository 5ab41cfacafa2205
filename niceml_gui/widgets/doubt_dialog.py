"""Asks whether to start a run that a check is against."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from niceml_gui.starting import Doubt
from niceml_gui.widgets.basics import button, label
from niceml_gui.widgets.dialog import fit
from niceml_gui.words import counted

_WIDE = 620  #: pixels


class DoubtDialog(QDialog):
    """Accepted when the run is to be started nevertheless.

    Args:
        doubt: What the check has found.
        parent: The window over which it lies.
    """

    problems_wanted = Signal()  #: all problems are to be shown

    def __init__(self, doubt: Doubt, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle("Run with errors?")
        self.text = label(doubt.said, selectable=True)
        self.text.setWordWrap(True)
        self.text.setAccessibleName("What the check has found")
        self.anyway = button("Run anyway", "Start it as it is: the check may be wrong")
        self.problems = button(
            "Show problems", "Start nothing, and see all of them with ways to mend them", role="primary"
        )
        self.cancel = button("Cancel", "Start nothing (Esc)")
        self.anyway.setAutoDefault(False)
        self.problems.setDefault(True)
        self.anyway.clicked.connect(self.accept)
        self.problems.clicked.connect(self._show_problems)
        self.cancel.clicked.connect(self.reject)
        self.accepted.connect(doubt.start)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.anyway)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.problems)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(label(f"The check has found {counted(len(doubt.errors), 'error')}", "heading"))
        layout.addWidget(self.text, 1)
        layout.addSpacing(4)
        layout.addLayout(foot)
        self.resize(_WIDE, 0)
        fit(self)

    def _show_problems(self) -> None:
        self.reject()
        self.problems_wanted.emit()
