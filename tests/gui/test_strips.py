"""Rows that give way, and panes that share the width."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from niceml_gui.widgets.strips import SharedSplitter, TabStrip


def test_controls_move_below_the_tabs_where_there_is_no_room(qtbot: QtBot) -> None:
    tabs, controls = QTabBar(), QWidget()
    for name in ("Log", "Events", "Output"):
        tabs.addTab(name)
    controls.setMinimumSize(300, 20)
    strip = TabStrip(tabs, controls)
    qtbot.addWidget(strip)
    strip.resize(900, 40)
    strip.show()
    assert not strip.stacked
    strip.resize(320, 80)
    assert strip.stacked
    qtbot.waitUntil(lambda: controls.y() >= tabs.height())
    assert tabs.width() >= tabs.sizeHint().width()
    strip.resize(900, 40)
    assert not strip.stacked


@pytest.fixture
def splitter(qtbot: QtBot) -> SharedSplitter:
    made = SharedSplitter(lambda width: [width // 4, width - width // 4])
    for _ in range(2):
        made.addWidget(QLabel())
    qtbot.addWidget(made)
    made.resize(801, 100)
    made.show()
    return made


def test_panes_share_the_width_until_a_border_is_moved(splitter: SharedSplitter) -> None:
    assert splitter.sizes() == [200, 600]
    assert splitter.save() == b""
    splitter.resize(401, 100)
    assert splitter.sizes() == [100, 300]
    splitter.moveSplitter(150, 1)
    splitter.resize(801, 100)
    assert splitter.sizes() != [200, 600]
    splitter.reset()
    assert splitter.sizes() == [200, 600]
    assert splitter.save() == b""


def test_a_moved_border_comes_back(splitter: SharedSplitter) -> None:
    splitter.moveSplitter(500, 1)
    kept, sizes = splitter.save(), splitter.sizes()
    splitter.reset()
    splitter.restore(b"something else")
    assert splitter.sizes() == [200, 600]
    splitter.restore(kept)
    assert splitter.sizes() == sizes
    splitter.resize(901, 100)
    assert splitter.sizes() != [225, 675]
