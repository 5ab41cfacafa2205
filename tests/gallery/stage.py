"""The real window over the real service, brought from scene to scene."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPoint, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from niceml_gui.session import Session
from niceml_gui.theme import style, theme
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS
from niceml_gui.widgets.picker import Picker
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.experiments.panel import ExperimentsWorkspace
from niceml_gui.workspaces.runs.panel import RunsWorkspace

SMALL, LARGE = (1200, 760), (1600, 1000)  #: sizes of the window
_TURN_MS = 20
_Workspace = TypeVar("_Workspace", bound=QWidget)


class Stage:
    """A window with a session of its own.

    Args:
        folder: What `projects.build` has made.
        rest_ms: How long a state is left to itself before it counts as settled: until delayed painting is done.
    """

    def __init__(self, folder: Path, *, rest_ms: int = 0) -> None:
        self.folder = folder
        self._rest_ms = rest_ms
        self._checked = False
        self._first = theme().tokens.name == "dark"
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setCursorFlashTime(0)  # a caret that blinks is sometimes there and sometimes not
        if "#header" not in application.styleSheet():
            style.install(application)
        self.session = Session()
        self.session.composed_changed.connect(lambda: setattr(self, "_checked", False))
        self.session._composer.checked.connect(lambda _: setattr(self, "_checked", True))
        self.session.engine.start()
        self.window = Window(self.session)
        self.window.show()
        self.activate()

    def close(self) -> None:
        """Ends window and service."""
        theme().set_dark(self._first)
        self.window.leave()
        self.window.deleteLater()
        self.session.deleteLater()
        self.session.engine.deleteLater()
        QTest.qWait(_TURN_MS)

    # ------------------------------------------------------------------------------------------ waiting

    def wait(self, what: str, until: Callable[[], object], seconds: float = 60.0) -> None:
        """Lets the window live until something is true.

        Raises:
            TimeoutError: It did not become true.
        """
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not happen within {seconds:g} s")
            QTest.qWait(_TURN_MS)

    def settle(self) -> None:
        """Waits until the newest selection is composed and checked, and every answer has come and is drawn."""
        session = self.session
        if session.project is not None and session.selection.job:
            self.wait("composing", lambda: not session.busy and not session.stale)
            self.wait("checking", lambda: self._checked or session.composed.error is not None)
        self.wait("the last answer", lambda: not session.engine._waiting)
        self.activate()
        QTest.qWait(self._rest_ms)
        for _ in range(3):
            QApplication.processEvents()

    def activate(self) -> None:
        """Makes the window, or the dialog over it, the one that keys go to."""

        def active() -> bool:
            if QApplication.activeWindow() is None:
                self.shown()[-1].activateWindow()
            return QApplication.activeWindow() is not None

        self.wait("an active window", active)

    # ------------------------------------------------------------------------------------------ where to be

    def open(self, project: str, job: str = "") -> None:
        """Opens one of the projects in the folder; the empty name closes what is open."""
        session, root = self.session, str(self.folder / project)
        if not project:
            if session.project is not None:
                self.window.close_project()
        elif session.project is None or session.project.root != root:
            session.open(root, f"{root}/{job}" if job else "")
            self.wait(f"opening {project}", lambda: session.project is not None and session.project.root == root)
        self.settle()

    def compose(self) -> ComposeWorkspace:
        """The Compose workspace, in front."""
        return self._workspace(COMPOSE, ComposeWorkspace)

    def runs(self) -> RunsWorkspace:
        """The Runs workspace, in front."""
        return self._workspace(RUNS, RunsWorkspace)

    def experiments(self) -> ExperimentsWorkspace:
        """The Experiments workspace, in front."""
        return self._workspace(EXPERIMENTS, ExperimentsWorkspace)

    def override(self, *overrides: str) -> None:
        """Makes these the overrides of the selection."""
        self.session.set_overrides(overrides, "Set the scene")
        self.settle()

    def dialog(self) -> QDialog:
        """The dialog that has been opened."""
        self.wait("a dialog", lambda: any(one.isVisible() for one in self.window.findChildren(QDialog)))
        self.settle()
        return next(one for one in self.window.findChildren(QDialog) if one.isVisible())

    def clear(self) -> None:
        """Closes what scenes open, and takes back what they change."""
        window, session = self.window, self.session
        for popup in _popups(window):
            popup.close()
        for dialog in window.findChildren(QDialog):
            dialog.reject()
        for picker in window.findChildren(Picker):
            picker.hide()
        if window.header.before is not None:
            window.header.before.hide()
        window.messages.clear()
        compose = self.compose() if session.project is not None else None
        if compose is not None:
            for tab in tuple(compose.sources.values()):
                if tab.unsaved:
                    tab.revert()
                compose.close_requested.emit(tab)
            if compose.usages is not None:
                compose.close_requested.emit(compose.usages)
            compose.drawing.merge.close()
            compose.resolved.setChecked(False)
            compose.show_pane(compose.drawing)
            compose.show_pane(compose.composed)
            session.set_overrides((), "Clear the scene")
            session.set_focus()
            compose.ops.edit.clear()
            compose.tree.edit.clear()
            compose.tree.view.setCurrentIndex(QModelIndex())
            for area in (compose.tree.view, compose.ops.area, compose.composed.view):
                area.verticalScrollBar().setValue(0)
            compose.graph.fit()
        if session.project is not None:
            runs = self.runs()
            runs.comparison.clear()
            runs.comparison.group_by("")
            runs.runs.query.set_text("")
            runs.runs.query.help.setChecked(False)
            runs.table.show_view(0)
            runs.table.parallel.clear()
            runs.show_pane(runs.metrics)
            runs.show_pane(runs.log)
        self.settle()

    def _workspace(self, number: int, kind: type[_Workspace]) -> _Workspace:
        self.window.show_workspace(number)
        shown = self.window.pages.currentWidget()
        assert isinstance(shown, kind)
        return shown

    # ------------------------------------------------------------------------------------------ looking

    def resize(self, size: tuple[int, int]) -> None:
        """Gives the window a size."""
        self.window.resize(QSize(*size))
        self.settle()

    def shown(self) -> list[QWidget]:
        """Window, dialogs and popups, the lowest first."""
        dialogs = [one for one in self.window.findChildren(QDialog) if one.isVisible()]
        return [self.window, *dialogs, *_popups(self.window)]

    def front(self) -> QWidget:
        """What lies over everything else."""
        pickers = [one for one in self.window.findChildren(Picker) if one.isVisible()]
        return pickers[0] if pickers else self.shown()[-1]

    def picture(self) -> QPixmap:
        """The window with whatever lies over it."""
        window, *above = self.shown()
        picture = window.grab()
        origin = window.mapToGlobal(QPoint(0, 0))
        painter = QPainter(picture)
        for widget in above:
            place = widget.mapToGlobal(QPoint(0, 0)) - origin
            painter.setPen(theme().tokens.faint)
            painter.drawPixmap(place, widget.grab())
            painter.drawRect(place.x() - 1, place.y() - 1, widget.width() + 1, widget.height() + 1)
        painter.end()
        return picture


def _popups(window: QWidget) -> list[QWidget]:
    tops = QApplication.topLevelWidgets()
    return [one for one in tops if one.isVisible() and one is not window and not isinstance(one, QDialog)]


def menus(window: QWidget) -> list[QMenu]:
    """The menus that are open."""
    return [one for one in _popups(window) if isinstance(one, QMenu)]
