"""The picture of one metric: all its curves, of one run or of many, with what is marked on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QSizeF

from niceml_gui import words
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.curve import EXACT, Curve, Lines
from niceml_gui.workspaces.runs.charts.groups import Group, groups_of, together
from niceml_gui.workspaces.runs.charts.growing import Floats
from niceml_gui.workspaces.runs.charts.picture import (
    TICK_HEIGHT,
    TICK_WIDTH,
    Band,
    Dots,
    Flag,
    Gap,
    Picture,
    Stroke,
)
from niceml_gui.workspaces.runs.charts.styles import Look, Shown, hue_color, look_of, unit_of
from niceml_gui.workspaces.runs.charts.ticks import x_ticks, y_ticks
from niceml_gui.workspaces.runs.charts.view import AXIS_TITLES, Across, Range, View
from niceml_gui.workspaces.runs.measured import SeriesKey, Split

TITLES = {"step_ms": "step time (ms)", "gradient_norm": "gradient norm"}
FINE = 2500  #: lines of a chart that are together so long, in pixels, are drawn smoothly and a little thicker
CUT_OFF, UNSMOOTHED, AVERAGES = "outliers cut off", "epochs, not smoothed", "averages only"
FEWER = "faint: mean of fewer runs"
#: What is said in little room.
BRIEF = {CUT_OFF: "cut off", UNSMOOTHED: "not smoothed", AVERAGES: "averages", FEWER: "faint: fewer runs"}
CROWD = 12  #: of more curves in a chart, the measured points behind the averages would be one grey area
FEW_DOTS = 200  #: more epochs than that are no dots any more
FLAT = 2  #: labels beside a value that never changes, about
COLUMN = 2  #: pixels from one value of a mean to the next


class Drawing:
    """Draws one metric again and again, and keeps what does not change.

    Args:
        metric: As in `SeriesKey`.
    """

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self._curves: dict[tuple[str, SeriesKey], Curve] = {}

    def curves(self, shown: Sequence[Shown]) -> list[Curve]:
        """The curves of some runs that have points, in order."""
        kept = {}
        for one in shown:
            for key, series in one.record.series.items():
                if key.metric == self.metric and (len(series) or len(series.marks)):
                    curve = self._curves.get((one.run, key))
                    if curve is None or curve.series is not series:
                        curve = Curve(one, key)
                    curve.shown = one
                    kept[one.run, key] = curve
        self._curves = kept
        return list(kept.values())

    def picture(self, shown: Sequence[Shown], view: View, size: QSizeF, ratio: float, tokens: Tokens) -> Picture:
        """The picture of what is in view.

        Args:
            shown: The runs.
            view: What is in view, and how.
            size: Of the plot.
            ratio: Pixels of the screen for each of these.
            tokens: The theme.
        """
        curves, width, height = self.curves(shown), round(size.width()), size.height()
        columns = round(size.width() * ratio)
        crowded = sum(not curve.measured_in_batches for curve in curves) > CROWD
        drawn = _prolonged(
            [
                (curve, look_of(curve.shown, curve.key.split, tokens), curve.lines(view, columns, behind=not crowded))
                for curve in curves
            ]
        )
        ranges = [lines.seen for _, _, lines in drawn if lines.seen]
        bottom, top = view.y_range or _room(ranges)
        groups = groups_of(curve for curve, _, _ in drawn)
        in_groups = {id(curve) for members in groups.values() for curve in members}
        alone = [one for one in drawn if not one[0].shown.group]  # of a group, the mean is looked at
        front = [one for one in drawn if not one[0].measured_in_batches]
        fine = sum(_length(lines.front.y, height / (top - bottom)) for _, _, lines in front) <= FINE
        bands, means = _means(groups, view, width, tokens, fine=fine)
        strokes = []
        for curve, look, lines in front:
            if id(curve) in in_groups:
                strokes.append(Stroke(*lines.front, look.color, look.dashed, faint=True))
                continue
            if len(lines.earlier.x):
                strokes.append(Stroke(*lines.earlier, look.color, look.dashed, faint=True, fine=fine))
            if lines.behind is not None:
                strokes.append(Stroke(*lines.behind, look.color, faint=True))
        strokes += [
            Stroke(*lines.front, look.color, look.dashed, fine=fine)
            for curve, look, lines in front
            if id(curve) not in in_groups
        ]
        count_x, count_y = width / TICK_WIDTH, height / TICK_HEIGHT
        if view.y_range is None and len({end for seen in ranges for end in seen}) == 1:
            count_y = FLAT
        in_epochs = view.settings.axis == "step" and unit_of(shown) == "epoch"
        titled = replace(view.settings, axis="epoch") if in_epochs else view.settings
        across_log = view.settings.log_x and view.settings.axis != "wall"
        return Picture(
            view.low,
            view.high,
            bottom,
            top,
            x_ticks(view.settings.axis, view.low, view.high, count_x, log=across_log),
            y_ticks(bottom, top, count_y, log=view.settings.log_y),
            bands,
            (*strokes, *means),
            [*_epochs(alone, view), *_best(alone, view)],
            _gaps(curves, view, width),
            _flags(shown, view),
            " · ".join(
                filter(
                    None,
                    (
                        _earlier(front) if len(shown) == 1 else "",
                        _cut(front, view, bottom, top),
                        FEWER if any(mean.faint for mean in means) else "",
                        _note(drawn, view, crowded=crowded),
                    ),
                )
            ),
            AXIS_TITLES[titled.axis][0],
            titled.x_title,
            title_of(self.metric) + (" (log)" if view.settings.log_y else ""),
        )


def title_of(metric: str) -> str:
    """What the chart of a metric is called, with its unit where that is known."""
    return TITLES.get(metric, metric)


_Drawn = tuple[Curve, Look, Lines]


def _length(y: Floats, scale: float) -> float:
    """About how much there is to draw of a line, in pixels: one that goes up and down a lot takes long to smooth."""
    return len(y) + float(np.nansum(np.abs(np.diff(y)))) * scale


def _prolonged(drawn: list[_Drawn]) -> list[_Drawn]:
    """Leads lines of what is set rather than measured on to the ends of epochs after the last batch that tells of it.

    Only some batches do, so that the last of them need not be the last that was trained.
    """
    ends = {
        (curve.shown.run, curve.key._replace(level="batch")): lines.front
        for curve, _, lines in drawn
        if curve.measured_in_batches and curve.key.metric in EXACT
    }
    return [
        (curve, look, lines.led_on(end) if (end := ends.get((curve.shown.run, curve.key))) is not None else lines)
        for curve, look, lines in drawn
    ]


def _room(seen: list[Range]) -> Range:
    """The range of y with a little room."""
    if not seen:
        return 0.0, 1.0
    low, high = min(low for low, _ in seen), max(high for _, high in seen)
    room = max((high - low) * 0.06, abs(high) * 0.01) or 0.05
    return low - room, high + room


def _epochs(drawn: list[_Drawn], view: View) -> Iterator[Dots]:
    for curve, look, lines in drawn:
        if not curve.is_sparse:
            continue
        x, y = lines.measured
        seen = (x >= view.low) & (x <= view.high) & np.isfinite(y)
        if 0 < int(seen.sum()) <= FEW_DOTS and not (curve.measured_in_batches and curve.key.metric in EXACT):
            yield Dots(x[seen], y[seen], look.color, "each epoch" if curve.key.level == "epoch" else "each validation")


def _best(drawn: list[_Drawn], view: View) -> Iterator[Dots]:
    """A ring around the best epoch of each run: of its validation, or where there is none of its training."""
    splits: dict[str, set[Split]] = {}
    for curve, _, _ in drawn:
        if curve.best() is not None:
            splits.setdefault(curve.shown.run, set()).add(curve.key.split)
    for curve, look, _ in drawn:
        index = curve.best()
        if index is None or (curve.key.split == "train" and "validation" in splits[curve.shown.run]):
            continue
        value = float(curve.series.values.view[index])
        if view.settings.log_y and value <= 0:
            continue
        across = Across(curve.shown.record, view.settings)
        x = across.place(float(curve.series.steps[index]), float(curve.series.times[index]))
        yield Dots(
            np.array([x]), np.array([np.log10(value) if view.settings.log_y else value]), look.color, "best", ring=True
        )


def _gaps(curves: list[Curve], view: View, width: int) -> list[Gap]:
    """Where values were not finite; of several that begin in the same pixel, the first that is named and the widest."""
    found: dict[int, Gap] = {}
    scale = width / (view.high - view.low)
    for curve in curves:
        marks = curve.series.marks
        if not len(marks):
            continue
        across = Across(curve.shown.record, view.settings)
        low, high = (across.to(ends) for ends in marks.spans(by_time=across.by_time))
        inside = np.flatnonzero((high >= view.low) & (low <= view.high) & np.isfinite(low))
        pixels = np.floor((low[inside] - view.low) * scale).astype(int)
        _, firsts = np.unique(pixels, return_index=True)
        for first, last in zip(firsts, [*firsts[1:], len(inside)], strict=True):
            mark = marks[int(inside[first])]
            split = "val " if curve.key.split == "validation" else ""
            name = f"{curve.shown.name} " if curve.shown.name else ""
            gap = Gap(float(low[inside[first]]), float(high[inside[first:last]].max()), "")
            text = f"{name}{split}{words.unbounded(mark.kind)} at {curve.shown.record.unit} {mark.step:.0f}"
            known = found.get(int(pixels[first]))
            if known is not None:
                gap, text = Gap(known.low, max(known.high, gap.high), ""), known.text
            found[int(pixels[first])] = Gap(gap.low, gap.high, text)
    return [found[pixel] for pixel in sorted(found)]


def _flags(shown: Sequence[Shown], view: View) -> list[Flag]:
    """What happened in the only run; those of many would be a wall."""
    if len(shown) != 1:
        return []
    record = shown[0].record
    across, last = Across(record, view.settings), record.last_time
    # What comes of the last step, such as its checkpoint, comes a little later: the axis ends with what was measured.
    flags = (
        Flag(across.place(record.step_at(one.time), min(one.time, last)), one.kind, one.text) for one in record.moments
    )
    return [flag for flag in flags if view.low <= flag.x <= view.high]


def _earlier(drawn: list[_Drawn]) -> str:
    """Which attempts the faint lines are of."""
    numbers = sorted(
        {
            curve.shown.record.attempt_at(float(curve.series.times[end - 1]))
            for curve, _, lines in drawn
            if len(lines.earlier.x)
            for end in curve.attempts
            if end <= curve.latest
        }
    )
    return f"faint: attempt{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}" if numbers else ""


def _cut(drawn: list[_Drawn], view: View, bottom: float, top: float) -> str:
    """That something is left out of range, where it is."""
    if not view.settings.outliers or view.y_range is not None:
        return ""
    heights = [
        y[(x >= view.low) & (x <= view.high)] for _, _, lines in drawn for x, y in (lines.measured, lines.earlier)
    ]
    return CUT_OFF if any(((y < bottom) | (y > top)).any() for y in heights) else ""


def _note(drawn: list[_Drawn], view: View, *, crowded: bool) -> str:
    """What the picture does not show as one may expect it."""
    if any(lines.hidden for _, _, lines in drawn):
        return "values of 0 and less have no place here"
    settings = view.settings
    curves = [curve for curve, _, _ in drawn if curve.key.metric not in EXACT and not curve.measured_in_batches]
    if settings.smoothing > 0 and curves and not any(curve.averaged(settings) for curve in curves):
        return UNSMOOTHED
    if crowded and any(curve.smoothed(settings) is not None for curve, _, _ in drawn):
        return AVERAGES
    return ""


def _means(
    groups: dict[Group, list[Curve]], view: View, width: int, tokens: Tokens, *, fine: bool
) -> tuple[list[Band], list[Stroke]]:
    """The mean of each group and the band around it; interrupted where runs begin or end, faint where not all are."""
    bands, means = [], []
    x = np.linspace(view.low, view.high, max(width // COLUMN, 2))
    for members in groups.values():
        at, values = together(members, x, view)
        if len(at):
            shown, dashed = members[0].shown, members[0].key.split == "validation"
            color = hue_color(shown.group_hue, tokens)
            mean = np.nanmean(values, axis=0)
            if view.settings.spread == "std":
                deviation = np.nanstd(values, axis=0)
                low, high = mean - deviation, mean + deviation
            else:
                low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
            bands.append(Band(at, low, high, color))
            there = np.isfinite(values).sum(axis=0)
            for part in np.split(np.arange(len(at)), np.flatnonzero(np.diff(there)) + 1):
                fewer = bool(there[part[0]] < len(members))
                means.append(Stroke(at[part], mean[part], color, dashed, faint=fewer, fine=fine))
    return bands, means
