"""Trying a config before anybody waits for it: a worker like that of a run, in a folder that is thrown away.

A trial waits in no queue, is in no list, and leaves nothing behind: its folder lies among the temporary ones, the
project's Dagster never hears of it, and whoever began it also ends it. If that process dies, the worker ends itself.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from niceml_engine.errors import ConfigError, RunError
from niceml_engine.events import Event
from niceml_engine.runs.enqueue import allowed, checked, own_code
from niceml_engine.runs.launch import bury, end_processes, launch, wait_for_exit
from niceml_engine.runs.making import create_run
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import Composed, RunSettings, RunState, Trial

#: A GPU may be taken by a training, and one batch does not need it.
DEVICE = "cpu"


class Attempt:
    """A trial that has begun.

    Args:
        root: The project.
        composed: What is tried.
        trial: Which parts of it, or the whole job.
        settings: Interpreter, device and threads.

    Raises:
        ConfigError: The config does not compose, or, for a whole job, is not complete.
        RunError: No job fits the config, or the worker cannot be started.
        TrustError: Code of the project would run, and nobody trusts it yet.
    """

    def __init__(self, root: str | Path, composed: Composed, trial: Trial, settings: RunSettings) -> None:
        settings = msgspec.structs.replace(settings, device=settings.device or DEVICE)
        job = ""
        if composed.error is not None:
            raise ConfigError.of(composed.error)
        if trial.keys:
            settings = allowed(root, composed, settings)
        else:
            job, settings = checked(root, composed, settings, "")
        self._folder = Path(tempfile.mkdtemp(prefix="niceml-try-"))
        code = own_code(root, composed, job)
        self.run = create_run(root, composed, job, settings, **code, trial=trial, parent=self._folder)
        self._reader = StreamReader(self.run.stream)
        self.run.claim()
        try:
            launch(self.run)
        except RunError:
            self.end()
            raise

    def look(self) -> tuple[list[Event], RunState | None]:
        """What has happened since the last look, and how it ended, once it has."""
        if self.run.final_state() is None and not self.run.is_alive():
            bury(self.run, tell_dagster=False)
        ended = self.run.final_state()
        return self._reader.read(), ended

    def end(self) -> None:
        """Ends the worker, whatever it does, and throws everything away."""
        end_processes(self.run)
        wait_for_exit(self.run)
        shutil.rmtree(self._folder, ignore_errors=True)
