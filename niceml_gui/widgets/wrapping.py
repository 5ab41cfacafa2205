"""A column whose texts take as many lines as they need."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget

from niceml_gui.theme import theme
from niceml_gui.theme.tokens import ROW

Index = QModelIndex | QPersistentModelIndex
_LINES = 3  #: so many of a text are shown; all of it belongs into a tooltip
_PAD = 6  #: pixels around a text
_WRAP = Qt.TextFlag.TextWordWrap


class Wrapping(QStyledItemDelegate):
    """Shows a text on as many lines as it needs, within reason."""

    def __init__(self, table: QTreeWidget) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the text is in the width of its column."""
        width = self._table.columnWidth(index.column()) - 2 * _PAD
        return QSize(width, max(ROW, self._box(index, width).height() + 2 * _PAD))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws the row's background as everywhere, and the text over it."""
        super().paint(painter, option, QModelIndex())
        rect = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(option.rect, QColor(theme().tokens.selection))
        painter.save()
        painter.setFont(self._table.font())
        painter.setPen(QColor(theme().tokens.text))
        metrics = QFontMetrics(self._table.font())
        text = _breakable(index)
        if self._box(index, rect.width()).height() < metrics.boundingRect(_tall(rect.width()), _WRAP, text).height():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width() * (_LINES - 0.3)))
        painter.drawText(rect, _WRAP | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _box(self, index: Index, width: int) -> QRect:
        metrics = QFontMetrics(self._table.font())
        box = metrics.boundingRect(_tall(width), _WRAP, _breakable(index))
        return QRect(0, 0, width, min(box.height(), _LINES * metrics.lineSpacing()))


def _breakable(index: Index) -> str:
    """A message that may be broken inside long dotted names and paths."""
    return re.sub(r"(?<=\w)([./])(?=\w)", "\\1\u200b", str(index.data()))


def _tall(width: int) -> QRect:
    return QRect(0, 0, max(width, 40), 10_000)
