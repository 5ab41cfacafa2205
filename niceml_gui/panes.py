"""The panes of a workspace: walking them by keyboard, keeping their layout, and what a project shows of them.

Where panes lie is a habit of the person's, for all projects; which of them are in front belongs to the project.
"""

from __future__ import annotations

import contextlib
from typing import Protocol, runtime_checkable

import msgspec
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from niceml_gui.state import project_file, replace_file, settings
from niceml_gui.widgets.docks import Docks


class View(msgspec.Struct, frozen=True):
    """What a project was left with.

    Attributes:
        workspace: The name of the one in front.
        fronts: Of each workspace that was there, the names of the panes in front.
    """

    workspace: str = ""
    fronts: dict[str, tuple[str, ...]] = {}


@runtime_checkable
class Workspace(Protocol):
    """A widget that knows its own layout."""

    def save_state(self) -> bytes:
        """The layout as it is."""

    def restore_state(self, state: bytes) -> None:
        """Goes back to what `save_state` gave; what cannot be read is left alone."""

    def reset_layout(self) -> None:
        """Goes back to how it was at first."""


def of(workspace: QWidget | None) -> list[QWidget]:
    """The visible panes and what lies above their tabs, by their place; a workspace not made of panes is one."""
    if workspace is None:
        return []
    every = (*workspace.panes, *workspace.crowned) if isinstance(workspace, Docks) else ()
    found = [pane for pane in every if pane.isVisible()]
    origin = QPoint(0, 0)
    found.sort(key=lambda pane: pane.mapTo(workspace, origin).toTuple())
    return found or [workspace]


def walk(panes: list[QWidget], step: int) -> None:
    """Gives the focus to the next pane that can take it."""
    now = QApplication.focusWidget()
    start = next((place for place, pane in enumerate(panes) if now and (pane is now or pane.isAncestorOf(now))), None)
    place = -1 if start is None and step > 0 else start or 0
    for distance in range(1, len(panes) + 1):
        target = first_focus(panes[(place + step * distance) % len(panes)])
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)
            return


def first_focus(pane: QWidget) -> QWidget | None:
    """Where the focus goes in a pane: to where it was last, else to the first that takes it."""
    last = pane.focusWidget()
    if last is not None and last.isVisible() and last.isEnabled():
        return last
    inside = [pane, *pane.findChildren(QWidget)]
    takes = Qt.FocusPolicy.TabFocus
    return next((one for one in inside if one.isVisible() and one.isEnabled() and one.focusPolicy() & takes), None)


def remember(name: str, workspace: QWidget) -> None:
    """Keeps the layout of a workspace for the next start."""
    if isinstance(workspace, Workspace):
        settings().setValue(f"layout/{name}", QByteArray(workspace.save_state()))


def restore(name: str, workspace: QWidget) -> None:
    """Gives a workspace the layout that it had."""
    saved = settings().value(f"layout/{name}")
    if isinstance(workspace, Workspace) and isinstance(saved, QByteArray):
        workspace.restore_state(bytes(saved.data()))


def view_of(project: str) -> View:
    """What a project was left with, by its address' key."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(project_file("view", project).read_bytes(), type=View)
    return View()


def keep_view(project: str, view: View) -> None:
    """Keeps what a project was left with."""
    with contextlib.suppress(OSError):  # what is in front is not worth a word
        replace_file(project_file("view", project), msgspec.json.encode(view))


def forget(name: str, workspace: QWidget) -> None:
    """Gives a workspace its first layout."""
    settings().remove(f"layout/{name}")
    if isinstance(workspace, Workspace):
        workspace.reset_layout()


def layouts(name: str) -> list[str]:
    """What the layouts are called that a person has kept of a workspace."""
    kept = settings()
    kept.beginGroup(f"layouts/{name}")
    return sorted(kept.childKeys())


def keep_layout(name: str, title: str, workspace: QWidget) -> None:
    """Keeps the layout of a workspace under a title."""
    if isinstance(workspace, Workspace):
        settings().setValue(f"layouts/{name}/{title}", QByteArray(workspace.save_state()))


def use_layout(name: str, title: str, workspace: QWidget) -> None:
    """Gives a workspace a layout that was kept."""
    saved = settings().value(f"layouts/{name}/{title}")
    if isinstance(workspace, Workspace) and isinstance(saved, QByteArray):
        workspace.restore_state(bytes(saved.data()))


def drop_layout(name: str, title: str) -> None:
    """Forgets a layout that was kept."""
    settings().remove(f"layouts/{name}/{title}")
