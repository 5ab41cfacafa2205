"""Colours and fonts for the widgets of this workspace that paint themselves."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor, QFont

from niceml_gui.theme import theme
from niceml_gui.theme.style import font
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
    """A colour of the current theme by its token's name."""
    made = QColor(getattr(theme().tokens, name))
    made.setAlphaF(alpha)
    return made


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
