"""Charts of long runs: how soon they are there, what they take, and how fluently they move."""

from __future__ import annotations

from statistics import median
from typing import Any

from niceml_engine.runs.folder import RunFolder, runs_folder
from tests.benchmarks.long_runs import write_run
from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample

LONG, MIDDLE, MANY = "20260101T000000000-long", "20260101T000000000-midl", "20260101T000000000-many"
NEWEST = "20260102T000000000-tiny"  #: what the window shows by itself, so that none of the others is there already
OPENED = 3  #: times
FLUENT, SMOOTH = 1000 / 30, 1000 / 20  #: milliseconds of a frame
PLOTS = "pyqtgraph, peak"
ACCUMULATOR = "EventAccumulator"


def measure(sample: Sample) -> Table:
    """Writes long runs the way a worker does, opens them in the window and moves their charts."""
    root = sample.root
    row_us = write_run(root, LONG, 20, 1_000_000) * 1e6
    write_run(root, MIDDLE, 20, 100_000)
    write_run(root, MANY, 100, 10_000)
    write_run(root, NEWEST, 1, 10)

    def opened(run: str, how: str = "apart") -> dict[str, Any]:
        return sample.probe("probe_plots", str(root), run, how)

    found = [opened(LONG) for _ in range(OPENED)]
    middle = [opened(MIDDLE) for _ in range(OPENED)]
    long, together, many = found[0], opened(LONG, "together"), opened(MANY, "together")
    board = sample.probe(
        "probe_tensorboard", str(RunFolder(runs_folder(root) / MIDDLE).stream), str(sample.folder / "board")
    )
    plain = [
        sample.probe("probe_pyqtgraph", *(str(number) for number in numbers))
        for numbers in ((long["charts"], 1_000_000, long["charts"]), (20, 1_000_000, 1), (100, 10_000, 1))
    ]
    watched, once = (sample.probe("probe_replay", how) for how in ("watched", "once"))

    def ms(values: list[float]) -> Measured:
        return Measured(tuple(values), "ms")

    board_read = Measured((board["read"],))
    apart, in_one, hundred = (ms(one["panning"]) for one in plain)
    return Table(
        "plots: runs with many points",
        [
            Row("20 series × 1,000,000 points: from the click to the charts", _of(found, "opened"), goal=2.0),
            Row(
                f"20 series × 100,000 points: the same (goal: a tenth of {ACCUMULATOR})",
                _of(middle, "opened"),
                ACCUMULATOR,
                board_read,
                round(board["read"] / 10, 2),
            ),
            Row(
                f"20 × 1,000,000 in {long['charts']} charts in view: a frame, panning",
                ms(long["all of it, panning"]),
                PLOTS,
                apart,
                FLUENT,
            ),
            Row("the same, zooming with the wheel", ms(long["zooming in"]), PLOTS, apart, FLUENT),
            Row("the same, crosshair in all charts", ms(long["crosshair"]), goal=FLUENT),
            Row(
                "20 × 1,000,000 in one chart: a frame, panning",
                ms(together["all of it, panning"]),
                PLOTS,
                in_one,
                FLUENT,
            ),
            Row("100 × 10,000 in one chart: a frame, panning", ms(many["all of it, panning"]), PLOTS, hundred, SMOOTH),
            Row(
                "memory of 20 × 1,000,000 points, bytes a point",
                Measured(tuple(one["bytes"] for one in found), "B"),
                goal=40,
            ),
            Row(
                f"memory after watching eight hours, {watched['points']:,} points",
                Measured((watched["memory"],), "MB"),
                "read once",
                Measured((once["memory"],), "MB"),
                5,
                relative=True,
            ),
            Row("the training's share: writing a row of 20 metrics", Measured((row_us / 1000,), "ms")),
        ],
        "the real window, 1600×1000, and service on Qt's offscreen platform; from the selection of a run until every "
        "chart in view has been painted after the last row, the file being in the cache of the system; a frame: from "
        "the event of wheel or pointer to the end of painting, with the wait for the timer; medians; pyqtgraph draws "
        "the measured curves alone, ours their moving averages as well",
        [
            f"{ACCUMULATOR} keeps all points (`size_guidance` 0) of {board['points']:,} and draws none.",
            "CPU time of a frame, panning: "
            f"{_cpu(long, 'all of it, panning')} in {long['charts']} charts ({PLOTS}: {_cpu(plain[0], 'panning')}), "
            f"{_cpu(together, 'all of it, panning')} in one ({_cpu(plain[1], 'panning')}), "
            f"{_cpu(many, 'all of it, panning')} with 100 curves ({_cpu(plain[2], 'panning')}).",
        ],
    )


def _of(found: list[dict[str, Any]], name: str) -> Measured:
    return Measured(tuple(one[name] for one in found))


def _cpu(found: dict[str, Any], name: str) -> str:
    return f"{median(found[f'{name}, CPU']):.0f} ms"
