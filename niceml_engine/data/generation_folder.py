"""The folder that generated data are written to, wherever it lies."""

from __future__ import annotations

import os
import re

from niceml_engine.store.experiment import ExperimentFolder

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
