"""Long layers of a graph, wrapped into columns so that the whole keeps the shape of a page."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

Block = list[list[str]]  #: nodes in columns from left to right, each from top to bottom; the first is the longest
_LONG = 20  #: rows that a layer may have in any case
_SHAPE = 6.0  #: rows for each column of a page: a column is some 200 pixels wide, and a row 50 high


def wrapped(layers: Sequence[Sequence[Sequence[str]]]) -> list[list[Block]]:
    """Puts families of nodes into columns in those layers that would make the graph too high.

    Only what leads to nothing is in a family, so that no arrow has to pass the columns beside it. Layers in which
    that is less than the half stay as they are: the others need their rows anyway.

    Args:
        layers: In each the families, and nodes that stand alone, from top to bottom.
    """
    counts = [1] * len(layers)
    rows = [sum(len(family) for family in layer) for layer in layers]
    able = [2 * sum(len(family) for family in layer if len(family) > 1) > sum(map(len, layer)) for layer in layers]
    while layers:
        at = max(range(len(layers)), key=rows.__getitem__)
        more = counts[at] < max((len(family) for family in layers[at]), default=0)
        if not (able[at] and more) or rows[at] <= max(_LONG, _SHAPE * sum(counts)):
            break
        counts[at] += 1
        rows[at] = sum(ceil(len(family) / counts[at]) for family in layers[at])
    return [[_block(family, count) for family in layer] for layer, count in zip(layers, counts, strict=True)]


def _block(family: Sequence[str], columns: int) -> Block:
    rows = ceil(len(family) / columns)
    return [list(family[start : start + rows]) for start in range(0, len(family), rows)]
