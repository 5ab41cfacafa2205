"""Running some ops of a job again, upon an experiment that is there."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.earlier import Earlier, Like, LookBack, changes
from niceml_engine.values import ENDED, TRAIN_OP, RunState
from niceml_gui import words
from niceml_gui.question import Question
from niceml_gui.session import Session
from niceml_gui.values import file_stem
from niceml_gui.widgets.basics import button, label
from niceml_gui.widgets.dialog import Dialog, fit

TIMEOUT = 120.0  #: as for what has run before
MAKES = "experiment"  #: the op that makes the experiment folder: run again, it would make another one


def candidates(session: Session, dagster_job: str) -> list[RunState]:
    """The runs of a job upon whose experiments ops can run, newest first."""
    there = (state for state in session.runs.states.values() if state.id != session.runs.gone)
    return [state for state in there if state.dagster_job == dagster_job and state.status in ENDED and state.experiment]


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


class OpsDialog(Dialog):
    """Asks which ops are to run, upon which experiment, and with which config.

    Args:
        session: What the window works on.
        parent: The window over which it lies.
        run: The run whose experiment is offered first; empty: the selected run, if it is of the job that is
            composed, else the newest of that job.
        op: The op that is ticked at first; empty: the one in which the run failed and those after it.
        edited: Whether those after the op are ticked too, with the config that is composed now.
    """

    def __init__(self, session: Session, parent: QWidget, run: str = "", op: str = "", *, edited: bool = False) -> None:
        super().__init__(session, "Run some ops again", parent)
        self.resize(620, 0)
        state = session.runs.states.get(run)
        if state is not None and state.script:  # a program of one's own has no ops
            state, run = None, ""
        job = state.dagster_job if state is not None else session.composed.dagster_job
        self._op, self._edited = op, edited
        self._unlike: Like | None = None
        self._question = Question(
            session.engine, self._wanted, self._answered, lambda _: None, delay=0, timeout=TIMEOUT, parent=self
        )
        self.experiments = QComboBox()
        self.experiments.setAccessibleName("Experiment")
        self.experiments.setToolTip("What the ops find there, and where they write")
        now = time.time()
        for one in candidates(session, job):
            told = (words.title(one), words.status(one), words.moment(one.created, now))
            self.experiments.addItem(" · ".join(told), one.id)
        self.experiments.setCurrentIndex(max(self.experiments.findData(run or session.runs.current), 0))
        self.ops = {name: QCheckBox(name) for name in session.ops_of(job) if name != MAKES}
        boxes = QHBoxLayout()
        boxes.setSpacing(16)
        for box in self.ops.values():
            box.toggled.connect(self._tell)
            boxes.addWidget(box)
        boxes.addStretch(1)
        composed = f"{file_stem(session.selection.job)} as it is composed now"
        if count := len(session.selection.overrides):
            composed += f", with {words.counted(count, 'override')}"
        self.own = QRadioButton("that of the run")
        self.composed = QRadioButton(composed)
        self.composed.setEnabled(bool(session.selection.job) and session.composed.dagster_job == job)
        self._configs = QButtonGroup(self)
        configs = QVBoxLayout()
        configs.setSpacing(4)
        for choice in (self.own, self.composed):
            self._configs.addButton(choice)
            configs.addWidget(choice)
        (self.composed if (edited or not run) and self.composed.isEnabled() else self.own).setChecked(True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        for name, field in (("Experiment", self.experiments), ("Ops", boxes), ("Config", configs)):
            form.addRow(label(name, "muted"), field)
        self.kept = label("", "muted")
        self.kept.setWordWrap(True)
        self.warning = label("", "warning")
        self.warning.setWordWrap(True)
        tip = "Put a run of these ops into the queue"
        self.start = button("Run", tip, icon="play", role="primary", token="on_accent")
        self.start.setDefault(True)
        self.cancel.setToolTip("Start nothing (Esc)")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(self.kept)
        layout.addWidget(self.warning)
        layout.addStretch(1)
        layout.addLayout(self.foot(self.start))
        self.experiments.currentIndexChanged.connect(self._offer)
        self.composed.toggled.connect(self._compare)
        self.start.clicked.connect(self._start)
        session.runs.requested.connect(self.accept)
        self._offer()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ops that are ticked."""
        return tuple(name for name, box in self.ops.items() if box.isChecked())

    def _offer(self) -> None:
        """Ticks what is likely meant for the experiment that is chosen."""
        state = self.session.runs.states.get(self.experiments.currentData() or "")
        names = list(self.ops)
        first = state.next_op(names) if state is not None and state.status in ("failed", "stopped") else ""
        if self._op in names and self._edited:
            first = self._op
        wanted = [self._op] if self._op and not self._edited else names[names.index(first) :] if first in names else []
        for name, box in self.ops.items():
            box.setChecked(name in wanted)
        self._compare()

    def _compare(self) -> None:
        """Asks in what the config differs from that of the run, where it is another one."""
        self._unlike = None
        if self.composed.isChecked() and self.experiments.count():
            self._question.ask()
        else:
            self._question.drop()
        self._tell()

    def _wanted(self) -> LookBack:
        return LookBack(self.session.selection, self.experiments.currentData())

    def _answered(self, earlier: Earlier) -> None:
        self._unlike = earlier.wanted
        self._tell()

    def _tell(self) -> None:
        chosen, there = self.chosen, self.experiments.count() > 0
        kept = [name for name in self._there() if name not in chosen]
        refused = self._refused() if chosen and there else ""
        self.start.setEnabled(bool(chosen) and there and not refused)
        warning = ""
        if not there:
            self.kept.setText("No run of this job has made an experiment yet: run the job once.")
        elif not chosen:
            self.kept.setText("Tick the ops that are to run.")
        else:
            stays = f"Kept as they are there: {', '.join(kept)}." if kept else "Nothing is kept."
            anew = f"{TRAIN_OP} begins anew, at its first epoch, whatever it has saved." if TRAIN_OP in chosen else ""
            self.kept.setText("\n".join(filter(None, (stays, anew, self._unlike_words()))))
            warning = refused or self._stale(kept)
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self.say("")
        fit(self)

    def _refused(self) -> str:
        """Why these ops cannot run with the config that is composed now, as far as that is known."""
        if self._unlike is None or not self.composed.isChecked():
            return ""
        state = self.session.runs.states.get(self.experiments.currentData() or "")
        ops = self.session.ops_of(state.dagster_job if state is not None else "")
        op = next((op for op in ops if op not in self.chosen and op in self._unlike.unlike), "")
        if not op:
            return ""
        tick = f"tick {op} too, " if op in self.ops else ""
        return (
            f"{op} is kept, but {self._unlike.unlike[op]} is not as in the run: {tick}set it back, or take its config."
        )

    def _stale(self, kept: Sequence[str]) -> str:
        """Which ops keep what they made of what one before them makes anew."""
        names, chosen = list(self.ops), self.chosen
        after = [op for op in kept if op in names and names.index(op) > names.index(chosen[0])]
        if not after:
            return ""
        they = "it" if len(after) == 1 else "them"
        return f"What {_listed(after)} made stays, though it is of another {chosen[0]}: tick {they} too."

    def _unlike_words(self) -> str:
        """In what the config differs from that of the run, as far as that is known."""
        if self._unlike is None or not self.composed.isChecked():
            return ""
        found = changes(self._unlike)
        return f"Otherwise than in the run: {found}" if found else "The config is that of the run."

    def _there(self) -> list[str]:
        """The ops that have been done upon the experiment, in the order of the job."""
        states = self.session.runs.states
        state = states.get(self.experiments.currentData() or "")
        ops = self.session.ops_of(state.dagster_job if state is not None else "")
        found: set[str] = set()
        while state is not None:
            own = state.continues.ops if state.continues is not None else ops
            found.update(state.done_of(own))
            if state.continues is None:
                break
            parent = states.get(state.continues.parent)
            if parent is None:  # it is gone: what stands before the first op must have been there
                found.update(ops[: ops.index(own[0])] if own[0] in ops else ())
            state = parent
        return [op for op in ops if op in found]

    def _start(self) -> None:
        self.say("")
        self.session.runs.resume(
            self.experiments.currentData(),
            selection=self.session.selection if self.composed.isChecked() else None,
            only=self.chosen,
            refused=self.failed,
        )
