"""A spare worker takes a run that fits, having done beforehand what every run needs."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from niceml_engine.runs import worker
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import end_processes, wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.rehearsal import rehearse
from niceml_engine.runs.spare import SpareWorker, is_kept
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
        taken = run.worker()
        assert taken is not None
        assert taken.pid == pid
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


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, RunFolder, list[str]]:
    """A project with a run that waits, and the ids of the runs that are launched, none for real."""
    launched: list[str] = []
    monkeypatch.setattr("niceml_engine.runs.queue.launch", lambda started, variables: launched.append(started.id))
    project = write_curve(tmp_path / "curve")
    return str(project), enqueue_job(project, CURVE), launched


def test_whoever_keeps_a_spare_worker_starts_the_next_run_first(
    waiting: tuple[str, RunFolder, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, run, launched = waiting
    monkeypatch.setattr(worker, "FIRST_SECONDS", 60.0)
    assert not is_kept(project)
    with FileLock(Path(project, ".niceml", "spare.lock")):
        assert is_kept(project)
        ended = threading.Thread(target=worker.go_on, args=(project, os.environ))
        ended.start()
        ended.join(timeout=0.5)
        assert (ended.is_alive(), launched) == (True, [])
        assert run.claim()
        ended.join(timeout=10)
        assert (ended.is_alive(), launched) == (False, [])


def test_a_spare_worker_that_takes_nothing_delays_the_queue_no_longer_than_a_moment(
    waiting: tuple[str, RunFolder, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, run, launched = waiting
    monkeypatch.setattr(worker, "FIRST_SECONDS", 0.2)
    with FileLock(Path(project, ".niceml", "spare.lock")):
        worker.go_on(project, os.environ)
    assert launched == [run.id]


def test_a_program_does_not_wait_for_what_it_does_not_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niceml_engine.runs.spare.SETTLE_SECONDS", 0.0)
    project = write_curve(tmp_path / "curve")
    spare, run = SpareWorker(project, os.environ), enqueue_job(project, CURVE)
    program = msgspec.structs.replace(run.spec(), script="train.py")
    try:
        spare.tend(True)
        assert (spare.state.pid > 0, spare.state.ready) == (True, False)
        with monkeypatch.context() as patch:
            patch.setattr(RunFolder, "spec", lambda _: program)
            assert not spare.take(run)
        assert spare.take(run)
        end_processes(run)  # which is still importing
        wait_for_exit(run)
    finally:
        spare.close()
