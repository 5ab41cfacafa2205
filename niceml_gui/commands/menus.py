"""The commands of the window, menu by menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QApplication

from niceml_gui.clipboard import copy_selection
from niceml_gui.commands import Command
from niceml_gui.widgets.docks import Side

if TYPE_CHECKING:
    from niceml_gui.window import Window


def typed(callback: Callable[[], object]) -> Callable[[], None]:
    """A callback for which what is still being typed counts: fields commit when they lose the focus."""

    def settled() -> None:
        if (field := QApplication.focusWidget()) is not None:
            field.clearFocus()
            field.setFocus()
        callback()

    return settled


def file_commands(window: Window) -> tuple[Command, ...]:
    """Opening, saving, exporting, leaving."""

    def withdraw() -> None:
        window.session.trust.set(False)

    return (
        Command("file.open", "Open folder…", window.asking.browse, "Ctrl+O", "File"),
        Command("file.open-file", "Open config or script…", window.asking.browse_file, "Ctrl+Shift+O", "File"),
        Command("file.open-remote", "Open on another machine…", window.asking.open_remote, "Ctrl+Alt+O", "File"),
        Command("file.open-job", "Open job…", window.pick_job, "Ctrl+J", "File", "project"),
        Command("file.new-job", "New job from this…", typed(window.asking.new_job), "Ctrl+Shift+N", "File", "job"),
        Command("file.start-with", "Begin with this job", window.session.start_with_job, "", "File", "job"),
        Command("file.sample", "Open the sample project", window.open_sample, "", "File", "sample"),
        Command("file.save", "Save…", typed(window.asking.save), "Ctrl+S", "File", "edited", group="save"),
        Command("file.export", "Export…", typed(window.asking.export), "Ctrl+E", "File", "job", group="save"),
        Command("file.trust", "Trust this project…", window.ask_trust, "", "File", "untrusted", group="trust"),
        Command("file.withdraw-trust", "Withdraw trust", withdraw, "", "File", "withdrawable", group="trust"),
        Command("file.close", "Close project", window.close_project, "", "File", "project", group="leave"),
        Command("file.quit", "Quit", window.close, "Ctrl+Q", "File", group="leave"),
    )


def edit_commands(window: Window) -> tuple[Command, ...]:
    """Undo, redo, copying, search."""
    session, trail = window.session, window.session.trail

    def copy(to: Literal["overrides", "command"]) -> Callable[[], None]:
        return lambda: copy_selection(session, to)

    return (
        Command("edit.undo", "Undo", window.undo, "Ctrl+Z", "Edit", "can_undo"),
        Command("edit.redo", "Redo", window.redo, "Ctrl+Shift+Z; Ctrl+Y", "Edit", "can_redo"),
        Command("edit.reset", "Drop all overrides", window.reset_all, "", "Edit", "droppable", group="reset"),
        Command(
            "edit.copy-overrides", "Copy as overrides", typed(copy("overrides")), "", "Edit", "edited", group="copy"
        ),
        Command("edit.copy-command", "Copy as command line", typed(copy("command")), "", "Edit", "job", group="copy"),
        Command("edit.editor", "Editor…", lambda: _choose_editor(window), "", "Edit", group="settings"),
        Command("go.back", "Back", trail.back, "Alt+Left; Back", "Edit", "can_go_back", group="go"),
        Command("go.forward", "Forward", trail.forward, "Alt+Right; Forward", "Edit", "can_go_forward", group="go"),
        Command("edit.palette", "Go to…", window.palette_all, "Ctrl+Shift+P; Ctrl+P", "Edit", group="go"),
    )


def _choose_editor(window: Window) -> None:
    from niceml_gui.widgets.settings import EditorDialog

    EditorDialog(window).open()


def view_commands(window: Window) -> tuple[Command, ...]:
    """Workspaces, panes, theme."""
    show, layouts = window.show_workspace, window.layouts
    return (
        Command("view.compose", "Compose", lambda: show(0), "Ctrl+1", "View", "project", "on_compose"),
        Command("view.runs", "Runs", lambda: show(1), "Ctrl+2", "View", "project", "on_runs"),
        Command(
            "view.experiments",
            "Experiments",
            lambda: show(2),
            "Ctrl+3",
            "View",
            "project",
            "on_experiments",
        ),
        Command("view.next-pane", "Next pane", lambda: window.walk_panes(1), "F6", "View", group="pane"),
        Command("view.previous-pane", "Previous pane", lambda: window.walk_panes(-1), "Shift+F6", "View", group="pane"),
        Command("view.next-tab", "Next tab", lambda: layouts.turn(1), "Ctrl+PgDown", "View", "project", group="pane"),
        Command(
            "view.last-tab", "Previous tab", lambda: layouts.turn(-1), "Ctrl+PgUp", "View", "project", group="pane"
        ),
        *(
            Command(
                f"view.move-{word}",
                f"To the {word}",
                partial(layouts.move, side),
                f"Ctrl+Alt+{key}",
                "View/Move pane",
                "project",
            )
            for word, side, key in (
                ("left", Side.LEFT, "Left"),
                ("right", Side.RIGHT, "Right"),
                ("top", Side.ABOVE, "Up"),
                ("bottom", Side.BELOW, "Down"),
            )
        ),
        Command("view.save-layout", "Save layout as…", layouts.save_as, "", "View", "project", group="layout"),
        Command("view.reset-layout", "Reset layout", window.reset_layout, "", "View", "project", group="layout"),
        Command("view.menu", "Menu", lambda: window.menus.show(), "F10", when=""),
        Command("view.light", "Light", lambda: window.set_theme("light"), "", "View/Theme", "", "light"),
        Command("view.dark", "Dark", lambda: window.set_theme("dark"), "", "View/Theme", "", "dark"),
        Command("view.system", "As the system", lambda: window.set_theme("system"), "", "View/Theme", "", "system"),
    )


def run_commands(window: Window) -> tuple[Command, ...]:
    """Starting and stopping runs; the service."""
    session = window.session
    rescan, runs = session.rescan, session.runs

    return (
        Command("run.start", "Run", typed(session.start_run), "Ctrl+R; F5", "Run", "job"),
        Command("run.try", "Try job", typed(session.try_job), "Ctrl+T", "Run", "job"),
        Command("run.ops", "Run some ops on an experiment…", typed(window.asking.run_ops), "", "Run", "job"),
        Command("run.stop", "Stop run", lambda: runs.stop(runs.current), "Ctrl+.", "Run", "stoppable"),
        Command(
            "run.stop-all", "Stop all of the sweep", lambda: runs.stop_sweep(runs.current), "", "Run", "sweep_stoppable"
        ),
        Command("run.use", "Open as selection", window.use_run, "", "Run", "run", group="past"),
        Command("run.again", "Run again", lambda: runs.again(runs.current), "", "Run", "run", group="past"),
        Command(
            "run.resume",
            "Go on from the failed op",
            lambda: runs.resume(runs.current),
            "",
            "Run",
            "failed",
            group="past",
        ),
        Command(
            "run.pause", "Pause the queue", window.turn_queue, "", "Run", "project", "queue_paused", group="settings"
        ),
        Command(
            "run.notify",
            "Notify when a run ends",
            window.run_notifications.toggle,
            "",
            "Run",
            "",
            "notifies",
            group="settings",
        ),
        Command("run.settings", "Runs and queue…", window.asking.run_settings, "", "Run", group="settings"),
        Command("run.rescan", "Read the configs again", rescan, "Ctrl+Shift+R", "Run", "project", group="engine"),
        Command("run.restart", "Restart engine", session.restart_engine, "", "Run", group="engine"),
    )


def help_commands(window: Window) -> tuple[Command, ...]:
    """Where to read on."""
    return (
        Command("help.keys", "Keyboard shortcuts", window.show_keys, "F1", "Help"),
        Command("help.about", "About niceml", window.about, "", "Help"),
    )


def all_commands(window: Window) -> tuple[Command, ...]:
    """Every command, in the order of the menus."""
    return (
        *file_commands(window),
        *edit_commands(window),
        *view_commands(window),
        *run_commands(window),
        *help_commands(window),
    )
