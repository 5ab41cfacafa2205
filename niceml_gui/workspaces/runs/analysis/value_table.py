"""A small table of numbers: a name per row, a heading per column, thin lines between."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from niceml_gui import metrics, words
from niceml_gui.theme import style
from niceml_gui.widgets.basics import ElidedLabel, label, line, set_role
from niceml_gui.workspaces.runs.measured import SeriesKey
from niceml_gui.workspaces.runs.record import RunRecord

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Row = tuple[str, list[str]]
SPACING = 12  #: pixels between columns
SPAN = ("last", "best", "min", "max")


def training_rows(record: RunRecord) -> list[Row]:
    """Last, best, smallest and largest value of each metric of the training, validation first."""
    rows: dict[str, list[str]] = {}
    keys = sorted(record.series, key=lambda key: (key.split != "validation", key.level != "epoch"))
    for key in keys:
        series = record.series[key]
        if not metrics.is_quality(key.metric) or not len(series) or name_of(key) in rows:
            continue
        low, high = series.extremes.all()
        best = low if metrics.is_small_good(key.metric) else high
        shown = [words.number(value) for value in (series.last, best, low, high)]
        if series.broken:
            shown[0] = words.unbounded(series.broken)
        rows[name_of(key)] = shown
    return list(rows.items())


def name_of(key: SeriesKey) -> str:
    """A metric as the stream names it."""
    return f"val_{key.metric}" if key.split == "validation" else key.metric


class ValueTable(QWidget):
    """Shows rows of numbers; called often, it only changes the texts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heads: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._cells: list[list[QLabel]] = []
        self._titles: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)

    def show_rows(self, heads: tuple[str, ...], rows: list[Row], emphasised: str = "", good: str = "") -> None:
        """Shows a table.

        Args:
            heads: Headings of the columns of numbers.
            rows: Name and numbers.
            emphasised: The heading that is written stronger.
            good: The heading of the column in the colour of what is good.
        """
        names = tuple(name for name, _ in rows)
        if (heads, names) != (self._heads, self._names):
            self._heads, self._names = heads, names
            self._build()
        for title, head in zip(self._titles, heads, strict=True):
            set_role(title, "heading" if head == emphasised else "muted")
        for cells, (_, values) in zip(self._cells, rows, strict=True):
            for cell, value in zip(cells, values, strict=True):
                if cell.text() != value:
                    cell.setText(value)
        for cells in self._cells:
            for cell, head in zip(cells, heads, strict=True):
                set_role(cell, "ok" if head == good else "")

    def texts(self) -> list[Row]:
        """What is shown."""
        return [(name, [cell.text() for cell in cells]) for name, cells in zip(self._names, self._cells, strict=True)]

    def _build(self) -> None:
        while item := self._grid.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row in range(self._grid.rowCount()):  # a grid keeps the rows that it once had
            self._grid.setRowMinimumHeight(row, 0)
        self._grid.addWidget(label("metric", "muted"), 0, 0)
        self._grid.setRowMinimumHeight(0, 26)
        self._titles = [label(head, "muted") for head in self._heads]
        for column, title in enumerate(self._titles, 1):
            self._grid.addWidget(title, 0, column, RIGHT)
        self._cells = []
        for row, name in enumerate(self._names, 1):
            self._grid.addWidget(line(), 2 * row - 1, 0, 1, len(self._heads) + 1)
            self._grid.addWidget(ElidedLabel(name), 2 * row, 0)
            self._grid.setRowMinimumHeight(2 * row, 27)
            cells = [label("", selectable=True) for _ in self._heads]
            for column, cell in enumerate(cells, 1):
                cell.setFont(style.mono(12))
                self._grid.addWidget(cell, 2 * row, column, RIGHT)
            self._cells.append(cells)
