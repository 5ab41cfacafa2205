"""Colours and fonts for the widgets of this workspace that paint themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter, QPen

from niceml_gui.theme import theme
from niceml_gui.theme.style import font
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.compose.usage import OVER
from niceml_gui.workspaces.compose.yaml_spans import Kind

_SYNTAX: dict[Kind, str] = {
    "text": "text",
    "key": "experiment",
    "string": "train",
    "number": "prediction",
    "interpolation": "analysis",
    "comment": "muted",
}


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A colour of the current theme by its token's name; it is asked for with every line that is painted."""
    return _colour(theme().tokens, name, alpha)


@cache
def _colour(tokens: Tokens, name: str, alpha: float) -> QColor:
    made = QColor(getattr(tokens, name))
    made.setAlphaF(alpha)
    return made


def blend(name: str, share: float, ground: str = "background") -> QColor:
    """A colour that looks as if it were so opaque on its ground; lines without alpha are painted many times faster."""
    return _blend(theme().tokens, name, share, ground)


@cache
def _blend(tokens: Tokens, name: str, share: float, ground: str) -> QColor:
    over, under, rest = _colour(tokens, name, 1.0), _colour(tokens, ground, 1.0), 1.0 - share
    return QColor(
        round(over.red() * share + under.red() * rest),
        round(over.green() * share + under.green() * rest),
        round(over.blue() * share + under.blue() * rest),
    )


def op_colour(op: str) -> QColor:
    """The colour of an op's mark."""
    return QColor(theme().tokens.op(op))


def syntax_colour(kind: Kind) -> QColor:
    """The colour of a span of YAML."""
    return colour(_SYNTAX[kind])


@cache
def small(mono: bool = False) -> QFont:
    """The font of counters and labels on arrows."""
    return font(11.0, mono=mono)


def fitted(label: str, metrics: QFontMetricsF, width: float) -> str:
    """A label of the gutter that fits a width (pixels): the winner keeps its room, and of each place the line stays."""
    if metrics.horizontalAdvance(label) <= width:
        return label
    winner, over, other = label.partition(OVER)
    room = width - metrics.horizontalAdvance(winner + over)
    if over and room > metrics.horizontalAdvance("…:000"):
        return winner + over + metrics.elidedText(other, Qt.TextElideMode.ElideLeft, room)
    return metrics.elidedText(winner, Qt.TextElideMode.ElideLeft, width)


@cache
def body(bold: bool = False) -> QFont:
    """The font of text."""
    return font(weight=QFont.Weight.DemiBold if bold else QFont.Weight.Normal)


@lru_cache(maxsize=1 << 14)
def text_width(text: str, face: Callable[..., QFont] = body, **how: bool) -> float:
    """The width of a text in one of these fonts, in pixels; finding it out is slow."""
    return float(QFontMetrics(face(**how)).horizontalAdvance(text))


def chevron(painter: QPainter, centre: QPointF, way: Literal["down", "right"], tint: QColor, size: float = 3.5) -> None:
    """Paints the mark at which something is folded; it points right where it is.

    Args:
        painter: Where to; its pen is used up.
        centre: The middle of the mark.
        way: Where it points.
        tint: Its colour.
        size: Half its width, in pixels.
    """
    x, y, half = centre.x(), centre.y(), size / 2
    if way == "down":
        corners = [QPointF(x - size, y - half), QPointF(x, y + half), QPointF(x + size, y - half)]
    else:
        corners = [QPointF(x - half, y - size), QPointF(x + half, y), QPointF(x - half, y + size)]
    pen = QPen(tint, 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawPolyline(corners)
