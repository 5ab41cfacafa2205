"""Asks whose text is to stay where two changed the same lines."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from niceml_engine.protocol.files import FileChange
from niceml_gui.file_changes import Clash
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, label
from niceml_gui.widgets.dialog import fit
from niceml_gui.widgets.preview import TextPreview


class ConflictDialog(QDialog):
    """Shows what writing would do to the files as they are now; accepted when it is to be written all the same.

    Args:
        session: What the window works on.
        clash: The step and what stands against it.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, clash: Clash, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(clash.step.title)
        self.setModal(True)
        self.finished.connect(self.deleteLater)
        root = session.project.root if session.project is not None else ""
        text = label(
            f"{clash.names} was changed in the meantime, at the same lines. Writing would do this to what stands there "
            "now:",
        )
        text.setWordWrap(True)
        self.preview = TextPreview("What writing would change")
        mine = [FileChange(one.change.file, one.found, one.mine) for one in clash.conflicts]
        self.preview.show_changes(tuple(mine), root)
        self.write = button("Write mine", "Overwrite what was changed in the meantime", role="danger")
        self.write.clicked.connect(self.accept)
        self.keep = button("Leave it as it is", "Write nothing (Esc)")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self.reject)
        self.accepted.connect(lambda: session.files.write(clash.mine))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.write)
        foot.addWidget(self.keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(text)
        layout.addWidget(self.preview, 1)
        layout.addLayout(foot)
        self.resize(680, 0)
        fit(self)
