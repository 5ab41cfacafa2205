"""Asks whose text stays, where a file was changed or deleted while its text was changed here."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from niceml_engine.protocol.files import Conflict
from niceml_gui.widgets.basics import label
from niceml_gui.widgets.preview import TextPreview

_CONFLICT_PX = 170  #: height at most of what is shown of a conflict


class ConflictBar(QWidget):
    """Says that somebody else changed the same lines, shows how, and asks whose text is to stay."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Conflict | None = None
        self.said = label("", "warning")
        self.said.setWordWrap(True)
        self.keep = QPushButton()
        self.take = QPushButton()
        self.preview = TextPreview("From the text on disk to the text here")
        self.preview.setMaximumHeight(_CONFLICT_PX)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.said, 1)
        line.addWidget(self.keep)
        line.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.preview)
        self.hide()

    @property
    def found(self) -> str | None:
        """What the file holds now."""
        return self.asked.found if self.asked is not None else None

    @property
    def gone(self) -> bool:
        """Whether it was shown because the file is not there."""
        return self.asked is not None and self.asked.found is None

    def show_conflict(self, conflict: Conflict) -> None:
        """Asks about a conflict."""
        self.asked = conflict
        self.said.setText(
            "The file was deleted meanwhile. Its text is still here."
            if self.gone
            else "The same lines were changed on disk meanwhile. Writing would change what stands there like this:"
        )
        self.keep.setText("Write it again" if self.gone else "Write mine")
        self.keep.setToolTip(
            "Make the file anew, with the text here" if self.gone else "Overwrite what was changed on disk"
        )
        self.take.setText("Take theirs")
        self.take.setVisible(not self.gone)  # whoever does not want the text closes the tab
        self.take.setToolTip("Drop the text here; Ctrl+Z brings it back")
        self.preview.setVisible(not self.gone)
        self.preview.show_diff(conflict.found or "", conflict.mine or "")
        self.show()
