"""The pages of the window: the welcome, and a page for each workspace, built when it is first needed.

What is in front of a project stays with it: another project does not begin with that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from niceml_gui import panes
from niceml_gui.commands import Commanding
from niceml_gui.welcome import Welcome
from niceml_gui.widgets.docks import Docks
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS

if TYPE_CHECKING:
    from niceml_gui.window import Window

NAMES = ("compose", "runs", "experiments")


def _compose(window: Window) -> QWidget:
    from niceml_gui.workspaces.compose.panel import ComposeWorkspace

    return ComposeWorkspace(window.session)


def _runs(window: Window) -> QWidget:
    # Loads the plots, which costs more than the rest of the window.
    from niceml_gui.workspaces.runs.panel import RunsWorkspace

    workspace = RunsWorkspace(window.session)
    workspace.compose_wanted.connect(lambda: window.show_workspace(COMPOSE))
    workspace.settings_wanted.connect(window.asking.run_settings)
    workspace.ops_wanted.connect(window.asking.run_ops)
    workspace.edited_wanted.connect(window.asking.run_edited)
    return workspace


def _experiments(window: Window) -> QWidget:
    from niceml_gui.workspaces.experiments.panel import ExperimentsWorkspace

    workspace = ExperimentsWorkspace(window.session)
    workspace.ops_wanted.connect(window.asking.run_ops)
    return workspace


MAKERS: tuple[Callable[[Window], QWidget], ...] = (_compose, _runs, _experiments)


class Pages(QStackedWidget):
    """Builds workspaces, and keeps their layouts.

    Args:
        window: Whose pages they are.
    """

    all_built = Signal()  #: every workspace is there

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._workspaces: dict[int, QWidget] = {}
        self._project = ""  # the key of its address
        self._view = panes.View()
        self.welcome = Welcome()
        self.addWidget(self.welcome)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(400)
        self._idle.timeout.connect(self.build_ahead)

    def workspace(self, number: int) -> QWidget:
        """A workspace, built if it is not there yet."""
        if number not in self._workspaces:
            workspace = self._workspaces[number] = MAKERS[number](self._window)
            self.addWidget(workspace)
            if isinstance(workspace, Commanding):
                self._window.commands.add(workspace.commands())
            panes.restore(NAMES[number], workspace)
            self._show_fronts(number)
        return self._workspaces[number]

    def open_project(self, project: str, *, is_asked: bool) -> None:
        """Shows another project as it was left; one that was never open begins as everything began.

        Args:
            project: The key of its address; empty: none is open.
            is_asked: Whether the person asked for a config of it, rather than for the project.
        """
        if project == self._project:
            return
        self._keep_view()
        self._project, self._view = project, panes.view_of(project) if project else panes.View()
        for number in self._workspaces:
            self._show_fronts(number)
        if project:
            known = self._view.workspace in NAMES and not is_asked
            self._window.show_workspace(NAMES.index(self._view.workspace) if known else COMPOSE)
        else:
            self.setCurrentWidget(self.welcome)

    def built(self, number: int) -> QWidget | None:
        """A workspace, if it is there."""
        return self._workspaces.get(number)

    def build_ahead(self) -> None:
        """Builds what is not seen yet, one workspace at a time, so that switching to it is instant.

        The first is built while the service starts; the others wait until nothing else is to be done.
        """
        missing = next((number for number in (COMPOSE, RUNS, EXPERIMENTS) if number not in self._workspaces), None)
        if missing is not None:
            if missing == COMPOSE or not self._window.session.busy:
                self.workspace(missing)
            self.build_soon()
        else:
            self.all_built.emit()

    def build_soon(self) -> None:
        """Builds what is not seen yet once there is time."""
        self._idle.start()

    def build_next(self) -> None:
        """Builds what will be seen as soon as what goes on is done."""
        QTimer.singleShot(0, self._idle, self.build_ahead)

    def rest(self) -> None:
        """Builds nothing any more."""
        self._idle.stop()

    def reset_layouts(self) -> None:
        """Puts the panes of every workspace back to where they were at first."""
        for number, workspace in self._workspaces.items():
            panes.forget(NAMES[number], workspace)

    def leave(self) -> None:
        """Remembers the layouts and what is in front, and closes the workspaces."""
        self._keep_view()
        for number, workspace in self._workspaces.items():
            panes.remember(NAMES[number], workspace)
        for workspace in self._workspaces.values():
            close_plots = getattr(workspace, "close_plots", None)
            if callable(close_plots):  # plots that outlive Qt crash the interpreter's end
                close_plots()
            workspace.close()

    def _keep_view(self) -> None:
        if self._project:
            shown = {NAMES[number]: one.fronts() for number, one in self._workspaces.items() if isinstance(one, Docks)}
            fronts = {**self._view.fronts, **shown}
            panes.keep_view(self._project, panes.View(NAMES[self._window.workspace], fronts))

    def _show_fronts(self, number: int) -> None:
        workspace = self._workspaces[number]
        if self._project and isinstance(workspace, Docks):
            workspace.show_fronts(self._view.fronts.get(NAMES[number]))
