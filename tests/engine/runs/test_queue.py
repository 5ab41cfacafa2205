"""The queue: how many at a time, in which order, and what happens to those that do not stop."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import psutil
import pytest

from niceml_engine.errors import RunError
from niceml_engine.events import Log, OpStarted
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue, move, read_settings, write_settings
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import QueueSettings
from tests.engine.projects import ENDLESS, GENERATION, SMALL, copy_project, enqueue_job, run_of
from tests.engine.runs.test_worker import begun, dagster_status, ended
from tests.waiting import wait_until

STUBBORN = """\
import os, signal, subprocess, sys, time

class Maker:
    def __init__(self, **arguments):
        for wish in (signal.SIGINT, signal.SIGTERM):  # which whatever it starts ignores, too
            signal.signal(wish, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        open("child", "w").write(str(child.pid))
        while True:
            time.sleep(0.05)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def stop_all(queue: Queue, *runs: RunFolder) -> None:
    for run in runs:
        run.ask_to_stop()
    wait_until(lambda: all(ended(queue, run) for run in runs))
    for run in runs:
        wait_for_exit(run)


def test_so_many_run_at_a_time_as_the_setting_says_and_none_while_it_is_paused(project: Path) -> None:
    write_settings(project, QueueSettings(limit=2, paused=True))
    queue, runs = Queue(project), [enqueue_job(project, GENERATION, *ENDLESS) for _ in range(3)]
    assert queue.advance() == []
    write_settings(project, QueueSettings(limit=2))
    assert [run.id for run in queue.advance()] == [runs[0].id, runs[1].id]
    assert [run.claimed for run in runs] == [True, True, False]
    stop_all(queue, *reversed(runs))


def test_what_waits_can_be_moved_and_starts_in_that_order(project: Path) -> None:
    write_settings(project, QueueSettings(paused=True))
    queue, runs = Queue(project), [enqueue_job(project, GENERATION, *SMALL) for _ in range(4)]
    first, second, third, fourth = (run.id for run in runs)

    def order() -> list[str]:
        return [run.id for run in queue.open_runs()]

    assert order() == [first, second, third, fourth]
    move(project, [third, fourth], before=first)
    assert order() == [third, fourth, first, second]
    move(project, [third])
    assert order() == [fourth, first, second, third]
    for _ in range(60):  # a place between two others never gets too narrow
        move(project, [order()[-1]], before=order()[1])
    assert set(order()) == {first, second, third, fourth}
    move(project, [second, first, fourth, third], before="no such run")
    assert order() == [second, first, fourth, third]
    later = enqueue_job(project, GENERATION, *SMALL)
    assert order()[-1] == later.id
    assert runs[1].state().rank == runs[1].rank()
    for run in runs[1:]:
        run.ask_to_stop()
    write_settings(project, QueueSettings())
    wait_until(lambda: all(ended(queue, run) for run in (*runs, later)))
    assert runs[1].state().status == "stopped"
    wait_for_exit(runs[0])
    wait_for_exit(later)


def test_after_a_reboot_what_ran_has_failed_what_waited_starts_and_who_has_the_number_of_the_worker_is_left_alone(
    project: Path,
) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    lost = run_of(project, GENERATION, stranger.pid)
    worker = lost.worker()
    assert worker is not None
    before = msgspec.structs.replace(worker, birth=f"{worker.birth.split()[0]} another-boot")
    (lost.path / "worker.json").write_bytes(msgspec.json.encode(before))
    waited = [enqueue_job(project, GENERATION, *ENDLESS) for _ in range(2)]
    move(project, [waited[1].id], before=waited[0].id)
    queue = Queue(project)
    wait_until(lambda: ended(queue, lost))
    assert lost.state().status == "failed"
    assert lost.state().message.startswith("the worker ended without a word")
    queue.advance()
    assert [run.claimed for run in waited] == [False, True]
    assert stranger.poll() is None
    stop_all(queue, *waited)
    stranger.communicate(b"\n")


def test_of_those_who_would_launch_a_run_one_takes_it(project: Path) -> None:
    run, gate = enqueue_job(project, GENERATION, *SMALL), threading.Barrier(8)

    def claim(_: int) -> bool:
        gate.wait()
        return run.claim()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(8))) == [False] * 7 + [True]


def test_a_worker_starts_the_next_run_although_nobody_looks_after_the_queue(project: Path) -> None:
    queue, first, second = (
        Queue(project),
        enqueue_job(project, GENERATION, *SMALL),
        enqueue_job(project, GENERATION, *ENDLESS),
    )
    queue.advance()
    wait_until(lambda: any(isinstance(event, OpStarted) for event in StreamReader(second.stream).read()))
    assert first.state().status == "succeeded"
    wait_for_exit(first)
    stop_all(queue, second)
    assert dagster_status(project, second) == "CANCELED"


def test_a_run_that_does_not_stop_is_ended_with_all_that_it_started(project: Path) -> None:
    (project / "stubborn.py").write_text(STUBBORN)
    own = "ops.data_generation.config.generator._target_=stubborn.Maker"
    write_settings(project, QueueSettings(patience=1.0))
    queue, run = Queue(project), enqueue_job(project, GENERATION, own)
    queue.advance()
    wait_until(lambda: (project / "child").exists() and (project / "child").read_text() != "")
    child = psutil.Process(int((project / "child").read_text()))
    worker = run.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGTERM)
    os.kill(child.pid, signal.SIGTERM)
    wait_until(lambda: run.state().stopping)
    run.ask_to_stop()
    wait_until(lambda: ended(queue, run))
    wait_for_exit(run)
    assert run.state().status == "stopped"
    assert not run.state().stopping
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert any(isinstance(event, Log) and "stop" in event.text for event in StreamReader(run.stream).read())


def test_a_run_can_be_ended_at_once(project: Path) -> None:
    queue, run = Queue(project), enqueue_job(project, GENERATION, *ENDLESS)
    wait_until(lambda: begun(queue, run))
    run.ask_to_stop(now=True)
    run.ask_to_stop()  # takes nothing back
    wait_until(lambda: ended(queue, run), seconds=5)
    wait_for_exit(run)
    assert run.state().status == "stopped"


def test_settings_that_make_no_sense_are_refused_and_damaged_ones_are_those_of_the_start(project: Path) -> None:
    with pytest.raises(RunError, match="0 runs at a time"):
        write_settings(project, QueueSettings(limit=0))
    with pytest.raises(RunError, match="-1 seconds"):
        write_settings(project, QueueSettings(patience=-1))
    write_settings(project, QueueSettings(limit=3))
    assert read_settings(project).limit == 3
    (project / ".niceml" / "queue.json").write_text('{"limit": ')
    assert read_settings(project) == QueueSettings()
