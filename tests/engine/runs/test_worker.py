"""Workers as real processes: they run, stop, die, wait their turn, and Dagster knows."""

import os
import signal
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from dagster import RunsFilter

from niceml_engine.events import Artifact, DagsterEvent, Log, OpEnded, Progress, RunEnded, RunStarted
from niceml_engine.runs.dagster_home import open_instance
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from tests.engine.projects import ENDLESS, GENERATION, SMALL, copy_project, enqueue_job
from tests.waiting import wait_until


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def dagster_status(root: Path, run: RunFolder) -> str:
    """What Dagster's own database says of a run."""
    database = root / ".niceml" / "dagster" / "history" / "runs.db"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "select status from runs join run_tags using (run_id) where key = 'niceml/run' and value = ?", (run.id,)
        ).fetchall()
    connection.close()
    assert len(rows) == 1
    return str(rows[0][0])


def ended(queue: Queue, run: RunFolder) -> bool:
    queue.advance()
    return run.final_state() is not None


def begun(queue: Queue, run: RunFolder) -> bool:
    """Whether an op of the run has made some progress."""
    queue.advance()
    return any(isinstance(event, Progress) for event in StreamReader(run.stream).read())


def test_a_run_goes_from_the_queue_to_its_end(project: Path) -> None:
    queue, run = Queue(project), enqueue_job(project, GENERATION, *SMALL)
    assert run.state().status == "queued"
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    state = run.state()
    assert state.status == "succeeded"
    assert state.ended > state.started > state.created
    rows = StreamReader(run.stream).read()
    assert isinstance(rows[0], RunStarted)
    assert isinstance(rows[-1], RunEnded)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.op for row in rows if isinstance(row, OpEnded)] == ["data_generation", "data_split", "data_crop"]
    assert any(isinstance(row, Artifact) for row in rows)
    assert dagster_status(project, run) == "SUCCESS"
    assert list((project / "data" / "numbers_cropped_split" / "train").glob("*.png"))


def test_a_second_run_waits_its_turn_and_can_be_taken_out(project: Path) -> None:
    queue = Queue(project)
    first, second, third = (enqueue_job(project, GENERATION, *ENDLESS) for _ in range(3))
    wait_until(lambda: begun(queue, first))
    assert [run.state().status for run in (first, second, third)] == ["running", "queued", "queued"]
    second.ask_to_stop()
    wait_until(lambda: ended(queue, second))
    assert second.state().status == "stopped"
    first.ask_to_stop()
    wait_until(lambda: ended(queue, first))
    assert first.state().status == "stopped"
    wait_until(lambda: begun(queue, third))
    third.ask_to_stop()
    wait_until(lambda: ended(queue, third))
    for run in (first, third):
        wait_for_exit(run)
        assert dagster_status(project, run) == "CANCELED"
        assert not run.is_alive()


def test_a_run_that_is_stopped_says_nothing_of_errors_but_one_that_fails_prints_what_dagster_does(
    project: Path,
) -> None:
    queue, run = Queue(project), enqueue_job(project, GENERATION, *ENDLESS)
    wait_until(lambda: begun(queue, run))
    run.ask_to_stop()
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert (run.state().status, run.output(100_000)) == ("stopped", ("", ""))
    rows = StreamReader(run.stream).read()
    assert {row.level for row in rows if isinstance(row, DagsterEvent | Log)} == {"info"}
    assert [row.kind for row in rows if isinstance(row, DagsterEvent)][-2:] == ["STEP_FAILURE", "PIPELINE_CANCELED"]

    failing = enqueue_job(project, GENERATION, *SMALL, "ops.data_generation.config.generator.fonts=/no/such/fonts")
    wait_until(lambda: ended(queue, failing))
    wait_for_exit(failing)
    printed = failing.output(100_000)[1]
    assert "STEP_FAILURE" in printed
    assert "Stack Trace:" in printed
    assert "/no/such/fonts" in printed


def test_a_killed_worker_is_shown_as_failed_in_dagster_too(project: Path) -> None:
    queue, run = Queue(project), enqueue_job(project, GENERATION, *ENDLESS)
    wait_until(lambda: begun(queue, run))
    worker = run.worker()
    assert worker is not None
    children = psutil.Process(worker.pid).children(recursive=True)
    rows_before = len(StreamReader(run.stream).read())
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: ended(queue, run), seconds=5)
    state = run.state()
    assert state.status == "failed"
    assert "SIGKILL" in state.message
    rows = StreamReader(run.stream).read()
    assert len(rows) > rows_before
    assert isinstance(rows[-1], RunEnded)
    wait_for_exit(run)
    assert dagster_status(project, run) == "FAILURE"
    with open_instance(project) as instance:
        (known,) = instance.get_runs(filters=RunsFilter(tags={"niceml/run": run.id}))
        steps = {step.step_key: str(step.status) for step in instance.get_run_step_stats(known.run_id)}
    assert set(steps.values()) == {"StepEventStatus.FAILURE"}
    psutil.wait_procs(children, timeout=10)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_a_worker_outlives_its_queue_and_is_found_by_another(project: Path) -> None:
    first = Queue(project)
    run = enqueue_job(project, GENERATION, *ENDLESS)
    wait_until(lambda: begun(first, run))
    second = Queue(project)
    assert [found.id for found in second.open_runs()] == [run.id]
    assert second.advance() == []
    assert run.is_alive()
    run.ask_to_stop()
    wait_until(lambda: ended(second, run))
    wait_for_exit(run)


def test_two_queues_launch_a_run_once(project: Path) -> None:
    queues = [Queue(project) for _ in range(5)]
    run = enqueue_job(project, GENERATION, *SMALL)
    launched = [started.id for queue in queues for started in queue.advance()]
    assert launched == [run.id]
    wait_until(lambda: ended(queues[0], run))
    wait_for_exit(run)
    assert sum(isinstance(row, RunStarted) for row in StreamReader(run.stream).read()) == 1


def test_windows_that_start_the_same_queued_run_at_the_same_moment_start_it_once(project: Path) -> None:
    queues = [Queue(project) for _ in range(8)]
    run, gate = enqueue_job(project, GENERATION, *SMALL), threading.Barrier(len(queues))

    def start(queue: Queue) -> list[RunFolder]:
        gate.wait()
        return queue.advance()

    with ThreadPoolExecutor(len(queues)) as pool:
        launched = [found.id for started in pool.map(start, queues) for found in started]
    assert launched == [run.id]
    wait_until(lambda: ended(queues[0], run))
    wait_for_exit(run)
    assert sum(isinstance(row, RunStarted) for row in StreamReader(run.stream).read()) == 1


def test_what_a_dying_worker_printed_is_kept_and_shown(project: Path) -> None:
    (project / "bad.py").write_text("import os, sys\nprint('last words', file=sys.stderr, flush=True)\nos._exit(7)\n")
    run = enqueue_job(project, GENERATION, *SMALL, "ops.data_generation.config.generator._target_=bad.Maker")
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    state = run.state()
    assert state.status == "failed"
    assert "exit status 7" in state.message
    assert "last words" in state.message
    assert "last words" in run.output(1000)[1]


def test_a_failing_op_says_which_and_why(project: Path) -> None:
    run = enqueue_job(project, GENERATION, *SMALL, "ops.data_generation.config.generator.fonts=/no/such/fonts")
    queue = Queue(project)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    state = run.state()
    assert state.status == "failed"
    assert state.op == "data_generation"
    assert "/no/such/fonts" in state.message
    assert dagster_status(project, run) == "FAILURE"


def test_sigterm_is_a_wish_to_stop(project: Path) -> None:
    queue, run = Queue(project), enqueue_job(project, GENERATION, *ENDLESS)
    wait_until(lambda: begun(queue, run))
    worker = run.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGTERM)
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "stopped"
    assert dagster_status(project, run) == "CANCELED"
