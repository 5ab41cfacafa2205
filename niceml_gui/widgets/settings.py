"""Small dialogs for what the program remembers: how runs are executed, and which editor is the person's own."""

from __future__ import annotations

import shlex
import shutil

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from niceml_engine.protocol.runs import Logger, ReadLoggers
from niceml_engine.values import LOGGERS, ErrorInfo
from niceml_gui import state
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, label, set_role

TITLES = {"tensorboard": "TensorBoard", "mlflow": "MLflow"}


class SettingsDialog(QDialog):
    """A note, a form, and the buttons to keep it or not.

    Args:
        title: Of the window.
        note: What the settings are for.
        parent: The window.
        keep: What the button says.
        tip: What it does.
    """

    def __init__(
        self, title: str, note: str, parent: QWidget, *, keep: str = "Keep", tip: str = "Use this from now on"
    ) -> None:
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
        self.keep = button(keep, tip, role="primary")
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


class RunSettingsDialog(SettingsDialog):
    """Sets how the runs to come are executed and who reads along with them, and how the queue of the project works."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Runs and queue", "They change no config: a run keeps its digest.", parent)
        self._session = session
        settings, queue = session.runs.settings, session.runs.queue.settings
        self.device = QLineEdit(settings.device)
        self.device.setPlaceholderText("what TensorFlow finds; or cpu, gpu:0")
        self.threads = _number(settings.threads, 0, 1024)
        self.threads.setSpecialValueText("what TensorFlow chooses")
        self.limit = _number(queue.limit, 1, 64)
        self.limit.setToolTip("Runs that run side by side; the others wait")
        self.patience = _number(round(queue.patience), 0, 3600, suffix=" s")
        self.patience.setToolTip("A run that is asked to stop has so long before its processes are ended")
        self.spare = QCheckBox("with Dagster and TensorFlow imported")
        self.spare.setChecked(queue.spare)
        self.spare.setToolTip("A run then trains within a second or two; it takes some 600 MB of memory")
        self.loggers = Loggers(session)
        for name, field in (
            ("Device", self.device),
            ("Threads", self.threads),
            ("Log to", self.loggers),
            ("Runs at a time", self.limit),
            ("Time to stop", self.patience),
            ("Keep a worker ready", self.spare),
        ):
            field.setAccessibleName(name)
            self.form.addRow(name, field)

    def _keep(self) -> None:
        device, threads = self.device.text().strip(), self.threads.value()
        runs = self._session.runs
        runs.settings = msgspec.structs.replace(
            runs.settings, device=device, threads=threads, log_to=self.loggers.log_to
        )
        runs.change_queue(limit=self.limit.value(), patience=float(self.patience.value()), spare=self.spare.isChecked())
        kept = state.settings()
        kept.setValue("run/device", device)
        kept.setValue("run/threads", threads)
        super()._keep()


class Loggers(QWidget):
    """Who is told what the runs measure that are started in this window; at first, whom the project names."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._wish = session.runs.settings.log_to
        self.boxes = {name: QCheckBox(TITLES[name]) for name in LOGGERS}
        self.note = label("", "warning")
        self.note.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(16)
        for box in self.boxes.values():
            box.setToolTip("Runs that you start in this window, until it is closed")
            box.setEnabled(False)  # until it is known whom the project names
            box.toggled.connect(self._tell)
            row.addWidget(box)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.note)
        self._known: tuple[Logger, ...] = ()
        self._tell()
        if session.project is not None:
            session.engine.ask(ReadLoggers(), self._show, self._fail)

    @property
    def log_to(self) -> tuple[str, ...] | None:
        """The wish; `None` while it is what the project says."""
        chosen = tuple(name for name, box in self.boxes.items() if box.isChecked())
        own = tuple(one.name for one in self._known if one.chosen)
        return self._wish if not self._known else None if chosen == own else chosen

    def _show(self, known: tuple[Logger, ...]) -> None:
        self._known = known
        for one in known:
            box = self.boxes[one.name]
            box.setChecked(one.chosen if self._wish is None else one.name in self._wish)
            box.setEnabled(True)
        self._tell()

    def _fail(self, error: ErrorInfo) -> None:
        self._say(error.message)

    def _tell(self) -> None:
        self._say("\n".join(one.problem for one in self._known if one.problem and self.boxes[one.name].isChecked()))

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.note.setMinimumHeight(self.note.heightForWidth(self.width()) if text else 0)  # no layout asks for it


def _number(value: int, least: int, most: int, suffix: str = "") -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, most)
    field.setSuffix(suffix)
    field.setValue(value)
    return field


class EditorDialog(SettingsDialog):
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
