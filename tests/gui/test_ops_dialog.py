"""Running some ops upon an experiment that is there, from the Compose workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.configs import OpReference
from niceml_engine.protocol.earlier import Difference, Earlier, Like, LookBack
from niceml_engine.protocol.frames import Request
from niceml_engine.protocol.runs import ResumeRun, RunChanged
from niceml_engine.values import Continuation, ErrorInfo, JobSpec, RunState, RunStatus
from niceml_gui.session import Session
from niceml_gui.widgets import header
from niceml_gui.widgets.ops_dialog import OpsDialog
from niceml_gui.window import Window

RUNS: tuple[tuple[str, RunStatus, str], ...] = (
    ("e1", "succeeded", "job_a"),
    ("e2", "failed", "job_a"),
    ("x", "succeeded", "job_b"),
)
OPS = ("experiment", "train", "prediction", "analysis")


@pytest.fixture
def runs(window: Window, session: Session, qtbot: QtBot) -> None:
    """Two runs of the job that is composed, and one of another one."""
    qtbot.waitUntil(lambda: not session.engine._waiting)
    session.reference = OpReference((), (JobSpec("job_a", "", OPS),))
    for name, status, job in RUNS:
        op, created = "prediction" if status == "failed" else "", float(len(session.runs.states))
        state = RunState(name, name, status, "a.yaml", job, op=op, created=created, experiment=f"/e/{name}")
        session.runs.take(RunChanged(state))


@pytest.fixture
def asked(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[tuple[ResumeRun, Callable[..., object]]]:
    """What the service is asked to resume, and who is told that it refuses."""
    found: list[tuple[ResumeRun, Callable[..., object]]] = []
    ask = session.engine.ask

    def watched(request: Request, then: Any = None, failed: Any = None, timeout: float = 30.0) -> int:
        if isinstance(request, ResumeRun):
            found.append((request, failed))
            return 0
        return ask(request, then, failed, timeout)

    monkeypatch.setattr(session.engine, "ask", watched)
    return found


def opened(window: Window, qtbot: QtBot) -> OpsDialog:
    qtbot.waitUntil(lambda: window.findChild(OpsDialog) is not None)
    dialog = window.findChild(OpsDialog)
    assert isinstance(dialog, OpsDialog)
    return dialog


@pytest.mark.usefixtures("runs")
def test_ops_are_chosen_two_clicks_away_from_the_run_button(
    window: Window, session: Session, asked: list[tuple[ResumeRun, Callable[..., object]]], qtbot: QtBot
) -> None:
    window.header.ways_button.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    ways = {action.text(): action for action in menu.actions()}
    assert list(ways) == ["Run", "Try job", "Run some ops on an experiment…"]
    ways["Run some ops on an experiment…"].trigger()
    menu.close()
    dialog = opened(window, qtbot)
    assert [dialog.experiments.itemData(place) for place in range(dialog.experiments.count())] == ["e2", "e1"]
    assert list(dialog.ops) == ["train", "prediction", "analysis"]  # not the one that makes the experiment
    assert dialog.chosen == ("prediction", "analysis")  # from where it failed
    dialog.experiments.setCurrentIndex(1)
    assert dialog.chosen == ()
    assert not dialog.start.isEnabled()
    dialog.ops["prediction"].setChecked(True)
    assert "experiment, train, analysis" in dialog.kept.text()
    dialog.start.click()
    qtbot.waitUntil(lambda: bool(asked))
    request, failed = asked[0]
    assert (request.run, request.only, request.selection) == ("e1", ("prediction",), session.selection)
    failed(ErrorInfo("train was run with another value and is kept"))
    assert dialog.note.full_text() == "train was run with another value and is kept"
    dialog.own.setChecked(True)
    dialog.start.click()
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1][0].selection is None
    session.runs.show("e1")  # as it does once the run waits
    assert window.findChild(OpsDialog) is None or not dialog.isVisible()


@pytest.mark.usefixtures("runs")
def test_the_op_and_the_run_that_were_meant_are_offered_first(window: Window, qtbot: QtBot) -> None:
    window.asking.run_ops("e1", "analysis")
    dialog = opened(window, qtbot)
    assert dialog.experiments.currentData() == "e1"
    assert dialog.chosen == ("analysis",)
    assert dialog.own.isChecked()
    dialog.reject()


@pytest.mark.usefixtures("runs")
def test_where_a_program_was_looked_at_the_runs_of_the_composed_job_are_offered(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    program = RunState("p", "train.py", "succeeded", "train.py", "program", script="train.py", created=9.0)
    session.runs.take(RunChanged(program))
    window.asking.run_ops("p")
    dialog = opened(window, qtbot)
    assert [dialog.experiments.itemData(place) for place in range(dialog.experiments.count())] == ["e2", "e1"]
    assert list(dialog.ops) == ["train", "prediction", "analysis"]
    dialog.reject()


@pytest.mark.usefixtures("runs")
def test_a_training_with_another_config_is_said_to_begin_anew_and_in_what_it_differs(
    window: Window, session: Session, asked: list[tuple[ResumeRun, Callable[..., object]]], qtbot: QtBot
) -> None:
    window.asking.run_edited("e2", "train")
    dialog = opened(window, qtbot)
    assert dialog.experiments.currentData() == "e2"
    assert dialog.chosen == ("train", "prediction", "analysis")
    assert dialog.composed.isChecked()
    assert dialog._wanted() == LookBack(session.selection, "e2")
    assert "train begins anew, at its first epoch, whatever it has saved." in dialog.kept.text()
    dialog._answered(Earlier("d", wanted=Like("e2", 1, (Difference("ops.train.steps_per_epoch", 20, 3),))))
    assert "Otherwise than in the run: steps_per_epoch 20 → 3" in dialog.kept.text()
    dialog._answered(Earlier("d", wanted=Like("e2")))
    assert "The config is that of the run." in dialog.kept.text()
    dialog.ops["train"].setChecked(False)
    assert "begins anew" not in dialog.kept.text()
    dialog.own.setChecked(True)
    assert "config" not in dialog.kept.text()
    assert not asked
    dialog.reject()


@pytest.mark.usefixtures("runs")
def test_kept_is_only_what_is_there(window: Window, session: Session, qtbot: QtBot) -> None:
    upon = Continuation(("prediction",), "/e/e2", "e2")
    again = RunState("e3", "e3", "succeeded", "a.yaml", "job_a", created=9.0, experiment="/e/e2", continues=upon)
    session.runs.take(RunChanged(again))
    window.asking.run_ops("e2", "analysis")
    dialog = opened(window, qtbot)
    assert dialog.kept.text() == "Kept as they are there: experiment, train."  # prediction failed
    dialog.experiments.setCurrentIndex(dialog.experiments.findData("e3"))
    dialog.ops["analysis"].setChecked(True)
    assert dialog.kept.text() == "Kept as they are there: experiment, train, prediction."
    session.runs._drop("e2")
    dialog.ops["train"].setChecked(True)
    assert dialog.kept.text().splitlines()[0] == "Kept as they are there: experiment, prediction."
    dialog.reject()


@pytest.mark.usefixtures("runs")
def test_run_is_grey_and_names_the_key_where_an_op_that_is_kept_is_configured_otherwise(
    window: Window, qtbot: QtBot
) -> None:
    window.asking.run_edited("e1", "analysis")
    dialog = opened(window, qtbot)
    assert dialog.start.isEnabled()
    dialog._answered(
        Earlier("d", wanted=Like("e1", 9, (), {"train": "ops.train.epochs", "analysis": "ops.analysis.n"}))
    )
    dialog.ops["train"].setChecked(False)
    assert not dialog.start.isEnabled()
    assert dialog.warning.text().startswith("train is kept, but ops.train.epochs is not as in the run: tick train too")
    dialog.ops["train"].setChecked(True)
    assert dialog.start.isEnabled()
    dialog.ops["train"].setChecked(False)
    dialog.own.setChecked(True)
    assert dialog.start.isEnabled()
    dialog.reject()


@pytest.mark.usefixtures("runs")
def test_ops_that_keep_what_they_made_of_something_else_are_named(window: Window, qtbot: QtBot) -> None:
    window.asking.run_ops("e1", "train")
    dialog = opened(window, qtbot)
    said = "What prediction and analysis made stays, though it is of another train: tick them too."
    assert dialog.warning.text() == said
    assert dialog.start.isEnabled()
    dialog.ops["prediction"].setChecked(True)
    assert dialog.warning.text().startswith("What analysis made stays")
    dialog.ops["analysis"].setChecked(True)
    assert dialog.warning.isHidden()
    dialog.reject()


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("workspace", "shown", "offered"),
    [(header.RUNS, "e1", "e1"), (header.RUNS, "x", "x"), (header.COMPOSE, "e1", "e1")],
)
def test_the_run_that_is_shown_is_offered_first(
    window: Window, session: Session, qtbot: QtBot, workspace: int, shown: str, offered: str
) -> None:
    session.runs.select(shown)
    window.show_workspace(workspace)
    window.commands.run("run.ops")
    dialog = opened(window, qtbot)
    assert dialog.experiments.currentData() == offered
    assert dialog.composed.isChecked() == (workspace == header.COMPOSE)
    dialog.reject()


def test_without_an_experiment_it_says_what_to_do(window: Window, qtbot: QtBot) -> None:
    window.asking.run_ops()
    dialog = opened(window, qtbot)
    assert "run the job once" in dialog.kept.text()
    assert not dialog.start.isEnabled()
    dialog.reject()
