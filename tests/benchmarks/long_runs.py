"""Runs that measured a lot, written the way a worker writes them."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import msgspec
import numpy as np

from niceml_engine.events import OpEnded, OpStarted, RunEnded, RunStarted, metrics
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.values import RunSpec, RunState, Selection

PORTION = 10_000


def names(series: int) -> list[str]:
    """What so many series are called."""
    return ["loss", *(f"metric_{number:02d}" for number in range(1, series))]


def values(series: int, points: int, seed: int = 0) -> np.ndarray:
    """Noise around a slope for each series: `points` rows, `series` columns."""
    noise = np.random.default_rng(seed).normal(size=(points, series))
    return noise * 0.1 + np.linspace(1.0, 0.1, points)[:, None] * np.arange(1, series + 1)


def write_run(root: Path, run: str, series: int, points: int) -> float:
    """Writes a run that has ended well.

    Args:
        root: The project.
        run: The run's id.
        series: How many values each batch measured.
        points: How many batches.

    Returns:
        Seconds that a row took.
    """
    folder = RunFolder(runs_folder(root) / run)
    folder.path.mkdir(parents=True)
    spec = RunSpec(run, str(root), Selection("job.yaml"), "job_train", "", "", 1.0)
    (folder.path / "spec.json").write_bytes(msgspec.json.encode(spec))
    folder.claim()
    writer = StreamWriter(folder.stream)
    writer.emit(RunStarted(pid=1))
    writer.op = "train"
    writer.emit(OpStarted())
    seconds = 0.0
    for start in range(0, points, PORTION):
        rows = values(series, min(PORTION, points - start), start).tolist()
        begin = perf_counter()
        for number, row in enumerate(rows, start + 1):
            writer.emit(metrics("batch", number, number // 1000 + 1, dict(zip(names(series), row, strict=True))))
        seconds += perf_counter() - begin
    writer.emit(OpEnded(status="succeeded", seconds=1.0))
    writer.emit(RunEnded(status="succeeded"))
    writer.close()
    folder.write_final_state(
        RunState(run, run, "succeeded", "job.yaml", "job_train", created=1.0, started=1.0, ended=2.0)
    )
    return seconds / points
