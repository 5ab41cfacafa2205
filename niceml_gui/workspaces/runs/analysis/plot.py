"""What plots of results have in common: two axes, a legend below them, and a mark that reads values off.

They are painted, not built of items: there is little in them, and the same lines paint them on the screen and into
pictures of any size.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy

from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.analysis.export import Exportable
from niceml_gui.workspaces.runs.analysis.styles import Look

CENTRE = Qt.AlignmentFlag.AlignCenter
LEFT, RIGHT, TOP, BOTTOM = 48.0, 10.0, 6.0, 36.0  #: pixels around the axes
LEGEND_ROW = 18.0
SWATCH = 22.0  #: pixels of a line in the legend
TICKS = 5
REACH = 24.0  #: pixels from which on the pointer is at nothing


class Spot(NamedTuple):
    """One of the places that can be read off: which curve, and which of its points."""

    curve: int
    point: int


@dataclass(frozen=True, slots=True)
class Legend:
    """A line of the legend."""

    text: str
    look: Look
    filled: bool = False  #: an area rather than a line


@dataclass(frozen=True, slots=True)
class Axis:
    """One of the two axes."""

    text: str = ""
    low: float = 0.0
    high: float = 1.0
    percent: bool = False

    def ticks(self) -> list[tuple[float, str]]:
        """Round places on it, and what stands there."""
        span = (self.high - self.low) or 1.0
        step = 10.0 ** math.floor(math.log10(span / TICKS))
        step = next(step * many for many in (1, 2, 2.5, 5, 10) if span / (step * many) <= TICKS)
        places = range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
        return [(place * step, self._text(place * step, step)) for place in places]

    def _text(self, value: float, step: float) -> str:
        if self.percent:
            return f"{value:.0%}"
        digits = max(0, -math.floor(math.log10(step) + 1e-9) + (f"{step:.1e}"[2] != "0"))
        return words.number(value) if abs(value) >= 1e6 else f"{value:.{digits}f}"


@dataclass
class Area:
    """The room between the axes, in pixels, and the way from values to it."""

    rect: QRectF
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)

    def at(self, x: float, y: float) -> QPointF:
        """Where a point lies."""
        across = (x - self.x.low) / ((self.x.high - self.x.low) or 1.0)
        up = (y - self.y.low) / ((self.y.high - self.y.low) or 1.0)
        return QPointF(self.rect.left() + across * self.rect.width(), self.rect.bottom() - up * self.rect.height())


class Plot(Exportable):
    """A plot that reads off what lies nearest to the pointer, or is walked through by the arrow keys.

    Args:
        name: What it is called aloud.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.spot: Spot | None = None
        self.across, self.up = Axis(), Axis()
        theme().changed.connect(self.update)

    # ------------------------------------------------------------------------------------------ for subclasses

    @abstractmethod
    def legend(self) -> list[Legend]:
        """What stands below the axes."""

    @abstractmethod
    def draw_data(self, painter: QPainter, area: Area) -> None:
        """Paints what lies between the axes."""

    @abstractmethod
    def spots(self) -> list[list[QPointF]]:
        """The places that can be read off, in values, for each curve."""

    @abstractmethod
    def read(self, spot: Spot) -> list[str]:
        """What is read off at a place, line by line."""

    # ------------------------------------------------------------------------------------------ what it does

    @property
    def read_out(self) -> str:
        """What is read off now; empty for nothing."""
        return "\n".join(self.read(self.spot)) if self.spot is not None else ""

    def refresh(self) -> None:
        """Shows what has changed, which may need another height."""
        self.point_at(None)
        self.updateGeometry()
        self.update()

    def point_at(self, spot: Spot | None) -> None:
        """Reads off a place."""
        if spot != self.spot:
            self.spot = spot
            self.setAccessibleDescription(self.read_out.replace("\n", ", "))
            self.update()

    def draw(self, painter: QPainter, size: QSizeF, *, pointed: bool = True) -> None:
        """Paints everything, as large as is wanted; with `pointed` also what is read off."""
        tokens = theme().tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area(size)
        small, digits = style.font(11), style.mono(10.5)
        line, muted = QPen(QColor(tokens.line), 1), QColor(tokens.muted)
        for value, text in area.y.ticks():
            height = round(area.at(area.x.low, value).y()) + 0.5
            painter.setPen(line)
            painter.drawLine(QPointF(area.rect.left(), height), QPointF(area.rect.right(), height))
            painter.setPen(muted)
            painter.setFont(digits)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(14, height - 8, area.rect.left() - 20, 16), right, text)
        for value, text in area.x.ticks():
            across = area.at(value, area.y.low).x()
            painter.drawText(QRectF(across - 30, area.rect.bottom() + 3, 60, 16), CENTRE, text)
        painter.setFont(small)
        below = QRectF(area.rect.left(), area.rect.bottom() + 18, area.rect.width(), 16)
        painter.drawText(below, CENTRE, area.x.text)
        painter.save()
        painter.translate(7, area.rect.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-area.rect.height() / 2 - 10, -8, area.rect.height() + 20, 16), CENTRE, area.y.text)
        painter.restore()
        painter.save()
        painter.setClipRect(area.rect.adjusted(-4, -4, 4, 4))
        self.draw_data(painter, area)
        painter.restore()
        self._draw_legend(painter, size, small)
        if pointed and self.spot is not None:
            self._draw_read_out(painter, area, self.spot)

    # ------------------------------------------------------------------------------------------ Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the plot, and a frame around it while it has the focus."""
        painter = QPainter(self)
        self.draw(painter, QSizeF(self.size()))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme().tokens.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def hasHeightForWidth(self) -> bool:
        """The height follows from the width and the legend."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Higher where it is wider, within reason."""
        return round(max(150.0, min(width * 0.62, 300.0)) + len(self._legend_rows(width)) * LEGEND_ROW)

    def sizeHint(self) -> QSize:
        """Of a narrow pane."""
        return QSize(280, self.heightForWidth(280))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reads nothing off any more: everything lies elsewhere."""
        super().resizeEvent(event)
        self.point_at(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Reads off what lies nearest."""
        self.point_at(self._nearest(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Reads nothing off any more."""
        self.point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Reads nothing off any more."""
        super().focusOutEvent(event)
        self.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go along a curve, up and down to another one, Escape leaves."""
        key, spots = event.key(), [curve for curve in self.spots() if curve]
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Home: (0, -(10**9)),
            Qt.Key.Key_End: (0, 10**9),
        }
        step = steps.get(Qt.Key(key))
        if key == Qt.Key.Key_Escape and self.spot is not None:
            self.point_at(None)
        elif step is not None and spots:
            curve, point = self.spot or Spot(0, -1 if step[1] > 0 else 0)
            curve = max(0, min(curve + step[0], len(spots) - 1))
            self.point_at(Spot(curve, max(0, min(point + step[1], len(spots[curve]) - 1))))
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------------------------------ inner workings

    def _area(self, size: QSizeF) -> Area:
        legend = len(self._legend_rows(size.width())) * LEGEND_ROW
        rect = QRectF(LEFT, TOP, size.width() - LEFT - RIGHT, size.height() - TOP - BOTTOM - legend)
        return Area(rect, self.across, self.up)

    def _nearest(self, place: QPointF) -> Spot | None:
        area = self._area(QSizeF(self.size()))
        if not area.rect.adjusted(-REACH, -REACH, REACH, REACH).contains(place):
            return None
        best, found = math.inf, None
        for curve, points in enumerate(self.spots()):
            for point, value in enumerate(points):
                gap = area.at(value.x(), value.y()) - place
                distance = gap.x() ** 2 + gap.y() ** 2
                if distance < best:
                    best, found = distance, Spot(curve, point)
        return found

    def _legend_rows(self, width: float) -> list[list[tuple[float, Legend]]]:
        """The legend row by row: how far from the left each of its lines begins."""
        metrics = QFontMetricsF(style.font(11))
        rows: list[list[tuple[float, Legend]]] = []
        left = width
        for entry in self.legend():
            wide = SWATCH + 6 + metrics.horizontalAdvance(entry.text) + 14
            if not rows or left + wide - 14 > width:
                rows.append([])
                left = LEFT
            rows[-1].append((left, entry))
            left += wide
        return rows

    def _draw_legend(self, painter: QPainter, size: QSizeF, font: QFont) -> None:
        tokens = theme().tokens
        rows = self._legend_rows(size.width())
        painter.setFont(font)
        for number, row in enumerate(rows):
            middle = size.height() - (len(rows) - number - 0.5) * LEGEND_ROW
            for left, entry in row:
                if entry.filled:
                    draw_bar(painter, QRectF(left + 6, middle - 5, 12, 10), entry.look)
                else:
                    painter.setPen(entry.look.pen())
                    painter.drawLine(QPointF(left, middle), QPointF(left + SWATCH, middle))
                painter.setPen(QColor(tokens.text))
                middle_left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
                painter.drawText(QRectF(left + SWATCH + 6, middle - 9, size.width(), 18), middle_left, entry.text)

    def _draw_read_out(self, painter: QPainter, area: Area, spot: Spot) -> None:
        tokens = theme().tokens
        value = self.spots()[spot.curve][spot.point]
        place = area.at(value.x(), value.y())
        painter.setPen(QPen(QColor(tokens.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(place.x(), area.rect.top()), QPointF(place.x(), area.rect.bottom()))
        painter.setPen(QPen(QColor(tokens.text), 1.5))
        painter.setBrush(QColor(tokens.panel))
        painter.drawEllipse(place, 3.5, 3.5)
        font = style.mono(11)
        metrics = QFontMetricsF(font)
        lines = self.read(spot)
        wide = max(metrics.horizontalAdvance(text) for text in lines) + 16
        high = len(lines) * metrics.lineSpacing() + 10
        right = place.x() + 10 + wide < area.rect.right() + RIGHT
        left = place.x() + 10 if right else max(place.x() - 10 - wide, 2.0)
        top = min(max(place.y() - high / 2, area.rect.top()), area.rect.bottom() - high)
        box = QRectF(left, top, wide, high)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        for number, text in enumerate(lines):
            row = QRectF(left + 8, top + 5 + number * metrics.lineSpacing(), wide - 16, metrics.lineSpacing())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_bar(painter: QPainter, rect: QRectF, look: Look) -> None:
    """Paints a bar that lets through what lies behind it."""
    color = QColor(look.color)
    painter.setPen(QPen(color, 1))
    color.setAlphaF(0.35)
    painter.setBrush(color)
    painter.drawRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
