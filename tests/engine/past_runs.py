"""Runs that have ended, written the way workers write them, in no time: configs that differ, curves, results."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from contextlib import closing
from itertools import product
from pathlib import Path

import msgspec

from niceml_engine.events import OpEnded, OpStarted, RunEnded, RunStarted, metrics
from niceml_engine.runs.fold import fold
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.making import create_run
from niceml_engine.runs.stream import StreamReader, StreamWriter
from niceml_engine.values import Composed, RunSettings, RunState
from tests.engine.projects import TRAIN, compose

EPOCHS, RATE = "ops.train.config.train_params.epochs", "ops.train.config.learning_rate"
GROUP = "learning_rate, epochs ab3d"


def write_sweep(
    root: Path, *, epochs: Iterable[int] = (4, 8), rates: Iterable[float] = (1e-4, 1e-3, 1e-2)
) -> list[RunFolder]:
    """Writes a sweep over epochs and learning rate."""
    found = []
    for number, (count, rate) in enumerate(product(epochs, rates)):
        composed = compose(root, TRAIN, f"{EPOCHS}={count}", f"{RATE}={rate:g}")
        found.append(write_past_run(root, composed, count, rate, seed=number, group=GROUP))
    return found


def write_past_run(
    root: Path, composed: Composed, epochs: int, rate: float, *, seed: int = 0, group: str = "", steps: int = 24
) -> RunFolder:
    """Writes a run that has ended well: the better the more epochs, and the nearer its rate is to 0.001."""
    run = create_run(root, composed, "job_train", RunSettings(), group)
    run.claim()
    noise = random.Random(seed)
    speed = 0.7 / (1 + abs(math.log10(rate) + 3))
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=1))
        writer.op = "train"
        writer.emit(OpStarted())
        for step in range(1, epochs * steps + 1):
            epoch = (step - 1) // steps + 1
            loss = 0.08 + 0.7 * math.exp(-speed * step / steps) + noise.gauss(0, 0.03)
            writer.emit(metrics("batch", step, epoch, {"loss": loss, "learning_rate": rate}))
            if step % steps == 0:
                held = 0.1 + 0.7 * math.exp(-speed * epoch) + noise.gauss(0, 0.01)
                ends = {"loss": loss, "val_loss": held, "val_accuracy": 1 - held / 2}
                writer.emit(metrics("epoch", step, epoch, ends))
        writer.emit(OpEnded(status="succeeded", seconds=3.0))
        writer.emit(RunEnded(status="succeeded"))
    end(run, {"test.f1": 1 - held / 2})
    return run


def end(run: RunFolder, found: dict[str, float]) -> None:
    """Writes the final state that comes of a run's stream, and of what its analysis found."""
    state = fold(run.first_state(), StreamReader(run.stream).read(1 << 30))
    state = msgspec.structs.replace(state, name=f"CLB-20261127T120000000-id_{run.short_id}", folder="")
    run.write_final_state(msgspec.structs.replace(state, metrics=state.metrics | found))


def write_many(root: Path, count: int) -> list[str]:
    """Writes so many runs with results and without curves, of one job with three values that differ."""
    composed = compose(root, TRAIN)
    first = create_run(root, composed, "job_train", RunSettings())
    spec, found = first.spec(), []
    first.delete()
    noise = random.Random(0)
    for number in range(count):
        folder = RunFolder(runs_folder(root) / f"20261001T{number:09d}-{number:04d}")
        folder.path.mkdir(parents=True)
        values = {EPOCHS: noise.choice((3, 5, 10, 20)), RATE: noise.choice((1e-2, 1e-3, 1e-4)), "globals.seed": number}
        leaves, created = spec.leaves | values, 1.79e9 + 60 * number
        own = msgspec.structs.replace(spec, id=folder.id, created=created, leaves=leaves)
        (folder.path / "spec.json").write_bytes(msgspec.json.encode(own))
        folder.claim()
        results = {name: noise.random() for name in ("loss", "val_loss", "val_accuracy", "test.f1", "test.accuracy")}
        times = {"created": created, "started": created, "ended": created + 60 * noise.random()}
        state = RunState(
            folder.id,
            f"CLB-{number}",
            noise.choice(("succeeded", "succeeded", "failed")),
            spec.selection.job,
            "job_train",
            spec.digest,
            metrics=results,
            lows=results,
            **times,
        )
        folder.write_final_state(state)
        found.append(folder.id)
    return found
