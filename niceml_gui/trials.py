"""What is tried before a run: one trial at a time, the last one's results stay until the next."""

from __future__ import annotations

import time
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from niceml_engine.events import Tried
from niceml_engine.protocol.trials import StartTrial, StopTrial, TrialRows
from niceml_engine.values import ErrorInfo, RunStatus, Selection, Trial
from niceml_gui.composer import TIMEOUT
from niceml_gui.engine import GONE, Engine
from niceml_gui.trust import Trusting


class Trials(QObject):
    """The trial that runs, or ran last.

    Args:
        engine: The service's client.
        trust: Asked before anything starts.
        parent: The Qt parent.
    """

    began = Signal()
    changed = Signal()

    def __init__(self, engine: Engine, trust: Trusting, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trial = Trial("")  #: what is tried; without a title nothing has been yet
        self.selection = Selection("")  #: of which config
        self.tried: tuple[Tried, ...] = ()  #: what came of each part, as far as it is known
        self.status: RunStatus = "stopped"
        self.message = ""  #: why it ended, if no part says so
        self.details = ""
        self.started = self.ended = 0.0
        self._engine = engine
        self._trust = trust
        self._id = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return bool(self._id)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return (time.monotonic() if self.running else self.ended) - self.started

    def start(self, selection: Selection, trial: Trial) -> None:
        """Tries something; asks for trust first, if nobody has given it. A trial that still runs is ended."""

        def begin() -> None:
            self.stop()
            self._id = uuid4().hex
            self.trial, self.selection = trial, selection
            self.tried, self.status, self.message, self.details = (), "running", "", ""
            self.started = time.monotonic()
            self._engine.ask(StartTrial(self._id, selection, trial), None, self._refused, TIMEOUT)
            self.began.emit()
            self.changed.emit()

        self._trust.before(selection, begin)

    def stop(self) -> None:
        """Ends the trial, whatever it does."""
        if self.running:
            self._engine.ask(StopTrial(self._id))
            self._end("stopped")

    def take(self, news: TrialRows) -> None:
        """Takes what the service tells of a trial; of one that was ended nothing is taken."""
        if news.id != self._id:
            return
        self.tried += tuple(event for event in news.events if isinstance(event, Tried))
        if news.ended is not None:
            self._end(news.ended.status, news.ended.message)
        else:
            self.changed.emit()

    def lost(self) -> None:
        """Ends the trial of a service that is gone."""
        if self.running:
            self._end("stopped", "the engine has stopped, and the trial with it")

    def clear(self) -> None:
        """Forgets everything, as another project is open."""
        self.stop()
        self.trial, self.selection, self.tried, self.message = Trial(""), Selection(""), (), ""
        self.changed.emit()

    def _refused(self, error: ErrorInfo) -> None:
        if error.message != GONE:
            place = f"{error.file}:{error.line}: " if error.file and error.line else ""
            self._end("failed", f"{place}{error.message}", error.details)

    def _end(self, status: RunStatus, message: str = "", details: str = "") -> None:
        self._id, self.ended = "", time.monotonic()
        self.status, self.message, self.details = status, message, details
        self.changed.emit()
