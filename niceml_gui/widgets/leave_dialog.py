"""Asks what becomes of unsaved texts when the window is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, label

_NAMED = 8  #: files that are named; of more it is said how many


class Text(Protocol):
    """The unsaved text of a file."""

    file: str

    @property
    def saved(self) -> SignalInstance:
        """Tells after `save` whether the text could be written."""

    def save(self) -> None:
        """Writes the text."""

    def drop(self) -> None:
        """Gives the text up for what the file holds."""


class LeaveDialog(QDialog):
    """Offers to save all texts, to keep them for the next time or to drop them; accepted when the window may go.

    Args:
        session: What the window works on.
        texts: What is not saved.
        parent: The window that is to be closed.
    """

    stuck = Signal(object)  #: the `Text` that could not be saved

    def __init__(self, session: Session, texts: Sequence[Text], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Unsaved texts")
        self.setModal(True)
        self._texts = list(texts)
        count = len(texts)
        heading = label(f"{count} files are not saved" if count > 1 else "A file is not saved", "heading")
        named = [session.names.of(text.file) for text in texts[:_NAMED]]
        if count > _NAMED:
            named.append(f"and {count - _NAMED} more")
        names = label("\n".join(named), "mono")
        overrides = len(session.selection.overrides)
        is_ = "is" if overrides == 1 else "are"
        too = f" {words.kept(overrides, [], [])} {is_} kept in any case." if overrides else ""
        about = label(f"What is kept is here again, unsaved, when the project is opened the next time.{too}", "muted")
        about.setWordWrap(True)
        self.cancel = button("Cancel", "Go on working (Esc)")
        self.keep = button("Keep for next time", "Close; the files stay as they are")
        self.save = button("Save all" if count > 1 else "Save", "Write the files, then close", role="primary")
        self.save.setDefault(True)
        self.drop = button("Don't save", "Close, and give these texts up for good", role="danger")
        self.drop.setAutoDefault(False)
        self.drop.clicked.connect(self._drop)
        self.cancel.clicked.connect(self.reject)
        self.keep.clicked.connect(self.accept)
        self.save.clicked.connect(self._save)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.drop)
        foot.addStretch(1)
        for widget in (self.cancel, self.keep, self.save):
            foot.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        for part in (heading, names, about):
            layout.addWidget(part)
        layout.addSpacing(4)
        layout.addLayout(foot)

    def _save(self) -> None:
        for choice in (self.drop, self.keep, self.save):
            choice.setEnabled(False)
        self._save_next()

    def _drop(self) -> None:
        for text in self._texts:
            text.drop()
        self.accept()

    def _save_next(self) -> None:
        if not self._texts:
            self.accept()
            return
        self._texts[0].saved.connect(self._saved, Qt.ConnectionType.SingleShotConnection)
        self._texts[0].save()

    def _saved(self, done: bool) -> None:
        if done:
            del self._texts[0]
            self._save_next()
        else:
            self.stuck.emit(self._texts[0])
            self.reject()
