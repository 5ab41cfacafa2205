"""How the rows of the config tree look: mark, name, pill, fold arrows and the accent of the selected one."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from niceml_engine.values import Option
from niceml_engine.visible import visible
from niceml_gui.theme.style import font
from niceml_gui.theme.tokens import ROW
from niceml_gui.workspaces.compose.paint import colour, op_colour, small
from niceml_gui.workspaces.compose.tree.model import ENTRY, Entry, Index
from niceml_gui.workspaces.compose.usage import TIMES

_INSET = 6  #: pixels between the edge and the fold arrows


class EntryDelegate(QStyledItemDelegate):
    """Paints a row: mark, name, pill."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Rows are equally high."""
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints a row; its marks say by form and by colour whether it is used."""
        entry: Entry = index.data(ENTRY)
        state, rect = option.state, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colour("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("raised"))
        left = rect.left() + 2 + _INSET
        if entry.item is not None:
            mark = QRectF(left + 2, rect.center().y() - 3, 7, 7)
            if entry.used:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(op_colour(entry.op))
            else:
                painter.setPen(QPen(colour("faint"), 1))
            painter.drawEllipse(mark)
            left += 19
        top = entry.parent is not None and entry.parent.parent is None and entry.item is None
        face = font(weight=font().Weight.DemiBold) if top else font()
        pill = self._pill(entry)
        small_width = QFontMetrics(small()).horizontalAdvance(pill) + 14 if pill else 0
        metrics = QFontMetrics(face)
        room = rect.right() - left - (small_width + 14 if pill else 6)
        text = metrics.elidedText(entry.name, Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(face)
        painter.setPen(colour("muted" if entry.item is not None and not entry.used else "text"))
        painter.drawText(QRect(left, rect.top(), room, rect.height()), int(Qt.AlignmentFlag.AlignVCenter), text)
        if pill:
            box = QRectF(left + metrics.horizontalAdvance(text) + 8, rect.center().y() - 8, small_width, 17)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("panel" if state & QStyle.StateFlag.State_Selected else "raised"))
            painter.drawRoundedRect(box, 8.5, 8.5)
            painter.setFont(small())
            painter.setPen(colour("muted"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), pill)
        painter.restore()

    @staticmethod
    def _pill(entry: Entry) -> str:
        if entry.item is None:
            top = entry.parent is None or entry.parent.parent is None
            return "" if top and entry.path != "jobs" else str(entry.count)
        said = [f"{TIMES}{entry.used}"] if entry.used > 1 else []
        if isinstance(entry.item, Option):
            said += ["Python"] if entry.item.python and not entry.item.provider else []
            said += [entry.item.provider] if entry.item.provider else []
            said += [visible(entry.source)] if entry.source else []
            said += [f"hides {len(entry.item.hides)}"] if entry.item.hides else []
        return " · ".join(said)


class EntryView(QTreeView):
    """A tree with an accent at the left of the selected row; Enter opens it."""

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: Index) -> None:
        """Paints a row and, if it is selected, its accent."""
        current = self.currentIndex() == index
        rect = QRect(0, self.visualRect(index).top(), self.viewport().width(), self.visualRect(index).height())
        if current:
            painter.fillRect(rect, colour("selection"))
        super().drawRow(painter, options, index)
        if current:
            painter.fillRect(0, rect.top(), 2, rect.height(), colour("accent"))

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Paints the fold arrows a little off the edge."""
        super().drawBranches(painter, rect.translated(_INSET, 0), index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Makes Enter do what a double click does; Qt leaves that to the platform."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.doubleClicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)
