"""Generating the sample data."""

from __future__ import annotations

import shutil
import sys

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import SCENES, Sample
from tests.benchmarks.spans import spans

RUNS = 3
THEIRS = 89.0  #: seconds of the followed system on such a machine


def measure(sample: Sample) -> Table:
    """Generates into a new folder each time; the first one stays as the sample data."""
    ours, bare, found = [], [], []
    for number in range(RUNS):
        folder = f"./data{number or ''}"
        ours.append(sample.generate(folder))
        found.append(spans(sample.last_events()))
        bare.append(sample.run(sys.executable, "-c", "import dagster"))
        if number:
            shutil.rmtree(sample.root / folder)
    seconds = Measured(tuple(ours))
    return Table(
        f"data: job_data_generation, {SCENES} scenes of 1024×1024, split and cropped",
        [
            Row(
                "niceml-engine run job_data_generation",
                seconds,
                "the followed system (fixed)",
                Measured((THEIRS,)),
                10.0,
            ),
            Row("the same", seconds, "python -c 'import dagster'", Measured(tuple(bare))),
        ],
        "wall time of the whole command in a new process each time, in turn with the bare import; medians",
        [f"Time goes: {found[ours.index(sorted(ours)[RUNS // 2])]}"],
    )
