"""Asks before runs are deleted, which nothing takes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from niceml_engine.values import RunState
from niceml_engine.visible import visible
from niceml_gui.paths import inside
from niceml_gui.widgets.basics import button, label
from niceml_gui.widgets.dialog import fit
from niceml_gui.widgets.wrapping import FoldedLabel
from niceml_gui.words import counted

_WIDE = 460  #: pixels
_MOST = 8  #: lines of folders without a scroll bar


class DeleteDialog(QDialog):
    """Accepted when runs are to be deleted.

    Args:
        runs: Those that would be deleted.
        what: How they are called.
        root: The project; of what lies elsewhere, the whole path is told.
        parent: Over whose window it lies.
    """

    def __init__(self, runs: Sequence[RunState], what: str, root: str, parent: QWidget) -> None:
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
        self.experiments.setEnabled(bool(kept))
        told = _told(kept, root)
        self.folders = FoldedLabel(_MOST)
        self.folders.unfold(True)
        self.folders.set_full_text("\n".join(told))
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
        if told:
            layout.addWidget(self.folders if len(told) <= _MOST else _scrolled(self.folders))
        layout.addSpacing(8)
        layout.addLayout(foot)
        self.resize(_WIDE, 0)
        fit(self)


def _told(experiments: Sequence[str], root: str) -> list[str]:
    """Where the folders lie: those of the project by their places, all others each by its whole path."""
    here = [shown for one in experiments if (shown := inside(one, root)) != one]
    away = [one for one in experiments if inside(one, root) == one]
    places = Counter(one.rpartition("/")[0] or "." for one in here)
    told = [f"In this project: {here[0]}"] if len(here) == 1 else []
    if len(here) > 1:
        told = [f"In this project, {place}: {counted(count, 'folder')}" for place, count in places.items()]
    return told + [f"Outside this project: {one}" for one in away]


def _scrolled(part: QWidget) -> QScrollArea:
    """A part of which there may be much."""
    content, area = QWidget(), QScrollArea()
    layout = QVBoxLayout(content)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(part)
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFixedHeight(_MOST * part.fontMetrics().lineSpacing())
    return area
