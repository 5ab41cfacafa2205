"""Panes of a workspace: moved, turned, and found again by layouts with names."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QInputDialog, QMenu, QSplitter, QWidget
from PySide6QtAds import CDockAreaTabBar
from pytestqt.qtbot import QtBot

from niceml_gui import panes
from niceml_gui.pages import NAMES
from niceml_gui.session import Session
from niceml_gui.widgets.docks import Docks, Side
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS
from niceml_gui.window import Window


def shown(window: Window, number: int, qtbot: QtBot) -> Docks:
    """A workspace of a visible window, in front."""
    window.show_workspace(number)
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, Docks)
    qtbot.waitUntil(workspace.isVisible)
    return workspace


@pytest.fixture
def compose(window: Window, qtbot: QtBot) -> Docks:
    return shown(window, COMPOSE, qtbot)


def pane_of(docks: Docks, name: str) -> QWidget:
    return next(pane for pane in docks.panes if pane.objectName() == name)


def left_of(docks: Docks, name: str) -> int:
    return pane_of(docks, name).mapTo(docks, QPoint(0, 0)).x()


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


@pytest.mark.parametrize(
    ("number", "name", "beside"),
    [(COMPOSE, "ops", "graph"), (RUNS, "analysis", "metrics"), (EXPERIMENTS, "experiment", "experiments")],
)
def test_every_workspace_is_made_of_panes_whose_place_is_kept(
    window: Window, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, number: int, name: str, beside: str
) -> None:
    docks = shown(window, number, qtbot)
    assert left_of(docks, name) > left_of(docks, beside)
    docks.move_pane(pane_of(docks, name), Side.LEFT)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *args, **kwargs: ("other way round", True))
    window.commands.run("view.save-layout")
    window.close()
    again = Window(session)
    again.show()
    same = shown(again, number, qtbot)
    assert left_of(same, name) < left_of(same, beside)
    again.commands.run("view.reset-layout")
    assert left_of(same, name) > left_of(same, beside)
    panes.use_layout(NAMES[number], "other way round", same)
    assert left_of(same, name) < left_of(same, beside)
    again.close()
    again.deleteLater()


def made(qtbot: QtBot, *names: str) -> Docks:
    """Panes without content; `left` and `right` stand beside the others, and have a third and a tenth of the width."""
    docks = Docks()
    qtbot.addWidget(docks)
    first: QWidget | None = None
    for name in names:
        pane = QWidget()
        pane.setObjectName(name)
        pane.setWindowTitle(name.title())
        docks.add(
            pane, {"left": Side.LEFT, "right": Side.RIGHT}.get(name, Side.TAB), None if name == "right" else first
        )
        first = first or pane
        if name in ("left", "right"):
            docks.keep_width(pane, lambda width, name=name: width // (3 if name == "left" else 10))
    assert first is not None
    docks.finish(first)
    docks.resize(1000, 300)
    docks.show()
    return docks


def widths(docks: Docks) -> dict[str, int]:
    return {pane.objectName(): pane.width() for pane in docks.panes}


def test_a_layout_from_before_a_pane_existed_shows_it_where_it_belongs(qtbot: QtBot) -> None:
    old, new = made(qtbot, "main", "left"), made(qtbot, "main", "left", "late")
    new.restore_state(old.save_state())
    main, _, late = new.panes
    assert (new.in_front(main), new.in_front(late)) == (True, False), "it hides none that the layout shows"
    new.show_pane(late)
    assert late.window() is new
    assert (new.in_front(main), new.in_front(late)) == (False, True)
    new.restore_state(b"no layout")


def test_panes_share_the_width_by_their_rules_until_a_person_moves_a_border(qtbot: QtBot) -> None:
    docks = made(qtbot, "main", "left", "right")
    assert widths(docks)["left"] == 333
    assert widths(docks)["right"] == 100
    docks.resize(700, 300)
    assert widths(docks)["left"] == 233
    docks.move_pane(docks.panes[1], Side.RIGHT)
    docks.resize(900, 300)
    assert widths(docks)["left"] == 300
    border = next(one for one in docks.findChildren(QSplitter) if one.count() == 3)
    border.moveSplitter(250, 1)
    moved = widths(docks)
    docks.resize(901, 300)
    assert widths(docks)["left"] == moved["left"]
    other = made(qtbot, "main", "left", "right")
    other.restore_state(docks.save_state())
    other.resize(901, 300)
    qtbot.waitUntil(lambda: widths(other) == widths(docks))
    other.reset_layout()
    assert widths(other)["left"] == 300


def test_a_tab_has_room_for_its_title_at_once(compose: Docks, window: Window) -> None:
    problems = pane_of(compose, "problems")
    tab = compose._docks[problems].tabWidget()
    for title in ("Problems", "Problems  4", "Problems  12,345", "Problems"):
        problems.setWindowTitle(title)
        assert tab.width() >= tab.sizeHint().width(), title


def test_keys_of_the_panes_are_unique(window: Window) -> None:
    keys = [keys for command in window.commands.all() for keys in command.shortcut.split("; ") if keys]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+PgDown", "Ctrl+Alt+Left"} <= set(keys)


def test_of_more_tabs_than_fit_the_one_in_front_stays_in_view_and_names_of_files_can_be_told(qtbot: QtBot) -> None:
    docks = Docks()
    qtbot.addWidget(docks)
    files = [QWidget(objectName=f"f{number}", windowTitle=f"trainparams_number_{number}.yaml") for number in range(6)]
    for file in files:
        docks.add(file, Side.TAB, None if file is files[0] else files[0], closable=True)
    docks.resize(1600, 300)
    docks.show()
    docks.show_pane(files[4])
    bar = docks.findChildren(CDockAreaTabBar)[0]
    docks.resize(320, 300)

    def in_view() -> bool:
        tab = bar.currentTab()
        left = tab.mapTo(bar.viewport(), QPoint(0, 0)).x()
        return tab.width() >= 150 and left >= 0 and left + tab.width() <= bar.viewport().width() < 320

    qtbot.waitUntil(in_view)
