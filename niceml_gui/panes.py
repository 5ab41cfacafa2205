"""The panes of a workspace: walking them by keyboard, and keeping their sizes."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from niceml_gui.state import settings


def of(workspace: QWidget | None) -> list[QWidget]:
    """The visible panes, by their place: what lies in splitters and is none itself, else the whole workspace."""
    if workspace is None:
        return []
    found: list[QWidget] = []
    for splitter in _splitters(workspace):
        for number in range(splitter.count()):
            pane = splitter.widget(number)
            if pane is not None and pane.isVisible() and not _splitters(pane):
                found.append(pane)
    origin = QPoint(0, 0)
    found.sort(key=lambda pane: (pane.mapTo(workspace, origin).x(), pane.mapTo(workspace, origin).y()))
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
    """Keeps the sizes of a workspace's panes for the next start."""
    for number, splitter in enumerate(_splitters(workspace)):
        settings().setValue(_key(name, number, splitter), splitter.saveState())


def restore(name: str, workspace: QWidget) -> None:
    """Gives a workspace's panes the sizes that they had, and notes the first ones for `forget`."""
    for number, splitter in enumerate(_splitters(workspace)):
        splitter.setChildrenCollapsible(False)
        splitter.setProperty("first", splitter.saveState())
        saved = settings().value(_key(name, number, splitter))
        if isinstance(saved, QByteArray):
            splitter.restoreState(saved)


def forget(name: str, workspace: QWidget) -> None:
    """Gives a workspace's panes their first sizes."""
    for number, splitter in enumerate(_splitters(workspace)):
        settings().remove(_key(name, number, splitter))
        first = splitter.property("first")
        if isinstance(first, QByteArray):
            splitter.restoreState(first)


def _splitters(workspace: QWidget) -> list[QSplitter]:
    own = [workspace] if isinstance(workspace, QSplitter) else []
    return [*own, *workspace.findChildren(QSplitter)]


def _key(name: str, number: int, splitter: QSplitter) -> str:
    return f"layout/{name}/{splitter.objectName() or number}-{splitter.count()}"
