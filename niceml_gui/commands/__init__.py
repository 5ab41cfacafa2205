"""Commands as data: what a person can do, under which name and keys, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

MENUS = ("File", "Edit", "View", "Run", "Help")


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can do.

    Attributes:
        id: Stable dotted name, `run.start`.
        title: What menus and palette show.
        callback: What it does.
        shortcut: Keys in Qt's portable form, several separated by `; `.
        menu: The menu it stands in; `File/Recent` is a submenu; empty: palette only.
        when: Names of the context joined by `and`, each perhaps with `not` before it; empty: always.
        checked: A name of the context that ticks it; empty: it cannot be ticked.
        group: Commands of one menu with different groups are parted by a line.
    """

    id: str
    title: str
    callback: Callable[[], object]
    shortcut: str = ""
    menu: str = ""
    when: str = ""
    checked: str = ""
    group: str = ""


@runtime_checkable
class Commanding(Protocol):
    """A workspace with commands of its own."""

    def commands(self) -> tuple[Command, ...]:
        """What can be done in it."""


def holds(when: str, context: Mapping[str, bool]) -> bool:
    """Whether an enablement expression is true.

    Raises:
        KeyError: It names something that the context does not know.
    """
    for term in when.split(" and ") if when else ():
        name = term.strip().removeprefix("not ").strip()
        if context[name] == term.strip().startswith("not "):
            return False
    return True


class Commands(QObject):
    """All commands of a window, as actions with shortcuts, and as menus.

    Args:
        window: Where the shortcuts work.
        context: Says what is true right now; asked by `refresh`.
    """

    def __init__(self, window: QWidget, context: Callable[[], Mapping[str, bool]]) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

    def add(self, commands: Iterable[Command]) -> None:
        """Adds commands; one with a known id replaces the former."""
        for command in commands:
            action = self._actions.get(command.id) or QAction(self._window)
            action.setText(command.title)
            action.setObjectName(command.id)
            action.setShortcuts([QKeySequence(keys) for keys in command.shortcut.split("; ") if keys])
            action.setCheckable(bool(command.checked))
            if command.id not in self._actions:
                action.triggered.connect(lambda _checked=False, name=command.id: self.run(name))
                self._window.addAction(action)
            self._commands[command.id], self._actions[command.id] = command, action

    def action(self, name: str) -> QAction:
        """The action of a command, to be put on a button or into another menu."""
        return self._actions[name]

    def all(self) -> tuple[Command, ...]:
        """All commands in the order in which they were added."""
        return tuple(self._commands.values())

    def enabled(self, name: str) -> bool:
        """Whether a command can be run now."""
        return holds(self._commands[name].when, self._context())

    def take(self, keys: QKeySequence) -> bool:
        """Whether a command that can be run now has these keys."""
        return any(keys in action.shortcuts() for action in self._actions.values() if action.isEnabled())

    def run(self, name: str) -> None:
        """Runs a command, if it is enabled."""
        if self.enabled(name):
            self._commands[name].callback()
            self.refresh()

    def retitle(self, name: str, title: str) -> None:
        """Changes what menus and palette call a command."""
        self._actions[name].setText(title)

    def refresh(self) -> None:
        """Brings enabled and ticked up to date."""
        context = self._context()
        for name, command in self._commands.items():
            self._actions[name].setEnabled(holds(command.when, context))
            if command.checked:
                self._actions[name].setChecked(context[command.checked])

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Makes the menus, and returns them by name, submenus as `File/Recent`."""
        menus = {name: bar.addMenu(f"&{name}") for name in MENUS}
        last: dict[str, str] = {}
        for command in self._commands.values():
            if not command.menu:
                continue
            top, _, sub = command.menu.partition("/")
            if command.menu not in menus:
                menus[command.menu] = menus[top].addMenu(sub)
            menu = menus[command.menu]
            if command.menu in last and last[command.menu] != command.group:
                menu.addSeparator()
            last[command.menu] = command.group
            menu.addAction(self._actions[command.id])
        return menus


def shortcut_text(command: Command) -> str:
    """The first keys of a command as this system writes them."""
    keys = command.shortcut.split("; ")[0]
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
