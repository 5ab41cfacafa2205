"""From the end of a batch in the worker to the screen."""

from __future__ import annotations

from statistics import median, quantiles
from typing import Any

from niceml_engine.runs.folder import runs_folder
from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample

RUNS = 3
EPOCHS = 4
RATE, SECONDS = 1000, 10  #: rows a second of what is faster than any training, and for how long
FAST = "20990101T000000000-fast"  #: after all others


def measure(sample: Sample) -> Table:
    """Watches sample trainings, and a worker that writes a thousand rows a second."""
    sample.need_data()
    found = [
        sample.probe("probe_live", str(sample.root), "--job", str(sample.job), "--run", TRAINING_EPOCHS=str(EPOCHS))
        for _ in range(RUNS)
    ]
    fast = [_fast(sample, number) for number in range(RUNS)]
    steps, quick = (sum(one["steps"] for one in among) for among in (found, fast))
    rate, rate_fast = (count / sum(one["seconds"] for one in among) for count, among in ((steps, found), (quick, fast)))
    came, came_fast = ([one["came"] for one in among] for among in (found, fast))
    arrival, loss = "its arrival in the window", [one["delays"]["loss"] for one in found]
    return Table(
        f"live: {steps} batches of {RUNS} trainings, {rate:.0f} a second; {quick} rows, {rate_fast:.0f} a second",
        [
            Row("batch's end to screen, all charts, median", _half(_all(found)), arrival, _half(came), 300),
            Row("batch's end to screen, all charts, 95th percentile", _late(_all(found)), "the same", _late(came)),
            Row("batch's end to screen, chart of the loss, median", _half(loss), arrival, _half(came), 300),
            Row("the window's part of one core meanwhile", _of(found, "share", "%")),
            Row(
                f"{RATE} rows a second: end to screen, all charts, median", _half(_all(fast)), arrival, _half(came_fast)
            ),
            Row("the same, 95th percentile", _late(_all(fast)), "the same", _late(came_fast), 200),
            Row("the window's part of one core meanwhile", _of(fast, "share", "%"), goal=50),
            Row("memory, at the end", _of(found, "memory", "MB"), goal=250),
        ],
        "the real window offscreen and real service on the same cores, with real trainings, and with a process that "
        "writes a stream as a worker does; from the time in the row to the end of the first painting of a chart that "
        "was given it; min–max are those of the runs",
        [f"Charts: {', '.join(found[0]['delays'])}."],
    )


def _fast(sample: Sample, number: int) -> dict[str, Any]:
    """Watches a process that writes rows faster than any training."""
    folder = runs_folder(sample.root) / f"{FAST}{number}"
    return sample.probe("probe_live", str(sample.root), "fast", str(folder), str(RATE), str(SECONDS))


def _all(found: list[dict[str, Any]]) -> list[list[float]]:
    return [[delay for delays in one["delays"].values() for delay in delays] for one in found]


def _of(found: list[dict[str, Any]], name: str, unit: str) -> Measured:
    return Measured(tuple(one[name] for one in found), unit)


def _half(values: list[list[float]]) -> Measured:
    return Measured(tuple(median(one) for one in values), "ms")


def _late(values: list[list[float]]) -> Measured:
    return Measured(tuple(quantiles(one, n=20)[-1] for one in values), "ms")
