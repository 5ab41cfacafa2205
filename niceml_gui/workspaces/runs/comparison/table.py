"""The table of runs as Qt shows it: sorted by any column, the best of each metric marked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.theme.tokens import ROW
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.grid import Grid, Value, name_of, shown

Index = QModelIndex | QPersistentModelIndex
RUN = Qt.ItemDataRole.UserRole
MEASURED = 40  #: rows that the widths of columns are taken from
NARROW, WIDE = 64, 260  #: pixels of a column
NAME = 460  #: pixels of the names, which tell the rows apart, at most
_ROOT = QModelIndex()


class GridModel(QAbstractTableModel):
    """Runs as rows.

    Args:
        comparison: Knows their colours.
    """

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self.grid = Grid()
        self._comparison = comparison
        self._best: tuple[float | None, ...] = ()
        self.sorted_by = "created"
        self.descending = True

    def show(self, grid: Grid) -> bool:
        """Shows a table, in the order that was asked for; whether its columns are others than before."""
        grid = self._ordered(grid)
        columns = grid.columns != self.grid.columns
        same = not columns and [run.id for run in grid.runs] == [run.id for run in self.grid.runs]
        if not same:
            self.beginResetModel()
        changed = [row for row, values in enumerate(grid.values) if same and values != self.grid.values[row]]
        self.grid = grid
        self._best = tuple(grid.best(place) for place in range(len(grid.columns)))
        if not same:
            self.endResetModel()
        for row in changed:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(grid.columns) - 1))
        return columns

    def run(self, row: int) -> RunState | None:
        """The run of a row."""
        return self.grid.runs[row] if 0 <= row < len(self.grid.runs) else None

    def _ordered(self, grid: Grid) -> Grid:
        if self.sorted_by not in grid.columns:
            return grid
        return grid.ordered(grid.columns.index(self.sorted_by), descending=self.descending)

    # ------------------------------------------------------------------------------------------ Qt

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Orders the rows by a column."""
        if 0 <= column < len(self.grid.columns):
            self.sorted_by, self.descending = self.grid.columns[column], order == Qt.SortOrder.DescendingOrder
            self.show(self.grid)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One for each run."""
        return 0 if parent.isValid() else len(self.grid.runs)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """One for each name."""
        return 0 if parent.isValid() else len(self.grid.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the columns are called; in full in the tooltip."""
        if orientation == Qt.Orientation.Vertical or section >= len(self.grid.columns):
            return None
        column = self.grid.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.grid.title(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column}\nClick to sort; more by the right button"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._align(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, colour, alignment, and under `RUN` the run."""
        row, place = index.row(), index.column()
        column, value, run = self.grid.columns[place], self.grid.values[row][place], self.grid.runs[row]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown(column, value)
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._align(place)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self._color(column, value, place, run))
            case Qt.ItemDataRole.FontRole:
                return style.mono(12) if column == "name" or name_of(column).space else style.font(12.5)
            case Qt.ItemDataRole.DecorationRole if column == "name":
                return self._dot(run.id)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{run.name or run.id}\n{column}: {_in_full(column, value)}"
            case _ if role == RUN:
                return run
        return None

    def _align(self, place: int) -> Qt.AlignmentFlag:
        numbers = any(isinstance(row[place], float) for row in self.grid.values[:50])
        plain = name_of(self.grid.columns[place]).kind == "time"
        side = Qt.AlignmentFlag.AlignRight if numbers and not plain else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _color(self, column: str, value: object, place: int, run: RunState) -> str:
        tokens = theme().tokens
        if column == "status":
            return words.status_color(run.status, tokens)
        if value is None or column in ("created", "duration", "age", "started", "ended"):
            return tokens.muted
        return tokens.ok if self._best[place] is not None and value == self._best[place] else tokens.text

    def _dot(self, run: str) -> QIcon | None:
        if run not in self._comparison:
            return None
        ratio = 2
        pixmap = QPixmap(10 * ratio, 10 * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._comparison.color(run, theme().tokens)))
        painter.drawEllipse(1, 1, 8, 8)
        painter.end()
        return QIcon(pixmap)


def _in_full(column: str, value: Value) -> str:
    if name_of(column).kind == "time" and isinstance(value, float):
        return f"{words.day(value).partition(' ')[0]} {words.clock(value)}"
    return str(value) if value is not None else "none"


class RunsTable(QTableView):
    """The table.

    Args:
        comparison: Knows colours.
    """

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self.grid = GridModel(comparison)
        self.setModel(self.grid)
        self.setAccessibleName("Table of runs")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(10, 10))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW + 2)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionsClickable(True)
        header.setResizeContentsPrecision(MEASURED)
        header.setSortIndicatorShown(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.sectionClicked.connect(self._sort)
        theme().changed.connect(self.viewport().update)

    def show_grid(self, grid: Grid) -> None:
        """Shows a table; where the columns are new, they get their widths."""
        chosen = {self.grid.grid.runs[index.row()].id for index in self.selectionModel().selectedRows()}
        if self.grid.show(grid):
            self._fit()
        self._mark()
        rows = [row for row, run in enumerate(self.grid.grid.runs) if run.id in chosen]
        now = {index.row() for index in self.selectionModel().selectedRows()}
        if set(rows) != now:
            self._select(rows)

    def chosen(self) -> list[str]:
        """The ids of the selected rows."""
        return [self.grid.grid.runs[index.row()].id for index in self.selectionModel().selectedRows()]

    def _select(self, rows: list[int]) -> None:
        selection = QItemSelection()
        for row in rows:
            selection.select(self.grid.index(row, 0), self.grid.index(row, self.grid.columnCount() - 1))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _sort(self, section: int) -> None:
        column = self.grid.grid.columns[section]
        again = column == self.grid.sorted_by
        down = not self.grid.descending if again else name_of(column).kind in ("time", "span")
        self.grid.sort(section, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder)
        self._mark()

    def _mark(self) -> None:
        columns = self.grid.grid.columns
        place = columns.index(self.grid.sorted_by) if self.grid.sorted_by in columns else -1
        order = Qt.SortOrder.DescendingOrder if self.grid.descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(place, order)

    def _fit(self) -> None:
        self.resizeColumnsToContents()
        for place, column in enumerate(self.grid.grid.columns):
            named = column == "name"
            dot = self.iconSize().width() + 4 if named else 0  # which the names get once runs are compared
            wanted = min(NAME if named else WIDE, self.columnWidth(place) + 10 + dot)
            self.setColumnWidth(place, max(NARROW, wanted))
