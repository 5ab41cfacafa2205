"""What is known of one experiment, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from niceml_engine.values import Experiment, measured
from niceml_gui import words
from niceml_gui.desktop import elsewhere, is_local, open_folder
from niceml_gui.session import Session
from niceml_gui.values import file_stem
from niceml_gui.widgets.basics import ElidedLabel, Empty, button, label
from niceml_gui.workspaces.experiments.model import DIGITS, metric_names
from niceml_gui.workspaces.runs.op_menu import why_not


class ExperimentDetail(QScrollArea):
    """The right side of the workspace."""

    ops_wanted = Signal(str)  #: some ops of the run that made the experiment are to run again

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_experiment(None)

    def show_experiment(self, experiment: Experiment | None) -> None:
        """Shows an experiment, or what to do to see one."""
        if experiment is None:
            self.setWidget(Empty("Nothing selected", "Select an experiment to see its values."))
            return
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(12)
        name = label(experiment.name, "heading", selectable=True)
        name.setWordWrap(True)
        layout.addWidget(name)
        layout.addLayout(_facts(experiment))
        layout.addSpacing(4)
        layout.addLayout(self._actions(experiment))
        layout.addSpacing(4)
        layout.addWidget(label("METRICS", "title"))
        layout.addLayout(_metrics(experiment))
        layout.addStretch(1)
        self.setWidget(whole)

    def _open(self, folder: str) -> None:
        if why := elsewhere(self._session.host) or open_folder(folder):
            self._session.complain(why)

    def _actions(self, experiment: Experiment) -> QGridLayout:
        session, run, uri = self._session, experiment.run_id, experiment.uri
        made = []
        if run in session.runs.states:
            show = button("Show its run", "Show the curves and the log of the run that made it", icon="chart")
            show.clicked.connect(lambda: session.runs.show(run))
            use = button("Open as selection", "Make its config the current selection", icon="back")
            use.clicked.connect(lambda: session.use_run(run))
            again = button("Run again", "Put a run of the same config into the queue", icon="play")
            again.clicked.connect(lambda: session.runs.again(run))
            some = button("Run some ops…", "Run single ops again upon this experiment", icon="play")
            some.clicked.connect(lambda: self.ops_wanted.emit(run))
            if why := why_not(session, session.runs.states[run]):
                some.setEnabled(False)
                some.setToolTip(why)
            made += [show, use, again, some]
        if is_local(uri):
            folder = button("Open folder", "Open the experiment's folder", icon="folder-open")
            folder.clicked.connect(lambda: self._open(uri))
            if away := elsewhere(session.host):
                folder.setEnabled(False)
                folder.setToolTip(away)
            made.append(folder)
        copy = button("Copy location", "Copy where it lies", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(uri))
        made.append(copy)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, widget in enumerate(made):
            grid.addWidget(widget, place // 2, place % 2)
        return grid


def _facts(experiment: Experiment) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(6)
    facts = (
        ("Status", experiment.status, words.status_token(experiment.status)),
        ("Created", words.day(experiment.created), ""),
        ("Job", file_stem(experiment.job), "mono"),
        ("Digest", experiment.digest, "mono"),
        ("Run", experiment.run_id, "mono"),
        ("Location", experiment.uri, "mono"),
    )
    for name, text, role in facts:
        if text:
            value = ElidedLabel(text, Qt.TextElideMode.ElideMiddle)
            value.setProperty("role", role)
            form.addRow(label(name, "muted"), value)
    return form


def _metrics(experiment: Experiment) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(6)
    names = metric_names((experiment,))
    for row, name in enumerate(names):
        grid.addWidget(label(name), row, 0)
        value = label(words.number(measured(experiment, name), DIGITS), "mono", selectable=True)
        grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
    if not names:
        grid.addWidget(label("It has no metrics.", "muted"), 0, 0)
    return grid
