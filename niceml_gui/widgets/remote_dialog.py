"""Asks for a project on another machine."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from niceml_engine.errors import ProjectError
from niceml_gui import ssh, state
from niceml_gui.address import SCHEME, Address, Host
from niceml_gui.engine import Engine
from niceml_gui.widgets.basics import button, set_role
from niceml_gui.widgets.path_dialog import PathDialog
from niceml_gui.widgets.settings import SettingsDialog

ABOUT = (
    "The service runs there, started by ssh with your own config, keys and agent; the window stays here. "
    "Runs go on there when the connection is gone."
)


class RemoteDialog(SettingsDialog):
    """A machine, a folder on it, and the interpreter there that has niceml.

    Args:
        parent: The window.
    """

    chosen = Signal(str)  #: an `ssh://` URL

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Open on another machine", ABOUT, parent, keep="Connect", tip="Open the folder there")
        self.setMinimumWidth(520)
        self._recent = [address for address in state.recent_projects() if not address.host.here]
        self.machine = QComboBox()
        self.machine.setEditable(True)
        self.machine.setAccessibleName("Machine")
        recent = [address.host.label for address in self._recent]
        self.machine.addItems(list(dict.fromkeys((*recent, *ssh.known_hosts()))))
        self.machine.setCurrentText(recent[0] if recent else "")
        field = self.machine.lineEdit()
        assert field is not None
        field.setPlaceholderText("gpu1, or anna@gpu1:2222")
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("/home/anna/scenes, or ~/scenes")
        self.folder.setAccessibleName("Folder")
        self.python = QLineEdit()
        self.python.setPlaceholderText("niceml-engine, where ssh finds it there")
        self.python.setAccessibleName("Interpreter")
        self.browse = button("Choose…", "Connect, and look through the folders there")
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        self.form.addRow("Machine", self.machine)
        self.form.addRow("Folder", row)
        self.form.addRow("Interpreter", self.python)
        self.machine.currentTextChanged.connect(self._recall)
        self._recall(self.machine.currentText())

    def _recall(self, machine: str) -> None:
        """Proposes what was used on that machine the last time."""
        last = next((address for address in self._recent if address.host.label == machine), None)
        if last is not None:
            self.folder.setText(last.path)
            self.python.setText(last.host.python)

    def done(self, result: int) -> None:
        """Closes it, and the connection that it may have."""
        for dialog in self.findChildren(PathDialog):
            dialog.reject()
        super().done(result)

    def _keep(self) -> None:
        folder, host = self.folder.text().strip(), self._host()
        if host is not None and not folder:
            self._say("Name a folder there, or choose one.")
        elif host is not None:
            self.chosen.emit(str(Address(folder, host)))
            super()._keep()

    def _browse(self) -> None:
        host = self._host()
        if host is None:
            return
        engine = Engine(parent=self)
        engine.go(host)
        engine.start(asking=True)
        dialog = PathDialog(engine, "folder", "Choose a project", self.folder.text().strip() or "~", self)
        dialog.chosen.connect(self.folder.setText)
        dialog.finished.connect(engine.close)
        dialog.open()

    def _host(self) -> Host | None:
        """The machine that is named; `None` if there is none, which is said."""
        machine = self.machine.currentText().strip().removeprefix(SCHEME)
        try:
            login = Address.parse(f"{SCHEME}{machine}/-").host
        except ProjectError as error:
            self._say(error.message if machine else "Name a machine.")
            return None
        return replace(login, python=self.python.text().strip())

    def _say(self, text: str) -> None:
        self.note.setText(text)
        set_role(self.note, "error")
