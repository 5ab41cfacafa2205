"""What the crosshair says: where it stands, which is the same in all charts, and the nearest value of each curve."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QRectF

from niceml_gui import words
from niceml_gui.theme import style
from niceml_gui.theme.tokens import MONO, Tokens
from niceml_gui.workspaces.runs.charts.curve import COMPILED, Curve
from niceml_gui.workspaces.runs.charts.groups import groups_of, together
from niceml_gui.workspaces.runs.charts.picture import Frame, Picture
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, SHORT, hue_color, look_of
from niceml_gui.workspaces.runs.charts.view import Across, View
from niceml_gui.workspaces.runs.listing.lines import swept_line
from niceml_gui.workspaces.runs.measured import Split

MANY = 10  #: runs that are named; of more, those that are nearest to the pointer
LETTERS = 24  #: of the name of one of several runs, of which keys give way to values
PIXELS = 11.0  #: of its letters
BESIDE = 8.0  #: pixels from the crosshair to the read-out
NEAR = 4.0  #: pixels around the crosshair in which what is marked is named


class _Point(NamedTuple):
    """The point of a curve that is nearest, and what tells it from one at the step that is pointed at."""

    curve: Curve
    value: float
    apart: str


def read_out(
    curves: Sequence[Curve],
    picture: Picture,
    view: View,
    x: float,
    y: float | None,
    width: float,
    tokens: Tokens,
    *,
    named: bool = True,
) -> str:
    """What is to be said of a place, as HTML; nothing where there is no curve.

    Values are those of the points that are nearest; it is said at which step they were measured, if at another one.

    Args:
        curves: Of the chart.
        picture: What it shows.
        view: How.
        x: The place.
        y: How high the pointer is, in the unit of the axis; `None`: it is over another chart.
        width: Of the plot, in pixels.
        tokens: The theme.
        named: Whether runs are named; else their colours tell them apart.
    """
    measured = [curve for curve in curves if len(curve.series) and not curve.measured_in_batches]
    if not measured or not view.low <= x <= view.high:
        return ""
    finest = max(measured, key=lambda curve: len(curve.series))
    step, head = _place(finest, view, x)
    index = finest.nearest(Across(finest.shown.record, view.settings), x)
    if finest.key.metric in COMPILED and index in (0, *finest.begins()):
        head += " · with compiling"
    if finest.shown.hue == NO_HUE:
        lines = _splits(measured, view, x, step, tokens)
    else:
        means = _means(measured, view, x, tokens, named=named)
        common, lines = _each(measured, view, x, y, step, tokens, named=named)
        lines = [*means, *lines]
        head = " · ".join([head, *common])
    lines.insert(0, f'<span style="color:{tokens.muted}">{head}</span>')
    if y is not None:
        lines += [f'<span style="color:{tokens.muted}">{text}</span>' for text in _marked(picture, x, width)]
    font = f"font-family:{MONO}; font-size:{style.points(PIXELS):.2f}pt"
    return f"<span style='{font}'>{'<br>'.join(lines)}</span>"


def corner(picture: Picture, frame: Frame, x: float, width: float, height: float) -> tuple[float, float]:
    """Where the read-out of a crosshair goes so that it hides no line in front, if there is such a place.

    Args:
        picture: What the chart shows.
        frame: Where.
        x: Of the crosshair, in pixels.
        width: Of the read-out, in pixels.
        height: Of it.

    Returns:
        Its left and its top, in pixels.
    """
    right, left = x + BESIDE, x - BESIDE - width
    top, bottom = frame.top + 4, frame.bottom - 4 - height
    begin, end = frame.left - BESIDE, frame.left + frame.width + BESIDE
    fitting = [side for side in (right, left) if side >= begin and side + width <= end]
    corners = [(side, level) for side in fitting or [max(frame.left, left)] for level in (top, bottom)]
    return min(corners, key=lambda place: _hidden(picture, frame, QRectF(place[0], place[1], width, height)))


def _hidden(picture: Picture, frame: Frame, area: QRectF) -> int:
    """How many points of the lines in front are behind an area, in pixels."""
    low, high = frame.value_x(area.left()), frame.value_x(area.right())
    bottom, top = frame.value_y(area.bottom()), frame.value_y(area.top())
    hidden = 0
    for stroke in picture.strokes:
        if not stroke.faint:
            inside = stroke.y[(stroke.x >= low) & (stroke.x <= high)]
            hidden += int(((inside >= bottom) & (inside <= top)).sum())
    return hidden


def _place(curve: Curve, view: View, x: float) -> tuple[float, str]:
    """The step at a place, and the place in words; beyond the ends of what was measured it is the end."""
    record = curve.shown.record
    across = Across(record, view.settings)
    source = across.source_of(x)
    if not across.by_time:
        source = min(max(source, float(curve.series.steps[0])), record.last_step)
    step = record.nearest_row(source, by_time=True)[0] if across.by_time else float(round(source))
    counted = f"{record.unit} {step:.0f}"
    match view.settings.axis:
        case "relative":
            return step, f"{words.elapsed(source - record.measured_from)} · {counted}"
        case "wall":
            return step, f"{datetime.fromtimestamp(record.clock.at(source)):%H:%M:%S} · {counted}"
        case "epoch" if record.unit == "step":
            epoch = Across(record, replace(view.settings, log_x=False)).place(source, 0.0)
            return step, f"epoch {epoch:.2f} · {counted}"
        case _:
            return step, counted


def _splits(curves: Sequence[Curve], view: View, x: float, step: float, tokens: Tokens) -> list[str]:
    """Training and validation, in a line each; the batches say more than the epoch does.

    What was measured stands first, then the average that the line shows, and at which step, if that is another one.
    """
    lines: list[str] = []
    named: set[Split] = set()
    for curve in sorted(curves, key=lambda curve: (curve.key.split == "validation", curve.key.level)):
        if curve.key.split in named:
            continue
        named.add(curve.key.split)
        color = look_of(curve.shown, curve.key.split, tokens).color
        index = curve.nearest(Across(curve.shown.record, view.settings), x)
        more, smoothed = [], curve.smoothed(view.settings)
        if smoothed is not None:
            more.append(f"smoothed {words.number(float(smoothed.values.view[index]))}")
        more += _apart(curve, index, step)
        value = f'<span style="color:{color}">{words.number(float(curve.series.values.view[index]))}</span>'
        aside = f' <span style="color:{tokens.muted}">{" ".join(more)}</span>' if more else ""
        lines.append(f'<span style="color:{tokens.muted}">{SHORT[curve.key.split]}</span> {value}{aside}')
    return lines


def _means(curves: Sequence[Curve], view: View, x: float, tokens: Tokens, *, named: bool) -> list[str]:
    """A line for each group of runs, highest first: its mean as it is drawn, of training and of validation."""
    found: dict[tuple[str, int], dict[Split, float]] = {}
    counts: dict[str, str] = {}
    called: dict[str, str] = {}
    for (group, key), members in groups_of(curves).items():
        at, heights = together(members, np.array([x]), view)
        if len(at):
            value = float(np.nanmean(heights))  # of a logarithmic axis its logarithm, as it is drawn
            known = found.setdefault((group, members[0].shown.group_hue), {})
            known.setdefault(key.split, 10.0**value if view.settings.log_y else value)
            many = int(np.isfinite(heights).sum())
            counts.setdefault(group, f" ({many} of {len(members)})" if many < len(members) else "")
            is_smooth = any(member.smoothed(view.settings) is not None for member in members)
            called.setdefault(group, "smoothed mean" if is_smooth else "mean")
    lines = []
    for (group, hue), known in sorted(found.items(), key=lambda one: -next(iter(one[1].values())))[:MANY]:
        color, muted = hue_color(hue, tokens), f'<span style="color:{tokens.muted}">'
        values = [
            f"{f'{muted}{SHORT[split]}</span> ' if split == 'validation' else ''}<b>{words.number(known[split])}</b>"
            for split in SHORT
            if split in known
        ]
        who = f" of {html.escape(group)}" if named else ""
        lines.append(
            f'<span style="color:{color}">\N{EM DASH}</span> {" ".join(values)} '
            f"{muted}{called[group]}{counts[group]}{who}</span>"
        )
    return lines


def _each(
    curves: Sequence[Curve], view: View, x: float, y: float | None, step: float, tokens: Tokens, *, named: bool
) -> tuple[list[str], list[str]]:
    """What holds for all runs, and a line for each of them, highest first."""
    points: dict[str, dict[Split, _Point]] = {}
    for curve in curves:
        index = curve.nearest(Across(curve.shown.record, view.settings), x)
        point = _Point(curve, float(curve.series.values.view[index]), " ".join(_apart(curve, index, step)))
        points.setdefault(curve.shown.run, {}).setdefault(curve.key.split, point)
    common: dict[Split, str] = {}
    for split in SHORT:
        said = {known[split].apart for known in points.values() if split in known}
        if len(said) == 1:
            common[split] = said.pop()
    several = any(len(known) > 1 for known in points.values())
    rows = sorted(points.values(), key=lambda known: -next(known[split] for split in SHORT if split in known).value)
    if len(rows) > MANY and y is not None:
        at = 10.0**y if view.settings.log_y else y
        near = sorted(rows, key=lambda known: min(abs(point.value - at) for point in known.values()))[:MANY]
        rows = [known for known in rows if known in near]
    lines = []
    for known in rows[:MANY]:
        shown = next(iter(known.values())).curve.shown
        values = []
        for split in (split for split in SHORT if split in known):
            name = f'<span style="color:{tokens.muted}">{SHORT[split]}</span> ' if split == "validation" else ""
            apart = "" if split in common else f' <span style="color:{tokens.muted}">{known[split].apart}</span>'
            values.append(f"{name}{words.number(known[split].value)}{apart}")
        color = look_of(shown, "train", tokens).color
        mark = f'<span style="color:{color}">\N{BLACK CIRCLE}</span>'  # lines may be paler than what must be read
        who = "" if not named else f"  {html.escape(swept_line(shown.name, lambda text: len(text) <= LETTERS))}"
        lines.append(f"{mark} {' '.join(values)}{who}")
    return [f"{SHORT[split]} {apart}" if several else apart for split, apart in common.items() if apart], lines


def _apart(curve: Curve, index: int, step: float) -> list[str]:
    """What tells a point from one of the last attempt at a step."""
    record, series = curve.shown.record, curve.series
    own, attempt = float(series.steps[index]), record.attempt_at(float(series.times[index]))
    said = [] if own == step else [f"at {record.unit} {own:.0f}"]
    return said if attempt > len(record.retried) else [*said, f"in attempt {attempt}"]


def _marked(picture: Picture, x: float, width: float) -> list[str]:
    """What is marked near the crosshair."""
    reach = NEAR * (picture.high - picture.low) / max(width, 1.0)
    said = [gap.text for gap in picture.gaps if gap.low - reach <= x <= gap.high + reach]
    said += [f"{flag.kind} {flag.text}" for flag in picture.flags if abs(flag.x - x) <= reach]
    if any(dots.ring and abs(float(dots.x[0]) - x) <= reach for dots in picture.dots):
        said.append("best epoch")
    return list(dict.fromkeys(said))[:4]
