"""What the window asks a person in dialogs; each is loaded when it is first asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from niceml_gui.file_changes import Clash
from niceml_gui.starting import Doubt
from niceml_gui.trust import Question
from niceml_gui.widgets.header import EXPERIMENTS, RUNS

if TYPE_CHECKING:
    from niceml_gui.window import Window
    from niceml_gui.workspaces.compose.text.source_tab import SourceTab


class Asking(QObject):
    """Opens the dialogs of a window.

    Args:
        window: Where they stand in front of.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session

    def browse(self) -> None:
        """Asks for a folder and opens it."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open a folder with configs", self._start())
        if folder:
            self._session.open(folder)

    def browse_file(self) -> None:
        """Asks for a config or a script and opens it, with the project that it lies in."""
        kinds, title = "Configs and scripts (*.yaml *.yml *.py)", "Open a config or a script with @hydra.main"
        file, _ = QFileDialog.getOpenFileName(self._window, title, self._start(), kinds)
        if file:
            self._session.open(file)

    def open_remote(self) -> None:
        """Asks for a folder on another machine and opens it."""
        from niceml_gui.widgets.remote_dialog import RemoteDialog

        dialog = RemoteDialog(self._window)
        dialog.chosen.connect(self._session.open)
        dialog.open()

    def save(self) -> None:
        """Opens the save dialog."""
        from niceml_gui.widgets.save_dialog import SaveDialog

        if self._session.selection.overrides:
            SaveDialog(self._session, self._window).open()

    def new_job(self) -> None:
        """Opens the form that makes a new job from the current one."""
        from niceml_gui.widgets.save_dialog import SaveDialog

        SaveDialog(self._session, self._window, new_job=True).open()

    def export(self) -> None:
        """Opens the export dialog."""
        from niceml_gui.widgets.dialogs import ExportDialog

        ExportDialog(self._session, self._window).open()

    def run_settings(self) -> None:
        """Opens the settings of runs and their queue."""
        from niceml_gui.widgets.settings import RunSettingsDialog

        RunSettingsDialog(self._session, self._window).open()

    def run_ops(self, run: str = "", op: str = "") -> None:
        """Asks which ops are to run again upon which experiment, that of a run being offered first.

        Args:
            run: The run; empty: what the workspace in front shows, if it shows one.
            op: The op that is ticked at first.
        """
        from niceml_gui.widgets.ops_dialog import OpsDialog

        OpsDialog(self._session, self._window, run or self._shown(), op).open()

    def run_edited(self, run: str, op: str) -> None:
        """Asks whether an op and those after it are to run again with what is composed now, and says what differs."""
        from niceml_gui.widgets.ops_dialog import OpsDialog

        OpsDialog(self._session, self._window, run, op, edited=True).open()

    def whose(self, clash: Clash) -> None:
        """Asks whose change of a file counts."""
        from niceml_gui.widgets.conflict_dialog import ConflictDialog

        ConflictDialog(self._session, clash, self._window).open()

    def trust(self, question: Question) -> None:
        """Asks whether the project may run what it wants to run."""
        from niceml_gui.widgets.trust_dialog import TrustDialog

        TrustDialog(self._session, question, self._window).open()

    def doubt(self, doubt: Doubt) -> None:
        """Asks whether to start what a check is against."""
        from niceml_gui.widgets.doubt_dialog import DoubtDialog

        dialog = DoubtDialog(doubt, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.problems_wanted.connect(self._window.show_problems)
        dialog.open()

    def unsaved(self, texts: list[SourceTab]) -> None:
        """Asks what becomes of unsaved texts before the window closes."""
        from niceml_gui.widgets.leave_dialog import LeaveDialog

        if self._window.findChild(LeaveDialog) is None:
            dialog = LeaveDialog(self._session, texts, self._window)
            dialog.stuck.connect(lambda text: self._session.open_source(text.file))
            dialog.accepted.connect(self._window.leave)
            dialog.open()

    def _shown(self) -> str:
        """The run that is in front: on Runs the selected one, on Experiments the one that made what is selected."""
        if self._window.workspace == RUNS:
            return self._session.runs.current
        if self._window.workspace == EXPERIMENTS:
            from niceml_gui.workspaces.experiments.panel import ExperimentsWorkspace

            workspace = self._window.pages.workspace(EXPERIMENTS)
            experiment = workspace.current() if isinstance(workspace, ExperimentsWorkspace) else None
            return experiment.run_id if experiment is not None else ""
        return ""

    def _start(self) -> str:
        """Where to look for what is to be opened on this machine."""
        project = self._session.project
        return project.root if project is not None and self._session.host.here else str(Path.home())
