"""What a spare worker does until it is given a run."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from importlib import import_module

from niceml_engine.runs.launch import READY

#: What a spare worker imports: libraries, and our own code that uses them; nothing of a project.
ALWAYS = (
    "dagster",
    "tensorflow",
    "keras",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "PIL.PngImagePlugin",
    "sklearn.calibration",
    "sklearn.metrics",
    "niceml_engine.jobs.definitions",
    "niceml_engine.jobs.execute",
    "niceml_engine.learning.analysis",
    "niceml_engine.learning.callbacks",
    "niceml_engine.learning.experiment",
    "niceml_engine.learning.exptests",
    "niceml_engine.learning.initializer",
    "niceml_engine.learning.learner",
    "niceml_engine.learning.models",
    "niceml_engine.learning.prediction",
    "niceml_engine.learning.preparing",
    "niceml_engine.learning.reporter",
    "niceml_engine.learning.train",
    "niceml_engine.runs.busy_database",
    "niceml_engine.runs.dagster_home",
)


def wait_for_a_run() -> str:
    """Prepares what every run needs, and waits until the service names one; none if the service is gone."""
    told: Future[str] = Future()
    threading.Thread(target=lambda: told.set_result(sys.stdin.readline().strip()), name="task", daemon=True).start()
    for module in ALWAYS:
        import_module(module)
    if not told.done():  # a run that waits already needs no rehearsal
        with suppress(Exception):  # the run itself will tell what is wrong
            import_module("niceml_engine.runs.rehearsal").rehearse()
    print(READY, flush=True)
    task = told.result()
    if task:
        _redirect(os.devnull, os.O_RDONLY, 0)
        for number, name in ((1, "stdout.log"), (2, "stderr.log")):
            _redirect(os.path.join(task, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, number)
    return task


def _redirect(path: str, flags: int, number: int) -> None:
    file = os.open(path, flags, 0o644)
    os.dup2(file, number)
    os.close(file)
