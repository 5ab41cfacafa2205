"""Colours and dashes of subsets and classes, the same wherever they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from niceml_gui.theme.tokens import Tokens

_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_KNOWN = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Look:
    """How something is told from the others: never by its colour alone."""

    color: str
    dashes: Qt.PenStyle = Qt.PenStyle.SolidLine

    def pen(self, width: float = 1.6) -> QPen:
        """A pen for its line."""
        return QPen(QColor(self.color), width, self.dashes)


def subset_look(subset: str, subsets: tuple[str, ...], tokens: Tokens) -> Look:
    """How a subset is drawn.

    Args:
        subset: Its name; those that begin with `train`, `val` and `test` always look alike.
        subsets: All subsets, in order.
        tokens: The colours of the theme.
    """
    known = (tokens.train, tokens.prediction, tokens.exptests)
    for place, beginning in enumerate(_KNOWN):
        if subset.startswith(beginning):
            return Look(known[place], _DASHES[place])
    others = [name for name in subsets if not name.startswith(_KNOWN)]
    place = others.index(subset) if subset in others else 0
    colors = (tokens.analysis, tokens.experiment, tokens.shared)
    return Look(colors[place % len(colors)], _DASHES[(place + 1) % len(_DASHES)])


def class_look(place: int, tokens: Tokens) -> Look:
    """How the class at a place among the classes is drawn."""
    colors = (tokens.experiment, tokens.train, tokens.prediction, tokens.analysis, tokens.exptests, tokens.error)
    return Look(colors[place % len(colors)], _DASHES[place // len(colors) % len(_DASHES)])


def sort_look(label: str, place: int, tokens: Tokens) -> Look:
    """How one of the sorts of samples in a histogram is drawn."""
    known = {"wrong": tokens.error, "right": tokens.ok, "others": tokens.shared}
    return Look(known.get(label) or (tokens.experiment, tokens.prediction)[place % 2])
