"""A thread that keeps the queue going and tells the window what has changed: runs, rows of streams, config files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from niceml_engine.config.projects.scan import identity
from niceml_engine.config.text.files import signature
from niceml_engine.errors import NicemlError, RunError, os_reason
from niceml_engine.protocol.configs import FilesChanged
from niceml_engine.protocol.frames import News
from niceml_engine.protocol.runs import QueueChanged, QueueState, RunChanged, RunRemoved, RunRows
from niceml_engine.runs.fold import fold_rows
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.launch import loses, lost
from niceml_engine.runs.queue import Queue, read_settings
from niceml_engine.runs.spare import SpareWorker
from niceml_engine.runs.stream import RowsReader
from niceml_engine.runs.untold import tell
from niceml_engine.service.code_watch import CodeWatch
from niceml_engine.values import ENDED, RunState

ENV = ".env"
ROWS_SECONDS = 0.05  #: between two looks at watched streams: well below what a person can see
RUNS_SECONDS = 0.25  #: between two looks at runs and queue
TELL_SECONDS = 30.0  #: until it is tried again to tell Dagster of runs that have ended or were deleted
LOOK_SECONDS = 0.5  #: between two looks at whether folders of configs are still the same
CODE_SHARE = 50  #: times as long as a look at Python files takes, none follows
MODIFIED = 2  #: what `watchfiles` calls a change that neither made nor removed anything
CATCHING_UP = 0.05  #: seconds of reading a long stream before others have their turn


class Watcher:
    """Watches the runs and config files of one project.

    Args:
        root: The project.
        config_dirs: Folders whose YAML files are watched.
        notify: Sends news to the window; called from the watcher's threads.
        shell: The environment of workers, without the project's `.env`.
        still: Whether to watch nothing, because another process does.
        code: Knows the Python files that configs depend on, which are watched as well.
        env_changed: Called before the window is told that the project's `.env` has changed.
    """

    def __init__(
        self,
        root: Path,
        config_dirs: tuple[str, ...],
        notify: Callable[[News], None],
        shell: Mapping[str, str],
        *,
        still: bool = False,
        code: CodeWatch | None = None,
        env_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._root = root
        self._notify = notify
        self._env, self._env_changed = str(root / ENV), env_changed
        self._env_state = signature(self._env)
        self.spare = SpareWorker(root, shell)
        self._queue = Queue(root, self.spare, shell)
        self._may_spare = shell.get("NICEML_SPARE", "") != "off"
        self._told = QueueState()
        self._untold, self._next_telling = "", 0.0  # what Dagster could not be told, and when that is tried again
        self._troubles: dict[str, str] = {}  # by task: what it stumbled over last
        self._states: dict[str, RunState] = {}
        self._active: dict[str, RowsReader] = {}
        self._tails: dict[str, RowsReader] = {}
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch_runs, name="runs", daemon=True),
            threading.Thread(target=self._watch_files, args=(config_dirs,), name="files", daemon=True),
        ]
        if code is not None:
            self._threads.append(threading.Thread(target=self._watch_code, args=(code,), name="code", daemon=True))
        if still:
            self._threads = []
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends the threads and the spare worker; runs go on."""
        self._done.set()
        for thread in self._threads:
            thread.join(timeout=1)
        self.spare.close()

    def states(self) -> tuple[RunState, ...]:
        """All runs, newest first."""
        with self._lock:
            self._find_runs()
            return tuple(self._states[run] for run in sorted(self._states, reverse=True))

    def watch(self, run: RunFolder, after: int) -> None:
        """Sends the rows of a run's stream from now on."""
        with self._lock:
            self._tails[run.id] = RowsReader(run.stream, after)

    def unwatch(self, run: str) -> None:
        """Sends no more rows of a run."""
        with self._lock:
            self._tails.pop(run, None)

    def look(self, run: RunFolder) -> RunState:
        """Reads one run again now, because it was just made or changed."""
        with self._lock:
            return self._see(run)

    def forget(self, run: str) -> None:
        """Drops a run that was deleted."""
        with self._lock:
            self._drop(run)

    def queue(self) -> QueueState:
        """How the queue works, and what of the spare worker is known."""
        stuck = self._troubles.get(self._advance_queue.__name__, "")
        others = (why for why in self._troubles.values() if why != stuck)
        return QueueState(read_settings(self._root), self.spare.state, stuck, next(others, ""))

    def _watch_runs(self) -> None:
        next_runs = 0.0
        behind = False
        while not self._done.wait(0.001 if behind else ROWS_SECONDS):  # others want the lock too
            with self._lock:
                if time.monotonic() >= next_runs:
                    tasks = (
                        self._advance_queue,
                        self._find_runs,
                        self._tend_spare,
                        self._look_at_env,
                        self._tell_dagster,
                    )
                    for task in tasks:
                        self._try(task)
                    next_runs = time.monotonic() + RUNS_SECONDS
                behind = bool(self._try(self._send_rows))

    def _try(self, task: Callable[[], object]) -> object:
        """Does what may fail, because folders lose their rights, fill up or vanish; then all else goes on."""
        try:
            done = task()
        except (OSError, NicemlError) as error:
            why = os_reason(error) if isinstance(error, OSError) else error.message
            place = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
            self._troubles[task.__name__] = f"{place}{why}"
            return None
        self._troubles.pop(task.__name__, None)
        return done

    def _advance_queue(self) -> None:
        try:
            changed = self._queue.advance()
        except RunError:
            # The run is marked as failed; the list shows it and why.
            return
        for run in changed:
            self._see(run)

    def _tend_spare(self) -> None:
        self.spare.tend(read_settings(self._root).spare and self._may_spare)
        state = self.queue()
        if state != self._told:
            self._told = state
            self._notify(QueueChanged(state))

    def _tell_dagster(self) -> None:
        found = tell(self._root) if time.monotonic() >= self._next_telling else None
        if found is not None:
            self._untold = found
        if found:
            self._next_telling = time.monotonic() + TELL_SECONDS
        if self._untold:
            raise RunError(self._untold)

    def _look_at_env(self) -> None:
        state = signature(self._env)
        if state != self._env_state:
            self._env_state = state
            self._env_changed()
            self._tell([self._env])

    def _find_runs(self) -> None:
        found = {run.id: run for run in all_runs(self._root)}
        for run_id in set(self._states) - set(found):
            self._drop(run_id)
        for run_id, run in found.items():
            known = self._states.get(run_id)
            if known is None or known.status not in ENDED:
                self._see(run)

    def _see(self, run: RunFolder) -> RunState:
        try:
            state = self._read(run)
        except (RunError, OSError):
            return self._states[run.id] if run.id in self._states else RunState(run.id, run.id, "failed", "")
        if state != self._states.get(run.id):
            self._states[run.id] = state
            self._notify(RunChanged(state))
        return state

    def _read(self, run: RunFolder) -> RunState:
        final = run.final_state()
        if final is not None:
            self._active.pop(run.id, None)
            return final
        if run.id not in self._active:
            self._active[run.id] = RowsReader(run.stream)
            state = run.first_state()
        else:
            state = self._states.get(run.id) or run.first_state()
        while rows := self._active[run.id].read():
            state = fold_rows(state, rows)
        if state.status == "queued" and run.claimed:
            state = msgspec.structs.replace(state, status="starting")
        if run.id in self._queue.unwritten:
            state = lost(state, self._queue.unwritten[run.id])
        return run.noted(msgspec.structs.replace(state, no_room=state.status == "running" and loses(run)))

    def _drop(self, run: str) -> None:
        self._active.pop(run, None)
        self._tails.pop(run, None)
        if self._states.pop(run, None) is not None:
            self._notify(RunRemoved(run))

    def _send_rows(self) -> bool:
        """Sends the next rows of all watched runs; whether there may be more at once."""
        until, behind = time.monotonic() + CATCHING_UP, False
        for run, reader in self._tails.items():
            while rows := reader.read():
                self._notify(RunRows(run, rows))
                if time.monotonic() > until:
                    behind = True
                    break
        return behind

    def _watch_files(self, config_dirs: tuple[str, ...]) -> None:
        from watchfiles import watch

        polling = False
        there = {folder: identity(folder) for folder in config_dirs}
        while not self._done.is_set():
            present = [folder for folder in config_dirs if Path(folder).is_dir()]
            if not present:
                self._done.wait(LOOK_SECONDS)
                self._tell_moved(there)
                continue
            watching = watch(
                *present,
                stop_event=self._done,
                rust_timeout=int(LOOK_SECONDS * 1000),
                yield_on_timeout=True,
                debounce=100,
                force_polling=polling,
                ignore_permission_denied=True,
            )
            try:
                with closing(watching):
                    for changes in watching:
                        self._tell(sorted(path for kind, path in changes if _concerns_configs(kind, path)))
                        if self._tell_moved(there):  # what is watched may be another folder by now
                            break
            except (OSError, RuntimeError):
                # Where a system's means are used up, or it has none, looking again and again will do.
                if not self._tell_moved(there):
                    if polling:
                        return
                    polling = True

    def _watch_code(self, code: CodeWatch) -> None:
        pause = LOOK_SECONDS
        while not self._done.wait(pause):
            started = time.monotonic()
            self._tell(list(code.changed()))
            pause = max(LOOK_SECONDS, CODE_SHARE * (time.monotonic() - started))

    def _tell_moved(self, there: dict[str, tuple[int, int] | None]) -> bool:
        """Tells of folders of configs that went, came or took the place of others, and notes it; whether any did."""
        now = {folder: identity(folder) for folder in there}
        moved = [folder for folder, was in there.items() if now[folder] != was]
        there.update(now)
        self._tell(moved)
        return bool(moved)

    def _tell(self, files: list[str]) -> None:
        if files:
            self._notify(FilesChanged(tuple(files)))


def _concerns_configs(kind: int, path: str) -> bool:
    """Whether a change is that of a config, or of a folder that came or went, perhaps with configs in it."""
    if path.endswith((".yaml", ".yml")):
        return True
    # What is gone cannot be asked what it was; of files whose names end like those of files nothing is made.
    return kind != MODIFIED and (Path(path).is_dir() or not Path(path).suffix)
