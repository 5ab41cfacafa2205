"""The queue: run folders without a claim, in the order of their ranks; a limited number of workers at a time.

Every process that cares (service, command line, a worker at its end) calls `advance` again and again. A lock beside
the runs makes sure that two of them never count the same free place. How the queue works stands in
`.niceml/queue.json`, which every one of them reads each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from niceml_engine.errors import FULL, RunError, StoreError, os_reason
from niceml_engine.events import RunEnded
from niceml_engine.places import own_folder
from niceml_engine.runs.files import write_atomically
from niceml_engine.runs.folder import RunFolder, all_runs, runs_folder
from niceml_engine.runs.launch import bury, end_of, end_processes, launch, reap, told_now
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.runs.trust import is_trusted, may_run
from niceml_engine.values import QueueSettings

if TYPE_CHECKING:
    from niceml_engine.runs.spare import SpareWorker


OTHERS_FIRST = 2.0  #: seconds that the queue has to end what does not stop, before the worker does so itself
LEAST = 1e-3  #: between two ranks


class Queue:
    """Starts waiting runs, ends those that do not stop, and ends the books of dead ones.

    Args:
        root: The project.
        spare: Takes a run at once, if it fits.
        variables: The environment of workers, without the project's `.env`; else that of this process.
    """

    def __init__(
        self, root: str | Path, spare: SpareWorker | None = None, variables: Mapping[str, str] | None = None
    ) -> None:
        self.root = Path(root)
        self._ends: dict[str, RunEnded] = {}
        self.unwritten: dict[str, RunEnded] = {}  #: of dead runs, the ends that could not be written yet
        self._spare = spare
        self._variables = variables
        self._ended: set[str] = set()
        self._refused: set[str] = set()  # what wants trust, which is not worked out again

    def open_runs(self) -> list[RunFolder]:
        """Runs that run, oldest first, then those that wait, in the order in which they will start."""
        found = []
        for run in all_runs(self.root):
            if run.id in self._ended:
                continue
            if (run.path / "state.json").exists():
                self._ended.add(run.id)
            else:
                found.append(run)
        return [run for run in found if run.claimed] + in_order(run for run in found if not run.claimed)

    def advance(self) -> list[RunFolder]:
        """Buries dead workers, ends what does not stop, and launches what may start now.

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
        settings = read_settings(self.root)
        changed, busy = [], 0
        for run in self.open_runs():
            if not run.claimed and run.stop_asked:
                end_unstarted(run)
                changed.append(run)
            elif run.claimed and run.is_alive():
                if run.stop_due(settings.patience):
                    end_processes(run)
                busy += 1
            elif run.claimed:
                changed += self._bury(run)
            elif busy < settings.limit and not settings.paused and self._may_run(run) and run.claim():
                if self._spare is None or not self._spare.take(run):
                    launch(run, self._variables)
                busy += 1
                changed.append(run)
        return changed

    def _may_run(self, run: RunFolder) -> bool:
        """Whether a run may start: a folder from elsewhere may bring some of its own."""
        if run.id not in self._refused:
            if may_run(self.root, run.recorded()):
                return True
            self._refused.add(run.id)
        return is_trusted(self.root)

    def _bury(self, run: RunFolder) -> list[RunFolder]:
        try:
            bury(run, tell_dagster=self._may_run(run), end=self._ends.get(run.id))
        except (OSError, StoreError) as error:
            if run.id in self.unwritten:
                return []
            self._ends[run.id] = end_of(run)
            self.unwritten[run.id] = told_now(run, _untold(self._ends[run.id], error))
            return [run]
        self._ends.pop(run.id, None)
        self.unwritten.pop(run.id, None)
        return [run]


def _untold(end: RunEnded, error: OSError | StoreError) -> RunEnded:
    """The end of a run, with why it cannot be written, unless it ended for that very reason."""
    why = os_reason(error) if isinstance(error, OSError) else error.message
    if why.endswith(FULL) and end.message.startswith(FULL.partition(";")[0]):
        return end
    return msgspec.structs.replace(end, message=f"{end.message}; this cannot be noted: {why}")


def in_order(runs: Iterable[RunFolder]) -> list[RunFolder]:
    """Runs as they follow each other in the queue."""
    return sorted(runs, key=lambda run: (run.rank(), run.id))


def move(root: str | Path, runs: Sequence[str], before: str = "") -> None:
    """Moves runs that wait, in the order in which they are named.

    Args:
        root: The project.
        runs: Ids of runs that wait; others are left out.
        before: Id of the run that they are to stand before; empty: at the end.

    Raises:
        RunError: The folder of a run cannot be written.
    """
    waiting = [run for run in in_order(all_runs(root)) if not run.claimed and run.final_state() is None]
    moved = {run.id: run for run in waiting if run.id in runs}
    others = [run for run in waiting if run.id not in moved]
    place = next((index for index, run in enumerate(others) if run.id == before), len(others))
    order = [*others[:place], *(moved[run] for run in runs if run in moved), *others[place:]]
    # They exchange the ranks that they have, so that what is enqueued later still comes after them.
    rank = 0.0
    try:
        for run, taken in zip(order, [run.rank() for run in waiting], strict=True):
            rank = max(taken, rank + LEAST)
            if run.rank() != rank:
                run.set_rank(rank)
    except OSError as error:
        raise RunError(f"cannot write the place in the queue: {os_reason(error)}", details=repr(error)) from error


def read_settings(root: str | Path) -> QueueSettings:
    """How the queue of a project works; as by default where nobody has said so, or the file is damaged."""
    try:
        settings = msgspec.json.decode(_settings_file(root).read_bytes(), type=QueueSettings)
    except (OSError, msgspec.DecodeError):
        return QueueSettings()
    return msgspec.structs.replace(settings, limit=max(settings.limit, 1))


def write_settings(root: str | Path, settings: QueueSettings) -> None:
    """Changes how the queue of a project works.

    Raises:
        RunError: It makes no sense, or cannot be written.
    """
    if settings.limit < 1:
        raise RunError(f"{settings.limit} runs at a time cannot be; pause the queue instead")
    if settings.patience < 0:
        raise RunError(f"a run cannot have {settings.patience:g} seconds to stop")
    file = _settings_file(root)
    try:
        own_folder(root)
        write_atomically(file, msgspec.json.format(msgspec.json.encode(settings)))
    except OSError as error:
        raise RunError(f"cannot write {file}: {os_reason(error)}", details=repr(error)) from error


def _settings_file(root: str | Path) -> Path:
    return Path(root) / ".niceml" / "queue.json"


def end_unstarted(run: RunFolder) -> None:
    """Ends a run that was stopped while it waited."""
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunEnded(status="stopped", message="stopped before it started"))
    run.write_final_state(run.state())
