"""The trials of the open project: each has a thread that tells the window what comes out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec

from niceml_engine.events import Event
from niceml_engine.protocol.configs import Compose
from niceml_engine.protocol.frames import News, Request
from niceml_engine.protocol.trials import StartTrial, StopTrial, TrialRows
from niceml_engine.runs.trial import Attempt
from niceml_engine.service.interpreter import composed_of
from niceml_engine.values import Composed, RunSettings, RunState, Trial

LOOK_SECONDS = 0.05  #: between two looks at what a trial has done


class Trials:
    """Begins trials, follows them, and ends them.

    Args:
        root: The project.
        notify: Sends news to the window; called from threads.
    """

    def __init__(self, root: str, notify: Callable[[News], None]) -> None:
        self._root = root
        self._notify = notify
        self._lock = threading.Lock()
        self._open: dict[str, tuple[threading.Thread, threading.Event]] = {}
        self._unwanted: set[str] = set()  # stopped before they had begun

    def start(self, id: str, composed: Composed, trial: Trial, settings: RunSettings) -> None:
        """Begins a trial.

        Raises:
            NicemlError: As `Attempt`.
        """
        attempt, stop = Attempt(self._root, composed, trial, settings), threading.Event()
        thread = threading.Thread(target=self._follow, args=(id, attempt, stop), name="trial", daemon=True)
        with self._lock:
            self._open[id] = (thread, stop)
            if id in self._unwanted:
                stop.set()
        thread.start()

    def stop(self, id: str) -> None:
        """Ends a trial; one that has ended is left alone."""
        with self._lock:
            if id in self._open:
                self._open[id][1].set()
            else:
                self._unwanted.add(id)

    def close(self) -> None:
        """Ends all trials, and waits until nothing is left of them."""
        with self._lock:
            waiting = list(self._open.values())
        for _, stop in waiting:
            stop.set()
        for thread, _ in waiting:
            thread.join()

    def _follow(self, id: str, attempt: Attempt, stop: threading.Event) -> None:
        rows: tuple[Event, ...] = ()
        ended: RunState | None = None
        try:
            while ended is None and not stop.wait(LOOK_SECONDS):
                events, ended = attempt.look()
                rows = tuple(events)
                if rows and ended is None:
                    self._notify(TrialRows(id, rows))
            if ended is None:
                rows, ended = (), msgspec.structs.replace(attempt.run.first_state(), status="stopped")
        finally:
            attempt.end()
            with self._lock:
                del self._open[id]
        self._notify(TrialRows(id, rows, ended))


def trial_answers(trials: Trials, ask: Callable[[Request], object]) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about trials, by the request's type.

    Args:
        trials: Those of the open project.
        ask: Answers any other request.
    """

    def start(request: StartTrial) -> None:
        composed = composed_of(ask(Compose(request.selection)))
        trials.start(request.id, composed, request.trial, request.settings)

    return {StartTrial: start, StopTrial: lambda request: trials.stop(request.id)}
