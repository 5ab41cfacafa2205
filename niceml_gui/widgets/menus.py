"""Menus that open at what they belong to, wherever the mouse is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMenu, QWidget


def pop_up(menu: QMenu, widget: QWidget, part: QRect | None = None) -> None:
    """Opens a menu below a widget, above it where there is no room below; never beyond the screen.

    Args:
        menu: What opens.
        widget: At what.
        part: The part of the widget that is meant; without one, all of it.
    """
    area = part if part is not None else widget.rect()
    area = QRect(widget.mapToGlobal(area.topLeft()), area.size())
    screen, size = widget.screen().availableGeometry(), menu.sizeHint()
    below, above = area.bottom() + 1, area.top() - size.height()
    top = above if below + size.height() > screen.bottom() + 1 and above >= screen.top() else below
    left = max(screen.left(), min(area.left(), screen.right() + 1 - size.width()))
    menu.popup(QPoint(left, top))


def pop_up_at_focus(menu: QMenu, within: QWidget) -> None:
    """Opens a menu at what a person has just used: the row or the line that has the focus, else that button.

    Args:
        menu: What opens.
        within: Where the focus should be; if it is elsewhere, the menu opens at the top left of that.
    """
    widget = QApplication.focusWidget()
    if widget is None or not within.isAncestorOf(widget):
        pop_up(menu, within, QRect())
    elif isinstance(widget, QAbstractScrollArea):
        cursor = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
        viewport = widget.viewport()
        seen = cursor.toRect() if not isinstance(cursor, QRect) else cursor
        pop_up(menu, viewport, seen.intersected(viewport.rect()))
    else:
        pop_up(menu, widget)
