"""The thread in which others read along, and what each of them must be able to do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from niceml_engine.errors import NicemlError, RunError
from niceml_engine.events import Event, Log
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import RunState

ASKED = 10.0  #: seconds that another interpreter has to say what it can import
SECONDS = 1.0  #: between two looks at the stream
PORTION = 1024 * 1024  #: bytes of the stream that are passed on at once
LAST_SECONDS = 60.0  #: for what is left when the run has ended
_MODULES = {"tensorboard": ("tensorboard", "board"), "mlflow": ("mlflow", "tracking")}


class Reader(Protocol):
    """Takes what happens in a run to where others see it."""

    def take(self, events: Sequence[Event]) -> None:
        """Takes rows of the stream, in order."""

    def end(self, state: RunState) -> None:
        """Ends it, once all rows were taken."""


def missing(name: str, python: str = "") -> str:
    """Why somebody cannot read along, in words; empty if he can.

    Args:
        name: Of `LOGGERS`.
        python: The interpreter that runs the jobs, which is asked; without one, this one.
    """
    package, _ = _MODULES[name]
    if not python or os.path.realpath(python) == os.path.realpath(sys.executable):
        found, python = find_spec(package) is not None, sys.executable
    else:
        command = [python, "-c", f"import importlib.util as u, sys; sys.exit(u.find_spec({package!r}) is None)"]
        try:
            found = subprocess.run(command, capture_output=True, timeout=ASKED, check=False).returncode == 0
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{python} cannot be asked for {package}: {error}"
    return "" if found else f"{package} is not installed in {python}; install it there"


def check(name: str) -> None:
    """Makes sure that somebody can read along.

    Raises:
        RunError: What it needs is not installed in this interpreter.
    """
    if why := missing(name):
        raise RunError(f"{why}, or take it out of log_to")


def end_dead(run: RunFolder, state: RunState) -> None:
    """Tells those who keep a record of their own how a run ended whose worker is gone."""
    if "mlflow" in (run.spec().settings.log_to or ()) and find_spec("mlflow") is not None:
        from niceml_engine.runs.along import tracking

        tracking.end_dead(run, state)


class ReadingAlong:
    """Passes a run's stream on to those who read along.

    Args:
        run: The run.
        complain: Told in the stream's own words what is wrong with one of them; that one is left out from then on.

    Raises:
        RunError: As `check`.
    """

    def __init__(self, run: RunFolder, complain: Callable[[Event], object]) -> None:
        self._complain = complain
        self._run = run
        self._stream = StreamReader(run.stream)
        self._names = run.spec().settings.log_to or ()
        for name in self._names:
            check(name)
        self._readers: dict[str, Reader] = {}
        self._state = run.first_state()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="along", daemon=True)
        self._begun = False

    def begin(self) -> None:
        """Begins, or goes on.

        Not before Dagster has made its databases: MLflow makes its own in the same way, through Alembic, of which
        only one at a time can be at work in a process.
        """
        if self._names and not self._begun:
            self._begun = True
            self._thread.start()

    def close(self, state: RunState) -> None:
        """Passes on what is left, and how the run ended."""
        self._state = state
        self._done.set()
        self.begin()
        if self._begun:
            self._thread.join(timeout=LAST_SECONDS)

    def _work(self) -> None:
        for name in self._names:
            self._try(name, partial(self._begin, name))
        while not self._done.wait(SECONDS):
            self._pass_on()
        self._pass_on()
        for name, reader in tuple(self._readers.items()):
            self._try(name, partial(reader.end, self._state))

    def _begin(self, name: str) -> None:
        _, module = _MODULES[name]  # its libraries may take seconds to be imported
        self._readers[name] = import_module(f"niceml_engine.runs.along.{module}").start(self._run)

    def _pass_on(self) -> None:
        while self._readers and (events := self._stream.read(PORTION)):
            for name, reader in tuple(self._readers.items()):
                self._try(name, partial(reader.take, events))

    def _try(self, name: str, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as error:  # whatever a library, a disk or a server may raise
            self._readers.pop(name, None)
            line = next((part.strip() for part in str(error).splitlines() if part.strip()), type(error).__name__)
            text = f"{name} reads along no more: {line}"
            if self._done.is_set():
                print(text, file=sys.stderr)
            else:
                self._tell(Log(text=text, level="warning"))

    def _tell(self, event: Event) -> None:
        try:
            self._complain(event)
        except NicemlError as error:
            print(error, file=sys.stderr)
