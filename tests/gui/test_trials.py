"""Trying a card or the job: what the pane shows, where it leads, and that it can be ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.trials import TrialRows
from niceml_engine.values import RunState, Trial
from niceml_gui.session import Session
from niceml_gui.widgets.header import COMPOSE, RUNS
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.try_pane import HINT, TryPane


@pytest.fixture
def pane(window: Window) -> TryPane:
    window.show_workspace(COMPOSE)
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, ComposeWorkspace)
    return workspace.trial


def rows(pane: TryPane) -> list[list[str]]:
    found = []
    for place in range(pane.table.topLevelItemCount()):
        item = pane.table.topLevelItem(place)
        assert item is not None
        found.append([item.text(column) for column in range(5)])
    return found


def ended(session: Session) -> bool:
    return bool(session.trials.trial.title) and not session.trials.running


RESULT = [
    ["model", "ok", "0.2 s", "Model · 9 layers · n×8 → n×1", "b:2"],
    ["sizes", "failed", "10 ms", "too large", "b:7"],
]


def test_a_card_is_tried_and_each_part_says_what_came_out(window: Window, pane: TryPane, qtbot: QtBot) -> None:
    assert pane.list.hint.text.text() == HINT
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, ComposeWorkspace)
    card = workspace.ops.cards["train"]
    card.head.try_button.click()
    qtbot.waitUntil(lambda: ended(window.session))
    assert window.session.trials.trial == Trial("train", ("train",))
    assert workspace.in_front(pane)
    assert rows(pane) == RESULT
    assert pane.summary.full_text().startswith("train: 1 of 2 failed")
    assert not card.folded
    pane.copy()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "sizes  failed  10 ms  too large  b:7"


def test_a_part_leads_to_its_value_and_its_file(window: Window, pane: TryPane, project: Path, qtbot: QtBot) -> None:
    window.session.try_out(Trial("train", ("train",)))
    qtbot.waitUntil(lambda: len(rows(pane)) == 2)
    seen: list[tuple[str, int]] = []
    window.session.source_requested.connect(lambda file, line: seen.append((file, line)))
    pane.table.itemActivated.emit(pane.table.topLevelItem(1), 0)
    assert seen == [(str(project / "jobs/b.yaml"), 7)]
    assert window.session.focus.key == "train.sizes"


def test_the_job_is_tried_from_the_run_menu_wherever_one_is(window: Window, pane: TryPane, qtbot: QtBot) -> None:
    window.show_workspace(RUNS)
    window.commands.run("run.try")
    qtbot.waitUntil(lambda: ended(window.session))
    assert window.session.trials.trial == Trial("a")
    assert window.workspace == COMPOSE
    assert list(window.session.runs.states) == ["r1"]


def test_a_trial_can_be_ended_and_tried_again(session: Session, window: Window, pane: TryPane, qtbot: QtBot) -> None:
    session.try_out(Trial("slow", ("train",)))
    qtbot.waitUntil(lambda: session.trials.running)
    assert pane.cancel.isVisibleTo(pane)
    id = session.trials._id
    pane.cancel.click()
    assert ended(session)
    assert pane.summary.full_text().startswith("slow: stopped")
    session.trials.take(TrialRows(id, (), RunState("t", "t", "failed", "")))
    assert session.trials.status == "stopped"
    pane.again.click()
    qtbot.waitUntil(lambda: session.trials.running)
    session.set_value("train.epochs", "2")
    assert "the config has changed since" in pane.summary.full_text()


def test_a_trial_ends_with_its_service_and_what_is_refused_is_shown(
    session: Session, window: Window, pane: TryPane, qtbot: QtBot
) -> None:
    session.try_out(Trial("slow", ("train",)))
    qtbot.waitUntil(lambda: session.trials.running)
    session.set_value("x", "die")
    qtbot.waitUntil(lambda: ended(session))
    assert "the engine has stopped" in rows(pane)[0][3]
    session.undo.undo()
    session.try_out(Trial("nothing"))
    qtbot.waitUntil(lambda: session.trials.trial.title == "nothing" and not session.trials.running)
    assert rows(pane)[0][1] == "failed"
    assert "nothing to try" in rows(pane)[0][3]
    session.refuse("train.epochs", "no number")
    session.try_job()
    assert session.trials.trial.title == "nothing"
