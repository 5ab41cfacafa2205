"""What parallel coordinates and scatter plot have in common: the colours of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from niceml_engine.values import RunState
from niceml_gui.theme import style
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.styles import HUES, hue_color
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.grid import Value

STEPS = 32


def colors(runs: Sequence[RunState], by: Sequence[Value], comparison: Comparison, tokens: Tokens) -> Mapping[str, str]:
    """The colours of runs: their own or their groups', or of more than there are colours, from blue to amber.

    Args:
        runs: The runs.
        by: The number of each of them.
        comparison: Knows their own colours.
        tokens: The theme.
    """
    own = {run.id: comparison.color(run.id, tokens) for run in runs if run.id in comparison}
    if comparison.chosen.group:
        hues = comparison.group_hues()
        grouped = {run: hue_color(hues[comparison.group_of(run)], tokens) for run in own}
        return {run.id: grouped.get(run.id, tokens.muted) for run in runs}
    if own and len(own) == len(runs) <= len(HUES):
        return {run.id: own.get(run.id, tokens.muted) for run in runs}
    numbers = [value for value in by if isinstance(value, float) and math.isfinite(value)]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    span = high - low or 1.0
    ramp = [style.mix(tokens.accent, tokens.warning, step / STEPS) for step in range(STEPS + 1)]
    return {
        run.id: ramp[round((value - low) / span * STEPS)]
        if isinstance(value, float) and math.isfinite(value)
        else tokens.faint
        for run, value in zip(runs, by, strict=True)
    }
