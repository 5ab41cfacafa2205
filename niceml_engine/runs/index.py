"""What the configs of a project's runs hold, read once: `.niceml/runs.index`.

A run's config never changes, so that what was read of it holds for ever. The file may be deleted at any time, and of
two processes that write it, the last one wins: what it lacks is read anew.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from niceml_engine import secrets as hidden
from niceml_engine.config.text.literals import leaves_in
from niceml_engine.errors import ConfigError, RunError, StoreError
from niceml_engine.leaves import Leaves, LeavesPart
from niceml_engine.packing import pack, unpack
from niceml_engine.runs.files import write_atomically
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.experiments import CONFIG
from niceml_engine.store.location import Location
from niceml_engine.values import Experiment, RunSpec

FILE = "runs.index"


class RunIndex:
    """The configs of a project's runs; may be asked from any thread.

    Args:
        root: The project.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._file = self.root / ".niceml" / FILE
        self._lock = threading.Lock()
        self._leaves: Leaves | None = None
        self._unread: set[str] = set()

    def leaves(self, runs: Iterable[RunFolder] | None = None) -> Leaves:
        """The table, with all runs of the project in it.

        Args:
            runs: These, if they are known; else they are looked for.
        """
        with self._lock:
            return self._updated(runs)

    @contextmanager
    def alone(self) -> Iterator[Leaves]:
        """The table, which nobody else touches meanwhile."""
        with self._lock:
            yield self._updated(None)

    def with_experiments(self, experiments: Iterable[Experiment], location: Location, threads: int = 16) -> Leaves:
        """The table, with the configs of experiments in it too, by their URIs; those of known runs by the runs' ids.

        Args:
            experiments: All that lie at a location.
            location: The location.
            threads: Configs that are read at the same time, which matters for buckets.
        """
        leaves = self.leaves()
        wanted = [one for one in experiments if one.run_id not in leaves and one.uri not in leaves]

        def read(one: Experiment) -> dict[str, Any]:
            try:
                text = ExperimentFolder(location / one.name).read(CONFIG).decode(errors="replace")
                return masked(leaves_in(text))
            except (StoreError, ConfigError):  # it holds none, which will not change
                return {}

        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(read, wanted))
        with self._lock:
            for one, config in zip(wanted, found, strict=True):
                leaves.add(one.uri, config)
            if wanted:
                self._write(leaves)
        return leaves

    def part(self, stamp: str, keys: int, values: int, rows: int) -> LeavesPart:
        """What somebody lacks who has so much of the table with a stamp."""
        with self._lock:
            return self._updated(None).part(stamp, keys, values, rows)

    def _updated(self, runs: Iterable[RunFolder] | None) -> Leaves:
        if self._leaves is None:
            self._leaves = self._read()
        leaves, before = self._leaves, len(self._leaves.rows)
        for run in all_runs(self.root) if runs is None else runs:
            if run.id not in leaves and run.id not in self._unread:
                try:
                    leaves.add(run.id, leaves_of_spec(run.spec()))
                except (RunError, ConfigError):  # a damaged folder has no values, and is not looked at again
                    self._unread.add(run.id)
        if len(leaves.rows) > before:
            self._write(leaves)
        return leaves

    def _write(self, leaves: Leaves) -> None:
        with suppress(OSError):  # then it is read anew the next time
            write_atomically(self._file, pack(leaves.part()))

    def _read(self) -> Leaves:
        leaves = Leaves(secrets.token_hex(8))
        with suppress(OSError, msgspec.DecodeError):
            leaves.take(unpack(self._file.read_bytes(), LeavesPart))
        return leaves


def leaves_of_spec(spec: RunSpec) -> dict[str, Any]:
    """What a run was started with; of a run that an older version made, unresolved.

    Raises:
        ConfigError: Its config is no YAML.
    """
    return spec.leaves or masked(leaves_in(spec.config))


def masked(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves without secrets."""
    nothing: frozenset[str] = frozenset()
    return {
        key: hidden.mask(value) if hidden.is_secret(tuple(key.split("."))) else hidden.hide(value, nothing)
        for key, value in leaves.items()
    }
