"""The sample training by a spare worker: from the start to the first batch and to the end, some times."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from niceml_engine.events import Metrics
from niceml_engine.runs.enqueue import enqueue
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.spare import SpareWorker
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import RunSettings
from tests.benchmarks.spans import spans
from tests.engine.projects import TRAIN, compose

LOOK_SECONDS = 0.02


def main() -> None:
    """Trains with a worker that waited, and without one, in turn."""
    _, result, root, count = sys.argv[1:]
    environment = dict(os.environ)
    found: dict[str, list[object]] = {"first": [], "end": [], "spans": [], "cold_first": [], "cold_end": []}
    for _ in range(int(count)):
        spare = SpareWorker(root, environment)
        while not spare.state.ready:
            spare.tend(True)
            time.sleep(LOOK_SECONDS)
        for prefix, worker in (("", spare), ("cold_", None)):
            first, end, where = _train(Path(root), Queue(root, worker, environment))
            found[f"{prefix}first"].append(first)
            found[f"{prefix}end"].append(end)
            if worker is not None:
                found["spans"].append(where)
        spare.close()
    Path(result).write_text(json.dumps(found), "utf-8")


def _train(root: Path, queue: Queue) -> tuple[float, float, str]:
    """Seconds from the start of a run to its first batch, and to its end, and where they went."""
    composed = compose(root, TRAIN)
    begin = time.time()
    run = enqueue(root, composed, RunSettings())
    while run.final_state() is None:
        queue.advance()
        time.sleep(LOOK_SECONDS)
    wait_for_exit(run)
    rows = StreamReader(run.stream).read()
    if run.state().status != "succeeded":
        raise SystemExit(run.state().message)
    first = next(row.time for row in rows if isinstance(row, Metrics))
    return first - begin, rows[-1].time - begin, spans(rows)


if __name__ == "__main__":
    main()
