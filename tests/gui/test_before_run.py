"""Before a start, it is said what has run before that is like it; the real service, on runs that have ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.widgets.before_run import BeforeRun
from niceml_gui.widgets.header import COMPOSE, RUNS
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.runs.panel import RunsWorkspace
from tests.engine.past_runs import EPOCHS, RATE, write_sweep
from tests.engine.projects import TRAIN, copy_project


@pytest.fixture
def window(clean: None, tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    project = tmp_path / "p"
    project.mkdir()
    copy_project(project)
    write_sweep(project, epochs=(4,), rates=(1e-3, 1e-2))
    session = Session()
    session.engine.start()
    session.open(str(project), str(project / TRAIN))
    window = Window(session)
    window.show()
    qtbot.waitUntil(lambda: bool(session.composed.digest) and len(session.runs.states) == 2, timeout=30_000)
    yield window
    window.close()
    window.deleteLater()
    session.deleteLater()


def test_what_is_like_it_is_told_beside_the_run_button(window: Window, qtbot: QtBot) -> None:
    header, session = window.header, window.session
    qtbot.waitUntil(header.before_button.isVisible, timeout=30_000)
    assert header.before_button.toolTip().startswith("Differs from the last run, CLB-")
    session.set_overrides((f"{EPOCHS}=4", f"{RATE}=0.002"), "Change")
    qtbot.waitUntil(lambda: getattr(header.looking_back.current.nearest, "count", 0) == 1, timeout=30_000)
    header.before_button.click()
    (popup,) = header.findChildren(BeforeRun) or [header.before]
    assert popup is not None
    said = " ".join(popup.texts())
    assert RATE in said
    assert "0.01 → 0.002" in said
    compare = next(one for one in popup.findChildren(QPushButton) if one.accessibleName() == "Compare")
    compare.click()
    compose = window.pages.currentWidget()
    assert isinstance(compose, ComposeWorkspace)
    assert window.workspace == COMPOSE
    assert compose.diff.comparing.against.kind == "run"
    header.before_button.click()
    assert popup.isVisible()
    window.show_workspace(RUNS)
    assert not popup.isVisible(), "it is about what would be run"


def test_the_very_same_config_is_told_with_its_result_and_starts_without_a_question(
    window: Window, qtbot: QtBot
) -> None:
    header, session = window.header, window.session
    session.set_overrides((f"{EPOCHS}=4", f"{RATE}=0.001"), "Change")
    qtbot.waitUntil(lambda: bool(header.looking_back.current.same), timeout=30_000)
    assert "this very config has run before" in header.run_button.toolTip().lower()
    assert "test.f1 0." in header.run_button.toolTip()
    assert header.before_button.property("kind") == "warning"
    header.before_button.click()
    assert header.before is not None
    texts = {one.full_text(): one.text() for one in header.before.findChildren(ElidedLabel)}
    (result,) = (text for text in texts if text.startswith("succeeded, test.f1 0."))
    assert texts[result] == result, "what it came to is told whole"
    assert "epochs=4 learning_rate=0.001" in texts, "it goes by the name that it has elsewhere"
    header.before.close()
    session.runs.change_queue(paused=True)
    header.run_button.click()
    qtbot.waitUntil(lambda: len(session.runs.states) == 3, timeout=30_000)  # nobody was asked


def test_runs_are_compared_in_the_window_with_the_real_service(window: Window, qtbot: QtBot) -> None:
    window.show_workspace(RUNS)
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, RunsWorkspace)
    runs = list(window.session.runs.states)
    workspace.comparison.set(runs)
    qtbot.waitUntil(lambda: len(workspace.charts.shown) == 2 and not workspace.feeder.busy, timeout=30_000)
    qtbot.waitUntil(lambda: len(workspace.side.differences.found.found) > 0, timeout=30_000)
    keys = [one.key for one in workspace.side.differences.found.found]
    assert RATE in keys
    qtbot.waitUntil(lambda: all(record.ended is not None for record in workspace.feeder.records.values()))
    workspace.runs.query.set_text("config.learning_rate < 0.005 and min.val_loss < 10")
    assert len(workspace.runs.model.listed()) == 1
