"""What a chart shows as a plain value, and how that is painted: on a screen, into a picture, or as SVG.

Painting is all that is done sixty times a second. So a curve is one call, with a line one pixel wide and no
antialiasing unless it is short, and what is behind a curve is mixed with the background beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from shiboken6 import VoidPtr

from niceml_gui.theme import style
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.growing import Floats
from niceml_gui.workspaces.runs.charts.ticks import Ticks

LEFT, BELOW, ABOVE, RIGHT = 52.0, 20.0, 6.0, 4.0  #: pixels around the plot
TICK_WIDTH, TICK_HEIGHT = 75.0, 30.0  #: pixels from one label to the next, about
CLEAR = 7.0  #: pixels between the lowest label of the y axis and what stands below it, at least
TITLE = 18.0  #: pixels of a title along an axis
FLAG = 7.0  #: pixels, height of a flag
FAR = 1e6  #: pixels; no line needs to go further out of view
FADED = 0.38  #: how much of its colour is left of a curve behind another


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line. NaN interrupts it; `fine` ones are antialiased and a little wider."""

    x: Floats
    y: Floats
    color: str
    dashed: bool = False
    faint: bool = False
    fine: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Points of which `text` says what they are, filled or, to be seen among others, as rings."""

    x: Floats
    y: Floats
    color: str
    text: str = ""
    ring: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The area between two lines over the same x."""

    x: Floats
    low: Floats
    high: Floats
    color: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Where values were not finite: from, to, and which."""

    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Where something happened, as the record's `Moment` tells it."""

    x: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a chart shows; all places in the units of its axes, logarithms where they are logarithmic.

    Titles along the axes are written in pictures for elsewhere, with the note: on screen, the chart's own title says
    what is drawn, the note stands beside it, and a word in the corner says over what.
    """

    low: float = 0.0
    high: float = 1.0
    bottom: float = 0.0
    top: float = 1.0
    x_ticks: Ticks = ()
    y_ticks: Ticks = ()
    bands: Sequence[Band] = ()
    strokes: Sequence[Stroke] = ()
    dots: Sequence[Dots] = ()
    gaps: Sequence[Gap] = ()
    flags: Sequence[Flag] = ()
    note: str = ""
    x_unit: str = ""
    x_title: str = ""
    y_title: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot's place in a widget, and what of the axes it shows."""

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float
    bottom_value: float
    top_value: float

    @classmethod
    def of(cls, area: QRectF, picture: Picture) -> Frame:
        """The frame of a picture in an area."""
        width, height = max(area.width() - LEFT - RIGHT, 1.0), max(area.height() - ABOVE - BELOW, 1.0)
        place = area.left() + LEFT, area.top() + ABOVE, width, height
        return cls(*place, picture.low, picture.high, picture.bottom, picture.top)

    @property
    def bottom(self) -> float:
        """Where the plot ends, in pixels."""
        return self.top + self.height

    @property
    def area(self) -> QRectF:
        """The plot, in pixels."""
        return QRectF(self.left, self.top, self.width, self.height)

    def x(self, value: float) -> float:
        """The pixel of a place on the x axis."""
        return self.left + (value - self.low) / (self.high - self.low) * self.width

    def y(self, value: float) -> float:
        """The pixel of a place on the y axis."""
        return self.bottom - (value - self.bottom_value) / (self.top_value - self.bottom_value) * self.height

    def value_x(self, pixel: float) -> float:
        """The place on the x axis of a pixel."""
        return self.low + (pixel - self.left) / self.width * (self.high - self.low)

    def value_y(self, pixel: float) -> float:
        """The place on the y axis of a pixel."""
        return self.bottom_value + (self.bottom - pixel) / self.height * (self.top_value - self.bottom_value)

    def polygon(self, x: Floats, y: Floats) -> QPolygonF:
        """Places as pixels, copied in one go."""
        polygon = QPolygonF()
        if not len(x):
            return polygon
        polygon.resize(len(x))
        # Its points in Qt's memory; the stubs know neither `data` nor this use of a pointer.
        memory: Any = VoidPtr(polygon.data(), len(x) * 16, True)  # type: ignore[call-arg,arg-type]
        points = np.frombuffer(memory, dtype=np.float64).reshape(-1, 2)
        scale_x, scale_y = self.width / (self.high - self.low), self.height / (self.top_value - self.bottom_value)
        points[:, 0] = self.left + np.clip((x - self.low) * scale_x, -FAR, FAR)
        points[:, 1] = self.bottom - np.clip((y - self.bottom_value) * scale_y, -FAR, FAR)
        return polygon


def paint(painter: QPainter, area: QRectF, picture: Picture, tokens: Tokens) -> None:
    """Paints a picture, with its axes and without a background."""
    frame = Frame.of(area, picture)
    _paint_axes(painter, area, frame, picture, tokens)
    paint_inside(painter, frame, picture, tokens)


def paint_titled(painter: QPainter, area: QRectF, picture: Picture, tokens: Tokens) -> None:
    """Paints a picture with titles of its own along both axes."""
    inner = area.adjusted(TITLE, 0, 0, -TITLE)
    frame = Frame.of(inner, picture)
    _paint_axes(painter, inner, frame, replace(picture, x_unit=""), tokens)
    paint_inside(painter, frame, picture, tokens)
    painter.setFont(style.font(11))
    painter.setPen(QColor(tokens.text))
    centre, below = Qt.AlignmentFlag.AlignCenter, " · ".join(filter(None, (picture.x_title, picture.note)))
    painter.drawText(QRectF(frame.left, area.bottom() - TITLE, frame.width, TITLE), centre, below)
    painter.save()
    painter.translate(area.left(), frame.bottom)
    painter.rotate(-90)
    painter.drawText(QRectF(0, 0, frame.height, TITLE), centre, picture.y_title)
    painter.restore()


def paint_inside(painter: QPainter, frame: Frame, picture: Picture, tokens: Tokens) -> None:
    """Paints what lies between the axes."""
    painter.save()
    painter.setClipRect(frame.area.adjusted(0, -1, 1, 1))
    for band in picture.bands:
        outline = frame.polygon(np.concatenate((band.x, band.x[::-1])), np.concatenate((band.low, band.high[::-1])))
        painter.setPen(Qt.PenStyle.NoPen)
        color = QColor(band.color)
        color.setAlphaF(0.2)  # bands lie over each other
        painter.setBrush(color)
        painter.drawPolygon(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in picture.strokes:
        _paint_stroke(painter, frame, stroke, tokens)
    for dots in picture.dots:
        _paint_dots(painter, frame, dots, tokens)
    _paint_flags(painter, frame, picture.flags, tokens)
    _paint_gaps(painter, frame, picture.gaps, tokens)
    painter.restore()


def y_labels(area: QRectF, frame: Frame, picture: Picture) -> Iterator[tuple[float, QRectF, str]]:
    """The labels of the y axis, from its foot on: where each has its line, what room its text takes, and the text.

    Where the lowest would lie on the unit of the x axis, it stands a little above its line.
    """
    metrics = QFontMetricsF(style.mono(10))
    unit = unit_place(area, picture)
    for value, label in picture.y_ticks:
        y = round(frame.y(value)) + 0.5
        if frame.top - 1 <= y <= frame.bottom + 1:
            width, height = metrics.horizontalAdvance(label), metrics.capHeight()
            place = QRectF(area.left() + LEFT - 6 - width, y - height / 2, width, height)
            if not unit.isEmpty() and place.adjusted(-4, 0, 4, CLEAR).intersects(unit):
                place.moveBottom(unit.top() - CLEAR)
            yield y, place, label


def unit_place(area: QRectF, picture: Picture) -> QRectF:
    """What room the text takes that says over what is drawn, in the corner."""
    metrics = QFontMetricsF(style.font(10))
    width = metrics.horizontalAdvance(picture.x_unit) if picture.x_unit else 0.0
    return QRectF(area.left() + 8, area.bottom() - 5 - metrics.capHeight(), width, metrics.capHeight())


def _paint_axes(painter: QPainter, area: QRectF, frame: Frame, picture: Picture, tokens: Tokens) -> None:
    painter.setFont(style.mono(10))
    metrics = QFontMetricsF(painter.font())
    line, text = QPen(QColor(tokens.line), 1), QColor(tokens.muted)
    for y, place, label in y_labels(area, frame, picture):
        painter.setPen(line)
        painter.drawLine(QPointF(frame.left, y), QPointF(frame.left + frame.width, y))
        painter.setPen(text)
        painter.drawText(place.bottomLeft(), label)
    end, unit = area.left(), unit_place(area, picture)
    painter.setPen(text)
    if not unit.isEmpty():
        painter.setFont(style.font(10))
        painter.drawText(unit.bottomLeft(), picture.x_unit)
        painter.setFont(style.mono(10))
        end = unit.right() + 4
    for value, label in picture.x_ticks:
        width = metrics.horizontalAdvance(label)
        middle = frame.x(value)
        x = min(middle - width / 2, area.right() - width)
        if frame.left - 1 <= middle <= area.right() and x > end:
            painter.drawText(QPointF(x, area.bottom() - 5), label)
            end = x + width + 8


def _paint_stroke(painter: QPainter, frame: Frame, stroke: Stroke, tokens: Tokens) -> None:
    if not len(stroke.x):
        return
    color = QColor(style.mix(tokens.panel, stroke.color, FADED) if stroke.faint else stroke.color)
    dashes = Qt.PenStyle.DashLine if stroke.dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(color, 1.6 if stroke.fine else 1, dashes))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, stroke.fine)
    for begin, end in _pieces(stroke.x, stroke.y):
        if end - begin == 1:  # a point between two gaps is a value too
            painter.setPen(QPen(color, 3))
            painter.drawPoints(frame.polygon(stroke.x[begin:end], stroke.y[begin:end]))
            painter.setPen(QPen(color, 1.6 if stroke.fine else 1, dashes))
        else:
            painter.drawPolyline(frame.polygon(stroke.x[begin:end], stroke.y[begin:end]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _pieces(x: Floats, y: Floats) -> list[tuple[int, int]]:
    """From where to where a line is not interrupted."""
    drawn = np.isfinite(x) & np.isfinite(y)
    if drawn.all():
        return [(0, len(y))]
    borders = np.flatnonzero(np.diff(drawn.astype(np.int8), prepend=0, append=0))
    return list(zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True))


def _paint_dots(painter: QPainter, frame: Frame, dots: Dots, tokens: Tokens) -> None:
    for x, y in zip(dots.x.tolist(), dots.y.tolist(), strict=True):
        paint_dot(painter, QPointF(frame.x(x), frame.y(y)), dots.color, tokens, ring=dots.ring)


def paint_dot(painter: QPainter, at: QPointF, color: str, tokens: Tokens, *, ring: bool) -> None:
    """Paints a point, filled or as a ring."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), 1.6) if ring else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(QColor(tokens.panel if ring else color))
    radius = 4.0 if ring else 2.5
    painter.drawEllipse(at, radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def flag_color(kind: str, tokens: Tokens) -> str:
    """The colour of a flag."""
    return {"failed": tokens.error, "checkpoint": tokens.muted}.get(kind, tokens.warning)


def _paint_flags(painter: QPainter, frame: Frame, flags: Sequence[Flag], tokens: Tokens) -> None:
    """Small pennants at the bottom; one for each column of pixels is enough."""
    seen: set[tuple[int, str]] = set()
    for flag in flags:
        x = round(frame.x(flag.x))
        if not frame.left <= x <= frame.left + frame.width or (x // 2, flag.kind) in seen:
            continue
        seen.add((x // 2, flag.kind))
        paint_flag(painter, QPointF(x, frame.bottom), flag.kind, tokens)


def paint_flag(painter: QPainter, foot: QPointF, kind: str, tokens: Tokens) -> None:
    """Paints a pennant."""
    color, tall = QColor(flag_color(kind, tokens)), FLAG if kind == "checkpoint" else 2.2 * FLAG
    x, top = foot.x(), foot.y() - tall
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(QRectF(x, top, 1, tall), color)
    painter.setBrush(color)
    painter.drawPolygon([QPointF(x, top), QPointF(x + 5, top + 2.5), QPointF(x, top + 5)])
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_gaps(painter: QPainter, frame: Frame, gaps: Sequence[Gap], tokens: Tokens) -> None:
    """Red lines over everything, wide where nothing finite came for long, with as many words over them as fit."""
    painter.setFont(style.mono(10))
    metrics = QFontMetricsF(painter.font())
    color, free = QColor(tokens.error), frame.left
    shade = QColor(color)
    shade.setAlphaF(0.16)
    labels: list[tuple[QRectF, str]] = []
    for gap in gaps:
        low, high = (
            max(round(frame.x(gap.low)), frame.left - 1),
            min(round(frame.x(gap.high)), frame.left + frame.width),
        )
        if high < frame.left or low > frame.left + frame.width:
            continue
        if high > low + 1:
            painter.fillRect(QRectF(low, frame.top, high - low, frame.height), shade)
        painter.fillRect(QRectF(low, frame.top, 1, frame.height), color)
        width = metrics.horizontalAdvance(gap.text)
        x = low + 4 if low + 4 + width < frame.left + frame.width else low - 4 - width
        if x >= free:
            labels.append((QRectF(x, frame.top, width, 15), gap.text))
            free = max(x + width, low) + 8
    painter.setPen(color)
    for place, text in labels:  # which the lines of what comes later would strike through
        painter.fillRect(place, QColor(tokens.panel))
        painter.drawText(QPointF(place.left(), frame.top + 11), text)
