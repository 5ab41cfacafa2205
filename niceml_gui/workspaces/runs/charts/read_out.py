"""What the crosshair says: where it stands, and the nearest value of each curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from niceml_gui import words
from niceml_gui.theme import style
from niceml_gui.theme.tokens import MONO, Tokens
from niceml_gui.workspaces.runs.charts.curve import COMPILED, Curve
from niceml_gui.workspaces.runs.charts.picture import Picture
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, look_of
from niceml_gui.workspaces.runs.charts.view import Across, View

MANY = 10  #: curves that are named; of more, those that are nearest to the pointer
PIXELS = 11.0  #: of its letters
NEAR = 4.0  #: pixels around the crosshair in which what is marked is named


@dataclass(frozen=True, slots=True)
class ReadOut:
    """What is said, and where.

    Attributes:
        x: Where the nearest measured point is.
        y: Its value, in the unit of the axis.
        html: What is said.
    """

    x: float
    y: float
    html: str


def read_out(
    curves: Sequence[Curve], picture: Picture, view: View, x: float, y: float | None, width: float, tokens: Tokens
) -> ReadOut | None:
    """What is to be said of a place; nothing where there is no curve.

    Args:
        curves: Of the chart.
        picture: What it shows.
        view: How.
        x: The place.
        y: How high the pointer is, in the unit of the axis; `None`: it is over another chart.
        width: Of the plot, in pixels.
        tokens: The theme.
    """
    measured = [curve for curve in curves if len(curve.series) and not curve.measured_in_batches]
    if not measured or not view.low <= x <= view.high:
        return None
    finest = max(measured, key=lambda curve: len(curve.series))
    across = Across(finest.shown.record, view.settings)
    index = finest.nearest(across, x)
    step, time = float(finest.series.steps[index]), float(finest.series.times[index])
    place, found = across.place(step, time), float(finest.series.values.view[index])
    head = _place(finest, view, step, time)
    if finest.key.metric in COMPILED and not index:
        head += " · with compiling"
    lines = [f'<span style="color:{tokens.muted}">{head}</span>']
    if finest.shown.hue == NO_HUE:
        lines.append(_pair(measured, view, x, tokens))
    else:
        lines += _each(measured, view, x, y, tokens)
    if y is not None:
        lines += [f'<span style="color:{tokens.muted}">{text}</span>' for text in _marked(picture, x, width)]
    if view.settings.log_y:
        found = math.log10(found) if found > 0 else view.low
    text = "<br>".join(lines)
    return ReadOut(
        place, found, f"<span style='font-family:{MONO}; font-size:{style.points(PIXELS):.2f}pt'>{text}</span>"
    )


def _place(curve: Curve, view: View, step: float, time: float) -> str:
    record = curve.shown.record
    match view.settings.axis:
        case "relative":
            return f"{words.elapsed(time - record.started)} · step {step:.0f}"
        case "wall":
            return f"{datetime.fromtimestamp(time):%H:%M:%S} · step {step:.0f}"
        case "epoch":
            epoch = Across(record, replace(view.settings, log_x=False)).place(step, time)
            return f"epoch {epoch:.2f} · step {step:.0f}"
        case _:
            return f"step {step:.0f}"


def _pair(curves: Sequence[Curve], view: View, x: float, tokens: Tokens) -> str:
    """Training and validation in one line; the batches say more than the epoch does."""
    parts, named = [], set()
    for curve in sorted(curves, key=lambda curve: (curve.key.split == "validation", curve.key.level)):
        if curve.key.split not in named:
            named.add(curve.key.split)
            color = look_of(curve.shown, curve.key.split, tokens).color
            parts.append(f'<span style="color:{color}">{_value(curve, view, x)}</span>')
    return " / ".join(parts)


def _each(curves: Sequence[Curve], view: View, x: float, y: float | None, tokens: Tokens) -> list[str]:
    """A line for each curve, highest first."""
    valued = []
    for curve in curves:
        index = curve.nearest(Across(curve.shown.record, view.settings), x)
        value = float(curve.series.values.view[index])
        valued.append((value, curve))
    if len(valued) > MANY:
        at = valued[0][0] if y is None else 10.0**y if view.settings.log_y else y
        valued = sorted(valued, key=lambda pair: abs(pair[0] - at))[:MANY]
    lines = []
    for value, curve in sorted(valued, key=lambda pair: -pair[0]):
        color = look_of(curve.shown, curve.key.split, tokens).color
        split = " val" if curve.key.split == "validation" else ""
        lines.append(f'<span style="color:{color}">{words.number(value)}  {curve.shown.name}{split}</span>')
    return lines


def _value(curve: Curve, view: View, x: float) -> str:
    index = curve.nearest(Across(curve.shown.record, view.settings), x)
    return words.number(float(curve.series.values.view[index]))


def _marked(picture: Picture, x: float, width: float) -> list[str]:
    """What is marked near the crosshair."""
    reach = NEAR * (picture.high - picture.low) / max(width, 1.0)
    said = [gap.text for gap in picture.gaps if gap.low - reach <= x <= gap.high + reach]
    said += [f"{flag.kind} {flag.text}" for flag in picture.flags if abs(flag.x - x) <= reach]
    if any(dots.ring and abs(float(dots.x[0]) - x) <= reach for dots in picture.dots):
        said.append("best epoch")
    return list(dict.fromkeys(said))[:4]
