"""The pages of the window: the welcome, and a page for each workspace, built when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from niceml_gui import panes
from niceml_gui.commands import Commanding
from niceml_gui.welcome import Welcome
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
        return self._workspaces[number]

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
        """Remembers the layouts, and closes the workspaces."""
        for number, workspace in self._workspaces.items():
            panes.remember(NAMES[number], workspace)
        for workspace in self._workspaces.values():
            close_plots = getattr(workspace, "close_plots", None)
            if callable(close_plots):  # plots that outlive Qt crash the interpreter's end
                close_plots()
            workspace.close()
