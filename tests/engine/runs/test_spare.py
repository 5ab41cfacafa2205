"""A spare worker takes a run that fits, having done beforehand what every run needs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from niceml_engine.runs.queue import Queue
from niceml_engine.runs.rehearsal import rehearse
from niceml_engine.runs.spare import SpareWorker
from tests.engine.projects import CURVE, enqueue_job, write_curve
from tests.engine.runs.test_worker import dagster_status, ended
from tests.waiting import wait_until

SHORT = ("ops.data_generation.config.generator.steps=3", "ops.data_generation.config.generator.pause=0.001")


def test_a_run_is_taken_by_the_spare_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niceml_engine.runs.spare.SETTLE_SECONDS", 0.0)
    monkeypatch.setattr("niceml_engine.runs.spare.MEMORY_SECONDS", 0.0)
    project = write_curve(tmp_path / "curve")
    spare = SpareWorker(project, os.environ)

    def ready() -> bool:
        spare.tend(True)
        return spare.state.ready

    try:
        wait_until(ready)
        pid, run, queue = spare.state.pid, enqueue_job(project, CURVE, *SHORT), Queue(project, spare)
        wait_until(lambda: ended(queue, run))
        worker = run.worker()
        assert worker is not None
        assert worker.pid == pid
        assert run.state().status == "succeeded", run.state().message
        assert dagster_status(project, run) == "SUCCESS"
    finally:
        spare.close()


def test_what_is_rehearsed_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "mine")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert rehearse() == "succeeded"
    assert os.environ["DAGSTER_HOME"] == "mine"
    # TensorFlow keeps the code that it has written until the process ends.
    assert [one for one in tmp_path.iterdir() if not one.name.startswith(("__autograph_", "__pycache__"))] == []
