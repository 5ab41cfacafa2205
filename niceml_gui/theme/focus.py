"""The ring around what has the keyboard's focus: one for all controls, the same everywhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

from niceml_gui.theme import theme

_WIDTH = 2
_OUT = 3  #: pixels that it stands off a control
_RADIUS = 8
_LOW = 60  #: pixels of height from which on it is drawn inside: around a pane there is no room
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)


class FocusRing(QObject):
    """Draws the ring where the focus goes by keyboard; the mouse shows itself where it is.

    Args:
        app: The program whose focus it follows.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: _Ring | None = None
        self._watched: list[QWidget] = []
        self._around: QWidget | None = None
        self._last: QWidget | None = None  # had the focus while a window of ours was active
        app.focusChanged.connect(self._follow)
        theme().changed.connect(self._place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the control when it or what holds it moves."""
        if event.type() in _MOVES:
            self._place()
        return False

    def _follow(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            self._hide()
            return
        back, first = now is self._last, self._last is None
        self._last = now
        if old is None and back:  # the window is active again
            self._place()
            return
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched, self._around = [], None
        by_mouse = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        # What has the focus when the program starts was not chosen by a person.
        if first or by_mouse or now.window().windowType() == Qt.WindowType.Popup:
            self._hide()
            return
        self._around = now
        one: QWidget | None = now
        while one is not None:
            one.installEventFilter(self)
            self._watched.append(one)
            one = one.parentWidget() if not one.isWindow() else None
        self._place()

    def _hide(self) -> None:
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()

    def _place(self) -> None:
        widget = self._around
        if widget is None or not isValid(widget) or not widget.hasFocus() or not widget.isVisible():
            self._hide()
            return
        if self._ring is None or not isValid(self._ring) or self._ring.parent() is not widget.window():
            self._hide()
            self._ring = _Ring(widget.window())
        self._ring.enclose(widget)


class _Ring(QWidget):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._whole = QRect()

    def enclose(self, widget: QWidget) -> None:
        """Lies around a widget, as far as that is in view."""
        inside = isinstance(widget, QAbstractScrollArea) or widget.height() > _LOW
        out = 0 if inside else _OUT
        window = widget.window()
        whole = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-out, -out, out, out)
        seen = whole.intersected(_view_of(widget))
        self._whole = whole.translated(-seen.topLeft())
        self.setGeometry(seen)
        band = _RADIUS  # only the ring itself lies over what is below, so that this scrolls as fast as without it
        inner = self._whole.adjusted(band, band, -band, -band)
        self.setMask(QRegion(self.rect()).subtracted(QRegion(inner)))
        self.setVisible(not seen.isEmpty())
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().tokens.accent), _WIDTH))
        half = _WIDTH / 2
        painter.drawRoundedRect(QRectF(self._whole).adjusted(half, half, -half, -half), _RADIUS, _RADIUS)


def _view_of(widget: QWidget) -> QRect:
    """What the window and the scroll areas in it show of where a widget lies, in the window's coordinates."""
    window, one = widget.window(), widget
    seen = window.rect()
    while not one.isWindow() and (parent := one.parentWidget()) is not None:
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            seen = seen.intersected(QRect(parent.mapTo(window, QPoint(0, 0)), parent.size()))
        one = parent
    return seen
