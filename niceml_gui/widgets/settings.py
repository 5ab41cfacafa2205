"""Small dialogs for what the program remembers: how runs are executed, and which editor is the person's own."""

from __future__ import annotations

import shlex
import shutil

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from niceml_gui import state
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, label, set_role


class _SettingsDialog(QDialog):
    """A note, a form, and the buttons to keep it or not.

    Args:
        title: Of the window.
        note: What the settings are for.
        parent: The window.
    """

    def __init__(self, title: str, note: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setMinimumWidth(420)
        self.note = label(note, "muted")
        self.note.setWordWrap(True)
        self.form = QFormLayout()
        self.form.setSpacing(8)
        cancel = button("Cancel", "Change nothing (Esc)")
        cancel.clicked.connect(self.reject)
        self.keep = button("Keep", "Use this from now on", role="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._keep)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(16)
        layout.addWidget(self.note)
        layout.addLayout(self.form)
        layout.addLayout(foot)

    def _keep(self) -> None:
        self.accept()


class RunSettingsDialog(_SettingsDialog):
    """Sets device and thread count of the runs to come."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Device and threads", "They change no config: a run keeps its digest.", parent)
        self._session = session
        self.device = QLineEdit(session.runs.settings.device)
        self.device.setPlaceholderText("what TensorFlow finds; or cpu, gpu:0")
        self.device.setAccessibleName("Device")
        self.threads = QSpinBox()
        self.threads.setRange(0, 1024)
        self.threads.setSpecialValueText("what TensorFlow chooses")
        self.threads.setValue(session.runs.settings.threads)
        self.threads.setAccessibleName("Threads")
        self.form.addRow("Device", self.device)
        self.form.addRow("Threads", self.threads)

    def _keep(self) -> None:
        device, threads = self.device.text().strip(), self.threads.value()
        self._session.runs.settings = msgspec.structs.replace(
            self._session.runs.settings, device=device, threads=threads
        )
        kept = state.settings()
        kept.setValue("run/device", device)
        kept.setValue("run/threads", threads)
        super()._keep()


class EditorDialog(_SettingsDialog):
    """Sets the editor in which sources are opened."""

    def __init__(self, parent: QWidget) -> None:
        note = (
            "Its command, with arguments if it needs any. The line is passed to all editors that are known to take one."
        )
        super().__init__("Editor", note, parent)
        self.command = QLineEdit(state.editor())
        self.command.setPlaceholderText("what $VISUAL or $EDITOR says")
        self.command.setAccessibleName("Command of the editor")
        self.form.addRow("Editor", self.command)

    def _keep(self) -> None:
        command = self.command.text().strip()
        if why := _unknown(command):
            self.note.setText(why)
            set_role(self.note, "error")
            return
        state.settings().setValue("editor", command)
        super()._keep()


def _unknown(command: str) -> str:
    """Why a command cannot be started; nothing if it can, or if there is none."""
    try:
        words = shlex.split(command)
    except ValueError:
        return f"A quote in {command} is not closed."
    return f"There is no program {words[0]} on the PATH." if words and shutil.which(words[0]) is None else ""
