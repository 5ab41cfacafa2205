"""Panes of a workspace: moved, turned, and found again by layouts with names."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from niceml_gui import panes
from niceml_gui.widgets.docks import Docks, Side
from niceml_gui.window import Window


@pytest.fixture
def compose(window: Window, qtbot: QtBot) -> Docks:
    """The Compose workspace of a visible window."""
    window.show_workspace(0)
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, Docks)
    qtbot.waitUntil(workspace.isVisible)
    return workspace


def pane_of(compose: Docks, name: str) -> QWidget:
    return next(pane for pane in compose.panes if pane.objectName() == name)


def left_of(compose: Docks, name: str) -> int:
    return pane_of(compose, name).mapTo(compose, QPoint(0, 0)).x()


def test_the_pane_with_the_focus_is_moved_by_a_key(compose: Docks, window: Window, qtbot: QtBot) -> None:
    assert left_of(compose, "ops") > left_of(compose, "graph") > left_of(compose, "config groups")
    target = panes.first_focus(pane_of(compose, "ops"))
    assert target is not None
    target.setFocus()
    window.commands.run("view.move-left")
    qtbot.waitUntil(lambda: left_of(compose, "ops") < left_of(compose, "config groups"))
    window.commands.run("view.reset-layout")
    qtbot.waitUntil(lambda: left_of(compose, "ops") > left_of(compose, "graph"))


def test_tabs_are_turned_where_the_focus_is(compose: Docks, window: Window) -> None:
    overrides, origin = pane_of(compose, "overrides"), pane_of(compose, "origin")
    compose.show_pane(overrides)
    target = panes.first_focus(overrides)
    assert target is not None
    target.setFocus()
    window.commands.run("view.last-tab")
    assert compose.in_front(origin)


def test_a_layout_is_kept_used_and_forgotten_by_its_name(
    compose: Docks, window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, composed = pane_of(compose, "origin"), pane_of(compose, "composed")
    compose.move_pane(origin, Side.RIGHT, composed)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *args, **kwargs: ("beside/each other", True))
    window.commands.run("view.save-layout")
    window.reset_layout()
    assert not compose.in_front(origin)
    menu = QMenu(window)
    window.layouts.fill(menu)
    assert [action.text() for action in menu.actions()] == ["beside each other", "Forget"]
    menu.actions()[0].trigger()
    assert compose.in_front(origin)
    assert compose.in_front(composed)
    assert "Use layout beside each other" in [entry.title for entry in window.layouts.entries()]
    panes.drop_layout("compose", "beside each other")
    window.layouts.fill(menu)
    assert [action.text() for action in menu.actions()] == ["No layouts kept yet"]


def test_the_palette_goes_to_every_pane(compose: Docks, window: Window) -> None:
    entries = {entry.title: entry for entry in window.layouts.entries()}
    entries["Show Overrides"].chosen()
    assert compose.in_front(pane_of(compose, "overrides"))


def test_a_layout_from_before_a_pane_existed_shows_it_where_it_belongs(qtbot: QtBot) -> None:
    def made(*names: str) -> Docks:
        docks = Docks()
        qtbot.addWidget(docks)
        first = None
        for name in names:
            pane = QWidget()
            pane.setObjectName(name)
            pane.setWindowTitle(name.title())
            docks.add(pane, Side.LEFT if name == "left" else Side.TAB, first)
            first = first or pane
        docks.finish()
        docks.show()
        return docks

    old = made("main", "left")
    new = made("main", "left", "late")
    assert new.restore(old.save())
    main, _, late = new.panes
    assert late.window() is new
    assert {new.in_front(main), new.in_front(late)} == {True, False}
    assert not new.restore(b"no layout")


def test_keys_of_the_panes_are_unique(window: Window) -> None:
    keys = [keys for command in window.commands.all() for keys in command.shortcut.split("; ") if keys]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+PgDown", "Ctrl+Alt+Left"} <= set(keys)
