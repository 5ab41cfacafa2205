"""A worker is known by its number and its birth, whatever happens to the clock or the machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from niceml_engine.runs import processes
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import end_leftovers
from niceml_engine.runs.processes import birth, is_alive
from tests.waiting import wait_until


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere a process keeps the time of day at which it began")
@pytest.mark.parametrize("seconds", [3600.0, -3600.0, 2.0])
def test_a_worker_is_alive_though_the_clock_of_the_machine_was_set(
    child: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    run = RunFolder(tmp_path)
    run.set_worker(child.pid)
    began, booted = psutil.Process(child.pid).create_time(), psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + seconds)
    assert psutil.Process(child.pid).create_time() == pytest.approx(began + seconds)  # which is what the clock does
    assert run.is_alive()


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere the time of day at which it began tells it")
def test_no_worker_is_alive_after_the_machine_was_started_anew(
    child: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(tmp_path)
    run.set_worker(child.pid)
    (tmp_path / "boot_id").write_text("another\n")
    monkeypatch.setattr(processes, "BOOT_ID", tmp_path / "boot_id")
    assert psutil.pid_exists(child.pid)
    assert not run.is_alive()


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere there are no process groups")
def test_a_group_that_has_the_number_of_a_worker_of_before_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'input()']).pid)"
    command, pipe = [sys.executable, "-c", leads], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True) as leader:
        run = RunFolder(tmp_path)
        run.set_worker(leader.pid)
        assert leader.stdout is not None
        member = psutil.Process(int(leader.stdout.readline()))
        leader.wait()
        (tmp_path / "boot_id").write_text("another\n")
        with monkeypatch.context() as patch:
            patch.setattr(processes, "BOOT_ID", tmp_path / "boot_id")
            end_leftovers(run)
        assert member.is_running()
        assert member.status() != psutil.STATUS_ZOMBIE
        end_leftovers(run)
        wait_until(lambda: not member.is_running() or member.status() == psutil.STATUS_ZOMBIE)


def test_who_has_ended_is_not_alive_even_before_anybody_has_asked_how(child: subprocess.Popen[bytes]) -> None:
    born = birth(child.pid)
    assert is_alive(child.pid, born)
    assert not is_alive(child.pid, "")
    assert not is_alive(psutil.Process().pid, born)
    child.kill()
    wait_until(lambda: not is_alive(child.pid, born))
    child.wait()
    assert birth(child.pid) == ""
