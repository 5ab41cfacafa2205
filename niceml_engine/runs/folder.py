"""The folder of one run, below `.niceml/runs/` of its project: how service, worker and command line find each other.

| file | written by | holds |
| --- | --- | --- |
| `spec.json` | who enqueues | what to run; never changed |
| `claim` | who launches | nothing: whoever creates it starts the worker |
| `worker.json` | who launches | process id and its birth, to tell whether the worker still lives |
| `stop` | who wants it stopped | `now` if its processes are to be ended at once; the worker looks for the file |
| `rank` | who moves it in the queue | its place among what waits, a number; else the time of its creation |
| `events.jsonl` | worker, at the end its undertaker | the event stream |
| `events.columns` | the same | most of it once more, to be read at once |
| `stdout.log`, `stderr.log` | worker | what it printed |
| `state.json` | worker, else its undertaker | the final `RunState` |
| `name` | a person | what the run is to be called |
| `tags` | a person | words that are put on it, one on each line |
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from niceml_engine.errors import RunError, os_reason
from niceml_engine.runs.files import tail, write_atomically
from niceml_engine.runs.fold import fold_rows
from niceml_engine.runs.moved import moved, moved_spec
from niceml_engine.runs.processes import birth, is_alive
from niceml_engine.runs.stream import RowsReader
from niceml_engine.values import RunSpec, RunState

KEPT_OUTPUT = 16_000_000  #: bytes of stdout, and of stderr, that can be read


class Worker(msgspec.Struct, frozen=True):
    """Which process works on a run; `birth` tells it from a later one with the same id."""

    pid: int
    birth: str


class RunFolder:
    """Reads and writes the files of one run.

    Args:
        path: The run's folder; its name is the run's id.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def id(self) -> str:
        """The run's id, which sorts by time of creation."""
        return self.path.name

    @property
    def short_id(self) -> str:
        """The last part of the id, which the experiment's name carries."""
        return self.id.rsplit("-", 1)[-1]

    @property
    def stream(self) -> Path:
        """The event stream."""
        return self.path / "events.jsonl"

    def spec(self) -> RunSpec:
        """What is to be run, in the project that the folder lies in now.

        Raises:
            RunError: The folder is not a run's, or is damaged.
        """
        spec, now = self.recorded(), self._home()
        return moved_spec(spec, now) if now and self._is_away_from(spec.root, now) else spec

    def _home(self) -> str:
        """The project, where the folder is one among its runs."""
        root = self.path.parent.parent.parent
        return str(root) if self.path.parent == runs_folder(root) else ""

    def _is_away_from(self, then: str, now: str) -> bool:
        """Whether the folder was written in another project, whose copy it may be."""
        if then == now:
            return False
        try:
            return not os.path.samefile(runs_folder(then) / self.id, self.path)  # the same one by another name
        except OSError:
            return True

    def _here(self, state: RunState) -> RunState:
        """A state with its paths as they are where the project lies now."""
        now = self._home()
        inside = f"{now}{os.sep}"
        told = (path for path in (state.job, state.experiment) if path)
        if not now or all(path.startswith(inside) for path in told):  # as nearly always
            return state
        try:
            then = self.recorded().root
        except RunError:
            return state
        if not self._is_away_from(then, now):
            return state
        paths = {name: moved(getattr(state, name), then, now) for name in ("job", "experiment", "script")}
        return msgspec.structs.replace(state, **paths)

    def recorded(self) -> RunSpec:
        """What was to be run, as it was written down: perhaps in a project of which this one is a copy.

        Raises:
            RunError: The folder is not a run's, or is damaged.
        """
        try:
            return msgspec.json.decode((self.path / "spec.json").read_bytes(), type=RunSpec)
        except (OSError, msgspec.DecodeError) as error:
            raise RunError(f"{self.path} is not the folder of a run", details=repr(error)) from error

    def claim(self) -> bool:
        """Takes the right to launch the worker; true for exactly one caller."""
        try:
            os.close(os.open(self.path / "claim", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    @property
    def claimed(self) -> bool:
        """Whether somebody launches, or has launched, the worker."""
        return (self.path / "claim").exists()

    def ask_to_stop(self, *, now: bool = False) -> None:
        """Leaves the note that the worker, or whoever would launch it, looks for.

        Args:
            now: Give it no time; the queue ends its processes.
        """
        if now or not self.stop_asked:
            write_atomically(self.path / "stop", b"now" if now else b"")

    @property
    def stop_asked(self) -> bool:
        """Whether somebody wants the run to stop."""
        return (self.path / "stop").exists()

    def stop_asked_at(self) -> float:
        """When somebody asked the run to stop; 0 where nobody did."""
        try:
            return (self.path / "stop").stat().st_mtime
        except OSError:
            return 0.0

    def stop_due(self, patience: float) -> bool:
        """Whether a run that was asked to stop has had its time to do so.

        Args:
            patience: Seconds that it has.
        """
        note = self.path / "stop"
        try:
            return note.read_bytes() == b"now" or time.time() - note.stat().st_mtime > patience
        except FileNotFoundError:
            return False

    def rank(self) -> float:
        """The place in the queue: of two runs that wait, the one with the smaller number starts first."""
        try:
            return float((self.path / "rank").read_text())
        except (OSError, ValueError):
            return self.spec().created

    def set_rank(self, rank: float) -> None:
        """Moves the run in the queue."""
        write_atomically(self.path / "rank", repr(rank).encode())

    def set_worker(self, pid: int) -> None:
        """Notes which process works on the run."""
        write_atomically(self.path / "worker.json", msgspec.json.encode(Worker(pid, birth(pid))))

    def worker(self) -> Worker | None:
        """The process that works, or worked, on the run."""
        try:
            return msgspec.json.decode((self.path / "worker.json").read_bytes(), type=Worker)
        except (OSError, msgspec.DecodeError):
            return None

    def is_alive(self) -> bool:
        """Whether the worker's process still runs."""
        worker = self.worker()
        return worker is not None and is_alive(worker.pid, worker.birth)

    def first_state(self) -> RunState:
        """The state of a run of which nothing has happened yet."""
        spec = self.spec()
        return RunState(
            id=self.id,
            name=self.name() or (f"{Path(spec.script).name} {self.short_id}" if spec.script else ""),
            status="starting" if self.claimed else "queued",
            job=spec.selection.job,
            dagster_job=spec.dagster_job,
            digest=spec.digest,
            created=spec.created,
            folder=str(self.path),
            overrides=spec.selection.overrides,
            group=spec.group,
            rank=self.rank(),
            stopping=self.stop_asked,
            stop_asked=self.stop_asked_at(),
            continues=spec.continues,
            tags=self.tags(),
            sweep=self.sweep(),
            script=spec.script,
        )

    def final_state(self) -> RunState | None:
        """The state of a run that has ended; `None` while it has not."""
        try:
            state = msgspec.json.decode((self.path / "state.json").read_bytes(), type=RunState)
        except (OSError, msgspec.DecodeError):
            return None
        return self._with_words(msgspec.structs.replace(state, folder=str(self.path)))

    def noted(self, state: RunState) -> RunState:
        """A state of a run that has not ended, with what others have noted about it meanwhile."""
        now = {"rank": self.rank(), "stopping": self.stop_asked, "stop_asked": self.stop_asked_at()}
        return self._with_words(msgspec.structs.replace(state, **now))

    def _with_words(self, state: RunState) -> RunState:
        name, state = self.name() or state.name, self._here(state)
        return msgspec.structs.replace(state, name=name, tags=self.tags(), sweep=self.sweep())

    def state(self) -> RunState:
        """The state now, from the final state or by reading the stream."""
        state = self.final_state()
        if state is None:
            state, reader = self.first_state(), RowsReader(self.stream)
            while rows := reader.read():
                state = fold_rows(state, rows)
            state = self._here(state)
        return state

    def write_final_state(self, state: RunState) -> None:
        """Writes the state that will not change any more."""
        write_atomically(self.path / "state.json", msgspec.json.encode(state))

    def name(self) -> str:
        """The name that a person gave, or nothing."""
        return self._noted_text("name").strip()

    def set_name(self, name: str) -> None:
        """Gives the run a name; an empty one takes it away."""
        write_atomically(self.path / "name", name.strip().encode())

    def sweep(self) -> str:
        """The name that a person gave the sweep which the run is of, or nothing."""
        return self._noted_text("sweep").strip()

    def set_sweep(self, name: str) -> None:
        """Notes the name of the sweep which the run is of; an empty one takes it away."""
        write_atomically(self.path / "sweep", name.strip().encode())

    def tags(self) -> tuple[str, ...]:
        """The words that a person has put on the run."""
        return tuple(self._noted_text("tags").split())

    def set_tags(self, tags: Iterable[str]) -> None:
        """Puts words on the run, in place of those that it has; a word holds no spaces."""
        write_atomically(self.path / "tags", "\n".join(dict.fromkeys(tags)).encode())

    def _noted_text(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except OSError:
            return ""

    def output(self, limit: int) -> tuple[str, str]:
        """The last `limit` bytes that the worker wrote to stdout and to stderr."""
        return tail(self.path / "stdout.log", limit), tail(self.path / "stderr.log", limit)

    def printed(self, name: str, start: int, limit: int) -> tuple[int, bytes, int]:
        """A piece of what the worker wrote to `stdout` or `stderr`.

        Args:
            name: Which of them.
            start: Where it is to begin, in bytes; of very long output, what lies far before the end is left out.
            limit: Bytes at most.

        Returns:
            Where it begins, the piece, and how many bytes there are in all.
        """
        try:
            with (self.path / f"{name}.log").open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                start = max(start, size - KEPT_OUTPUT)
                file.seek(start)
                return start, file.read(limit), size
        except OSError:
            return start, b"", start

    def delete(self) -> None:
        """Deletes the folder.

        Raises:
            RunError: It stays, as somebody may not delete what it holds.
        """
        failed: list[BaseException] = []
        shutil.rmtree(self.path, onerror=lambda _, __, error: failed.append(error[1]))
        if failed and (self.path / "spec.json").exists():
            why = os_reason(failed[0]) if isinstance(failed[0], OSError) else str(failed[0])
            raise RunError(f"{self.path} cannot be deleted: {why.partition(';')[0]}")


def runs_folder(root: str | Path) -> Path:
    """The folder of all runs of a project."""
    return Path(root) / ".niceml" / "runs"


def all_runs(root: str | Path) -> list[RunFolder]:
    """The runs of a project, oldest first."""
    try:
        entries = sorted(entry.path for entry in os.scandir(runs_folder(root)) if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    return [RunFolder(path) for path in entries if (Path(path) / "spec.json").exists()]
