"""Runs as rows, names of the query language as columns, and what stands in the cells. No widget."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import time as now

import msgspec

from niceml_engine.leaves import Leaves
from niceml_engine.protocol.earlier import value_words
from niceml_engine.query.names import SPACES, Name
from niceml_engine.query.subjects import RunSubject
from niceml_engine.short import short_keys
from niceml_engine.values import RunState
from niceml_gui import metrics, words

FIXED = ("name", "status", "created", "duration")
MORE = ("age", "started", "ended", "job", "sweep", "tag", "op", "message", "id", "digest")
TIMES = frozenset({"created", "duration", "age", "started", "ended"})
FEW = 10  #: columns of values that differ, and of metrics, that are there by themselves
DIGITS = 5  #: of a number: runs are compared by the last of them

_NUMBER = re.compile(r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)")

Value = str | float | None


class Choice(msgspec.Struct, frozen=True):
    """Which columns a person wants besides those that are there by themselves, and which of these not."""

    added: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()

    def turned(self, column: str, on: bool, usual: Sequence[str]) -> Choice:
        """The choice with a column in it, or not."""
        added = tuple(one for one in self.added if one != column)
        removed = self.removed - {column}
        if on and column not in usual:
            added = (*added, column)
        elif not on and column in usual:
            removed = removed | {column}
        return Choice(added, removed)

    def of(self, usual: Sequence[str]) -> list[str]:
        """The columns: those of the config before the metrics, and times after these."""
        wanted = [*usual, *(one for one in self.added if one not in usual)]
        return sorted((one for one in wanted if one not in self.removed), key=lambda one: _place(name_of(one)))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        columns: Their names.
        runs: The rows.
        values: By row, then by column.
    """

    columns: tuple[str, ...] = ()
    runs: tuple[RunState, ...] = ()
    values: tuple[tuple[Value, ...], ...] = ()

    def column(self, name: str) -> list[Value]:
        """All values of a column; none of one that is not there."""
        place = self.columns.index(name) if name in self.columns else -1
        return [row[place] for row in self.values] if place >= 0 else []

    def title(self, column: str) -> str:
        """What stands at the head of a column, or would stand there."""
        return titles(self.columns)[column] if column in self.columns else titles((column,))[column]

    def best(self, place: int) -> float | None:
        """The best value of a column of metrics, where there is a good and a bad, and not all are equal."""
        name = name_of(self.columns[place])
        if name.space not in ("metric", "min", "max") or not metrics.is_quality(name.key):
            return None
        found = [value for row in self.values if isinstance(value := row[place], float) and math.isfinite(value)]
        small = metrics.is_small_good(name.key)
        return (min(found) if small else max(found)) if len(set(found)) > 1 else None

    def ordered(self, place: int, *, descending: bool) -> Grid:
        """The same, ordered by a column; what has no value there comes last."""
        rows = sorted(zip(self.runs, self.values, strict=True), key=lambda row: order_of(row[1][place]))
        there = [row for row in rows if row[1][place] is not None and not _is_nan(row[1][place])]
        rest = [row for row in rows if row[1][place] is None or _is_nan(row[1][place])]
        rows = [*(reversed(there) if descending else there), *rest]
        return Grid(self.columns, tuple(run for run, _ in rows), tuple(values for _, values in rows))

    def text(self, separator: str = ",") -> str:
        """All of it as text, with the exact values."""
        file = io.StringIO()
        writer = csv.writer(file, delimiter=separator, lineterminator="\n")
        writer.writerow(["run", *self.columns])
        for run, row in zip(self.runs, self.values, strict=True):
            cells = (_exact(name, value) for name, value in zip(self.columns, row, strict=True))
            writer.writerow([run.id, *cells])
        return file.getvalue()


def name_of(column: str) -> Name:
    """A column as a name of the query language."""
    space, dot, key = column.partition(".")
    return Name(space, key) if dot and space in SPACES else Name("", column)


@lru_cache(maxsize=32)
def titles(columns: tuple[str, ...]) -> dict[str, str]:
    """What stands at the heads of columns, by column: keys of configs are as short as tells them apart."""
    names = {column: name_of(column) for column in columns}
    short = short_keys(name.key for name in names.values() if name.space == "config")
    found = {}
    for column, name in names.items():
        if name.space == "config":
            found[column] = short[name.key]
        elif name.space in ("min", "max"):
            found[column] = f"{name.space} {name.key}"
        else:
            found[column] = f"last {name.key}" if name.key in short.values() else name.key
    return found


def usual_columns(states: Iterable[RunState], differing: Sequence[str]) -> list[str]:
    """The columns that are there by themselves: what differs, and what was measured.

    Args:
        states: The runs.
        differing: The keys of configs that are not the same in all.
    """
    measured = {name for state in states for name in state.metrics}
    ranked = sorted(measured, key=metrics.rank)[:FEW]
    lows = [f"min.{name}" for name in ("val_loss",) if name in measured]
    return [*FIXED, *(f"config.{key}" for key in differing[:FEW]), *lows, *(f"metric.{name}" for name in ranked)]


def all_columns(states: Iterable[RunState], leaves: Leaves) -> list[str]:
    """Every column that there may be."""
    every = list(states)
    measured = sorted({name for state in every for name in state.metrics}, key=metrics.rank)
    ends = sorted({name for state in every for name in state.lows})
    used = {place for state in every for place, number in enumerate(leaves.rows.get(state.id, ())) if number}
    keys = [key for place, key in enumerate(leaves.keys) if place in used]
    return [
        *FIXED,
        *MORE,
        *(f"metric.{name}" for name in measured),
        *(f"{space}.{name}" for name in ends for space in ("min", "max")),
        *(f"config.{key}" for key in keys),
    ]


def grid_of(columns: Sequence[str], states: Sequence[RunState], leaves: Leaves, now: float) -> Grid:
    """A table of runs."""
    names = [name_of(column) for column in columns]
    rows = []
    for state in states:
        subject = RunSubject(state, leaves, now)
        rows.append(tuple(_cell(subject, name) for name in names))
    return Grid(tuple(columns), tuple(states), tuple(rows))


def shown(column: str, value: Value) -> str:
    """A cell as a person reads it."""
    name = name_of(column)
    if value is None:
        return words.NONE
    if name.kind == "time" and isinstance(value, float):
        return words.day_or_clock(value, now())
    if name.kind == "span" and isinstance(value, float):
        return words.duration(value)
    if isinstance(value, float):
        if name.space == "config" and math.isfinite(value):
            return f"{value:g}"
        return words.number(value, DIGITS)
    return value


def order_of(value: Value) -> tuple[int, float, tuple[str | float, ...]]:
    """What cells are ordered by: numbers by their size, then texts, those that hold numbers by the size of these."""
    if isinstance(value, float):
        return (0, math.inf if math.isnan(value) else value, ())
    parts = _NUMBER.split(str(value or "").casefold())  # text and number by turns
    return (1, 0.0, tuple(float(part) if place % 2 else part for place, part in enumerate(parts)))


def _cell(subject: RunSubject, name: Name) -> Value:
    if name.key == "name" and not name.space:
        return words.told(subject.state)
    found = subject.values(name)
    if len(found) > 1:
        return ", ".join(map(value_words, found))
    value = found[0] if found else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value_words(value) if value not in (None, "") else None


def _exact(column: str, value: Value) -> str:
    if value is None:
        return ""
    if name_of(column).kind == "time" and isinstance(value, float):
        return datetime.fromtimestamp(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value


def _place(name: Name) -> int:
    """What tells runs apart comes before what they measured, and when they did so, which says least, comes last."""
    order = ("", "config", "min", "max", "metric")
    return len(order) if not name.space and name.key in TIMES else order.index(name.space)


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)
