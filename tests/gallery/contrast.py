"""Whether everything that is read on screen stands out enough, measured in what was really painted.

What our own code paints is heard of as it paints; of what Qt paints, the pixels are looked at, thrice enlarged, so
that every letter has some that are nothing but its colour. The bounds are those of WCAG 2.2, level AA.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QToolButton,
    QTreeView,
    QWidget,
)

from niceml_gui.theme import icons, theme
from niceml_gui.theme.style import contrast
from tests.gallery.audit import told, visible

TEXT, MARK = 4.5, 3.0
_RATIO = 3
_LEAST = 3  #: pixels in which there can be a letter
Pixels = np.ndarray


@dataclass(frozen=True, slots=True)
class Written:
    """A text that our own code has painted.

    Attributes:
        text: What it says.
        color: Of the letters, with how far they cover what is below.
        place: Where, in pixels of the picture.
        by: The widget.
    """

    text: str
    color: QColor
    place: QRect
    by: QWidget


def weak(front: QWidget) -> Iterator[str]:
    """Texts and icons of a window, or of what lies over one, that do not stand out enough."""
    top = front.window()
    with _listening() as written:
        pixels = _picture(top)
    for one in written:
        part = _part(pixels, one.place)
        if one.by is not front and not front.isAncestorOf(one.by):
            continue
        if min(part.shape) < _LEAST or _covered(top, one.by, one.place.center() / _RATIO):
            continue
        ground = _ground(part)
        share = one.color.alphaF()
        letters = [
            round(part * share + below * (1 - share)) for part, below in zip(_rgb(one.color), ground, strict=True)
        ]
        if (found := contrast(_name(letters), _name(ground))) < TEXT:
            yield f"{one.text!r} {_name(letters)} on {_name(ground)} is {found:.2f}: {told(one.by)}"
    for widget, place, text in told_by_qt(front):
        part = _part(pixels, QRect(place.topLeft() * _RATIO, place.size() * _RATIO))
        if min(part.shape) < _LEAST or _covered(top, widget, place.center()):
            continue
        ground, bound = _ground(part), TEXT if text else MARK
        ink, found = _icon(widget, ground) or _ink(part, ground)
        if found < bound:
            yield f"{text!r} {_name(ink)} on {_name(ground)} is {found:.2f}: {told(widget)}"


@contextmanager
def _listening() -> Iterator[list[Written]]:
    """Notes what is painted by `QPainter.drawText` as called from Python."""
    original, found = QPainter.drawText, list[Written]()

    def note(painter: QPainter, *given: object) -> object:
        result = original(painter, *given)
        device, text = painter.device(), str(given[-1])
        shown = isinstance(device, QWidget) and device.isEnabled()
        if shown and text.strip() and (place := _place(painter, given)) is not None:
            color = QColor(painter.pen().color())
            color.setAlphaF(color.alphaF() * painter.opacity())
            found.append(Written(text, color, painter.deviceTransform().mapRect(place).toRect(), device))
        return result

    QPainter.drawText = note
    try:
        yield found
    finally:
        QPainter.drawText = original


def _place(painter: QPainter, given: tuple[object, ...]) -> QRectF | None:
    match given:
        case (QRect() | QRectF() as rect, flags, str(text)):
            return QRectF(painter.boundingRect(QRectF(rect), int(flags), text)).intersected(QRectF(rect))
        case (QPoint() | QPointF() as point, str(text)):
            return QRectF(painter.fontMetrics().boundingRect(text)).translated(QPointF(point))
        case (int() | float() as x, int() | float() as y, str(text)):
            return QRectF(painter.fontMetrics().boundingRect(text)).translated(QPointF(x, y))
    return None


def told_by_qt(front: QWidget) -> Iterator[tuple[QWidget, QRect, str]]:
    """What Qt itself paints: the widget, its place in the window, and the text; an icon alone has none."""
    top = front.window()
    for widget in visible(front):
        seen = widget.visibleRegion().boundingRect()
        cut = seen != widget.rect() and not isinstance(widget, QAbstractItemView)
        if cut or isinstance(widget.parent(), QLineEdit):
            continue
        if not widget.isEnabled() or type(widget).paintEvent is not _qt_class(widget).paintEvent:
            continue
        if isinstance(widget, QLabel) and widget.text():
            yield _within(top, widget, seen, widget.text())
        elif isinstance(widget, QAbstractButton) and (widget.text().strip() or not widget.icon().isNull()):
            yield _within(top, widget, seen.adjusted(3, 3, -3, -3), _words(widget))
        elif isinstance(widget, QComboBox):
            yield _within(top, widget, seen.adjusted(4, 4, -22, -4), widget.currentText())
        elif isinstance(widget, QLineEdit) and not isinstance(widget.parent(), QComboBox):
            margins = widget.textMargins()
            side = 1 if isinstance(widget.parent(), QAbstractSpinBox) else 8
            inside = seen.adjusted(side + margins.left(), 4, -side - margins.right(), -4)
            if text := widget.text() or widget.placeholderText():
                yield _within(top, widget, inside, text)
        elif isinstance(widget, QPlainTextEdit) and not widget.toPlainText() and widget.placeholderText():
            inside, cursor = widget.viewport().geometry(), widget.cursorRect()  # which blinks in a colour of its own
            inside.setLeft(inside.left() + cursor.right() + 2)
            inside.setHeight(cursor.bottom())
            yield _within(top, widget, inside, widget.placeholderText())
        elif isinstance(widget, QAbstractItemView) and not _paints_itself(widget):
            for place, text in _cells(widget):
                yield _within(top, widget.viewport(), place, text)


def _paints_itself(view: QAbstractItemView) -> bool:
    return isinstance(view, QHeaderView) or type(view.itemDelegate()).__module__.startswith("niceml")


def _words(button: QAbstractButton) -> str:
    """What a button says in letters."""
    only_icon = isinstance(button, QToolButton) and button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
    return "" if only_icon and not button.icon().isNull() else button.text().strip()


def _covered(top: QWidget, widget: QWidget, point: QPoint) -> bool:
    """Whether something else lies over a place of a widget."""
    found = top.childAt(point)
    return not (found is widget or found is None or widget.isAncestorOf(found) or found.isAncestorOf(widget))


def _cells(view: QAbstractItemView) -> Iterator[tuple[QRect, str]]:
    model, seen = view.model(), view.viewport().rect()
    columns = view.header().count() if isinstance(view, QTreeView) else 1
    if isinstance(view, QTableView):
        columns = view.horizontalHeader().count()
    index = view.indexAt(QPoint(2, 2))
    while index.isValid() and view.visualRect(index).top() < seen.height():
        for column in range(columns):
            cell = index.siblingAtColumn(column)
            place = view.visualRect(cell)
            if seen.contains(place) and (text := str(cell.data() or "").strip()):
                yield place, text
        index = view.indexBelow(index) if isinstance(view, QTreeView) else model.index(index.row() + 1, 0)


def _within(top: QWidget, widget: QWidget, place: QRect, text: str) -> tuple[QWidget, QRect, str]:
    return widget, QRect(widget.mapTo(top, place.topLeft()), place.size()).intersected(top.rect()), text


def _qt_class(widget: QWidget) -> type[QWidget]:
    return next(one for one in type(widget).__mro__ if not one.__module__.startswith("niceml"))


# ------------------------------------------------------------------------------------------------ pixels


def _picture(top: QWidget) -> Pixels:
    image = QImage(top.size() * _RATIO, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_RATIO)
    top.render(image)
    raw = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return raw[:, : image.width()] & 0xFFFFFF


def _part(pixels: Pixels, place: QRect) -> Pixels:
    left, top = max(0, place.left()), max(0, place.top())
    return pixels[top : place.bottom() + 1, left : place.right() + 1]


def _ground(part: Pixels) -> list[int]:
    """The colour that most pixels have."""
    colors, counts = np.unique(part, return_counts=True)
    return _split(colors[counts.argmax()])


def _ink(part: Pixels, ground: list[int]) -> tuple[list[int], float]:
    """The colour that stands out most, and how much."""
    found = (ground, 1.0)
    for color in np.unique(part):
        values = _split(color)
        found = max(found, (values, contrast(_name(values), _name(ground))), key=lambda one: one[1])
    return found


def _split(color: int) -> list[int]:
    return [int(color) >> 16 & 255, int(color) >> 8 & 255, int(color) & 255]


def _icon(widget: QWidget, ground: list[int]) -> tuple[list[int], float] | None:
    """The colour of a button that is only an icon, whose thin lines hide it between the pixels."""
    action = widget.defaultAction() if isinstance(widget, QToolButton) else None
    known = icons._tinted.get(id(widget)) or icons._tinted.get(id(action))
    if known is None or not isinstance(widget, QAbstractButton) or _words(widget):
        return None
    _, _, token = known
    color = QColor(getattr(theme().tokens, token))
    return list(_rgb(color)), contrast(color.name(), _name(ground))


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def _name(values: Iterable[int]) -> str:
    return "#" + "".join(f"{value:02x}" for value in values)
