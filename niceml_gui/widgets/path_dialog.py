"""Chooses a file or folder: in the system's dialog on this machine, in one of our own on another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.configs import ListFolder, Listing
from niceml_engine.values import ErrorInfo
from niceml_gui.engine import Engine
from niceml_gui.paths import pure
from niceml_gui.theme.icons import icon
from niceml_gui.values import Loss
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, set_role

Kind = Literal["file", "folder", "new file"]


def choose_path(
    engine: Engine, kind: Kind, title: str, start: str, then: Callable[[str], object], parent: QWidget | None
) -> None:
    """Asks for a path on the machine of the service.

    Args:
        engine: The service's client.
        kind: What to choose.
        title: Of the dialog.
        start: Where it begins.
        then: Gets the path; not called if the person chooses none.
        parent: The window.
    """
    if not engine.host.here:
        dialog = PathDialog(engine, kind, title, start, parent)
        dialog.chosen.connect(then)
        dialog.open()
        return
    if kind == "folder":
        chosen = QFileDialog.getExistingDirectory(parent, title, start)
    elif kind == "file":
        chosen, _ = QFileDialog.getOpenFileName(parent, title, start)
    else:
        chosen, _ = QFileDialog.getSaveFileName(parent, title, start)
    if chosen:
        then(chosen)


class PathDialog(QDialog):
    """Walks through the folders of another machine.

    Args:
        engine: The client of the service there.
        kind: What to choose.
        title: What for.
        start: A folder, or a file in it; `~` is the home there.
        parent: The window.
    """

    chosen = Signal(str)

    def __init__(self, engine: Engine, kind: Kind, title: str, start: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{title} on {engine.host.label}")
        self.setModal(True)
        self.resize(620, 480)
        self._engine, self._kind = engine, kind
        self._asked = 0
        self.listing = Listing("")
        self.path = QLineEdit(start)
        self.path.setProperty("role", "mono")
        self.path.setAccessibleName("Path")
        self.up = icon_button("chevron-up", "Go to the folder above")
        self.entries = QListWidget()
        self.entries.setAccessibleName("Files and folders")
        self.entries.setIconSize(QSize(14, 14))
        self.note = ElidedLabel()
        self.cancel = button("Cancel", "Choose nothing (Esc)")
        self.choose = button("Choose", f"Take this {kind}", role="primary")
        for one in (self.cancel, self.choose):
            one.setAutoDefault(False)  # Enter walks
        top, foot = QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((top, (self.path, self.up)), (foot, (self.note, self.cancel, self.choose))):
            row.setSpacing(8)
            for widget in widgets:
                row.addWidget(widget, 1 if widget in (self.path, self.note) else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.entries, 1)
        layout.addLayout(foot)
        self.path.returnPressed.connect(lambda: self.look(self.path.text()))
        self.up.clicked.connect(lambda: self.look(str(pure(self.listing.path).parent)))
        self.entries.itemActivated.connect(self._enter)
        self.entries.currentItemChanged.connect(self._point)
        self.cancel.clicked.connect(self.reject)
        self.choose.clicked.connect(self._choose)
        engine.lost.connect(self._lost)
        self.look(start)

    def look(self, path: str) -> None:
        """Shows a folder, or the folder of a file."""
        self._engine.forget(self._asked)
        self._say("Reading…")
        self._asked = self._engine.ask(ListFolder(path), self._show, self._failed)

    def done(self, result: int) -> None:
        """Closes it; an answer that is still on its way is dropped."""
        self._engine.forget(self._asked)
        super().done(result)

    def _show(self, listing: Listing) -> None:
        self.entries.clear()
        self.listing = listing
        for entry in listing.entries:
            if entry.name.startswith("."):
                continue
            item = QListWidgetItem(icon("folder" if entry.folder else "file"), entry.name)
            item.setData(Qt.ItemDataRole.UserRole, entry.folder)
            if not entry.folder and self._kind == "folder":
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.entries.addItem(item)
        self._say("" if self.entries.count() else "Nothing is in this folder.")
        file = self.listing.file
        self.path.setText(str(pure(listing.path) / file) if file else listing.path)

    def _point(self, item: QListWidgetItem | None) -> None:
        if item is not None and not item.data(Qt.ItemDataRole.UserRole):
            self.path.setText(str(pure(self.listing.path) / item.text()))

    def _enter(self, item: QListWidgetItem) -> None:
        path = str(pure(self.listing.path) / item.text())
        if item.data(Qt.ItemDataRole.UserRole):
            self.look(path)
        else:
            self.path.setText(path)
            self._choose()

    def _choose(self) -> None:
        item, path = self.entries.currentItem(), self.path.text().strip()
        if self._kind == "folder" and item is not None and path == self.listing.path:
            path = str(pure(path) / item.text())
        if path:
            self.accept()
            self.chosen.emit(path)

    def _failed(self, error: ErrorInfo) -> None:
        self._say(error.message, "error")

    def _lost(self, loss: Loss) -> None:
        self._say(loss.why, "error")

    def _say(self, text: str, role: str = "muted") -> None:
        set_role(self.note, role)
        self.note.set_full_text(text)
