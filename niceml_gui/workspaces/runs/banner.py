"""A banner that says in one line why a run failed, with the details to unfold."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from niceml_engine.values import RunState
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, label
from niceml_gui.workspaces.runs.record import RunRecord


class FailureBanner(QWidget):
    """Shown while the selected run is one that failed.

    Args:
        parent: The Qt parent.
    """

    key_wanted = Signal(str)  #: the config key is to be shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.op = label("", "error")
        self.message = ElidedLabel()
        self.key = label("", "mono", selectable=True)
        self.show_key = button("Show in Compose", "Select the config key that is to blame")
        self.unfold = button("Details", "Show what an expert wants to see")
        self.unfold.setCheckable(True)
        self.copy = icon_button("copy", "Copy the error with its details")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setProperty("role", "mono")
        self.details.setAccessibleName("Details of the error")
        self.details.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.op)
        row.addWidget(self.message, 1)
        row.addWidget(self.unfold)
        row.addWidget(self.copy)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.key)
        below.addWidget(self.show_key)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 7, 10, 7)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addLayout(below)
        layout.addWidget(self.details)
        self.unfold.toggled.connect(self.details.setVisible)
        self.show_key.clicked.connect(lambda: self.key_wanted.emit(self.key.text()))
        self.copy.clicked.connect(self._copy)
        theme().changed.connect(self.update)
        self.hide()

    def show_failure(self, state: RunState | None, record: RunRecord) -> None:
        """Shows why a run failed; hides where there is nothing to tell."""
        op, end = record.failed_op, record.ended
        failed = (state is not None and state.status == "failed") or (end is not None and end.status == "failed")
        self.setVisible(failed)
        if not failed:
            self.unfold.setChecked(False)
            return
        message = (op and op.message) or (end and end.message) or (state and state.message) or "no reason was given"
        details = (op and op.details) or (end and end.details) or ""
        where = op.name if op else state.op if state else ""
        self.op.setText(f"failed at {where}" if where else "failed")
        self.message.set_full_text(message)
        self.key.setText(op.key if op else "")
        self.key.setVisible(bool(self.key.text()))
        self.show_key.setVisible(bool(self.key.text()))
        self.unfold.setVisible(bool(details))
        if self.details.toPlainText() != details:
            self.details.setPlainText(details)
            lines = min(details.count("\n") + 1, 9)
            self.details.setFixedHeight(18 + lines * self.details.fontMetrics().lineSpacing())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints a bar in the colour of errors."""
        tokens = theme().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.raised))
        painter.fillRect(0, 0, 3, self.height(), QColor(tokens.error))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(tokens.line))

    def _copy(self) -> None:
        parts = (f"{self.op.text()}: {self.message.full_text()}", self.key.text(), self.details.toPlainText())
        QApplication.clipboard().setText("\n".join(part for part in parts if part))
