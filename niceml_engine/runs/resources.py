"""What a run takes of its machine, looked at now and then by a thread of the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import Any

import psutil

from niceml_engine.errors import StoreError
from niceml_engine.events import Event, Gpu, Resources

OFTEN, SELDOM = 0.5, 5.0  #: seconds between two looks, at the beginning and in a run of hours
SHARE = 60  #: in between, so many looks in the time that the run has taken
FAMILY_SECONDS = 5.0  #: between two looks for child processes, for which the whole machine is searched


class Sampler:
    """Writes a `Resources` row every now and then, from a thread of its own.

    Args:
        emit: Takes the rows; once it cannot, nothing more is looked at, and the run goes on.
    """

    def __init__(self, emit: Callable[[Event], object]) -> None:
        self._emit = emit
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="resources", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes a last look, and ends the thread."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        probe, began = Probe(), monotonic()
        with suppress(StoreError):
            while not self._done.wait(min(max((monotonic() - began) / SHARE, OFTEN), SELDOM)):
                self._emit(probe.look())
            self._emit(probe.look())
        probe.close()


class Probe:
    """Looks at this process, at those that it has started, and at the machine."""

    def __init__(self) -> None:
        self._own = psutil.Process()
        self._family: dict[int, psutil.Process] = {}
        self._searched = 0.0
        self._cores = psutil.cpu_count() or 1
        self._gpus = _Gpus()
        self._cpu(self._own)  # these tell of the time since they were asked last
        psutil.cpu_percent()

    def look(self) -> Resources:
        """What is taken now; percentages are those since the last look."""
        if monotonic() - self._searched > FAMILY_SECONDS:
            found = {child.pid: child for child in self._own.children(recursive=True)}
            self._family = {pid: self._family.get(pid, child) for pid, child in found.items()}
            self._searched = monotonic()
        everybody = (self._own, *self._family.values())
        machine = psutil.virtual_memory()
        return Resources(
            cpu=round(sum(map(self._cpu, everybody)), 1),
            memory=sum(map(self._memory, everybody)),
            machine_cpu=psutil.cpu_percent(),
            machine_memory=machine.total - machine.available,
            total_memory=machine.total,
            cores=self._cores,
            gpus=self._gpus.look(),
        )

    def close(self) -> None:
        """Lets go of the GPUs."""
        self._gpus.close()

    def _cpu(self, process: psutil.Process) -> float:
        try:
            return float(process.cpu_percent())
        except psutil.Error:
            return 0.0

    def _memory(self, process: psutil.Process) -> int:
        try:
            return int(process.memory_info().rss)
        except psutil.Error:
            return 0


class _Gpus:
    """NVIDIA's GPUs, as far as its library and the module `pynvml` (of the package nvidia-ml-py) are there."""

    def __init__(self) -> None:
        self._library: Any = None
        self._handles: list[tuple[Any, str]] = []
        try:
            library = import_module("pynvml")
            library.nvmlInit()
            self._library = library
            for number in range(library.nvmlDeviceGetCount()):
                handle = library.nvmlDeviceGetHandleByIndex(number)
                name = library.nvmlDeviceGetName(handle)
                self._handles.append((handle, name.decode() if isinstance(name, bytes) else str(name)))
        except Exception:  # no module, no driver, no right: there is nothing to look at, and the run needs none of it
            self._handles = []

    def look(self) -> tuple[Gpu, ...]:
        found = []
        for handle, name in self._handles:
            with suppress(Exception):  # one that has gone away is left out
                memory = self._library.nvmlDeviceGetMemoryInfo(handle)
                used = self._library.nvmlDeviceGetUtilizationRates(handle).gpu
                found.append(Gpu(name=name, used=float(used), memory=int(memory.used), total=int(memory.total)))
        return tuple(found)

    def close(self) -> None:
        if self._library is not None:
            with suppress(Exception):  # the driver may have gone
                self._library.nvmlShutdown()
