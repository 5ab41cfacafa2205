"""The list of entries that name a config."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from niceml_engine.protocol.files import FindUsages, Usage
from niceml_engine.values import ErrorInfo
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.theme.style import mono
from niceml_gui.workspaces.compose.lists import ListPane

_ENTRY = 2  #: column


class UsagesPane(ListPane):
    """Which entries of all defaults lists name a file; a click opens the line.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Usages", ["config", "line", "entry", ""], _ENTRY)
        self.session = session
        self._file = ""
        self.setWindowTitle("Usages")
        self.opened.connect(self._go_to)
        session.composed_changed.connect(self.refresh)

    def list_usages(self, file: str) -> None:
        """Lists the usages of a file, or of an option that Hydra brings by its id."""
        self._file = file
        self.refresh()

    def refresh(self) -> None:
        """Asks again."""
        if self._file:
            self.session.engine.ask(FindUsages(self._file), self._show, self._failed)

    def _show(self, usages: tuple[Usage, ...]) -> None:
        name = pure(self._file).stem if pure(self._file).is_absolute() else self._file
        self.fill([self._row(usage) for usage in usages], "Not used", f"No defaults list names {name}.")
        self.table.headerItem().setText(_ENTRY, f"entry that names {name}")
        self.setWindowTitle(f"Usages  {len(usages)}")

    def _failed(self, error: ErrorInfo) -> None:
        self.fill([], "Cannot be found", error.message)

    @staticmethod
    def _row(usage: Usage) -> QTreeWidgetItem:
        row = QTreeWidgetItem([usage.node, str(usage.line), usage.text, "overrides" if usage.override else ""])
        row.setData(0, Qt.ItemDataRole.UserRole, usage)
        row.setToolTip(0, usage.file)
        row.setFont(_ENTRY, mono())
        row.setToolTip(_ENTRY, usage.text)
        return row

    def _go_to(self, usage: object) -> None:
        if isinstance(usage, Usage):
            self.session.open_source(usage.file, usage.line)
