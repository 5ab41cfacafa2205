"""The sample training, with everything from the start of the command to its end."""

from __future__ import annotations

import json
import sys

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
    variables = sample.environment(TRAINING_EPOCHS="3")
    warm = sample.probe("probe_warm", str(sample.root), str(RUNS), json.dumps(variables))
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
                "the whole job, worker ready",
                Measured(tuple(warm["end"])),
                "without a worker that is ready",
                Measured(tuple(warm["cold_end"])),
                3.0,
            ),
        ],
        "wall time of the whole command in a new process each time, in turn with the bare imports; medians",
        [
            f"Time goes: {found[ours.index(sorted(ours)[RUNS // 2])]}",
            f"With a worker that is ready: {warm['spans'][warm['end'].index(sorted(warm['end'])[RUNS // 2])]}",
        ],
    )
