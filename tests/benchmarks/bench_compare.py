"""Many runs beside each other: how fluently their curves and their list move, and how soon a query is answered."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.long_runs import write_run
from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import Sample
from tests.engine.past_runs import write_many

CURVES, POINTS = 100, 10_000
LISTED, SHOWN = 1000, 20
SMOOTH = 1000 / 20  #: milliseconds of a frame
PLOTS = "pyqtgraph, peak"


def measure(sample: Sample) -> Table:
    """Writes a thousand runs, a hundred of them with long curves, and compares them in the window."""
    root = sample.root
    for number in range(CURVES):
        write_run(root, f"20260101T{number:09d}-curv", 1, POINTS)
    write_many(root, LISTED - CURVES)
    sample.probe("probe_compare", str(root), str(SHOWN))  # the configs are read, once
    found = sample.probe("probe_compare", str(root), str(CURVES))
    few = sample.probe("probe_compare", str(root), str(SHOWN))
    plain = [sample.probe("probe_pyqtgraph", str(count), str(POINTS), "1") for count in (CURVES, SHOWN)]

    def ms(found: dict[str, Any], name: str) -> Measured:
        return Measured(tuple(found[name]), "ms", tuple(found[f"{name}, CPU"]))

    return Table(
        "compare: runs over each other",
        [
            Row(
                f"{CURVES} runs × {POINTS:,} points: from the ticks to the charts",
                Measured((found["opened"],)),
                goal=2.0,
            ),
            Row(
                f"{CURVES} × {POINTS:,} compared: a frame, panning",
                ms(found, "panning"),
                PLOTS,
                ms(plain[0], "panning"),
                SMOOTH,
            ),
            Row("the same, one run hidden or shown: a frame", ms(found, "hiding"), goal=SMOOTH),
            Row(
                f"{LISTED:,} runs in the list, {SHOWN} compared: a frame, panning",
                ms(few, "panning"),
                PLOTS,
                ms(plain[1], "panning"),
                SMOOTH,
            ),
            Row("the same, scrolling the list: a frame", ms(few, "scrolling"), goal=SMOOTH),
            Row("the same, one of the runs going on: a frame of the list", ms(few, "news"), goal=SMOOTH),
            Row(f"a query over {LISTED:,} runs, answered and painted", ms(few, "query"), goal=100),
            Row(f"{LISTED:,} runs as a table: from the click to the rows", ms(few, "table"), goal=500),
            Row("the same on parallel axes, a mark moved: a frame", ms(few, "brushing"), goal=SMOOTH),
        ],
        "the real window, 1600×1000, and service on Qt's offscreen platform; a frame: from the event to the end of "
        "painting, with the wait for the timer; medians; pyqtgraph draws the measured curves alone, ours their moving "
        "averages as well",
    )
