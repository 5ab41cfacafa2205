"""Where charts lie: in rows from left to right, each some columns wide. Plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

GAP = 10  #: pixels between charts, and around them
LOWEST = 170  #: pixels that a chart needs to be readable
NARROWEST = 280  #: pixels, where there are two columns
USUAL = 420  #: pixels, where there are more
HIGHEST = 1200  #: pixels


class Size(NamedTuple):
    """How large a chart is to be: columns, and pixels of height; 0: as there is room."""

    columns: int = 1
    height: int = 0


class Place(NamedTuple):
    """Where a chart lies, in pixels."""

    x: int
    y: int
    width: int
    height: int


def columns_of(count: int, width: int) -> int:
    """In how many columns some charts stand: in as few as give no more rows than as many as fit side by side would."""
    inner = width - GAP
    most = max(1, min(2, inner // NARROWEST), inner // USUAL)
    rows = math.ceil(count / most)
    return math.ceil(count / rows) if rows else 1


def arrange(sizes: Sequence[Size], width: int, height: int) -> tuple[list[Place], int]:
    """Places charts; rows without a height of their own share what is left of the room.

    Args:
        sizes: Of the charts, in order.
        width: Of the room, in pixels.
        height: Of the room, in pixels.

    Returns:
        The place of each chart, and how high all of them are together.
    """
    columns = columns_of(len(sizes), width)
    rows = _rows([min(max(size.columns, 1), columns) for size in sizes], columns)
    heights = [max(max(sizes[index].height for index, _, _ in row), LOWEST) for row in rows]
    free = [number for number, row in enumerate(rows) if not any(sizes[index].height for index, _, _ in row)]
    spare = height - GAP - sum(one + GAP for one in heights)
    if spare > 0:
        for count, number in enumerate(free):
            more = spare // (len(free) - count)
            heights[number] += more
            spare -= more
    places: dict[int, Place] = {}
    y = GAP
    for row, tall in zip(rows, heights, strict=True):
        for index, column, span in row:
            x, end = (GAP + (width - GAP) * at // columns for at in (column, column + span))
            places[index] = Place(x, y, end - x - GAP, sizes[index].height or tall)
        y += tall + GAP
    return [places[index] for index in range(len(sizes))], y


def _rows(spans: Sequence[int], columns: int) -> list[list[tuple[int, int, int]]]:
    """Charts by rows, as index, first column, and columns."""
    rows: list[list[tuple[int, int, int]]] = []
    used = columns
    for index, span in enumerate(spans):
        if used + span > columns:
            rows.append([])
            used = 0
        rows[-1].append((index, used, span))
        used += span
    return rows


def slot(places: Sequence[Place], x: int, y: int) -> int:
    """Before which of some charts something lands that is dropped at a place; their number: behind the last."""
    for index, place in enumerate(places):
        if y < place.y + place.height + GAP and x < place.x + place.width / 2:
            return index
        row_ends = index + 1 == len(places) or places[index + 1].y > place.y
        if y < place.y + place.height + GAP and row_ends:
            return index + 1
    return len(places)


def marker(places: Sequence[Place], before: int, y: int) -> Place:
    """Where a line shows that something would land before one of some charts, of which there is at least one.

    Args:
        places: Of the charts.
        before: As `slot` gives it.
        y: Where the pointer is: at the end of a row, the line stands there instead of at the beginning of the next.
    """
    at_end = before == len(places) or (before > 0 and places[before - 1].y <= y < places[before].y)
    beside = places[before - 1] if at_end else places[before]
    x = beside.x + beside.width + GAP // 2 if at_end else beside.x - GAP // 2
    return Place(x - 1, beside.y, 3, beside.height)
