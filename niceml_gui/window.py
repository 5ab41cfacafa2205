"""The window: header, one of three workspaces, messages, status line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QVBoxLayout, QWidget
from shiboken6 import isValid

from niceml_gui import palette, panes, state
from niceml_gui.asking import Asking
from niceml_gui.commands import Commands
from niceml_gui.commands.menus import all_commands
from niceml_gui.commands.state import state_of
from niceml_gui.layouts import Layouts
from niceml_gui.pages import NAMES, Pages
from niceml_gui.paths import sample_project
from niceml_gui.run_notifications import RunNotifications
from niceml_gui.session import OPENED, Message, Session
from niceml_gui.theme import style
from niceml_gui.widgets.connection_bar import ConnectionBar
from niceml_gui.widgets.header import COMPOSE, RUNS, Header
from niceml_gui.widgets.messages import MessageBar
from niceml_gui.widgets.picker import Picker
from niceml_gui.widgets.statusbar import StatusBar
from niceml_gui.widgets.text_keys import TextKeys
from niceml_gui.window_menus import WindowMenus

if TYPE_CHECKING:
    from niceml_gui.workspaces.compose.overrides_pane import OverridesPane
    from niceml_gui.workspaces.compose.text.source_tab import SourceTab


class Window(QMainWindow):
    """The main window of one project.

    Args:
        session: What it works on; closed with the window.
    """

    all_built = Signal()  #: every workspace is there

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.workspace = COMPOSE
        self.setWindowTitle("niceml")
        self.setMinimumSize(900, 560)
        self.resize(1600, 1000)
        self.setAcceptDrops(True)
        self._leaving = False
        self.header = Header(session)
        self.connection = ConnectionBar(session)
        self.pages = Pages(self)
        self.welcome = self.pages.welcome
        self.messages = MessageBar()
        self.status = StatusBar(session, self.header.looking_back)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.header, self.connection, self.pages, self.messages, self.status):
            layout.addWidget(widget, 1 if widget is self.pages else 0)
        self.setCentralWidget(whole)
        self.layouts = Layouts(self, lambda: (NAMES[self.workspace], self.pages.currentWidget()))
        self.run_notifications = RunNotifications(session, self)
        self.picker = Picker(self, "Go to key, file, command…")
        self.asking = Asking(self)
        self.commands = Commands(self, lambda: state_of(self))
        self.commands.add(all_commands(self))
        self.keys = TextKeys(self.commands)
        self.menus = WindowMenus(self)
        self._connect()
        self.header.show_workspace(COMPOSE)
        self._show_project()
        geometry = state.settings().value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # ------------------------------------------------------------------------------------------ what commands do

    def undo(self) -> None:
        """Takes back the last step: of the text that has the focus while it has its own, else of the session."""
        text = self.keys.own("undo")
        (text if text is not None else self.session.undo).undo()

    def redo(self) -> None:
        """Does again what was taken back."""
        text = self.keys.own("redo")
        (text if text is not None else self.session.undo).redo()

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to be taken back."""
        own = self.keys.can("undo")
        return self.session.undo.canUndo() if own is None else own

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        own = self.keys.can("redo")
        return self.session.undo.canRedo() if own is None else own

    def name_undo(self) -> None:
        """Says in the menu what would be taken back, and done again."""
        undo = self.session.undo
        if not isValid(undo):  # a session that goes before its window empties its stack on the way
            return
        keys = self.keys
        undone = keys.title("undo") if keys.own("undo") is not None else undo.undoText()
        redone = keys.title("redo") if keys.own("redo") is not None else undo.redoText()
        self.commands.retitle("edit.undo", f"Undo {undone}".strip())
        self.commands.retitle("edit.redo", f"Redo {redone}".strip())
        self.commands.refresh()

    def open_sample(self) -> None:
        """Opens the bundled project."""
        sample = sample_project()
        if sample is not None:
            self.session.open(str(sample))

    def close_project(self) -> None:
        """Goes back to the welcome page; unsaved overrides are kept."""
        self.session.close_project()
        self.welcome.refresh()

    def pick_job(self) -> None:
        """Pops up the jobs, or on Runs the runs."""
        on_run = self.workspace == RUNS and self.session.runs.current in self.session.runs.states
        entries = palette.run_entries(self.session) if on_run else palette.job_entries(self.session)
        corner = self.header.picker.mapTo(self, QPoint(0, self.header.picker.height() + 4))
        self.picker.open(entries, corner, 460, "Show a run…" if on_run else "Open a job…")

    def palette_all(self) -> None:
        """Pops up everything that one can go to or do."""
        self.name_undo()
        entries = palette.command_entries(self.commands)
        entries += [replace(entry, current=False) for entry in palette.job_entries(self.session)]
        entries += self.layouts.entries()
        entries += palette.file_entries(self.session)
        entries += palette.key_entries(self.session, self._reach)
        width = 620
        self.picker.open(entries, QPoint((self.width() - width) // 2, self.header.geometry().bottom() + 40), width)

    def turn_queue(self) -> None:
        """Pauses the queue, or lets it go on."""
        self.session.runs.change_queue(paused=not self.session.runs.queue.settings.paused)

    def ask_trust(self) -> None:
        """Asks whether the project may run its code; what would run for the current job is shown."""
        self.session.trust.ask(self.session.selection)

    def leave(self) -> None:
        """Closes the window without a question; unsaved texts are kept for the next time."""
        self._leaving = True
        self.close()

    def show_keys(self) -> None:
        """Pops up the commands with their shortcuts."""
        entries = [entry for entry in palette.command_entries(self.commands) if entry.hint]
        place = QPoint((self.width() - 620) // 2, self.header.geometry().bottom() + 40)
        self.picker.open(entries, place, 620, "Find a command or its keys…")

    def about(self) -> None:
        """Says what this is, in the message bar."""
        self.messages.add(Message("info", "Compose Hydra configs, run them as Dagster jobs, watch the metrics."))

    def reset_all(self) -> None:
        """Drops all overrides, as one undoable step, and what was typed and not applied."""
        session = self.session
        session.set_overrides((), "Drop all overrides")
        session.kept.keep_typed(session.selection.job, None)
        pane: OverridesPane | None = getattr(self.pages.built(COMPOSE), "overrides", None)
        if pane is not None:
            pane.give_up()

    def use_run(self) -> None:
        """Makes the selected run's config the selection, and shows it."""
        self.session.use_run(self.session.runs.current)
        self.show_workspace(COMPOSE)

    def set_theme(self, mode: str) -> None:
        """Switches the theme."""
        style.set_mode(mode)
        self.commands.refresh()

    def show_workspace(self, number: int) -> None:
        """Brings a workspace to the front."""
        if self.session.project is None:
            return
        self.pages.setCurrentWidget(self.pages.workspace(number))
        self.workspace = number
        self.header.show_workspace(number)
        self.commands.refresh()

    def show_problems(self) -> None:
        """Shows what is wrong with the selection."""
        self.show_workspace(COMPOSE)
        show = getattr(self.pages.built(COMPOSE), "show_problems", None)
        if callable(show):
            show()

    def walk_panes(self, step: int) -> None:
        """Moves the focus to the next pane, or with -1 to the one before."""
        panes.walk([self.header, *panes.of(self.pages.currentWidget()), self.status], step)

    def reset_layout(self) -> None:
        """Puts the panes of every workspace back to where they were at first."""
        self.pages.reset_layouts()

    # ------------------------------------------------------------------------------------------ Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Begins to build what will be seen, as soon as the window itself has been painted."""
        super().showEvent(event)
        self.pages.build_next()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes folders and YAML files."""
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Opens what was dropped."""
        path = _dropped(event)
        if path:
            event.acceptProposedAction()
            self.session.open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remembers the layout and ends the service; runs go on. Of unsaved texts it asks first."""
        if not self._leaving and (texts := self._unsaved()):
            event.ignore()
            self.asking.unsaved(texts)
            return
        for text in self._unsaved():
            text.keep()
        if (focused := self.focusWidget()) is not None:
            focused.clearFocus()  # what is still being typed counts, and nobody hears of it when half is gone
        self.pages.rest()
        self.run_notifications.close()
        for dialog in self.findChildren(QDialog):
            dialog.reject()
        state.settings().setValue("geometry", self.saveGeometry())
        self.pages.leave()
        self.session.close()
        super().closeEvent(event)

    # ------------------------------------------------------------------------------------------ inner workings

    def _connect(self) -> None:
        session, header = self.session, self.header
        self.pages.all_built.connect(self.all_built)
        self.welcome.chosen.connect(session.open)
        self.welcome.browse.connect(self.asking.browse)
        self.welcome.browse_file.connect(self.asking.browse_file)
        self.welcome.remote.connect(self.asking.open_remote)
        header.workspace_chosen.connect(self.show_workspace)
        header.menu.connect(self.menus.show)
        header.pick.connect(self.pick_job)
        header.search.connect(self.palette_all)
        header.unsaved.connect(self._pill)
        header.export.connect(lambda: self.commands.run("file.export"))
        header.run.connect(lambda: self.commands.run("run.start"))
        header.more_runs.connect(self.menus.show_ways_to_run)
        header.use.connect(lambda: self.commands.run("run.use"))
        header.stop.connect(lambda: self.commands.run("run.stop"))
        header.stop_all.connect(lambda: self.commands.run("run.stop-all"))
        header.show_run.connect(session.runs.show)
        header.compare.connect(self._compare_with)
        self.status.problems_clicked.connect(self.show_problems)
        self.status.difference_clicked.connect(self._show_difference)
        self.status.run_clicked.connect(session.runs.show)
        session.message.connect(self.messages.add)
        session.engine.greeted.connect(self.messages.note_back)
        session.composed_changed.connect(self.messages.note_composed)
        session.undo.indexChanged.connect(self.messages.note_done)
        session.files.clashed.connect(self.asking.whose)
        session.trust.asked.connect(self.asking.trust)
        session.starting.doubted.connect(self.asking.doubt)
        session.trials.began.connect(lambda: self.show_workspace(COMPOSE))
        session.trust.changed.connect(self.commands.refresh)
        session.project_changed.connect(self._show_project)
        session.runs.requested.connect(lambda _run: self.show_workspace(RUNS))
        session.source_requested.connect(lambda _file, _line: self.show_workspace(COMPOSE))
        for changed in (session.trail.changed, session.selection_changed, session.runs.changed, session.runs.selected):
            changed.connect(self.commands.refresh)
        session.undo.indexChanged.connect(self.name_undo)
        self.keys.moved.connect(self.name_undo)

    def _show_project(self) -> None:
        project = self.session.project
        if project is None:
            self.setWindowTitle("niceml")
            self.pages.open_project("", is_asked=False)
        else:
            machine = "" if self.session.host.here else f" · {self.session.host.name}"
            self.setWindowTitle(f"{project.name}{machine} — niceml")
            self.pages.open_project(self.session.address.key, is_asked=self.session.is_asked)
            self.pages.build_soon()
        self.commands.refresh()

    def _unsaved(self) -> list[SourceTab]:
        sources: Mapping[str, SourceTab] = getattr(self.pages.built(COMPOSE), "sources", {})
        return [text for text in sources.values() if text.unsaved]

    def _reach(self) -> None:
        self.show_workspace(COMPOSE)
        take = getattr(self.pages.built(COMPOSE), "take_focus", None)
        if callable(take):
            take()

    def _pill(self) -> None:
        texts = self.session.kept.drafts.texts
        if self.workspace == RUNS:
            return
        if texts:
            self.menus.show_unsaved()
        else:
            self.commands.run("file.save")

    def _compare_with(self, run: str) -> None:
        self.show_workspace(COMPOSE)
        compare = getattr(self.pages.built(COMPOSE), "compare_with_run", None)
        if callable(compare):
            compare(run)

    def _show_difference(self, run: str) -> None:
        if run:
            self._compare_with(run)
            return
        self.show_workspace(COMPOSE)
        self.commands.run("compose.diff")


def _dropped(event: QDropEvent) -> str:
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and (path.is_dir() or path.suffix in OPENED):
            return str(path)
    return ""
