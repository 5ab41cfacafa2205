"""A bar above the ops of a run, marked by a colour at its left."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from niceml_gui.theme import theme


class MarkedBar(QWidget):
    """Is hidden until there is something to say.

    Args:
        token: The name of its colour.
        parent: The Qt parent.
    """

    def __init__(self, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        theme().changed.connect(self.update)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the bar and its mark."""
        tokens = theme().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.raised))
        painter.fillRect(0, 0, 3, self.height(), QColor(str(getattr(tokens, self._token))))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(tokens.line))
