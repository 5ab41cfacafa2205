"""How runs are executed: device and threads. It changes no config, so no digest."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from niceml_gui import state
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, label


class RunSettingsDialog(QDialog):
    """Sets device and thread count of the runs to come."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Device and threads")
        self.setModal(True)
        self.setMinimumWidth(380)
        self._session = session
        self.device = QLineEdit(session.runs.settings.device)
        self.device.setPlaceholderText("what TensorFlow finds; or cpu, gpu:0")
        self.device.setAccessibleName("Device")
        self.threads = QSpinBox()
        self.threads.setRange(0, 1024)
        self.threads.setSpecialValueText("what TensorFlow chooses")
        self.threads.setValue(session.runs.settings.threads)
        self.threads.setAccessibleName("Threads")
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("Device", self.device)
        form.addRow("Threads", self.threads)
        cancel = button("Cancel", "Change nothing (Esc)")
        cancel.clicked.connect(self.reject)
        self.keep = button("Keep", "Use this for the runs to come", role="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._keep)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(16)
        layout.addWidget(label("They change no config: a run keeps its digest.", "muted"))
        layout.addLayout(form)
        layout.addLayout(foot)

    def _keep(self) -> None:
        device, threads = self.device.text().strip(), self.threads.value()
        self._session.runs.settings = msgspec.structs.replace(
            self._session.runs.settings, device=device, threads=threads
        )
        kept = state.settings()
        kept.setValue("run/device", device)
        kept.setValue("run/threads", threads)
        self.accept()
