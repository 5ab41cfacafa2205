"""What must not be found in any scene: controls without a name, text that is cut off, focus that cannot be seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSplitterHandle,
    QTreeView,
    QWidget,
)

from niceml_gui.theme.style import contrast
from niceml_gui.widgets.basics import ElidedButton, ElidedEdit, ElidedLabel
from niceml_gui.widgets.fields import FieldButton
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.pickers import ListPicker, Picker

LEAST_SEEN = 40  #: pixels of a text that is shortened
MARK = 3.0  #: contrast of what shows that a control has the focus, to what was there before
MARK_PIXELS = 24
#: Paint themselves what they say, as much of it as there is room for.
SHORTENS = (ElidedLabel, ElidedEdit, ElidedButton, FieldButton, Field, Picker, ListPicker)
_SLACK = 1


def visible(top: QWidget) -> list[QWidget]:
    """A widget and all that is seen in it."""
    inside = [one for one in top.findChildren(QWidget) if one.window() is top.window()]
    return [one for one in (top, *inside) if one.isVisibleTo(top) and not one.visibleRegion().isEmpty()]


def told(widget: QWidget) -> str:
    """Which widget it is, for a person who looks for it in the code."""
    path = []
    one: QWidget | None = widget
    while one is not None and len(path) < 4:
        role = one.property("role")
        path.append(type(one).__name__ + (f"#{one.objectName()}" if one.objectName() else f"[{role}]" if role else ""))
        one = one.parentWidget()
    return " < ".join(path)


# ------------------------------------------------------------------------------------------------ names


def nameless(top: QWidget) -> Iterator[str]:
    """Controls that can have the focus and that a screen reader could not call by a name."""
    for widget in visible(top):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None and not name_of(widget):
            yield f"no name: {told(widget)}"
        if isinstance(widget, QAbstractButton) and not name_of(widget):
            yield f"no name: {told(widget)}"


def name_of(widget: QWidget) -> str:
    """What a screen reader calls a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    name = interface.text(QAccessible.Text.Name).strip() if interface is not None else ""
    return name or widget.accessibleName().strip()


# ------------------------------------------------------------------------------------------------ room


def cut_off(top: QWidget) -> Iterator[str]:
    """Texts for which there is not enough room, and controls that lie over each other or outside of their parent."""
    seen = visible(top)
    for widget in seen:
        if (words := _cut(widget)) and not _scrolled_out(widget):
            yield f"cut off: {words!r} in {told(widget)}"
        if isinstance(widget, QHeaderView):
            yield from _heads(widget)
        if isinstance(widget, QTreeView):
            yield from _cells(widget)
    yield from _strays(seen)


def _cut(widget: QWidget) -> str:
    """What a widget says and does not show in full; empty if there is room for it."""
    metrics = widget.fontMetrics()
    if isinstance(widget, ElidedLabel):
        wanted = min(metrics.horizontalAdvance(widget.full_text()), LEAST_SEEN)
        return widget.full_text() if widget.width() + _SLACK < wanted else ""
    if isinstance(widget, SHORTENS):
        return ""
    if isinstance(widget, QLabel):
        return widget.text() if widget.text() and not _has_room(widget) else ""
    if isinstance(widget, QAbstractButton):
        return widget.text() if widget.text() and widget.sizeHint().width() > widget.width() + _SLACK else ""
    if isinstance(widget, QComboBox):
        return widget.currentText() if widget.minimumSizeHint().width() > widget.width() + _SLACK else ""
    if isinstance(widget, QLineEdit) and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox):
        shown = widget.text() or widget.placeholderText()
        margins = widget.textMargins()
        icons = 24 * sum(action.isVisible() for action in widget.actions())
        room = widget.width() - 16 - margins.left() - margins.right() - icons
        return shown if metrics.horizontalAdvance(shown) > room and not widget.hasFocus() else ""
    return ""


def _has_room(label: QLabel) -> bool:
    if label.wordWrap():
        return label.heightForWidth(label.width()) <= label.height() + _SLACK
    wanted = label.sizeHint()
    return wanted.width() <= label.width() + _SLACK and wanted.height() <= label.height() + 2 * _SLACK


def _heads(header: QHeaderView) -> Iterator[str]:
    if header.orientation() == Qt.Orientation.Vertical:
        return
    for section in range(header.count()):
        text = str(header.model().headerData(section, header.orientation()) or "")
        narrow = header.fontMetrics().horizontalAdvance(text) + 8 > header.sectionSize(section)
        if text and narrow and not header.isSectionHidden(section):
            yield f"cut off: column {text!r} of {told(header)}"


def _cells(view: QTreeView) -> Iterator[str]:
    """Cells that end in an ellipsis, and do not say the rest in a tooltip."""
    if type(view.itemDelegate()).__module__.startswith("niceml"):
        return
    index = view.indexAt(QPoint(1, 1))
    while index.isValid() and view.visualRect(index).top() < view.viewport().height():
        for column in range(view.model().columnCount()):
            cell = index.siblingAtColumn(column)
            text, rect = str(cell.data() or ""), view.visualRect(cell)
            short = rect.width() < view.sizeHintForIndex(cell).width()
            spanned = view.isFirstColumnSpanned(index.row(), index.parent())
            if text and short and not cell.data(Qt.ItemDataRole.ToolTipRole) and not spanned:
                yield f"cut off, without a tooltip: {text!r} in {told(view)}"
        index = view.indexBelow(index)


def _strays(seen: list[QWidget]) -> Iterator[str]:
    kinds = (QLabel, QAbstractButton, QLineEdit, QComboBox, QAbstractScrollArea)
    leaves = [one for one in seen if isinstance(one, kinds) and not isinstance(one.parentWidget(), QLineEdit)]
    by_parent: dict[QWidget, list[QWidget]] = {}
    for leaf in leaves:
        parent = leaf.parentWidget()
        if parent is None or isinstance(parent.parentWidget(), QAbstractScrollArea):
            continue
        by_parent.setdefault(parent, []).append(leaf)
        room = parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK)
        if not room.contains(leaf.geometry()) and not isinstance(parent, QAbstractScrollArea):
            yield f"outside of its parent: {told(leaf)}"
    for together in by_parent.values():
        for one, other in combinations(together, 2):
            common = one.geometry().intersected(other.geometry())
            if common.width() > _SLACK and common.height() > _SLACK:
                yield f"over each other: {told(one)} and {type(other).__name__}"


def _scrolled_out(widget: QWidget) -> bool:
    """Whether a scroll area hides a part of it, which the person can scroll to."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            place = QRect(widget.mapTo(parent.viewport(), QPoint(0, 0)), widget.size())
            return not parent.viewport().rect().contains(place)
        parent = parent.parentWidget()
    return False


# ------------------------------------------------------------------------------------------------ focus


def takers(top: QWidget) -> list[QWidget]:
    """Everything in a window that Tab may lead to, one of each kind."""
    found: dict[tuple[object, ...], QWidget] = {}
    for widget in visible(top):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled() and widget.focusProxy() is None
        if takes and not isinstance(widget, QSplitterHandle) and not _scrolled_out(widget):
            marks = tuple(str(widget.property(name)) for name in ("role", "changed", "invalid"))
            found.setdefault((type(widget), widget.objectName(), *marks, isinstance(widget, QAbstractButton)), widget)
    return list(found.values())


def unseen_focus(top: QWidget) -> Iterator[str]:
    """Controls that look the same with the focus as without it."""
    window = top.window()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)  # from now on, somebody works by keyboard
    for widget in takers(top):
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if not widget.hasFocus():
            continue
        QApplication.processEvents()  # it may be scrolled into view
        place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-4, -4, 4, 4)
        place = place.intersected(window.rect())
        with_focus = window.grab(place).toImage()
        widget.clearFocus()
        QApplication.processEvents()
        without = window.grab(place).toImage()
        if (count := _differing(with_focus, without)) < MARK_PIXELS:
            yield f"focus cannot be seen ({count} pixels): {told(widget)}"


def _differing(one: QImage, other: QImage) -> int:
    """How many pixels of two pictures differ by enough contrast to be told apart."""
    found, known = 0, {}
    for y in range(min(one.height(), other.height())):
        for x in range(min(one.width(), other.width())):
            pair = (one.pixel(x, y), other.pixel(x, y))
            if pair[0] != pair[1]:
                if pair not in known:
                    known[pair] = contrast(*(f"#{value & 0xFFFFFF:06x}" for value in pair)) >= MARK
                found += known[pair]
                if found >= MARK_PIXELS:
                    return found
    return found
