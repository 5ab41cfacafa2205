"""Saving what was chosen: into the job, the files behind it, a preset or a new job."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QRadioButton, QWidget

from niceml_engine.protocol.files import FilePlan, FileRequest, PlanSave, SaveTo
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.widgets.basics import label
from niceml_gui.widgets.plan_dialog import PlanDialog
from niceml_gui.words import counted


class SaveDialog(PlanDialog):
    """Writes the overrides into files, so that they need not be given any more.

    Args:
        session: What the window works on.
        parent: The window over which it lies.
        new_job: Whether a new job is offered first.
    """

    def __init__(self, session: Session, parent: QWidget, *, new_job: bool = False) -> None:
        super().__init__(session, "New job" if new_job else "Save", "Save", parent)
        job = pure(session.selection.job)
        count = len(session.selection.overrides)
        overrides = counted(count, "override")
        self.job = _choice(f"Into {job.name}", "Into the job's own file; what it includes stays as it is")
        self.sources = _choice(
            "Into the files that set the values",
            "Each override into the file that makes the choice or sets the value now; other jobs may include it too",
        )
        self.preset = _choice("As a preset", "A config that any job can take, as in +experiment=name")
        self.new_job = _choice("As a new job", "A copy of the job file; the old one stays as it is")
        self.name = _line(f"{job.stem}_2", "Name of the preset")
        self.new_name = _line(f"{job.stem}_2", "Name of the new job")
        self.folder = _line(self._relative(str(job.parent)), "Folder of the new job")
        self.keep = QCheckBox(f"with {overrides}")
        self.keep.setToolTip("Write the overrides into the new job; else it begins as the old one is")
        self.keep.setChecked(bool(count))
        self.keep.setEnabled(bool(count))
        self._choices = QButtonGroup(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, choice in enumerate((self.job, self.sources, self.preset, self.new_job)):
            self._choices.addButton(choice)
            choice.setEnabled(bool(count) or choice is self.new_job)
            grid.addWidget(choice, row, 0)
            grid.setRowMinimumHeight(row, 30)
        in_python = job.suffix == ".py"
        first = self.new_job if new_job or not count else self.preset if in_python else self.job
        for choice in (self.job, self.new_job) if in_python else ():
            choice.setEnabled(choice is first)  # what is chosen is refused by the service, which says what to do
            choice.setToolTip("The job is made in Python, so that it cannot be saved as a job file")
        self._sweeps = session.composed.runs > 1
        if self._sweeps:
            self.sources.setEnabled(False)
            self.sources.setToolTip("What is swept takes several values, and a file holds one: save it another way")
        grid.addWidget(self.name, 2, 1)
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(label("in", "muted"))
        place.addWidget(self.folder, 1)
        place.addWidget(self.keep)
        grid.addWidget(self.new_name, 3, 1)
        grid.addLayout(place, 4, 1)
        self.fields.addLayout(grid)
        first.setChecked(True)
        first.setFocus()
        self._choices.buttonToggled.connect(self._choose)
        self.keep.toggled.connect(self.change)
        for edit in (self.name, self.new_name, self.folder):
            edit.textChanged.connect(self.change)
        self._choose()

    def request(self) -> FileRequest | str:
        """What to save where."""
        selection = self.session.selection
        if self.preset.isChecked():
            name = self.name.text().strip()
            return _no_name(name, "preset") or PlanSave(selection, "preset", name)
        if self.new_job.isChecked():
            name, folder = self.new_name.text().strip(), self.folder.text().strip().rstrip("/")
            to: SaveTo = "new-job" if self.keep.isChecked() else "plain-job"
            return _no_name(name, "new job") or PlanSave(selection, to, f"{folder}/{name}" if folder else name)
        return PlanSave(selection, "sources" if self.sources.isChecked() else "job")

    def note_of(self, plan: FilePlan) -> str:
        """What stays unsaved, else how the saved is read."""
        kept = [text for text in plan.selection.overrides if text in self.session.selection.overrides]
        if kept:
            why = {one.override: f"  ({one.reason})" for one in plan.kept}
            told = ", ".join(f"{text}{why.get(text, '')}" for text in kept)
            return f"Cannot be written and stays an override: {told}"
        if self._sweeps and (self.keep.isChecked() or not self.new_job.isChecked()):
            return "Into hydra.sweeper.params, for --multirun; here a fix among the problems sweeps it."
        if self.preset.isChecked():
            return f"Then {plan.selection.overrides[0]} composes to the same. Ctrl+Z takes it back."
        return super().note_of(plan)

    def unmoved(self, plan: FilePlan) -> str:
        """Of which jobs it is said that nothing changes: not of the one whose edits are written into files it has."""
        return "No other job" if any(change.before for change in plan.changes) else super().unmoved(plan)

    def _choose(self) -> None:
        self.name.setEnabled(self.preset.isChecked())
        for widget in (self.new_name, self.folder):
            widget.setEnabled(self.new_job.isChecked())
        self.keep.setEnabled(self.new_job.isChecked() and bool(self.session.selection.overrides))
        self.change()

    def _relative(self, path: str) -> str:
        root = self.session.project.root if self.session.project is not None else ""
        return path.removeprefix(f"{root}/") if root else path


def _choice(text: str, tip: str) -> QRadioButton:
    made = QRadioButton(text)
    made.setToolTip(tip)
    return made


def _no_name(name: str, what: str) -> str:
    """Why a text cannot name what is to be saved; empty if it can."""
    if not name:
        return f"Name the {what}."
    if name.startswith("/") or {"..", "."} & set(name.split("/")):
        return f"The name of the {what} cannot lead out of its folder: leave out .. and a / at the beginning."
    return ""


def _line(text: str, name: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setProperty("role", "mono")
    return made
