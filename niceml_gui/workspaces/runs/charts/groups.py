"""Curves of runs that are grouped: which are of one group, and what they are together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from niceml_gui.workspaces.runs.charts.curve import Curve
from niceml_gui.workspaces.runs.charts.growing import Floats
from niceml_gui.workspaces.runs.charts.view import View
from niceml_gui.workspaces.runs.measured import SeriesKey

Group = tuple[str, SeriesKey]


def groups_of(curves: Iterable[Curve]) -> dict[Group, list[Curve]]:
    """The curves that are drawn behind the mean of their group, by its name and what they measure."""
    groups: dict[Group, list[Curve]] = {}
    for curve in curves:
        if curve.shown.group and not curve.measured_in_batches and len(curve.series):
            groups.setdefault((curve.shown.group, curve.key), []).append(curve)
    return groups


def together(members: Sequence[Curve], places: Floats, view: View) -> tuple[Floats, Floats]:
    """Those of some places at which any of the curves is, and how high each is there, NaN where it is not."""
    values = np.stack([curve.at(places, view) for curve in members])
    there = np.isfinite(values).any(axis=0)
    return places[there], values[:, there]
