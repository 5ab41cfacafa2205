"""The op `train` beside itself without rows of metrics, and beside a bare Keras script."""

from __future__ import annotations

import json
import math
import sys
from itertools import pairwise
from typing import Any

from niceml_engine.events import Metrics, OpEnded, Phase
from tests.benchmarks.report import Measured, Row, Table
from tests.benchmarks.sample import CLI, Sample
from tests.engine.projects import TRAIN

ROUNDS, EPOCHS = 8, 3
LONG = 6.5  #: seconds that an epoch is to take
TRIAL = 150  #: steps to find out how many that are
SLOWER = 3.0  #: percent, than the bare script
ROWS = 1.0  #: percent, than without rows
PAIRS, SHORT = 60, 1.5  #: of epochs with and without rows, in one training, and the seconds that one is to take
BARE, SILENT = "bare Keras script", "without rows of batches"
EVERY_OTHER = "+ops.train.config.callbacks.silent._target_=tests.benchmarks.silent.EveryOther"


def measure(sample: Sample) -> Table:
    """Trains with ours and with the bare script in turn, each time in a new process, and rows on and off in one."""
    sample.need_data()
    trial = _bare(sample, 2, TRIAL)["epochs"][1] / TRIAL
    steps = math.ceil(LONG / trial)
    ours, bare = [], []
    for number in range(ROUNDS):
        order = (_ours, ours), (_bare, bare)
        for train, found in order if number % 2 else reversed(order):
            found.append(train(sample, EPOCHS, steps))
    rows = sum(one["rows"] for one in ours)
    short = math.ceil(SHORT / trial)
    without, with_rows = _every_other(sample, short)
    return Table(
        f"train: small CNN, {EPOCHS} epochs of {steps} steps, validated after each",
        [
            Row(f"{short} steps", with_rows, SILENT, without, ROWS, relative=True),
            Row("an epoch, from the second on", _later(ours), BARE, _later(bare), SLOWER, relative=True),
            Row(
                "the whole op, without the imports", _of(ours, "whole"), BARE, _of(bare, "whole"), SLOWER, relative=True
            ),
            Row("its first epoch", _first(ours), BARE, _first(bare)),
        ],
        "the real worker with all callbacks of callbacks_base, a row of metrics per batch and its mirror; the script "
        "loads the same images with Pillow and has the same model, augmentation, optimizer and schedule, the rest "
        "as Keras has it; new processes in turn, the order changes with each pair; rows of batches are turned on and "
        "off from epoch to epoch of one training, which compares neighbours; medians",
        [f"Rows of metrics that ours wrote meanwhile: {rows}."],
    )


def _every_other(sample: Sample, steps: int) -> tuple[Measured, Measured]:
    """What the batches of an epoch take, without its validation: without rows, and with them."""
    epochs = 2 * PAIRS + 2
    words = TRAIN, "--trust", EVERY_OTHER
    sample.run(CLI, "run", *words, TRAINING_EPOCHS=str(epochs), STEPS_PER_EPOCH=str(steps))
    phases = [event for event in sample.last_events() if event.op == "train" and isinstance(event, Phase)]
    begins = [phase.time - phase.seconds for phase in phases if phase.name == "epoch"]
    ends = [phase.time - phase.seconds for phase in phases if phase.name == "validation"]
    found = [end - begin for begin, end in zip(begins, ends, strict=True)][2:]  # after the first, compiled, pair
    return Measured(tuple(found[0::2])), Measured(tuple(found[1::2]))


def _ours(sample: Sample, epochs: int, steps: int) -> dict[str, Any]:
    sample.run(CLI, "run", TRAIN, TRAINING_EPOCHS=str(epochs), STEPS_PER_EPOCH=str(steps))
    events = [event for event in sample.last_events() if event.op == "train"]
    phases = [event for event in events if isinstance(event, Phase)]
    (ended,) = [event for event in events if isinstance(event, OpEnded)]
    imports = sum(phase.seconds for phase in phases if phase.name == "import Keras")
    begins = [phase.time - phase.seconds for phase in phases if phase.name == "epoch"]
    return {
        "whole": ended.seconds - imports,
        "epochs": [after - before for before, after in pairwise([*begins, ended.time])],
        "rows": sum(isinstance(event, Metrics) for event in events),
    }


def _bare(sample: Sample, epochs: int, steps: int) -> dict[str, Any]:
    result = sample.folder / "times.json"
    data = sample.root / "data" / "numbers_cropped_split"
    module = "tests.benchmarks.bare_training"
    sample.run(sys.executable, "-m", module, str(data), str(epochs), str(steps), str(result))
    found: dict[str, Any] = json.loads(result.read_text("utf-8"))
    return found


def _of(found: list[dict[str, Any]], name: str) -> Measured:
    return Measured(tuple(one[name] for one in found))


def _first(found: list[dict[str, Any]]) -> Measured:
    return Measured(tuple(one["epochs"][0] for one in found))


def _later(found: list[dict[str, Any]]) -> Measured:
    return Measured(tuple(seconds for one in found for seconds in one["epochs"][1:]))
