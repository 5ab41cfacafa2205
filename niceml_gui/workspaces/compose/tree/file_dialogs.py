"""Forms that make, rename, move and delete config files; each shows first what it would do."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from niceml_engine.protocol.files import FilePlan, FileRequest, PlanDelete, PlanMove, PlanNewFile
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.widgets.basics import label
from niceml_gui.widgets.plan_dialog import PlanDialog


class _IdDialog(PlanDialog):
    """A form with one line: group and name of a config.

    Args:
        session: What the window works on.
        title: What the dialog is called.
        action: What the button says.
        root: The folder of configs in which the id counts.
        name: The id to begin with; its last part is selected.
        hint: What to know about it.
        parent: The window over which it lies.
    """

    def __init__(
        self, session: Session, title: str, action: str, root: str, name: str, hint: str, parent: QWidget
    ) -> None:
        super().__init__(session, title, action, parent)
        self._root = root
        self.id = QLineEdit(name)
        self.id.setAccessibleName("Group and name")
        self.id.setProperty("role", "mono")
        start = name.rfind("/") + 1
        self.id.setSelection(start, len(name) - start)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label("Group and name", "muted"))
        row.addWidget(self.id, 1)
        self.fields.addLayout(row)
        self.fields.addWidget(label(hint, "muted"))
        self.id.textChanged.connect(self.change)
        self.id.setFocus()
        self.change()

    @property
    def file(self) -> str:
        """The file that the id means, without its suffix; empty while there is no name."""
        name = self.id.text().strip().strip("/")
        return f"{self._root}/{name}" if name and not self.id.text().rstrip().endswith("/") else ""


class NewDialog(_IdDialog):
    """Makes a config, empty or like another one.

    Args:
        session: What the window works on.
        root: The folder of configs.
        name: The id to begin with.
        like: The file to copy; empty for none.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, root: str, name: str, like: str, parent: QWidget) -> None:
        self._like = like
        title = f"Duplicate {pure(like).stem}" if like else "New option"
        hint = "A copy; its own includes mean the same there." if like else "An empty file, open to be written."
        super().__init__(session, title, "Create", root, name, hint, parent)

    def request(self) -> FileRequest | str:
        """The new file."""
        return PlanNewFile(self.file, self.session.selection, self._like) if self.file else "Name the option."

    def fits(self, plan: FilePlan) -> bool:
        """A file may be new and empty."""
        return True

    def accept(self) -> None:
        """Opens what is made."""
        super().accept()
        if self.plan is not None:
            self.session.open_source(self.plan.changes[0].file)


class MoveDialog(_IdDialog):
    """Renames or moves a config.

    Args:
        session: What the window works on.
        root: The folder of configs.
        name: The config's id.
        old: Its file.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, root: str, name: str, old: str, parent: QWidget) -> None:
        self._old = old
        hint = "Another group moves the file. Every entry that names it is rewritten."
        super().__init__(session, f"Rename {pure(old).stem}", "Rename", root, name, hint, parent)

    def request(self) -> FileRequest | str:
        """Where the file goes."""
        if self.file == str(pure(self._old).with_suffix("")):
            return "Give it another name or group."
        return PlanMove(self._old, self.file, self.session.selection) if self.file else "Name the option."


class DeleteDialog(PlanDialog):
    """Deletes a config; one that is still named only if the person insists.

    Args:
        session: What the window works on.
        file: The file.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, file: str, parent: QWidget) -> None:
        super().__init__(session, f"Delete {pure(file).stem}", "Delete", parent, dangerous=True)
        self._file = file
        self.insist = QCheckBox("Delete it all the same")
        self.insist.toggled.connect(self._insisted)
        self.insist.hide()
        self.fields.addWidget(self.insist)
        self.cancel.setFocus()
        self.change()

    def request(self) -> FileRequest | str:
        """What goes away."""
        return PlanDelete(self._file, self.session.selection)

    def fits(self, plan: FilePlan) -> bool:
        """Whether nobody needs the file, or the person insists."""
        return not (plan.usages or plan.effects) or self.insist.isChecked()

    def note_of(self, plan: FilePlan) -> str:
        """Who needs the file."""
        if plan.usages:
            count = len(plan.usages)
            return f"Still named by {count} entr{'ies' if count > 1 else 'y'}."
        return super().note_of(plan)

    def show_plan(self, plan: FilePlan) -> None:
        """Shows the plan; where something is against it, the box to insist."""
        self.insist.setVisible(bool(plan.usages or plan.effects))
        super().show_plan(plan)

    def _insisted(self) -> None:
        self.apply.setEnabled(self.plan is not None and self.fits(self.plan))
