"""Measured values, and tables of them beside what they are compared to."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

HEAD = ("what", "ours", "compared to", "that one's", "ratio", "goal", "met")


@dataclass(frozen=True)
class Measured:
    """What several runs took.

    Attributes:
        values: One per run, or one that is fixed.
        unit: Of the values: `s`, `ms`, `MB`, `B` or `%`.
        cpu: The CPU time of each, where that was measured too: what it would take on a machine that does nothing else.
    """

    values: tuple[float, ...]
    unit: str = "s"
    cpu: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        """The middle of the values."""
        return median(self.values)

    def __str__(self) -> str:
        text = f"{_number(self.median)} {self.unit}"
        if len(self.values) > 1:
            low, high = _number(min(self.values)), _number(max(self.values))
            text += f" ({low}–{high}, {len(self.values)}×)"
        return text + (f", CPU {_number(median(self.cpu))}" if self.cpu else "")


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        what: What was measured.
        ours: What it took us.
        name: What it is compared to.
        other: What that one took; `None` where there is nothing to compare with.
        goal: The most that is good, in the unit of `ours`, or with `relative` in percent above the other.
        relative: Whether the goal is relative to the other.
        faster: How many times faster than the other it has to be at least.
    """

    what: str
    ours: Measured
    name: str = "–"
    other: Measured | None = None
    goal: float | None = None
    relative: bool = False
    faster: float | None = None

    @property
    def ratio(self) -> float | None:
        """Our median over the other's."""
        return self.ours.median / self.other.median if self.other is not None else None

    @property
    def met(self) -> bool | None:
        """Whether the goals are met; `None` without a goal."""
        found: list[bool] = []
        if self.goal is not None and self.relative:
            found.append(self.ratio is not None and (self.ratio - 1.0) * 100.0 <= self.goal)
        elif self.goal is not None:
            found.append(self.ours.median <= self.goal)
        if self.faster is not None:
            found.append(self.ratio is not None and self.ratio * self.faster <= 1.0)
        return all(found) if found else None

    @property
    def goals(self) -> str:
        """The goals in words."""
        found = []
        if self.goal is not None:
            found.append(f"≤ {self.goal:.3g} {'% slower' if self.relative else self.ours.unit}")
        if self.faster is not None:
            found.append(f"≥ {self.faster:g}× faster")
        return ", ".join(found) or "–"

    def cells(self) -> tuple[str, ...]:
        """The texts of the columns in `HEAD`."""
        return (
            self.what,
            str(self.ours),
            self.name,
            "–" if self.other is None else str(self.other),
            "–" if self.ratio is None else f"{self.ratio:.3f}" if self.relative else f"{self.ratio:.2g}",
            self.goals,
            "–" if self.met is None else "yes" if self.met else "no",
        )


@dataclass(frozen=True)
class Table:
    """The outcome of one benchmark.

    Attributes:
        title: What it is about.
        rows: Its lines.
        how: How it was measured.
        notes: What else there is to know, such as where the time goes.
    """

    title: str
    rows: Sequence[Row]
    how: str
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [HEAD, *(row.cells() for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
        shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        shown.insert(1, "  ".join("─" * width for width in widths))
        return "\n".join([self.title, *(line.rstrip() for line in shown), f"How: {self.how}", *self.notes])


def machine() -> str:
    """One line about this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{platform.system()} {platform.machine()}, {_processor()}, {cores} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}; load before start {load}"
    )


def others_busy() -> str:
    """How much of the machine other programs take just now."""
    return f"{psutil.cpu_percent(1.0):.0f} % of the machine was taken by others just before"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown processor"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
