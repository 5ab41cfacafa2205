"""Texts that take as many lines as they need, or as there are for them."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget

from niceml_gui.prose import prose
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import ROW

Index = QModelIndex | QPersistentModelIndex
_LINES = 3  #: so many of a text are shown; all of it belongs into a tooltip
_PAD = 6  #: pixels around a text
_UNITS = "utf-16-le"
_BREAK = "\u2028"  #: how Qt's layout writes the end of a line
_NARROWEST = 40  #: pixels of a column in which nothing can be read
_BELOW = 2  #: pixels that an underscore takes below the last line


class Wrapping(QStyledItemDelegate):
    """Shows the texts of a column on as many lines as they need, within reason.

    Args:
        table: The table; it owns this.
        column: The column.
    """

    def __init__(self, table: QTreeWidget, column: int) -> None:
        super().__init__(table)
        self._table, self._column = table, column
        self._width = table.header().defaultSectionSize()
        table.header().sectionResized.connect(self._take_width)
        table.setItemDelegateForColumn(column, self)

    def _take_width(self, column: int, _: int, width: int) -> None:
        """Notes the width of the column: a table that is asked for it while it lays out its rows lays them out anew."""
        if column == self._column:
            self._width = width
            self._table.scheduleDelayedItemsLayout()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the text is in the width of its column."""
        font, width = self._table.font(), self._width - 2 * _PAD
        lines = _lines(_text_of(index), font, width)
        return QSize(width, max(ROW, QFontMetrics(font).lineSpacing() * len(lines) + 2 * _PAD))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws the row's background as everywhere, and the text over it."""
        super().paint(painter, option, QModelIndex())
        rect = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(option.rect, QColor(theme().tokens.selection))
        font = self._table.font()
        lines = _lines(_text_of(index), font, rect.width())
        spacing = QFontMetrics(font).lineSpacing()
        top = rect.top() + (rect.height() - spacing * len(lines)) // 2
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(theme().tokens.text))
        for number, text in enumerate(lines):
            place = QRect(rect.left(), top + number * spacing, rect.width(), spacing)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        painter.restore()


class FoldedLabel(QLabel):
    """A text of which the first lines are shown, until all of it is wanted.

    Args:
        most: So many lines.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._most, self._full, self._unfolded = most, "", False

    @property
    def folded(self) -> bool:
        """Whether there is more of the text than is shown while it is folded."""
        return len(self._lines(self.contentsRect().width(), 0)) > self._most

    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def set_full_text(self, text: str) -> None:
        """Shows another text."""
        self._full = text
        self.setAccessibleName(prose(text, lines=True))
        self._fold()

    def unfold(self, on: bool) -> None:
        """Shows all of it, or its first lines."""
        self._unfolded = on
        self._fold()

    def hasHeightForWidth(self) -> bool:
        """Its height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as what is shown in a width."""
        return len(self._shown(width)) * QFontMetrics(self.font()).lineSpacing() + _BELOW

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(prose(self._full, lines=True)) + 4, metrics.lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """Narrow: the text gives way."""
        return QSize(_NARROWEST, QFontMetrics(self.font()).lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Folds the text anew."""
        super().resizeEvent(event)
        self._fold()

    def _shown(self, width: int) -> list[str]:
        return self._lines(width, 0 if self._unfolded else self._most)

    def _lines(self, width: int, most: int) -> list[str]:
        return _lines(prose(self._full, lines=True).replace("\n", _BREAK), self.font(), width, most)

    def _fold(self) -> None:
        self.setText("\n".join(self._shown(self.contentsRect().width())))
        self.setToolTip(prose(self._full, lines=True) if not self._unfolded and self.folded else "")


def _lines(text: str, font: QFont, width: int, most: int = _LINES) -> list[str]:
    """The lines of a text, as many as there may be; the last one says by an ellipsis that there would be more."""
    units = text.encode(_UNITS)  # Qt counts these, not characters
    room = max(width, _NARROWEST)
    layout = QTextLayout(text, font)
    layout.setTextOption(_anywhere())
    lines: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room)
        start, end = line.textStart(), line.textStart() + line.textLength()
        if most and len(lines) == most - 1:
            rest = units[2 * start :].decode(_UNITS).replace(_BREAK, " ")
            lines.append(QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, room))
            break
        lines.append(units[2 * start : 2 * end].decode(_UNITS).rstrip())
    layout.endLayout()
    return lines


def _anywhere() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def _text_of(index: Index) -> str:
    return breakable(str(index.data())).replace("\n", _BREAK)


def breakable(text: str) -> str:
    """A message that may be broken inside long dotted names and paths."""
    return re.sub(r"(?<=\w)([./])(?=\w)", "\\1\u200b", text)
