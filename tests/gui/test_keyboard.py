"""Everything in the window is reached by keyboard: panes by F6, controls by Tab, what lies behind by Ctrl+PgDown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from niceml_gui import panes
from niceml_gui.widgets.docks import Docks
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS
from niceml_gui.window import Window

MOST = 600  #: controls that Tab may come through before it is back
WORKSPACES = pytest.mark.parametrize("number", [COMPOSE, RUNS, EXPERIMENTS], ids=["compose", "runs", "experiments"])


def parts(window: Window) -> list[QWidget]:
    """Header, panes and status line, as far as there is something in them that takes keys."""
    every = [window.header, *panes.of(window.pages.currentWidget()), window.status]
    return [part for part in every if panes.first_focus(part) is not None]


def part_of(window: Window, widget: QWidget | None) -> QWidget | None:
    return next((part for part in parts(window) if widget and (part is widget or part.isAncestorOf(widget))), None)


def begin(window: Window, number: int, qtbot: QtBot) -> None:
    window.show_workspace(number)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.header.picker.setFocus()


@WORKSPACES
def test_f6_goes_through_every_part_of_the_window_in_turn(window: Window, number: int, qtbot: QtBot) -> None:
    begin(window, number, qtbot)
    wanted = parts(window)
    assert len(wanted) >= (5 if number == COMPOSE else 3)
    seen = []
    for _ in wanted:
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_F6)
        seen.append(part_of(window, QApplication.focusWidget()))
    assert seen == [*wanted[1:], wanted[0]]
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert part_of(window, QApplication.focusWidget()) is wanted[-1]


@WORKSPACES
def test_tab_comes_through_every_part_and_back(window: Window, number: int, qtbot: QtBot) -> None:
    begin(window, number, qtbot)
    first, seen = QApplication.focusWidget(), list[QWidget]()
    for _ in range(MOST):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now is first:
            break
        assert now not in seen[-1:], f"Tab stays in {now}"
        seen.append(now)
    assert QApplication.focusWidget() is first
    assert {part_of(window, widget) for widget in seen} == set(parts(window))


@WORKSPACES
def test_what_lies_behind_comes_to_the_front_by_keys(window: Window, number: int, qtbot: QtBot) -> None:
    begin(window, number, qtbot)
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, Docks)
    seen = {pane for pane in workspace.panes if workspace.in_front(pane)}
    for pane in tuple(seen):
        target = panes.first_focus(pane)
        if target is None:
            continue
        target.setFocus()
        for _ in workspace.panes:
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
            seen |= {pane for pane in workspace.panes if workspace.in_front(pane)}
    assert seen == set(workspace.panes)
