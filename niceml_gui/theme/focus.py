"""The ring around what has the keyboard's focus: one for all controls, the same everywhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion, QWindow
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

from niceml_gui.theme import theme

_WIDTH = 2
_OUT = 3  #: pixels that it stands off a control
_RADIUS = 8
_LOW = 60  #: pixels of height from which on it is drawn inside: around a pane there is no room
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)  #: of a shortcut, a window gets only the latter
_WATCHED = "focusWatched"  #: a property of windows


class FocusRing(QObject):
    """Draws the ring where the focus goes while a person works by keyboard; the mouse shows itself where it is.

    Args:
        app: The program whose focus it follows.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._by_keyboard = False
        self._ring: _Ring | None = None
        self._around: list[QWidget] = []  # what has the focus, and what holds it
        app.focusWindowChanged.connect(self._watch)
        app.focusChanged.connect(self._follow)
        theme().changed.connect(self._place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes what a person works with, and follows the control when it or what holds it moves."""
        if isinstance(watched, QWindow):
            if event.type() in _KEYS:
                self._by_keyboard = True
            elif event.type() == QEvent.Type.MouseButtonPress:
                self._by_keyboard = False
        elif event.type() in _MOVES:
            self._place()
        return False

    def _watch(self, window: QWindow | None) -> None:
        """Looks at the keys and clicks that a window gets: there are few of them, others than events of all objects."""
        if window is not None and not window.property(_WATCHED):
            window.setProperty(_WATCHED, True)
            window.installEventFilter(self)

    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        for widget in self._around:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._around = []
        if self._by_keyboard and now is not None and now.window().windowType() != Qt.WindowType.Popup:
            one: QWidget | None = now
            while one is not None:
                one.installEventFilter(self)
                self._around.append(one)
                one = None if one.isWindow() else one.parentWidget()
        self._place()

    def _place(self) -> None:
        widget = self._around[0] if self._around else None
        known = self._ring if self._ring is not None and isValid(self._ring) else None
        if widget is None or not isValid(widget) or not widget.isVisible():
            if known is not None:
                known.hide()
            return
        if known is None or known.parent() is not widget.window():
            if known is not None:
                known.deleteLater()
            known = self._ring = _Ring(widget.window())
        known.enclose(widget)


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
        # Only the ring itself lies over what is below, so that this scrolls as fast as without it.
        inner = self._whole.adjusted(_RADIUS, _RADIUS, -_RADIUS, -_RADIUS)
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
