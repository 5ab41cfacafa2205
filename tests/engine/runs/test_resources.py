"""What a run takes of its machine."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import ModuleType, SimpleNamespace

import pytest

from niceml_engine.errors import StoreError
from niceml_engine.events import Event, Gpu, Resources
from niceml_engine.runs import resources
from niceml_engine.runs.resources import Probe, Sampler
from tests.waiting import wait_until


def test_the_worker_and_the_processes_that_it_started_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "FAMILY_SECONDS", 0.0)
    probe = Probe()
    alone = probe.look()
    child = subprocess.Popen([sys.executable, "-c", "x = bytearray(80_000_000); input()"], stdin=subprocess.PIPE)
    wait_until(lambda: probe.look().memory > alone.memory + 70_000_000)
    child.communicate(b"\n")
    after = probe.look()
    assert after.memory < alone.memory + 70_000_000
    assert 0 < after.memory < after.machine_memory < after.total_memory
    assert after.cores >= 1


def test_a_busy_worker_is_seen_to_be_busy() -> None:
    probe = Probe()
    wait_until(lambda: sum(range(100_000)) > 0 and probe.look().cpu > 1)


def test_gpus_are_seen_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("pynvml")
    closed: list[bool] = []
    vars(library).update(
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: closed.append(True),
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda number: number,
        nvmlDeviceGetName=lambda handle: b"H100",
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(used=5_000, total=80_000),
        nvmlDeviceGetUtilizationRates=lambda handle: SimpleNamespace(gpu=42),
    )
    monkeypatch.setitem(sys.modules, "pynvml", library)
    probe = Probe()
    assert probe.look().gpus == (Gpu(name="H100", used=42.0, memory=5_000, total=80_000),)
    probe.close()
    assert closed == [True]


def test_a_machine_without_a_gpu_or_its_driver_is_looked_at_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("pynvml")

    def no_driver() -> None:
        raise RuntimeError("Driver Not Loaded")

    vars(library).update(nvmlInit=no_driver)
    monkeypatch.setitem(sys.modules, "pynvml", library)
    assert Probe().look().gpus == ()
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert Probe().look().gpus == ()


def test_rows_are_written_until_the_end_and_no_thread_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "OFTEN", 0.01)
    rows: list[Event] = []
    sampler = Sampler(rows.append)
    wait_until(lambda: len(rows) > 2)
    sampler.close()
    assert all(isinstance(row, Resources) for row in rows)
    assert "resources" not in {thread.name for thread in threading.enumerate()}


def test_a_stream_that_cannot_be_written_ends_looking_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "OFTEN", 0.01)

    def full(_: Event) -> None:
        raise StoreError("the disk is full")

    sampler = Sampler(full)
    wait_until(lambda: "resources" not in {thread.name for thread in threading.enumerate()})
    sampler.close()
