"""Rows of a stream in the form in which they are kept and sent by the thousand: what was measured as columns.

A row of metrics costs some microseconds and hundreds of bytes wherever it is looked at; a column of them costs eight
bytes a value, and is taken up by one call.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from niceml_engine.events import Event, Every, Metrics


class Column(msgspec.Struct, frozen=True):
    """What was measured under one name.

    Attributes:
        values: Float64, little-endian; what is not finite is the float that says so.
        rows: Int32: in which rows of the table; empty where it is all of them.
    """

    values: memoryview
    rows: memoryview = memoryview(b"")


class Columns(msgspec.Struct, frozen=True):
    """The `Metrics` of one op at one level, in order.

    Attributes:
        seqs: Int64, little-endian as all columns: the numbers of the rows.
        times: Float64: seconds since the epoch.
        steps: Int64: batches trained so far.
        epochs: Int64: from 1.
        named: By name, in the order in which they came up.
    """

    op: str
    level: Every
    seqs: memoryview
    times: memoryview
    steps: memoryview
    epochs: memoryview
    named: dict[str, Column]


class Rows(msgspec.Struct, frozen=True):
    """Some rows of a stream, in order.

    Attributes:
        last: The number of the last row; 0 without one.
        events: All that are no `Metrics`.
        columns: Those that are.
    """

    last: int = 0
    events: tuple[Event, ...] = ()
    columns: tuple[Columns, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.last)


def gather(events: Iterable[Event]) -> Rows:
    """Puts what was measured into columns."""
    last = 0
    others: list[Event] = []
    tables: dict[tuple[str, Every], list[Metrics]] = {}
    for event in events:
        last = event.seq
        if isinstance(event, Metrics):
            tables.setdefault((event.op, event.level), []).append(event)
        else:
            others.append(event)
    return Rows(last, tuple(others), tuple(_table(op, level, rows) for (op, level), rows in tables.items()))


def last_of(columns: Columns, *, of_each: bool = False) -> Metrics:
    """The last row of some columns as it was written.

    Args:
        columns: Some columns.
        of_each: Take the last value of each column, in whichever row it was measured.
    """
    rows = len(columns.seqs) // 8
    values: dict[str, float] = {}
    for name, column in columns.named.items():
        places = column.rows.cast("i") if column.rows else range(rows)
        if of_each or places[-1] == rows - 1:
            values[name] = column.values.cast("d")[-1]
    broken = {name: str(value) for name, value in values.items() if not abs(value) < float("inf")}
    return Metrics(
        seq=columns.seqs.cast("q")[-1],
        time=columns.times.cast("d")[-1],
        op=columns.op,
        level=columns.level,
        step=columns.steps.cast("q")[-1],
        epoch=columns.epochs.cast("q")[-1],
        values={name: None if name in broken else value for name, value in values.items()},
        nonfinite=broken,
    )


def ends_of(columns: Columns) -> dict[str, tuple[float, float]]:
    """The smallest and the largest finite value of each metric in some columns."""
    found = {}
    for name, column in columns.named.items():
        values = [value for value in column.values.cast("d") if abs(value) < float("inf")]
        if values:
            found[name] = (min(values), max(values))
    return found


def _table(op: str, level: Every, rows: Sequence[Metrics]) -> Columns:
    measured = [row.values for row in rows]
    kinds = {tuple(values) for values in measured}
    named = {}
    for name in dict.fromkeys(name for kind in sorted(kinds, key=len, reverse=True) for name in kind):
        if all(name in kind for kind in kinds):
            named[name] = Column(_packed("d", _column(name, rows)))
        else:
            places = [place for place, values in enumerate(measured) if name in values]
            column = _column(name, [rows[place] for place in places])
            named[name] = Column(_packed("d", column), _packed("i", places))
    return Columns(
        op,
        level,
        _packed("q", [row.seq for row in rows]),
        _packed("d", [row.time for row in rows]),
        _packed("q", [row.step for row in rows]),
        _packed("q", [row.epoch for row in rows]),
        named,
    )


def _column(name: str, rows: Sequence[Metrics]) -> list[float]:
    values = [row.values[name] for row in rows]
    return [
        float(row.nonfinite.get(name, "nan")) if value is None else value
        for row, value in zip(rows, values, strict=True)
    ]


def _packed(code: Literal["i", "q", "d"], values: Sequence[float]) -> memoryview:
    return memoryview(array(code, values).tobytes())
