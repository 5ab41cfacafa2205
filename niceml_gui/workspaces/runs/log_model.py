"""The lines of a log that pass its filters."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from niceml_engine.events import Level
from niceml_gui import words
from niceml_gui.workspaces.runs.lines import LEVELS, Line

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
NO_INDEX = QModelIndex()
_LEVEL = {level: number for number, level in enumerate(LEVELS)}


def joined(lines: Iterable[Line]) -> str:
    """Lines as they are copied: the pieces of a long one are whole again."""
    before: Line | None = None
    parts = []
    for line in lines:
        goes_on = before is None or (line.more and before.source == line.source)
        parts.append(as_text(line) if goes_on else f"\n{as_text(line)}")
        before = line
    return "".join(parts)


def as_text(line: Line) -> str:
    """A line as it is copied."""
    details = f"\n{line.details}" if line.details else ""
    if not line.time:  # what was printed is copied as it was
        return f"{line.text}{details}"
    return f"{words.clock(line.time)}  {line.op or '-'}  {line.text}{details}"


class LogModel(QAbstractTableModel):
    """The lines that pass the filters; a list that only grows is taken up by `grow`.

    Of each line is kept what filters look at, in columns: a hundred thousand lines are filtered in some milliseconds.

    Attributes:
        op: Only lines of this op; empty: of all.
        source: Only lines from there; empty: from everywhere.
        level: The least level.
        text: What lines hold: every word, in letters of any case.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []
        self._texts: list[str] = []
        self._levels, self._ops, self._sources = array("B"), array("H"), array("H")
        self._pieces = array("B")
        self._codes: dict[str, int] = {}
        self._shown: list[int] = []
        self._open: set[int] = set()
        self.op = self.source = ""
        self.level: Level = "info"
        self.text = ""

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """How many lines are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        """One: lines are painted whole."""
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A line as text, or (`LINE`) the line itself."""
        if not index.isValid():
            return None
        line = self.line(index.row())
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        return as_text(line) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def line(self, row: int) -> Line:
        """The line of a row."""
        return self._lines[self._shown[row]]

    @property
    def counted(self) -> tuple[int, int]:
        """How many lines are shown, and among how many; the pieces of a long one count once."""
        pieces = np.frombuffer(self._pieces, "u1") if self._pieces else np.zeros(0, "u1")
        if not pieces.any():
            return len(self._shown), len(pieces)
        begins = np.cumsum(pieces == 0)  # which line each piece is of
        return len(np.unique(begins[self._shown])) if self._shown else 0, int(begins[-1])

    def row_at(self, time: float) -> int | None:
        """The first row that is not before a time, else the last one; `None` without a line."""
        low, high = 0, len(self._shown)
        while low < high:
            middle = (low + high) // 2
            if self.line(middle).time < time:
                low = middle + 1
            else:
                high = middle
        return min(low, len(self._shown) - 1) if self._shown else None

    # ------------------------------------------------------------------------------------------ unfolding

    def is_open(self, line: Line) -> bool:
        """Whether a line is unfolded."""
        return line.seq in self._open

    def set_open(self, row: int, on: bool) -> None:
        """Unfolds a line, or folds it."""
        line = self.line(row)
        (self._open.add if on else self._open.discard)(line.seq)
        index = self.index(row, 0)
        self.dataChanged.emit(index, index)

    def open_rows(self) -> list[int]:
        """The rows that are unfolded."""
        return [row for row in range(len(self._shown)) if self.line(row).seq in self._open] if self._open else []

    # ------------------------------------------------------------------------------------------ filtering

    def set_source(self, lines: list[Line]) -> None:
        """Shows another list of lines."""
        if lines is not self._lines:
            self._lines = lines
            self._texts = []
            self._levels, self._ops, self._sources = array("B"), array("H"), array("H")
            self._pieces = array("B")
            self._open.clear()
            self.filter()

    def filter(self) -> None:
        """Applies the filters anew."""
        self.beginResetModel()
        self._take()
        self._shown = self._passing(0)
        self.endResetModel()

    def grow(self) -> None:
        """Takes up lines that were added to the list."""
        start = self._take()
        fresh = self._passing(start)
        if fresh:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._shown.extend(fresh)
            self.endInsertRows()

    def _take(self) -> int:
        """Notes of new lines what filters look at; returns where they begin."""
        start = len(self._texts)
        fresh = self._lines[start:]
        self._texts.extend([line.text.casefold() for line in fresh])
        self._levels.extend([_LEVEL[line.level] for line in fresh])
        self._ops.extend([self._code(line.op) for line in fresh])
        self._sources.extend([self._code(line.source) for line in fresh])
        self._pieces.extend([line.more for line in fresh])
        return start

    def _code(self, name: str) -> int:
        return self._codes.setdefault(name, len(self._codes))

    def _passing(self, start: int) -> list[int]:
        """Which lines from one on pass the filters."""
        rows = range(start, len(self._texts))
        if self.op or self.source or self.level != LEVELS[0]:
            keep = np.frombuffer(self._levels, "u1")[start:] >= _LEVEL[self.level] if rows else np.zeros(0, bool)
            for column, wanted in ((self._ops, self.op), (self._sources, self.source)):
                if wanted and rows:
                    keep = keep & (np.frombuffer(column, "u2")[start:] == self._code(wanted))
            passing: list[int] = (np.flatnonzero(keep) + start).tolist()
        else:
            passing = list(rows)
        texts = self._texts
        for word in self.text.casefold().split():
            passing = [row for row in passing if word in texts[row]]
        return passing
