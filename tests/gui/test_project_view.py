"""What is in front belongs to the project: workspace, and panes of each."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from niceml_gui.pages import COMPOSE, EXPERIMENTS, RUNS
from niceml_gui.session import Session
from niceml_gui.widgets.docks import Docks
from niceml_gui.window import Window


def workspace(window: Window, number: int) -> Docks:
    found = window.pages.workspace(number)
    assert isinstance(found, Docks)
    return found


def pane(docks: Docks, name: str) -> QWidget:
    return next(one for one in docks.panes if one.objectName() == name)


def opened(session: Session, path: Path, qtbot: QtBot) -> None:
    session.open(str(path))
    qtbot.waitUntil(lambda: session.project is not None and session.project.root == str(path) and not session.busy)


def test_what_is_in_front_of_a_project_is_not_in_front_of_another(
    window: Window, session: Session, project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    runs = workspace(window, RUNS)
    assert window.workspace == COMPOSE
    window.show_workspace(RUNS)
    runs.show_pane(pane(runs, "table"))
    runs.show_pane(pane(runs, "events"))
    opened(session, tmp_path / "other", qtbot)
    assert window.workspace == COMPOSE, "it was never open"
    assert (runs.in_front(pane(runs, "metrics")), runs.in_front(pane(runs, "log"))) == (True, True)
    window.show_workspace(EXPERIMENTS)
    opened(session, project, qtbot)
    assert window.workspace == RUNS
    assert (runs.in_front(pane(runs, "table")), runs.in_front(pane(runs, "events"))) == (True, True)
    window.close_project()
    opened(session, tmp_path / "other", qtbot)
    assert window.workspace == EXPERIMENTS
    assert runs.in_front(pane(runs, "metrics"))


def test_a_window_that_is_closed_in_runs_opens_in_runs_unless_a_config_is_asked_for(
    window: Window, session: Session, project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window.show_workspace(RUNS)
    runs = workspace(window, RUNS)
    runs.show_pane(pane(runs, "gantt"))
    window.close()
    again = Window(session)
    assert again.workspace == RUNS
    runs = workspace(again, RUNS)
    assert runs.in_front(pane(runs, "gantt"))
    opened(session, tmp_path / "other", qtbot)
    session.open(str(project), "jobs/b.yaml")
    qtbot.waitUntil(lambda: session.project is not None and session.project.root == str(project) and not session.busy)
    assert again.workspace == COMPOSE
    again.close()
    again.deleteLater()


def test_the_pane_of_a_comparison_does_not_come_without_one(window: Window, session: Session) -> None:
    runs = workspace(window, RUNS)
    runs.show_pane(pane(runs, "compared"))
    assert "compared" not in runs.fronts()
    assert "analysis" in runs.fronts()
