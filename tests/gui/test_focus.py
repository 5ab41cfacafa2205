"""The ring around what has the keyboard's focus."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from niceml_gui.theme import theme


class Page(QWidget):
    """Two buttons, and a third one far down in a scroll area."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other, self.far = QPushButton("one"), QPushButton("other"), QPushButton("far")
        self.text = QPlainTextEdit()
        inside = QWidget()
        inside.setFixedHeight(900)
        self.far.setParent(inside)
        self.far.setGeometry(20, 40, 120, 30)
        self.area = QScrollArea()
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        layout = QVBoxLayout(self)
        for widget in (self.one, self.other, self.text, self.area):
            layout.addWidget(widget)
        self.resize(360, 480)


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    made = Page()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.one.setFocus()
    return made


def ringed(page: Page, widget: QWidget) -> bool:
    """Whether an accent line runs along the top of a widget."""
    image = page.grab().toImage()
    top = widget.mapTo(page, QPoint(widget.width() // 2, 0))
    accent = QColor(theme().tokens.accent).rgb()
    near = range(max(0, top.y() - 5), min(image.height(), top.y() + 5))
    return any(image.pixel(top.x(), y) == accent for y in near)


def press(page: Page, key: Qt.Key) -> None:
    """Presses a key as a person does, of which the window hears first."""
    QTest.keyClick(page.windowHandle(), key)


def click(page: Page, widget: QWidget) -> None:
    """Clicks as a person does, of which the window hears first."""
    place = widget.mapTo(page, widget.rect().center())
    QTest.mouseClick(page.windowHandle(), Qt.MouseButton.LeftButton, pos=place)


def test_keys_show_where_they_go(page: Page) -> None:
    press(page, Qt.Key.Key_Tab)
    assert page.other.hasFocus()
    assert [ringed(page, page.one), ringed(page, page.other)] == [False, True]
    press(page, Qt.Key.Key_Tab)
    assert [ringed(page, page.other), ringed(page, page.text)] == [False, True]


def test_the_mouse_shows_itself(page: Page) -> None:
    press(page, Qt.Key.Key_Tab)
    click(page, page.one)
    assert page.one.hasFocus()
    assert [ringed(page, page.one), ringed(page, page.other)] == [False, False]
    page.other.setFocus()  # as a program does it for a person who clicks
    assert not ringed(page, page.other)


def test_the_ring_moves_and_scrolls_with_its_control(page: Page) -> None:
    press(page, Qt.Key.Key_Shift)
    page.far.setFocus()
    assert ringed(page, page.far)
    page.area.verticalScrollBar().setValue(20)
    assert ringed(page, page.far)
    page.area.verticalScrollBar().setValue(300)
    line = page.area.mapTo(page, QPoint(0, 0)).y()
    accent = QColor(theme().tokens.accent).rgb()
    above = page.grab(QRect(0, 0, page.width(), line)).toImage()
    assert not any(above.pixel(x, y) == accent for x in range(0, 200, 3) for y in range(above.height()))


def test_the_ring_goes_with_the_focus_and_comes_back_with_the_window(page: Page, qtbot: QtBot) -> None:
    press(page, Qt.Key.Key_Tab)
    page.other.clearFocus()
    page.resize(400, 500)  # what moves does not bring it back
    qtbot.waitUntil(lambda: not ringed(page, page.other))
    page.other.setFocus()
    assert ringed(page, page.other)


def test_a_shortcut_counts_as_a_key(page: Page) -> None:
    shortcut = QShortcut(QKeySequence("F6"), page)
    shortcut.activated.connect(page.text.setFocus)
    click(page, page.one)
    press(page, Qt.Key.Key_F6)
    assert page.text.hasFocus()
    assert ringed(page, page.text)
