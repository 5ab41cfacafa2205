"""The bottom line: the state in words."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from niceml_engine.protocol.earlier import Earlier, value_words
from niceml_engine.short import named, short_keys
from niceml_engine.values import ACTIVE, Composed, Leaf, Problem, RunState, Severity
from niceml_gui import words
from niceml_gui.address import HERE, Host
from niceml_gui.comparing import ENVIRONMENT, last_run
from niceml_gui.earlier import LookingBack
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedButton, label

DIGEST = "Copy the digest: the name of this config as it is written"
NAMED = 8  #: values of the environment that are told


def problem_words(problems: tuple[Problem, ...]) -> str:
    """How many problems of which kind: `1 error · 2 warnings · 3 notes`, or that there are none."""
    counts = Counter(problem.severity for problem in problems)
    kinds: tuple[tuple[Severity, str], ...] = (("error", "error"), ("warning", "warning"), ("info", "note"))
    said = [words.counted(counts[severity], word) for severity, word in kinds if counts[severity]]
    if not counts["error"] and not counts["warning"]:
        said.insert(0, "no problems")
    return " · ".join(said)


def short_digest(digest: str) -> str:
    """A digest as a person compares it: `7f3a…c1`."""
    plain = digest.removeprefix("sha256:")
    return f"{plain[:4]}…{plain[-2:]}" if len(plain) > 8 else plain


def digest_words(composed: Composed) -> str:
    """What a digest is the name of, and what it does not tell: the values that come from the environment."""
    given = {leaf.key: leaf.resolved for leaf in composed.leaves if _is_given(leaf)}
    names = short_keys(given)
    lines = [f"{names[key]} {value_words(value)}" for key, value in tuple(given.items())[:NAMED]]
    if not lines:
        return DIGEST
    more = [f"and {words.counted(len(given) - NAMED, 'value')} more"] if len(given) > NAMED else []
    return "\n".join((f"{DIGEST}. What the environment gives is not in it; that is now", *lines, *more))


def _is_given(leaf: Leaf) -> bool:
    return isinstance(leaf.value, str) and ENVIRONMENT in leaf.value and not (leaf.secret or leaf.reason)


def difference_words(session: Session, earlier: Earlier) -> str:
    """That the selection has run before, or in how many values it differs from the last run of its job."""
    last, composed = last_run(session), session.composed
    if last is None or not composed.digest:
        return ""
    if last.id in earlier.same:
        return "same as the last run"
    if earlier.same:
        same = session.runs.states.get(earlier.same[0])
        return f"has run before{f', as {words.told(same)}' if same is not None else ''}"
    if earlier.last is None or earlier.last.run != last.id:  # it is not known yet
        return "differs from last run" if last.digest != composed.digest else ""
    count = earlier.last.count
    return f"differs from last run in {words.counted(count, 'value')}" if count else "same values as in the last run"


def python_words(python: str, host: Host = HERE) -> str:
    """Which interpreter runs the workers, by its environment's folder: the project's, else the program's own."""
    python = python or host.python
    if not python and not host.here:
        return "python of niceml-engine"
    if not python:
        return f"python {sys.version_info.major}.{sys.version_info.minor} · {Path(sys.prefix).name}"
    path = pure(python)
    return f"python · {path.parent.parent.name if path.parent.name in ('bin', 'Scripts') else path.name}"


def active_run(session: Session) -> RunState | None:
    """The run to speak of: the one that runs, else the next in the queue."""
    active = [run for run in session.runs.states.values() if run.status in ACTIVE]
    begun = [run for status in ("running", "starting") for run in active if run.status == status]
    return next(iter((*begun, *sorted(active, key=lambda run: run.rank))), None)


class StatusBar(QWidget):
    """Problems, digest and difference at the left; interpreter and active run at the right.

    Args:
        session: What the window works on.
        looking_back: Knows what has run before, as it is told beside the Run button.
    """

    problems_clicked = Signal()
    difference_clicked = Signal(str)  #: id of the run that it is the same as; empty: it is told of the last one
    run_clicked = Signal(str)

    def __init__(self, session: Session, looking_back: LookingBack) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self._session = session
        self.problems = _quiet("Show the problems")
        self.digest = _quiet(DIGEST)
        self.difference = _quiet("Show the differences")
        self.looking_back = looking_back
        self.busy = label()
        self.host = _quiet("The machine on which the project lies")
        self.python = label()
        self.run = _quiet("Show this run", ElidedButton(mode=Qt.TextElideMode.ElideMiddle))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 10, 0)
        layout.setSpacing(12)
        for widget in (self.problems, self.digest, self.difference, self.busy):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.host)
        layout.addWidget(self.python)
        layout.addWidget(self.run)
        self.problems.clicked.connect(self.problems_clicked)
        self.difference.clicked.connect(self._show_difference)
        self.digest.clicked.connect(lambda: QGuiApplication.clipboard().setText(session.composed.digest))
        self.run.clicked.connect(self._show_run)
        self.host.clicked.connect(lambda: QGuiApplication.clipboard().setText(str(session.address)))
        session.connection.changed.connect(self.refresh)
        for changed in (
            session.project_changed,
            session.selection_changed,
            session.composed_changed,
            session.problems_changed,
            session.runs.changed,
            looking_back.changed,
        ):
            changed.connect(self.refresh)
        session.busy_changed.connect(lambda _busy: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Reads the session."""
        session = self._session
        opened = session.project is not None
        problems = session.problems
        worst = next((kind for kind in ("error", "warning") if any(p.severity == kind for p in problems)), "ok")
        icon = {"error": "error", "warning": "warning", "ok": "check"}[worst]
        self.problems.setText(f" {problem_words(problems)}")
        if self.problems.property("kind") != worst:
            self.problems.setProperty("kind", worst)
            tint(self.problems, icon, worst)
        self.problems.setVisible(opened and bool(session.composed.digest or problems))
        self.digest.setText(f"digest {short_digest(session.composed.digest)}")
        self.digest.setVisible(bool(session.composed.digest))
        self.digest.setToolTip(digest_words(session.composed))
        self.difference.setText(difference_words(session, self.looking_back.current))
        self.difference.setVisible(bool(self.difference.text()))
        self.busy.setText(_busy_words(session))
        self._show_host(opened)
        python = session.project.python if session.project is not None else ""
        self.python.setText(python_words(python, session.host) if opened else "")
        own = sys.executable if session.host.here else session.host.python or "the interpreter of niceml-engine"
        on = "" if session.host.here else f" on {session.host.label}"
        self.python.setToolTip(f"Runs are executed by {python or own}{on}")
        run = active_run(session)
        self.run.setVisible(run is not None)
        if run is not None:
            said = "" if words.status(run) == "running" else words.status(run)  # its message says more
            parts = (f"run {named(run)}", said, run.message)
            text = " · ".join(part for part in parts if part)
            self.run.setText(f" {text}")
            self.run.setToolTip(f"Show this run: {text.removeprefix('run ')}")
            token = words.token(run) if run.status == "running" else "muted"
            if self.run.property("kind") != token:
                self.run.setProperty("kind", token)
                tint(self.run, "dot", token)

    def _show_host(self, opened: bool) -> None:
        host, up = self._session.host, self._session.connection.up
        self.host.setVisible(opened and not host.here)
        self.host.setText(f" {host.label}" if up else f" {host.label} · not connected")
        self.host.setToolTip(f"Copy the address {self._session.address}")
        token = "muted" if up else "error"
        if self.host.property("kind") != token:
            self.host.setProperty("kind", token)
            tint(self.host, "host", token)

    def _show_difference(self) -> None:
        self.difference_clicked.emit(next(iter(self.looking_back.current.same), ""))

    def _show_run(self) -> None:
        run = active_run(self._session)
        if run is not None:
            self.run_clicked.emit(run.id)


def _busy_words(session: Session) -> str:
    if session.connection.silent:
        return f"waiting for the engine{'' if session.host.here else f' on {session.host.label}'}…"
    if not session.busy:
        return "out of date" if session.stale and session.project is not None else ""
    if session.project is not None:
        return "composing…"
    return "opening…" if session.connection.up or session.host.here else f"connecting to {session.host.label}…"


def _quiet(tip: str, made: QPushButton | None = None) -> QPushButton:
    made = made or QPushButton()
    made.setProperty("role", "flat")
    made.setToolTip(tip)
    made.setAccessibleDescription(tip)
    made.setIconSize(QSize(14, 14))
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made
