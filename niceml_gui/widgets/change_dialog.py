"""Asks before files are changed, and shows what changes in them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from niceml_engine.protocol.files import FileChange
from niceml_gui.widgets.basics import ElidedLabel, button, label
from niceml_gui.widgets.dialog import fit
from niceml_gui.widgets.preview import TextPreview


class ChangeDialog(QDialog):
    """Shows changes of files; accepted when they are to be written.

    Args:
        title: What is done, as undo names it.
        changes: What will be written.
        root: The project's folder, from which files are named.
        parent: The window over which it lies.
    """

    def __init__(self, title: str, changes: tuple[FileChange, ...], root: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(True)
        self.changes = changes
        self.preview = TextPreview("What changes in the files")
        self.preview.show_changes(changes, root)
        self.write = button("Change the file" if len(changes) == 1 else "Change the files", title, role="primary")
        self.write.setDefault(True)
        self.write.clicked.connect(self.accept)
        self.cancel = button("Cancel", "Close without writing (Esc)")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        note = ElidedLabel("Everything else stays as it is; Ctrl+Z takes it back.")
        note.setProperty("role", "muted")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(note, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.write)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(label(title, "heading"))
        layout.addWidget(self.preview, 1)
        layout.addLayout(foot)
        self.resize(680, 0)
        fit(self)
