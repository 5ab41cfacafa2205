"""The config that a run was started with, with who set each line of it then."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget

from niceml_engine.protocol.runs import RunConfig
from niceml_engine.values import Origin
from niceml_gui.session import Session
from niceml_gui.widgets.basics import Empty
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.find_bar import with_find
from niceml_gui.workspaces.compose.text.fold_menu import add_folding
from niceml_gui.workspaces.compose.usage import describe, key_at, place


class ConfigPane(QStackedWidget):
    """The config that a run was started with, as the workspace that composes shows one.

    Args:
        session: Knows what files are called, and shows them.
    """

    wanted = Signal()  #: it is in view, and is to be read
    key_wanted = Signal(str)  #: a key is to be shown where it can be changed

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._config = RunConfig("")
        self.view = CodeView()
        self.view.setAccessibleName("Composed config of the run")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu_at)
        self.view.source_wanted.connect(self._open)
        both, self.find_bar = with_find(self.view)
        self.addWidget(Empty("No run selected", "Choose a run: the config that it was started with appears here."))
        self.addWidget(both)

    def show_config(self, config: RunConfig | None) -> None:
        """Shows a config, or that there is none."""
        self.setCurrentIndex(1 if config is not None else 0)
        if config is None or config is self._config:
            return
        self._config = config
        lines, names = config.text.splitlines(), self._session.names
        keys = (*config.keys, *[""] * (len(lines) - len(config.keys)))
        labels = [place(origin, names) if (origin := config.origins.get(key)) else "" for key in keys]
        self.view.show_lines(lines, labels, self._tip, keys)

    def menu_of(self, line: int) -> QMenu:
        """What can be done with a line; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction("Copy lines\tCtrl+C", self.view.copy)
        if key := self._key(line):
            menu.addAction("Copy key", partial(QGuiApplication.clipboard().setText, key))
            menu.addAction("Show in Compose", partial(self.key_wanted.emit, key))
        if (origin := self._origin(line)) is not None and origin.file:
            menu.addAction("Open where it was set\tF4", partial(self._open, line))
        add_folding(menu, self.view)
        return menu

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for the config."""
        super().showEvent(event)
        self.wanted.emit()

    def _key(self, line: int) -> str:
        return key_at(self._config.keys, line)

    def _origin(self, line: int) -> Origin | None:
        return self._config.origins.get(self._key(line))

    def _tip(self, line: int) -> str:
        origin = self._origin(line)
        return f"{self._key(line)}\n{describe(origin)}, when the run was started" if origin is not None else ""

    def _open(self, line: int) -> None:
        if (origin := self._origin(line)) is not None and origin.file:
            self._session.open_source(origin.file, origin.line)

    def _menu_at(self, point: QPoint) -> None:
        line = self.view.line_at(point.y())
        if line >= 0:
            self.menu_of(line).popup(self.view.viewport().mapToGlobal(point))
