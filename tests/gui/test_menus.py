import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QListWidget, QMenu, QPushButton, QVBoxLayout, QWidget

from niceml_gui.widgets.menus import pop_up, pop_up_at_focus


@pytest.fixture
def page(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    page.rows, page.button = QListWidget(), QPushButton("Why")
    page.rows.addItems([str(number) for number in range(100)])
    layout = QVBoxLayout(page)
    layout.addWidget(page.rows)
    layout.addWidget(page.button)
    page.setGeometry(100, 80, 300, 300)
    page.show()
    qtbot.waitExposed(page)
    QCursor.setPos(page.mapToGlobal(QPoint(290, 5)))
    return page


@pytest.fixture
def menu(page):
    menu = QMenu(page)
    for name in ("one", "two", "three"):
        menu.addAction(name)
    yield menu
    menu.close()


def test_a_menu_opens_below_its_button(page, menu):
    pop_up(menu, page.button)
    assert menu.pos() == page.button.mapToGlobal(QPoint(0, page.button.height()))


def test_a_menu_stays_on_the_screen_and_off_its_button(page, menu):
    screen = page.screen().availableGeometry()
    page.move(screen.bottomRight() - QPoint(60, 300))
    pop_up(menu, page.button)
    button = QRect(page.button.mapToGlobal(QPoint()), page.button.size())
    assert screen.contains(menu.geometry())
    assert not menu.geometry().intersects(button)


def test_a_menu_opens_at_the_row_that_has_the_focus(page, menu, qtbot):
    page.activateWindow()
    page.rows.setFocus()
    qtbot.waitUntil(page.rows.hasFocus)
    page.rows.setCurrentRow(60)
    pop_up_at_focus(menu, page)
    viewport = page.rows.viewport()
    row = page.rows.visualItemRect(page.rows.item(60))
    assert menu.pos() == viewport.mapToGlobal(QPoint(row.left(), row.bottom() + 1))
    menu.close()
    page.button.setFocus()
    pop_up_at_focus(menu, page)
    assert menu.pos() == page.button.mapToGlobal(QPoint(0, page.button.height()))
    menu.close()
    pop_up_at_focus(menu, page.rows)
    assert menu.pos() == page.rows.mapToGlobal(QPoint())
