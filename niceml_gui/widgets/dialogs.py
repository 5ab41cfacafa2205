"""Exporting: it shows what will be written before it is written."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from niceml_engine.protocol.configs import Export, Exported, ExportFormat, ListFolder, Listing
from niceml_engine.values import ErrorInfo
from niceml_gui.composer import TIMEOUT
from niceml_gui.paths import pure
from niceml_gui.session import Message, Session
from niceml_gui.values import file_stem
from niceml_gui.widgets.basics import ElidedEdit, button, label, line, set_role
from niceml_gui.widgets.dialog import Dialog
from niceml_gui.widgets.path_dialog import choose_path
from niceml_gui.widgets.preview import TextPreview

FORMATS: tuple[tuple[ExportFormat, str, str, str], ...] = (
    ("yaml", "Composed config", "Unresolved; runs again anywhere", "{}.composed.yaml"),
    ("annotated", "Composed, with origins", "The same; beside each value, the line that set it", "{}.annotated.yaml"),
    ("resolved", "Resolved config", "For reading; secrets are masked", "{}.resolved.yaml"),
    ("run-config", "Dagster run config", "For a Dagster deployment", "{}.run_config.yaml"),
    ("overrides", "Overrides", "One a line, in Hydra's grammar", "{}.overrides.txt"),
    ("command", "Command line", "Starts the same run in a terminal", "{}.run.sh"),
    ("job", "Job file", "A new file for the configs folder", "{}.new.yaml"),
    ("folder", "Job and its files", "A new folder; composes the same wherever it is taken", "{}.exported"),
)  #: the form, its title, what it is for, and its file by default


_OF_SWEEPS: tuple[ExportFormat, ...] = ("overrides", "command")  #: forms that hold values to sweep


class ExportDialog(Dialog):
    """Writes the config in one of the forms, or copies it, with a preview of the text."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(session, "Export", parent)
        self.resize(min(1180, parent.width() - 80), min(720, parent.height() - 80))
        self.formats = QListWidget()
        self.formats.setAccessibleName("Form of the export")
        self.formats.setFixedWidth(220)
        self._runs = runs = session.composed.runs
        for name, title, tip, _file in FORMATS:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(tip)
            if reason := self._unfit(name):
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setToolTip(reason)
            self.formats.addItem(item)
        self.about = label("", "muted")
        self.about.setWordWrap(True)
        held = f"The other forms hold one config, and these are {runs} runs: take the values to sweep out for them."
        self.held = label(held if runs > 1 else self._unfit("job"), "muted")
        self.held.setWordWrap(True)
        self.held.setVisible(bool(self.held.text()))
        self.preview = TextPreview("What will be exported")
        self.kind = label("File", "muted")
        self.target = ElidedEdit()
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
        file.addWidget(self.kind)
        file.addWidget(self.target, 1)
        file.addWidget(self.browse)
        right.addLayout(file)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.formats, 1)
        left.addWidget(self.held)
        self.held.setMaximumWidth(self.formats.width())
        middle.addLayout(left)
        middle.addWidget(line(vertical=True))
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(middle, 1)
        layout.addLayout(self.foot(self.copy, self.export))
        self._folder = pure(session.project.root if session.project else os.getcwd())
        self._looked = 0
        self.formats.currentRowChanged.connect(self._chosen)
        self.target.textChanged.connect(self._targeted)
        self.browse.clicked.connect(self._browse)
        self.copy.clicked.connect(self._copy)
        self.export.clicked.connect(self._export)
        self.formats.itemSelectionChanged.connect(self._keep_chosen)
        can = (row for row in range(len(FORMATS)) if self.formats.item(row).flags() & Qt.ItemFlag.ItemIsEnabled)
        self.formats.setCurrentRow(next(can))

    def _form(self) -> ExportFormat:
        return FORMATS[max(0, self.formats.currentRow())][0]

    def _chosen(self, row: int) -> None:
        if row < 0:
            return
        form, _title, about, file = FORMATS[row]
        set_role(self.about, "muted")
        self.about.setText(about)
        self.kind.setText("Folder" if form == "folder" else "File")
        self.target.setAccessibleName(f"{self.kind.text()} to write")
        self.browse.setToolTip(f"Choose the {self.kind.text().lower()} to write")
        job = pure(self.session.selection.job)
        folder = job.parent if form == "job" else self._folder  # there, what the job includes is found
        self.target.setText(str(folder / file.format(file_stem(str(job)))))
        self.session.engine.forget(self.asked)
        self.preview.clear()
        self._allow(False)
        self.say("")
        if reason := self._unfit(form):
            self.about.setText(reason)
            return
        request = Export(self.session.selection, form)
        self.asked = self.session.engine.ask(request, self._preview, self.failed, TIMEOUT)

    def _unfit(self, form: ExportFormat) -> str:
        """Why a form cannot hold what is exported; empty if it can."""
        if self._runs > 1 and form not in _OF_SWEEPS:
            return f"It holds one config, and these are {self._runs} runs"
        if form == "job" and self.session.selection.job.endswith(".py"):
            return "The job is made in Python, so that it cannot be saved as a job file"
        return ""

    def _keep_chosen(self) -> None:
        """One form is always chosen: Ctrl and a click would choose none."""
        if not self.formats.selectedItems() and (item := self.formats.currentItem()) is not None:
            item.setSelected(True)

    def _targeted(self, text: str) -> None:
        """Says what happens to what is there."""
        self.session.engine.forget(self._looked)
        self._show_replaces(False)
        if text.strip():
            self._looked = self.session.engine.ask(ListFolder(text.strip()), self._found)

    def _found(self, listing: Listing) -> None:
        self._show_replaces(listing.exists and bool(listing.file))

    def _show_replaces(self, there: bool) -> None:
        self.export.setText("Replace" if there else "Export")
        self.export.setToolTip(
            "Write over the file that is there" if there else f"Write the {self.kind.text().lower()}"
        )

    def _preview(self, exported: Exported) -> None:
        wrap = TextPreview.LineWrapMode
        self.preview.setLineWrapMode(wrap.WidgetWidth if self._form() == "command" else wrap.NoWrap)
        self.preview.setPlainText(exported.text)
        self._allow(True)
        self.say(f"digest {exported.digest}" if exported.digest else "")

    def failed(self, error: ErrorInfo) -> None:
        """Says what the service refused, all of it."""
        set_role(self.about, "error")
        self.about.setText(error.message)

    def _allow(self, there: bool) -> None:
        """Offers to copy and to write what is there."""
        for do in (self.copy, self.export):
            do.setEnabled(there)

    def _browse(self) -> None:
        title = f"{self.kind.text()} to write"
        choose_path(self.session.engine, "new file", title, self.target.text(), self.target.setText, self)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.preview.toPlainText())
        self.say("Copied.", "ok")

    def _export(self) -> None:
        file = self.target.text().strip()
        if not file:
            self.say(f"Name the {self.kind.text().lower()} to write, or copy the text.", "warning")
            return
        request = Export(self.session.selection, self._form(), file)
        self.asked = self.session.engine.ask(request, self._exported, self.failed, TIMEOUT)

    def _exported(self, exported: Exported) -> None:
        self.session.message.emit(Message("info", f"Exported {exported.file}"))
        self.accept()
