"""In which values the selection differs from something else, asked again whenever either changes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from niceml_engine.protocol.comparing import Change, Compare, Comparison
from niceml_engine.values import PROGRAM_JOB, ErrorInfo, RunState, Selection
from niceml_gui import words
from niceml_gui.question import Question
from niceml_gui.session import Session
from niceml_gui.values import file_stem

DELAY_MS = 150  #: composing comes first; what it differs in may come when the person pauses
TIMEOUT = 60.0
ENVIRONMENT = "oc.env:"  #: in a config whose values are not told by its text alone


@dataclass(frozen=True, slots=True)
class Against:
    """What the selection is compared with.

    Attributes:
        kind: `last`: the newest run of the job; `saved`: the job without overrides; `job`, `run` and `experiment`:
            the one that `name` says; `option`: what choosing by the override `name` would change.
        name: File of a job, id of a run, URI of an experiment, or an override that chooses.
    """

    kind: Literal["last", "saved", "job", "run", "experiment", "option"] = "last"
    name: str = ""


class Comparing(QObject):
    """Keeps asking in which values the selection differs.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._wish = Against()
        self.comparison: Comparison | None = None  #: none while there is no answer, or nothing to compare with
        self.error = ""  #: why there is no answer
        self._session = session
        self._request: Compare | None = None
        self._key: tuple[object, ...] = ()
        self._question = Question(
            session.engine,
            lambda: self._request,
            self._show,
            self._failed,
            delay=DELAY_MS,
            timeout=TIMEOUT,
            parent=self,
        )
        session.composed_changed.connect(self._composed)
        session.runs.changed.connect(self.refresh)

    @property
    def against(self) -> Against:
        """What the selection is compared with: the saved job as long as there is no last run."""
        return Against("saved") if self._wish.kind == "last" and last_run(self._session) is None else self._wish

    @property
    def changes(self) -> tuple[Change, ...]:
        """The differences, as far as they are known."""
        return self.comparison.changes if self.comparison is not None else ()

    def compare(self, against: Against) -> None:
        """Compares with something else from now on."""
        self._wish = against
        self.refresh()

    def refresh(self) -> None:
        """Asks again, if the answer may be another one."""
        composed = self._session.composed
        request = self._wanted() if composed.digest else None
        # The environment may give a config of the same digest other values.
        key = (request, composed.digest, composed.resolved_yaml)
        if key == self._key:
            return
        self._key, self._request = key, request
        self._question.drop()
        if request is None:
            self._show(None)
        elif self._is_same():
            self._show(Comparison((), composed.digest))
        else:
            self._question.ask()

    def _composed(self) -> None:
        if self.error:  # what could not be answered may be answered now
            self._key = ()
        self.refresh()

    def _wanted(self) -> Compare | None:
        session, name = self._session, self.against.name
        now = session.composed.selection
        match self.against.kind:
            case "last":
                last = last_run(session)
                return Compare(now, run=last.id) if last is not None else None
            case "run":
                return Compare(now, run=name) if name in session.runs.states else None
            case "experiment":
                return Compare(now, experiment=name)
            case "job":
                return Compare(now, other=Selection(name))
            case "option":
                return Compare(with_choice(now, name), other=now)
        return Compare(now, other=Selection(now.job))

    def _is_same(self) -> bool:
        """Whether the selections, or the digests, already say that there is no difference."""
        if self._request is None or not self._request.run:
            return self._request is not None and self._request.other == self._request.selection
        run, now = self._session.runs.states.get(self._request.run), self._session.composed
        return run is not None and run.digest == now.digest and ENVIRONMENT not in now.yaml

    def _show(self, comparison: Comparison | None) -> None:
        self.comparison, self.error = comparison, ""
        self.changed.emit()

    def _failed(self, error: ErrorInfo) -> None:
        self.comparison, self.error = None, error.message
        self.changed.emit()


def last_run(session: Session) -> RunState | None:
    """The newest run of the job that is open, by the Dagster job or the program that would run it now."""
    file, job = session.selection.job, session.last_good.dagster_job
    jobs = session.project.tree.jobs if session.project is not None else ()
    script = "" if job else next((known.script for known in jobs if known.file == file), "")
    kin = (run for run in session.runs.states.values() if run.job == file)
    return next((run for run in kin if run.does(job or (PROGRAM_JOB if script else ""), script)), None)


def with_choice(selection: Selection, override: str) -> Selection:
    """A selection with another choice in place of its own."""
    key = override.partition("=")[0].lstrip("+")
    kept = (text for text in selection.overrides if text.partition("=")[0].lstrip("+~") != key)
    return Selection(selection.job, (*kept, override))


def run_words(run: RunState) -> str:
    """A run in words, as the list of runs shows it."""
    return f"{words.title(run)} · {words.moment(run.created, time.time())}"


def against_words(session: Session, against: Against) -> str:
    """What the selection is compared with, in words."""
    match against.kind:
        case "last":
            run = last_run(session)
            return f"the last run{f', {run_words(run)}' if run is not None else ''}"
        case "saved":
            return "the saved job"
        case "job":
            return f"job {file_stem(against.name)}"
        case "run":
            run = session.runs.states.get(against.name)
            return f"run {run_words(run)}" if run is not None else "a run that is gone"
        case "experiment":
            return f"experiment {against.name.rstrip('/').rpartition('/')[2]}"
        case "option":
            return f"choosing {against.name.rpartition('=')[2]}"
