"""The log of a long run: how soon it is there, and how soon a filter is applied to it."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample

RUNS = 3
PLAIN = "QPlainTextEdit"


def measure(sample: Sample) -> Table:
    """Filters our log and a plain text widget in turn."""
    ours, plain = [], []
    for _ in range(RUNS):
        ours.append(sample.probe("probe_log", "ours"))
        plain.append(sample.probe("probe_log", "plain"))
    keys = len(ours[0]["text"])
    return Table(
        "log: 100,000 lines",
        [
            Row("from the record to the screen", _of(ours, "opened"), PLAIN, _of(plain, "opened")),
            Row("a key of the filter, the slowest", _slowest(ours, "text"), PLAIN, _slowest(plain, "text"), 100),
            Row("the same, all keys", _mean(ours, "text"), PLAIN, _mean(plain, "text")),
            Row("a choice of op and level, the slowest", _slowest(ours, "boxes"), goal=100),
            Row("memory", Measured(tuple(one["memory"] for one in ours), "MB"), PLAIN, _of(plain, "memory", "MB")),
        ],
        f"a pane of 1000×260 pixels on Qt's offscreen platform, {keys} keys; from the key to the end of the painting; "
        "the plain text widget gets the text of all lines that hold the letters; new processes in turn",
    )


def _of(found: list[dict[str, Any]], name: str, unit: str = "ms") -> Measured:
    return Measured(tuple(one[name] for one in found), unit)


def _slowest(found: list[dict[str, Any]], name: str) -> Measured:
    return Measured(tuple(max(one[name]) for one in found), "ms")


def _mean(found: list[dict[str, Any]], name: str) -> Measured:
    return Measured(tuple(sum(one[name]) / len(one[name]) for one in found), "ms")
