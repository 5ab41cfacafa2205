"""The menus of the window, which pop up below the project's name and the Run button."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from niceml_gui import state, words
from niceml_gui.commands import MENUS
from niceml_gui.widgets.menus import pop_up

if TYPE_CHECKING:
    from niceml_gui.window import Window


class WindowMenus:
    """Fills the menus with the commands of a window.

    Args:
        window: Whose.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self.whole = QMenu(window)  #: all of them
        self._recent = QMenu("Recent", window)
        self._fill()

    def show(self) -> None:
        """Pops up all menus below the project's name."""
        self._pop_up(self.whole)

    def show_ways_to_run(self) -> None:
        """Pops up what else can be run, beside the Run button."""
        window = self._window
        menu, button = QMenu(window), window.header.ways_button
        menu.addActions([window.commands.action(f"run.{name}") for name in ("start", "try", "ops")])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(button.width() - menu.sizeHint().width(), button.height() + 4)))

    def show_unsaved(self) -> None:
        """Pops up what is not saved: the overrides, to be saved, and each file, to be shown."""
        window = self._window
        session, menu = window.session, QMenu(window)
        if count := len(session.selection.overrides):
            menu.addAction(f"Save {words.counted(count, 'override')}…", lambda: window.commands.run("file.save"))
            menu.addSeparator()
        for file in session.kept.drafts.texts:
            menu.addAction(session.names.of(file), lambda file=file: session.open_source(file))
        menu.aboutToHide.connect(menu.deleteLater)
        pop_up(menu, window.header.pill)

    def _pop_up(self, menu: QMenu) -> None:
        project = self._window.header.project
        menu.popup(project.mapToGlobal(QPoint(0, project.height() + 4)))

    def _fill(self) -> None:
        window = self._window
        bar, commands = window.menuBar(), window.commands
        menus = commands.fill(bar)
        if not bar.isNativeMenuBar():  # the eye does not need it: the project's name opens the same menus
            bar.hide()
        self.whole.addActions(bar.actions())
        self._recent.aboutToShow.connect(self._fill_recent)
        menus["File"].insertMenu(commands.action("file.open-job"), self._recent)
        layouts = QMenu("Layouts", window)
        layouts.aboutToShow.connect(lambda: window.layouts.fill(layouts))
        menus["View"].insertMenu(commands.action("view.save-layout"), layouts)
        for name in MENUS:  # the bar is hidden, so that its mnemonics are keys of the window
            key = QShortcut(QKeySequence(f"Alt+{name[0]}"), window)
            key.activated.connect(partial(self._pop_up, menus[name]))
        for menu in menus.values():
            menu.aboutToShow.connect(commands.refresh)
        menus["Edit"].aboutToShow.connect(window.name_undo)

    def _fill_recent(self) -> None:
        self._recent.clear()
        for address in map(str, state.recent_projects()):
            self._recent.addAction(address, lambda address=address: self._window.session.open(address))
        if self._recent.isEmpty():
            self._recent.addAction("No projects yet").setEnabled(False)
