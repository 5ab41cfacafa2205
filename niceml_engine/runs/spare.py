"""The spare worker: a process that has imported Dagster and TensorFlow and nothing more, and waits for a run.

It belongs to the service that started it and ends with it, until it takes a run: from then on it is a worker like any
other. A lock file lets one service at a time keep one for a project.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
from filelock import FileLock, Timeout

from niceml_engine.config.projects.project import interpreter
from niceml_engine.errors import NicemlError, os_reason
from niceml_engine.places import own_folder
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import READY, SPARE, adopt, environment, start_worker
from niceml_engine.runs.trust import is_trusted
from niceml_engine.values import RunSettings, Spare

SETTLE_SECONDS = 3.0  #: after the project was opened, or a run was started, until a spare worker is begun
MEMORY_SECONDS = 2.0  #: between two looks at its memory


def _lock(root: Path) -> FileLock:
    """Held by who keeps a spare worker for a project."""
    return FileLock(root / ".niceml" / "spare.lock", timeout=0)


def is_kept(root: str | Path) -> bool:
    """Whether somebody keeps a spare worker for a project, be it ready or not."""
    try:
        with _lock(Path(root)):
            return False
    except Timeout:
        return True
    except OSError:
        return False


class SpareWorker:
    """Keeps one spare worker for a project.

    Args:
        root: The project.
        variables: The environment without the project's `.env`.
    """

    def __init__(self, root: str | Path, variables: Mapping[str, str]) -> None:
        self.state = Spare()
        self._root = Path(root)
        self._variables = variables
        self._settings = RunSettings()
        self._wanted = ""  # what the next run is expected to need
        self._child: subprocess.Popen[bytes] | None = None
        self._fits = ""
        self._given_up = ""
        self._not_before = time.monotonic() + SETTLE_SECONDS
        self._looked = 0.0
        self._lock = _lock(self._root)

    def expect(self, settings: RunSettings) -> None:
        """Says how the next run will probably be started."""
        self._settings = settings

    def tend(self, wanted: bool) -> bool:
        """Starts, looks after, or ends the spare worker.

        Args:
            wanted: Whether there is to be one.

        Returns:
            Whether `state` has changed.
        """
        before = self.state
        now = time.monotonic()
        if self._child is not None and self._child.poll() is not None:
            self._given_up = self._fits
            self._drop(problem=f"it ended with exit status {self._child.returncode}: {self._last_line()}")
        if not wanted:
            if self._child is not None or self.state != Spare():
                self.close()
        elif self._child is None:
            if now >= self._not_before:
                self._begin()
        elif now - self._looked >= MEMORY_SECONDS:
            self._looked = now
            if self._fits != self._fingerprint(self._settings):
                self._end()
            else:
                self._look(self._child)
        return self.state != before

    def take(self, run: RunFolder) -> bool:
        """Hands a claimed run to the spare worker.

        Returns:
            Whether there was one that fits; else the run is to be launched otherwise.
        """
        child, spec = self._child, run.spec()
        if child is None or child.poll() is not None or self._fits != self._fingerprint(spec.settings):
            return False
        if spec.script and not self.state.ready:  # it would wait for TensorFlow, which it does not need
            return False
        assert child.stdin is not None
        try:
            child.stdin.write(f"{run.path}\n".encode())
            child.stdin.close()
        except OSError:
            return False
        adopt(run, child)
        self._child = None
        self._drop()
        self._not_before = time.monotonic() + SETTLE_SECONDS
        return True

    def close(self) -> None:
        """Ends the spare worker, if there is one."""
        self._end()
        self.state = Spare()

    @property
    def _output(self) -> Path:
        return self._root / ".niceml" / "spare.log"

    def _begin(self) -> None:
        fits = self._fingerprint(self._settings)
        if fits == self._given_up:
            return
        python = self._python(self._settings)
        if not is_trusted(self._root) and (brought := "an interpreter" if python else self._brought()):
            self.state = Spare(problem=f"the project is not trusted, and brings {brought} of its own")
            return
        try:
            own_folder(self._root)
            self._lock.acquire()
        except Timeout:
            with suppress(OSError):  # whoever keeps it starts the next run, whichever window that is from
                self.state = Spare(ready=self._is_ready(), elsewhere=True)
            return
        except OSError:
            return
        try:
            with self._output.open("wb") as output:
                variables = environment(self._settings, self._variables)
                self._child = start_worker(
                    python or sys.executable,
                    SPARE,
                    str(self._root),
                    variables,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                )
        except OSError as error:
            self._given_up = fits
            self._drop(problem=f"cannot start {python}: {os_reason(error)}")
            return
        self._fits = fits
        self.state = Spare(self._child.pid)

    def _look(self, child: subprocess.Popen[bytes]) -> None:
        with suppress(psutil.Error, OSError):
            self.state = Spare(child.pid, self._is_ready(), psutil.Process(child.pid).memory_info().rss)

    def _is_ready(self) -> bool:
        return READY in self._output.read_text(errors="replace").split()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            if child.stdin is not None:
                child.stdin.close()
        self._drop()

    def _drop(self, problem: str = "") -> None:
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
        self._child = None
        self._lock.release()
        self.state = Spare(problem=problem)

    def _last_line(self) -> str:
        with suppress(OSError):
            lines = self._output.read_text(errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def _fingerprint(self, settings: RunSettings) -> str:
        """Everything that a process must have been started with to do a run with these settings."""
        try:
            env = (self._root / ".env").read_bytes()
        except OSError:
            env = b""
        return repr((msgspec.structs.replace(settings, python=self._python(settings), log_to=None, full_disk=""), env))

    def _brought(self) -> str:
        """What a project brings that decides which code is loaded, before any run is asked for."""
        from niceml_engine.config.code.foreign import loading

        try:
            return next(loading(self._root), "")
        except NicemlError:
            return "a broken .env"

    def _python(self, settings: RunSettings) -> str:
        if settings.python:
            return settings.python
        try:
            return interpreter(self._root)
        except NicemlError:
            return ""
