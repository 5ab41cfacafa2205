"""The config that a run was started with, as text."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget

from niceml_gui.widgets.basics import Empty
from niceml_gui.workspaces.runs.log_view import PLAIN


class ConfigPane(QStackedWidget):
    """The config that a run was started with."""

    wanted = Signal()  #: it is in view, and is to be read

    def __init__(self) -> None:
        super().__init__()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setProperty("role", "mono")
        self.text.setStyleSheet(PLAIN)
        self.text.setAccessibleName("Composed config of the run")
        self.addWidget(Empty("No run selected", "Choose a run: the config that it was started with appears here."))
        self.addWidget(self.text)

    def show_text(self, text: str) -> None:
        """Shows a config, or that there is none."""
        if text != self.text.toPlainText():
            self.text.setPlainText(text)
        self.setCurrentIndex(1 if text else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for the config."""
        super().showEvent(event)
        self.wanted.emit()
