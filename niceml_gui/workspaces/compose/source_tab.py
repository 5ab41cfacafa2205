"""A file of the project, to be read where it is talked about."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from niceml_engine.protocol.configs import FileText, ReadFile
from niceml_engine.values import ErrorInfo, Problem
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button
from niceml_gui.workspaces.compose.banner import ErrorBanner
from niceml_gui.workspaces.compose.code_view import CodeView
from niceml_gui.workspaces.compose.editor import open_in_editor
from niceml_gui.workspaces.compose.find_bar import with_find


class SourceTab(QWidget):
    """Shows one file with its line numbers; it is read again on demand and when files change.

    Args:
        session: What the window works on.
        file: The file.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, file: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.file = file
        self._wanted = 0
        self._digest = ""
        self.view = CodeView(gutter_share=0.2)
        self.view.setAccessibleName(f"Source of {PurePath(file).name}")
        self.view.source_wanted.connect(lambda line: self.edit(line + 1))
        both, self.find_bar = with_find(self.view)
        self.banner = ErrorBanner()
        path = ElidedLabel(self._shown_path(), Qt.TextElideMode.ElideLeft)
        path.setProperty("role", "muted")
        path.setToolTip(file)
        reload_button = icon_button("refresh", "Reload", tip="Read the file again")
        reload_button.clicked.connect(self.reload)
        edit = button(
            "Open in editor", "Opens the file in $VISUAL or $EDITOR, else in the desktop's (F4)", icon="external"
        )
        edit.setProperty("role", "flat")
        edit.clicked.connect(lambda: self.edit(self.view.line + 1))
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 8, 4)
        head.addWidget(path, 1)
        head.addWidget(reload_button)
        head.addWidget(edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.banner)
        layout.addWidget(both, 1)
        self.setFocusProxy(self.view)
        session.composed_changed.connect(self.reload)
        self.reload()

    def show_line(self, line: int) -> None:
        """Goes to a line, from 1, now or as soon as the file is read."""
        self._wanted = line
        self._go()

    def reload(self) -> None:
        """Reads the file again."""
        self.session.engine.ask(ReadFile(self.file), self._show, self._failed)

    def edit(self, line: int) -> None:
        """Opens the file in the person's own editor."""
        if not open_in_editor(self.file, line):
            self.session.complain("No editor could be started: set EDITOR to the command of yours")

    def _show(self, answer: FileText) -> None:
        self.banner.show_problem(None)
        if answer.digest != self._digest or not answer.digest:
            self._digest = answer.digest
            lines = answer.text.splitlines()
            self.view.show_lines(lines, [str(number) for number in range(1, len(lines) + 1)])
        self._go()

    def _go(self) -> None:
        if self._wanted and self._digest:
            self.view.go_to(self._wanted - 1)
            self.view.set_focused(range(self._wanted - 1, self._wanted))
            self._wanted = 0

    def _failed(self, error: ErrorInfo) -> None:
        self.banner.show_problem(Problem("error", "unreadable", error.message, details=error.details))

    def _shown_path(self) -> str:
        root = self.session.project.root if self.session.project else ""
        return self.file.removeprefix(f"{root}/") if root else self.file
