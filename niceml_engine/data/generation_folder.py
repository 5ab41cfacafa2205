"""The folder that generated data are written to, wherever it lies, and the threads that write them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from niceml_engine.store.experiment import ExperimentFolder

Item = TypeVar("Item")
Result = TypeVar("Result")

GENERATED = re.compile(r"(^|/)\d{5,}(_mask|_\d+_[^/_]+)?\.(png|json)$")
REMOTE_THREADS = 16  #: a bucket answers slowly but to many at once


class DataFolder(ExperimentFolder):
    """A folder of generated files."""

    def clear(self) -> int:
        """Removes what an earlier generation left, in the subset folders too, and nothing else.

        Without this, files of a larger or differently split earlier generation would mix with the new ones.

        Returns:
            The number of files removed.

        Raises:
            StoreError: The folder cannot be read or written.
        """
        if not self.exists(""):
            return 0
        stale = [self.path(name) for name in self.files() if GENERATED.search(name)]
        with self._errors("cannot remove the files of an earlier generation"):
            if stale:
                self._system.rm(stale)
        return len(stale)

    def threads(self, workers: int) -> int:
        """How many threads to use: `workers`, or with 0 all cores (more where the folder is remote)."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return workers or (cores if self.location.is_local else max(cores, REMOTE_THREADS))


def in_threads(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Calls a function for each item in a few threads and yields the results in the items' order.

    Threads suffice: NumPy, Pillow and zlib leave the interpreter to others while they work. After an error or when
    the caller stops listening, what has not begun is dropped.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="niceml-data")
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
