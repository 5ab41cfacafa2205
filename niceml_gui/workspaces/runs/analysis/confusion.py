"""The confusion matrix: counts with the shares of their true classes, or the other way round."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip

from niceml_engine.results import Confusion
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.analysis.export import Exportable

FEW = 3  #: up to so many classes have high cells, and labels that say what they are
CELL, CELL_OF_MANY = 52.0, 38.0  #: height of a cell in pixels, at most
TOP = 22.0
SIDE = 64.0  #: room for the labels of rows
GAP = 1.5
ROOMY = QSizeF(54.0, 34.0)  #: from which size on a cell holds two texts
FINE = 40.0  #: up to which width a rate stands in a cell without tenths and sign
LEGIBLE = QSizeF(18.0, 14.0)  #: from which size on it holds one
CENTRE = Qt.AlignmentFlag.AlignCenter
ANY = -1  #: in place of a row or a column: all of them


class Cell(NamedTuple):
    """A cell, or with `ANY` a whole row or column."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells lie, in pixels.

    Attributes:
        count: Of classes.
        side: Room for the labels of rows.
        wide: Of a cell.
        high: Of a cell.
    """

    count: int
    side: float
    wide: float
    high: float

    def area(self, cell: Cell) -> QRectF:
        """Where a cell, a row or a column lies, its label included."""
        left, top = self.side + cell.column * self.wide, TOP + cell.row * self.high
        if cell.row == ANY:
            return QRectF(left, 0, self.wide, TOP + self.count * self.high)
        if cell.column == ANY:
            return QRectF(0, top, self.side + self.count * self.wide, self.high)
        return QRectF(left, top, self.wide, self.high)

    def cell_at(self, x: float, y: float) -> Cell | None:
        """The cell at a place, or with `ANY` the row or column whose label is there."""
        row = ANY if y < TOP else int((y - TOP) // self.high)
        column = ANY if x < self.side else int((x - self.side) // self.wide)
        if (row, column) == (ANY, ANY) or max(row, column) >= self.count:
            return None
        return Cell(row, column)


class ConfusionMatrix(Exportable):
    """Cells that can be chosen by pointer and keys; a label stands for its whole row or column."""

    chosen = Signal(object)  #: `Cell`: its samples are to be shown

    def __init__(self) -> None:
        super().__init__()
        self.value = Confusion((), ())
        self.rates_first = False
        self.opened: Cell | None = None  #: whose samples are shown
        self.current = Cell(0, 0)  #: where the keys are
        self._hovered: Cell | None = None
        self._side = SIDE  # room for the labels of many rows
        self.setAccessibleName("Confusion matrix")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        theme().changed.connect(self.update)

    def show_value(self, value: Confusion) -> None:
        """Shows a matrix."""
        if value.labels != self.value.labels:
            self.current = Cell(0, 0)
        self.value = value
        metrics = QFontMetricsF(style.font(11.5))
        self._side = min(max(map(metrics.horizontalAdvance, value.labels), default=0.0) + 10, SIDE)
        self._tell()
        self.updateGeometry()
        self.update()

    def show_rates(self, first: bool) -> None:
        """Puts rates or counts in front."""
        self.rates_first = first
        self.update()

    def open(self, cell: Cell | None) -> None:
        """Marks the cell whose samples are shown."""
        self.opened = cell
        if cell is not None:
            self.current = cell
        self.update()

    @property
    def texts(self) -> list[list[tuple[str, str]]]:
        """The large and the small text of each cell; a class without samples has no rates."""
        pairs = [
            [(str(count), f"{rate:.1%}" if total else "–") for count, rate in zip(row, rates, strict=True)]
            for row, rates, total in zip(self.value.counts, self._rates(), self.value.sums, strict=True)
        ]
        return [[(b, a) if self.rates_first else (a, b) for a, b in row] for row in pairs]

    def words_of(self, cell: Cell) -> str:
        """A cell in words: counts, and shares of what was true and of what was predicted."""
        labels, counts = self.value.labels, self.value.counts
        # of a part of the classes, nobody knows here what else was predicted as one of them
        column = 0 if self.value.classes else sum(row[cell.column] for row in counts)
        if cell.row == ANY:
            return f"predicted {labels[cell.column]}" + (f": {column}" if column else "")
        total = self.value.sums[cell.row]
        if cell.column == ANY:
            return f"true {labels[cell.row]}: {total}"
        count = counts[cell.row][cell.column]
        true, predicted = labels[cell.row], labels[cell.column]
        texts = [f"true {true}, predicted {predicted}: {count}"]
        texts += [f"{count / total:.1%} of true {true}"] if total else []
        texts += [f"{count / column:.1%} of predicted {predicted}"] if column else []
        return "\n".join(texts)

    def table(self) -> list[list[str]]:
        """All counts, for a CSV file."""
        head = ["true", *(f"predicted {name}" for name in self.value.labels), "samples"]
        rows = zip(self.value.labels, self.value.counts, self.value.sums, strict=True)
        return [head, *([name, *map(str, row), str(total)] for name, row, total in rows)]

    def draw(self, painter: QPainter, size: QSizeF, *, pointed: bool = True) -> None:
        """Paints the cells; the darker, the larger the share."""
        labels = self.value.labels
        if not labels:
            return
        tokens = theme().tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        grid = self.grid(size.width())
        self._draw_labels(painter, grid)
        roomy = grid.wide >= ROOMY.width() and grid.high >= ROOMY.height()
        legible = grid.wide >= LEGIBLE.width() and grid.high >= LEGIBLE.height()
        shades = [QColor(style.mix(tokens.raised, tokens.accent, 0.08 + 0.006 * share)) for share in range(101)]
        if legible:
            self._draw_cells(painter, grid, shades, roomy)
        else:
            whole = QRectF(grid.side, TOP, grid.wide * grid.count, grid.high * grid.count)
            painter.drawImage(whole, self._map(shades))
        if pointed:
            self._draw_marks(painter, grid)

    # ------------------------------------------------------------------------------------------ Qt

    def hasHeightForWidth(self) -> bool:
        """The height follows from the width of the cells."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the classes need."""
        return round(TOP + len(self.value.labels) * self.grid(width).high + 2)

    def sizeHint(self) -> QSize:
        """Of a narrow pane."""
        return QSize(280, self.heightForWidth(280))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the matrix, the cell under the pointer, and while it has the focus the one where the keys are."""
        self.draw(QPainter(self), QSizeF(self.size()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Marks what a click would open."""
        self._hover(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Marks nothing."""
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Opens the samples of a cell, a row or a column."""
        cell = self.cell_at(event.position())
        if cell is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._go(cell)
        self.chosen.emit(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from cell to cell and onto the labels, Enter and Space open."""
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.value.labels:
            self.chosen.emit(self.current)
        elif step is not None and self.value.labels:
            last = len(self.value.labels) - 1
            row, column = (max(ANY, min(now + by, last)) for now, by in zip(self.current, step, strict=True))
            if (row, column) != (ANY, ANY):
                self._go(Cell(row, column))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows where the keys are."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Shows it no more."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Says more of the cell under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            if cell is None:
                QToolTip.hideText()
            else:
                tip = f"{self.words_of(cell)}\nClick for its samples"
                QToolTip.showText(event.globalPos(), tip, self, self.grid(self.width()).area(cell).toAlignedRect())
            return True
        return super().event(event)

    # ------------------------------------------------------------------------------------------ inner workings

    def grid(self, width: float) -> Grid:
        """Where the cells lie in a width."""
        count = len(self.value.labels)
        side = SIDE if count <= FEW else self._side
        wide = max(width - side, 1.0) / max(count, 1)
        return Grid(count, side, wide, CELL if count <= FEW else min(wide, CELL_OF_MANY))

    def cell_at(self, place: QPointF) -> Cell | None:
        """What is chosen at a place."""
        return self.grid(self.width()).cell_at(place.x(), place.y())

    def _rates(self) -> list[list[float]]:
        sums = self.value.sums
        return [
            [count / total if total else 0.0 for count in row]
            for row, total in zip(self.value.counts, sums, strict=True)
        ]

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def _go(self, cell: Cell) -> None:
        self.current = cell
        self._tell()
        self.update()

    def _tell(self) -> None:
        """Says aloud where the keys are."""
        if self.value.labels:
            self.setAccessibleDescription(self.words_of(self.current).replace("\n", ", "))

    def _map(self, shades: list[QColor]) -> QImage:
        """The matrix as an image of a pixel for each cell."""
        values = [shade.rgb().to_bytes(4, sys.byteorder) for shade in shades]
        data = b"".join(values[min(round(rate * 100), 100)] for row in self._rates() for rate in row)
        count = len(self.value.labels)
        return QImage(data, count, count, 4 * count, QImage.Format.Format_RGB32).copy()

    def _draw_cells(self, painter: QPainter, grid: Grid, shades: list[QColor], roomy: bool) -> None:
        small, large = style.font(11.5), style.font(13, weight=QFont.Weight.DemiBold)
        for row, (line, texts) in enumerate(zip(self._rates(), self.texts, strict=True)):
            for column, (rate, (first, second)) in enumerate(zip(line, texts, strict=True)):
                area = grid.area(Cell(row, column)).adjusted(GAP, GAP, -GAP, -GAP)
                fill = shades[min(round(rate * 100), 100)]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(fill)
                painter.drawRoundedRect(area, 5 if roomy else 2, 5 if roomy else 2)
                painter.setPen(QColor(style.ink(fill.name())))
                painter.setFont(large if roomy else small)
                if roomy:
                    painter.drawText(area.adjusted(0, 0, 0, -grid.high * 0.36), CENTRE, first)
                    painter.setFont(small)
                    painter.drawText(area.adjusted(0, grid.high * 0.4, 0, 0), CENTRE, second)
                else:
                    painter.drawText(area, CENTRE, first.split(".")[0] if grid.wide < FINE else first)

    def _draw_labels(self, painter: QPainter, grid: Grid) -> None:
        tokens, labels = theme().tokens, self.value.labels
        small = style.font(11.5)
        metrics = QFontMetricsF(small)
        few = len(labels) <= FEW
        painter.setFont(small)
        painter.setPen(QColor(tokens.muted))
        across, down = max(1, round(12 / grid.wide)), max(1, round(14 / grid.high))
        for place, name in enumerate(labels):
            if place % across == 0:
                head = f"predicted {name}" if few and grid.wide > 84 else name
                room = grid.wide * across
                shown = metrics.elidedText(head, Qt.TextElideMode.ElideRight, room)
                painter.drawText(QRectF(grid.side + place * grid.wide, 0, room, TOP), CENTRE, shown)
            if place % down == 0:
                shown = metrics.elidedText(f"true {name}" if few else name, Qt.TextElideMode.ElideRight, grid.side - 8)
                middle = Qt.AlignmentFlag.AlignVCenter | (
                    Qt.AlignmentFlag.AlignLeft if few else Qt.AlignmentFlag.AlignRight
                )
                room = grid.high * down
                painter.drawText(QRectF(0, TOP + place * grid.high, grid.side - 6, room), middle, shown)

    def _draw_marks(self, painter: QPainter, grid: Grid) -> None:
        tokens = theme().tokens
        painter.setBrush(Qt.BrushStyle.NoBrush)
        marks = [(self._hovered, tokens.muted, 1.0), (self.opened, tokens.accent, 2.0)]
        if self.hasFocus():
            marks.append((self.current, tokens.text, 1.5))
        for cell, color, thick in marks:
            if cell is not None and max(cell) < len(self.value.labels):
                painter.setPen(QPen(QColor(color), thick))
                painter.drawRoundedRect(grid.area(cell).adjusted(1, 1, -1, -1), 5, 5)
