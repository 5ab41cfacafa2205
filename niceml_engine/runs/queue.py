"""The queue: run folders without a claim, oldest first; a limited number of workers at a time.

Every process that cares (service, command line) calls `advance` again and again. A lock beside the runs makes sure
that two of them never count the same free place.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from filelock import FileLock, Timeout

from niceml_engine.errors import StoreError
from niceml_engine.events import RunEnded
from niceml_engine.runs.folder import RunFolder, all_runs, runs_folder
from niceml_engine.runs.launch import bury, launch, reap
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.runs.trust import is_trusted, may_run


class Queue:
    """Starts waiting runs, and ends the books of dead ones.

    Args:
        root: The project.
        limit: Workers at a time.
    """

    def __init__(self, root: str | Path, limit: int = 1) -> None:
        self.root = Path(root)
        self.limit = limit
        self.unwritten: dict[str, str] = {}  #: dead runs whose end could not be written yet, and why
        self._ended: set[str] = set()
        self._refused: set[str] = set()  # what wants trust, which is not worked out again

    def open_runs(self) -> list[RunFolder]:
        """Runs that wait or run, oldest first."""
        found = []
        for run in all_runs(self.root):
            if run.id in self._ended:
                continue
            if (run.path / "state.json").exists():
                self._ended.add(run.id)
            else:
                found.append(run)
        return found

    def advance(self) -> list[RunFolder]:
        """Buries dead workers and launches what may start now.

        Returns:
            The runs that were launched or buried.

        Raises:
            RunError: A worker cannot be launched; its run is then marked as failed.
        """
        reap()
        if not self.open_runs():
            return []
        try:
            with FileLock(runs_folder(self.root) / "queue.lock", timeout=0):
                return self._advance()
        except Timeout:
            return []

    def _advance(self) -> list[RunFolder]:
        changed, busy = [], 0
        for run in self.open_runs():
            if not run.claimed and run.stop_asked:
                end_unstarted(run)
                changed.append(run)
            elif run.claimed and run.is_alive():
                busy += 1
            elif run.claimed:
                changed += self._bury(run)
            elif busy < self.limit and self._may_run(run) and run.claim():
                launch(run)
                busy += 1
                changed.append(run)
        return changed

    def _may_run(self, run: RunFolder) -> bool:
        """Whether a run may start: a folder from elsewhere may bring some of its own."""
        if run.id not in self._refused:
            if may_run(self.root, run.spec()):
                return True
            self._refused.add(run.id)
        return is_trusted(self.root)

    def _bury(self, run: RunFolder) -> list[RunFolder]:
        try:
            bury(run, tell_dagster=self._may_run(run))
        except (OSError, StoreError) as error:
            known = run.id in self.unwritten
            self.unwritten[run.id] = f"the worker is gone, and its end cannot be written: {error}"
            return [] if known else [run]
        self.unwritten.pop(run.id, None)
        return [run]


def end_unstarted(run: RunFolder) -> None:
    """Ends a run that was stopped while it waited."""
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunEnded(status="stopped", message="stopped before it started"))
    run.write_final_state(run.state())
