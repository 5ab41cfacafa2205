"""What was found in an experiment, read from its folder when somebody looks."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QShowEvent

from niceml_engine.protocol.samples import Analysed, ReadAnalysis, Source
from niceml_engine.values import ErrorInfo, Experiment
from niceml_gui.session import Session
from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane, Found

TIMEOUT = 60.0  #: a bucket far away takes its time
READING = "Reading what was found…"
NOTHING = "Select an experiment: what its analysis found appears here."


class ExperimentAnalysis(AnalysisPane):
    """The sections of an analysis, of the experiment that is selected.

    Args:
        session: Whose engine is asked.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._experiment: Experiment | None = None
        self._read = True  # whether it has been asked for
        self._asked = 0
        self._show_waiting(NOTHING)

    def show_experiment(self, experiment: Experiment | None) -> None:
        """Turns to an experiment; it is read as soon as this is in view."""
        if experiment == self._experiment:
            return
        moved = experiment is None or self._experiment is None or experiment.uri != self._experiment.uri
        self._session.engine.forget(self._asked)
        self._experiment, self._read = experiment, experiment is None
        if moved:
            self._show_waiting(NOTHING if experiment is None else READING)
        if self.isVisible():
            self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Reads what has not been read yet."""
        super().showEvent(event)
        self._ask()

    def _ask(self) -> None:
        if self._read or self._experiment is None:
            return
        self._read = True
        selection = self._session.selection
        source = Source(experiment=self._experiment.uri, selection=selection if selection.job else None)
        answered = partial(self._answered, source)
        self._asked = self._session.engine.ask(ReadAnalysis(source), answered, self._refused, TIMEOUT)

    def _answered(self, source: Source, answer: Analysed) -> None:
        self.show_found(Found(source, answer.analyses, answer.checks, waiting="No subset was analysed in it."))

    def _refused(self, error: ErrorInfo) -> None:
        self._show_waiting(error.message)

    def _show_waiting(self, text: str) -> None:
        self.show_found(Found(waiting=text))
