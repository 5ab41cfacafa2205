"""The log, the events and the worker's output, below the charts."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from niceml_engine.events import Level
from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.record import LEVELS, Line

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 20
PLAIN = "QPlainTextEdit { background: transparent; border: none; border-radius: 0 }"  #: for text that fills a pane
NO_INDEX = QModelIndex()


def as_text(line: Line) -> str:
    """A line as it is copied."""
    details = f"\n{line.details}" if line.details else ""
    return f"{words.clock(line.time)}  {line.op or '-'}  {line.text}{details}"


class LogModel(QAbstractListModel):
    """The lines that pass the filters; a source list that only grows is taken up by `grow`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: list[Line] = []
        self._taken = 0
        self._shown: list[Line] = []
        self._open: set[int] = set()
        self.op = ""
        self.level: Level = "info"
        self.text = ""

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """How many lines are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A line as text, or (`LINE`) the line itself."""
        if not index.isValid():
            return None
        line = self._shown[index.row()]
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.ToolTipRole and line.details and not self.is_open(line):
            return "Press Enter or double-click to unfold the details"
        return as_text(line) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def is_open(self, line: Line) -> bool:
        """Whether a line's details are unfolded."""
        return line.seq in self._open

    @property
    def any_open(self) -> bool:
        """Whether any line's details are unfolded."""
        return bool(self._open)

    def toggle(self, index: Index) -> None:
        """Unfolds the details of a line, or folds them."""
        line: Line = index.data(LINE)
        if line.details:
            self._open ^= {line.seq}
            self.dataChanged.emit(index, index)

    def set_source(self, source: list[Line]) -> None:
        """Shows another list of lines."""
        if source is not self._source:
            self._source = source
            self._open.clear()
            self.filter()

    def filter(self) -> None:
        """Applies the filters anew."""
        self.beginResetModel()
        self._taken = 0
        self._shown = self._fresh()
        self.endResetModel()

    def grow(self) -> None:
        """Takes up lines that were added to the source."""
        fresh = self._fresh()
        if fresh:
            start = len(self._shown)
            self.beginInsertRows(QModelIndex(), start, start + len(fresh) - 1)
            self._shown.extend(fresh)
            self.endInsertRows()

    def _fresh(self) -> list[Line]:
        least, text = LEVELS.index(self.level), self.text.casefold()
        fresh = self._source[self._taken :]
        self._taken = len(self._source)
        return [
            line
            for line in fresh
            if LEVELS.index(line.level) >= least
            and (not self.op or line.op == self.op)
            and (not text or text in line.text.casefold())
        ]


class LogDelegate(QStyledItemDelegate):
    """Paints time, op and text in columns, and below them the details that are unfolded."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One row, or as many as the unfolded details need."""
        line: Line = index.data(LINE)
        model = index.model()
        if isinstance(model, LogModel) and model.is_open(line):
            return QSize(400, ROW_HEIGHT * (2 + line.details.count("\n")))
        return QSize(400, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints one line."""
        tokens = theme().tokens
        line: Line = index.data(LINE)
        area = QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(tokens.selection))
        mono = style.mono(12)
        metrics = QFontMetrics(mono)
        painter.setFont(mono)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        row = QRect(area.left() + 14, area.top(), area.width() - 24, ROW_HEIGHT)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(row, middle, words.clock(line.time))
        row.setLeft(row.left() + metrics.horizontalAdvance("00:00:00  "))
        painter.setPen(QColor(tokens.op(line.op)))
        painter.drawText(row, middle, line.op)
        row.setLeft(row.left() + metrics.horizontalAdvance("prediction  "))
        colors = {"error": tokens.error, "warning": tokens.warning, "debug": tokens.muted}
        painter.setPen(QColor(colors.get(line.level, tokens.text)))
        model = index.model()
        is_open = isinstance(model, LogModel) and model.is_open(line)
        text = line.text if not line.details else f"{line.text}  {'▾' if is_open else '▸'}"
        painter.drawText(row, middle, metrics.elidedText(text, Qt.TextElideMode.ElideRight, row.width()))
        if is_open:
            painter.setPen(QColor(tokens.muted))
            below = QRect(row.left(), area.top() + ROW_HEIGHT, row.width(), area.height() - ROW_HEIGHT)
            painter.drawText(below, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, line.details)
        painter.restore()


class LogView(QListView):
    """A list of lines that can hold hundreds of thousands."""

    grown = Signal()  #: lines were added

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LogModel(self)
        self.follow = True
        self.setModel(self.lines)
        self.setItemDelegate(LogDelegate(self))
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.doubleClicked.connect(self.toggle)
        theme().changed.connect(self.viewport().update)

    def toggle(self, index: QModelIndex) -> None:
        """Unfolds or folds the details of a line."""
        self.lines.toggle(index)
        self.setUniformItemSizes(not self.lines.any_open)
        self.scheduleDelayedItemsLayout()

    def show_lines(self, source: list[Line]) -> None:
        """Shows a list of lines, or what was added to the one that is shown."""
        self.lines.set_source(source)
        self.lines.grow()
        if self.follow:
            self.scrollToBottom()
        self.grown.emit()

    def set_follow(self, on: bool) -> None:
        """Keeps the last line in view, or not."""
        self.follow = on
        if on:
            self.scrollToBottom()

    def copy(self) -> None:
        """Copies the selected lines, or all that are shown."""
        rows = sorted(index.row() for index in self.selectedIndexes()) or range(self.lines.rowCount())
        lines = (self.lines.index(row).data(LINE) for row in rows)
        QApplication.clipboard().setText("\n".join(as_text(line) for line in lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Goes on to follow."""
        super().resizeEvent(event)
        self.set_follow(self.follow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copies on Ctrl+C, unfolds on Enter."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.toggle(self.currentIndex())
        else:
            super().keyPressEvent(event)


class OutputView(QPlainTextEdit):
    """What the worker printed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setProperty("role", "mono")
        self.setStyleSheet(PLAIN)
        self.setAccessibleName("Output of the worker")
        self.setPlaceholderText("What the worker prints appears here.")

    def show_text(self, text: str, follow: bool) -> None:
        """Shows a text, keeping the place unless the end is followed."""
        if text == self.toPlainText():
            return
        bar = self.verticalScrollBar()
        place = bar.value()
        self.setPlainText(text)
        bar.setValue(bar.maximum() if follow else place)
