"""Stands in for a worker that measures much faster than any training: `fast_worker FOLDER RATE SECONDS`."""

from __future__ import annotations

import os
import sys
import time

import msgspec

from niceml_engine.events import OpEnded, OpStarted, Progress, RunEnded, RunStarted, metrics
from niceml_engine.runs.fold import fold
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.stream import StreamReader, StreamWriter
from niceml_engine.values import RunSpec, Selection


def main() -> None:
    """Makes a run, and writes so many rows a second into its stream."""
    run, rate, seconds = RunFolder(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    run.path.mkdir(parents=True)
    run.claim()
    run.set_worker(os.getpid())
    spec = RunSpec(run.id, str(run.path.parents[2]), Selection("job.yaml"), "job_train", "", "", time.time())
    (run.path / "spec.json").write_bytes(msgspec.json.encode(spec))
    writer = StreamWriter(run.stream)
    writer.emit(RunStarted(pid=os.getpid()))
    writer.op = "train"
    writer.emit(OpStarted())
    begin, total = time.perf_counter(), int(rate * seconds)
    for step in range(1, total + 1):
        wait = begin + step / rate - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        values = {"loss": 1 / step, "accuracy": 1 - 1 / step, "learning_rate": 1e-3, "step_ms": 1000 / rate}
        writer.emit(metrics("batch", step, step // 1000 + 1, values))
        if step % rate == 0:
            writer.emit(Progress(done=step, total=total, epoch=step // 1000 + 1, epochs=total // 1000 + 1))
    writer.emit(OpEnded(status="succeeded", seconds=seconds))
    writer.emit(RunEnded(status="succeeded"))
    writer.close()
    run.write_final_state(fold(run.first_state(), StreamReader(run.stream).read()))


if __name__ == "__main__":
    main()
