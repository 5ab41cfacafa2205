"""Saving and exporting: both show what will be written before it is written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.configs import Export, Exported, ExportFormat, Save, Saved
from niceml_engine.values import ErrorInfo
from niceml_gui.session import Message, Session
from niceml_gui.widgets.basics import ElidedLabel, button, label, line, set_role
from niceml_gui.widgets.preview import TextPreview

FORMATS: tuple[tuple[ExportFormat, str, str, str], ...] = (
    ("yaml", "Composed config", "Unresolved; runs again anywhere", "config.yaml"),
    ("resolved", "Resolved config", "For reading; secrets are masked", "resolved.yaml"),
    ("run-config", "Dagster run config", "For a Dagster deployment", "run_config.yaml"),
    ("overrides", "Overrides", "One a line, in Hydra's grammar", "overrides.txt"),
    ("command", "Command line", "Starts the same run in a terminal", "run.sh"),
    ("job", "Job file", "A new file for the configs folder", "job.yaml"),
)


class _Dialog(QDialog):
    """What both have in common: a note for what went wrong, and the buttons."""

    def __init__(self, session: Session, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(True)
        self.resize(860, 560)
        self._session = session
        self._asked = 0
        self.note = ElidedLabel()
        self.note.setProperty("role", "muted")
        self.cancel = button("Cancel", "Close without writing (Esc)")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(150)

    def done(self, result: int) -> None:
        """Closes it; an answer that is still on its way is dropped."""
        self._session.engine.forget(self._asked)
        self._later.stop()
        super().done(result)

    def _say(self, text: str, role: str = "muted") -> None:
        set_role(self.note, role)
        self.note.set_full_text(text)

    def _failed(self, error: ErrorInfo) -> None:
        self._say(error.message, "error")

    def _foot(self, *buttons: QWidget) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.note, 1)
        for widget in (self.cancel, *buttons):
            foot.addWidget(widget)
        return foot


class SaveDialog(_Dialog):
    """Saves the overrides into the job file, or as a new job file, with a preview of the text."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(session, "Save", parent)
        self.resize(720, 280)
        job = Path(session.selection.job)
        self.into = QRadioButton(f"Into {job.name}")
        self.as_new = QRadioButton("As a new job file")
        self.into.setChecked(True)
        self._choice = QButtonGroup(self)
        for choice in (self.into, self.as_new):
            self._choice.addButton(choice)
        self.target = QLineEdit(str(job.with_name(f"{job.stem}_2.yaml")))
        self.target.setAccessibleName("New job file")
        self.target.setProperty("role", "mono")
        self.target.setEnabled(False)
        self.preview = TextPreview("What changes in the file")
        self.save = button("Save", "Write the file", role="primary")
        self.save.setDefault(True)
        self.save.setEnabled(False)
        top = QHBoxLayout()
        top.setSpacing(20)
        top.addWidget(self.into)
        top.addWidget(self.as_new)
        top.addWidget(self.target, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(label("WHAT CHANGES", "title"))
        layout.addWidget(self.preview, 1)
        layout.addLayout(self._foot(self.save))
        self._later.timeout.connect(self._ask)
        self.as_new.toggled.connect(self.target.setEnabled)
        self.as_new.toggled.connect(self._changed)
        self.target.textChanged.connect(self._changed)
        self.save.clicked.connect(self._save)
        self._changed()

    def _file(self) -> str:
        return self.target.text().strip() if self.as_new.isChecked() else ""

    def _changed(self) -> None:
        self.save.setEnabled(False)
        self._later.start()

    def _ask(self) -> None:
        if self.as_new.isChecked() and not self._file():
            self._say("Name the new job file.", "warning")
            return
        request = Save(self._session.selection, self._file(), dry_run=True)
        self._asked = self._session.engine.ask(request, self._preview, self._failed)

    def _preview(self, saved: Saved) -> None:
        self.preview.show_diff(saved.before, saved.after)
        self.preview.fit_height()
        self.resize(self.width(), self.minimumSizeHint().height())
        self.save.setEnabled(saved.before != saved.after)
        self._say(f"Everything else in {Path(saved.file).name} stays as it is." if saved.before else saved.file)

    def _save(self) -> None:
        self._session.save(self._file())
        self.accept()


class ExportDialog(_Dialog):
    """Writes the config in one of the forms, or copies it, with a preview of the text."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(session, "Export", parent)
        self.formats = QListWidget()
        self.formats.setAccessibleName("Form of the export")
        self.formats.setFixedWidth(220)
        for name, title, tip, _file in FORMATS:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(tip)
            self.formats.addItem(item)
        self.about = label("", "muted")
        self.preview = TextPreview("What will be exported")
        self.target = QLineEdit()
        self.target.setAccessibleName("File to write")
        self.target.setProperty("role", "mono")
        self.browse = button("Choose…", "Choose the file to write")
        self.copy = button("Copy", "Copy the text to the clipboard", icon="copy")
        self.export = button("Export", "Write the file", role="primary")
        self.export.setDefault(True)
        for other in (self.browse, self.copy):
            other.setAutoDefault(False)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.about)
        right.addWidget(self.preview, 1)
        file = QHBoxLayout()
        file.setSpacing(8)
        file.addWidget(label("File", "muted"))
        file.addWidget(self.target, 1)
        file.addWidget(self.browse)
        right.addLayout(file)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.formats)
        middle.addWidget(line(vertical=True))
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(middle, 1)
        layout.addLayout(self._foot(self.copy, self.export))
        self._folder = Path(session.project.root) if session.project else Path.cwd()
        self.formats.currentRowChanged.connect(self._chosen)
        self.browse.clicked.connect(self._browse)
        self.copy.clicked.connect(self._copy)
        self.export.clicked.connect(self._export)
        self.formats.setCurrentRow(0)

    def _form(self) -> ExportFormat:
        return FORMATS[max(0, self.formats.currentRow())][0]

    def _chosen(self, row: int) -> None:
        _name, _title, about, file = FORMATS[row]
        self.about.setText(about)
        self.target.setText(str(self._folder / file))
        self._session.engine.forget(self._asked)
        self._asked = self._session.engine.ask(
            Export(self._session.selection, self._form()), self._preview, self._failed
        )

    def _preview(self, exported: Exported) -> None:
        self.preview.setPlainText(exported.text)
        self._say(f"digest {exported.digest}" if exported.digest else "")

    def _browse(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, "Export", self.target.text())
        if file:
            self.target.setText(file)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.preview.toPlainText())
        self._say("Copied.", "ok")

    def _export(self) -> None:
        file = self.target.text().strip()
        if not file:
            self._say("Name the file to write, or copy the text.", "warning")
            return
        request = Export(self._session.selection, self._form(), file)
        self._asked = self._session.engine.ask(request, self._exported, self._failed)

    def _exported(self, exported: Exported) -> None:
        self._session.message.emit(Message("info", f"Exported {exported.file}"))
        self.accept()
