"""From the end of a batch in the worker to the screen."""

from __future__ import annotations

from statistics import median, quantiles

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample

RUNS = 3
EPOCHS = 4


def measure(sample: Sample) -> Table:
    """Opens the window, starts the sample training as a person would, and watches it to its end."""
    sample.need_data()
    found = [
        sample.probe("probe_live", str(sample.root), "--job", str(sample.job), "--run", TRAINING_EPOCHS=str(EPOCHS))
        for _ in range(RUNS)
    ]

    def of(name: str, part: str) -> Measured:
        return Measured(tuple(_part(one[name], part) for one in found), "ms")

    every = [[delay for delays in one["delays"].values() for delay in delays] for one in found]
    median_, late = (Measured(tuple(_part(one, part) for one in every), "ms") for part in ("median", "95 %"))
    loss = Measured(tuple(_part(one["delays"]["loss"], "median") for one in found), "ms")
    steps = sum(one["steps"] for one in found)
    rate = steps / sum(one["seconds"] for one in found)
    return Table(
        f"live: {steps} batches of {RUNS} trainings, {rate:.0f} a second",
        [
            Row(
                "batch's end to screen, all charts, median",
                median_,
                "its arrival in the window",
                of("came", "median"),
                300,
            ),
            Row("batch's end to screen, all charts, 95th percentile", late, "the same", of("came", "95 %")),
            Row("batch's end to screen, chart of the loss, median", loss, "the same", of("came", "median"), 300),
            Row("the window's part of one core meanwhile", Measured(tuple(one["share"] for one in found), "%")),
            Row("memory, at the end", Measured(tuple(one["memory"] for one in found), "MB"), goal=250),
        ],
        "the real window offscreen, real service, real worker on the same cores; from the time in the metric's row to "
        "the end of the first painting of a chart that was given it; min–max are those of the trainings",
        [f"Charts: {', '.join(found[0]['delays'])}."],
    )


def _part(values: list[float], part: str) -> float:
    return median(values) if part == "median" else quantiles(values, n=20)[-1]
