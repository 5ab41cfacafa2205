"""The sample training, with everything from the start of the command to its end."""

from __future__ import annotations

import sys
from typing import Any

from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import SCENES, Sample
from tests.benchmarks.spans import spans

RUNS = 3
THEIRS = 177.0  #: seconds of the followed system on such a machine


def measure(sample: Sample) -> Table:
    """Runs the command line and the bare imports in turn."""
    sample.need_data()
    ours, bare, found = [], [], []
    for _ in range(RUNS):
        bare.append(sample.run(sys.executable, "-c", "import tensorflow, dagster"))
        ours.append(sample.train())
        found.append(spans(sample.last_events()))
    seconds = Measured(tuple(ours))
    warm = _warm(sample)
    once = _warm(sample, STEPS_PER_EPOCH="null")
    return Table(
        f"job: job_train_cls_binary, {SCENES} scenes, 3 epochs of 80 steps, small CNN",
        [
            Row(
                "niceml-engine run job_train_cls_binary",
                seconds,
                "the followed system (fixed)",
                Measured((THEIRS,)),
                15.0,
            ),
            Row("the same", seconds, "python -c 'import tensorflow, dagster'", Measured(tuple(bare))),
            Row(
                "from the start to the first batch, worker ready",
                Measured(tuple(warm["first"])),
                "without a worker that is ready",
                Measured(tuple(warm["cold_first"])),
                1.5,
            ),
            Row(
                "the whole job, worker ready, 240 steps",
                Measured(tuple(warm["end"])),
                "without a worker that is ready",
                Measured(tuple(warm["cold_end"])),
                3.0,
            ),
            Row(
                "the whole job, worker ready, each image once an epoch",
                Measured(tuple(once["end"])),
                "without a worker that is ready",
                Measured(tuple(once["cold_end"])),
                3.0,
            ),
        ],
        "wall time of the whole command in a new process each time, in turn with the bare imports; medians",
        [
            f"Time goes: {found[ours.index(sorted(ours)[RUNS // 2])]}",
            f"With a worker that is ready: {warm['spans'][warm['end'].index(sorted(warm['end'])[RUNS // 2])]}",
            f"Each image once an epoch: {once['spans'][once['end'].index(sorted(once['end'])[RUNS // 2])]}",
        ],
    )


def _warm(sample: Sample, **variables: str) -> dict[str, list[Any]]:
    return sample.probe("probe_warm", str(sample.root), str(RUNS), TRAINING_EPOCHS="3", **variables)
