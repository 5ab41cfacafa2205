"""The whole way through the real window, with the real service and a real worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from niceml_engine.values import ENDED
from niceml_gui.session import Session
from niceml_gui.widgets.dialogs import ExportDialog
from niceml_gui.widgets.header import COMPOSE, RUNS
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.runs.panel import RunsWorkspace
from tests.engine.digits import write_digits
from tests.engine.projects import TRAIN, copy_project, write_own_model

PARAMS = "ops.train.config.train_params"
CLI = str(Path(sys.executable).with_name("niceml-engine"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "digits"
    folder.mkdir()
    copy_project(folder)
    write_digits(folder / "data" / "numbers_cropped_split", (0, 1), per_class=40)
    return folder


@pytest.fixture
def window(clean: None, project: Path, qtbot: QtBot) -> Iterator[Window]:
    session = Session()
    session.engine.start()
    session.open(str(project), str(project / TRAIN))
    window = Window(session)
    window.show()
    qtbot.waitUntil(lambda: bool(session.composed.digest) and not session.busy, timeout=30_000)
    yield window
    window.close()
    window.deleteLater()
    session.deleteLater()


def composed(session: Session) -> Callable[[], bool]:
    """Whether the newest selection has been composed."""
    return lambda: not session.busy and not session.stale and session.composed.selection == session.selection


def workspace(window: Window, number: int) -> ComposeWorkspace | RunsWorkspace:
    window.header.segments.segments[number].click()
    shown = window.pages.currentWidget()
    assert isinstance(shown, ComposeWorkspace | RunsWorkspace)
    return shown


def type_into(qtbot: QtBot, compose: ComposeWorkspace, key: str, text: str) -> None:
    """Types a value into its field on the op card."""
    row = compose.ops.row_of(key, "")
    assert row is not None
    row.control.setFocus()
    row.control.selectAll()
    qtbot.keyClicks(row.control, text)
    qtbot.keyClick(row.control, Qt.Key.Key_Return)


def pick(compose: ComposeWorkspace, package: str, option: str) -> None:
    """Picks an option on an op card."""
    rows = [(card, row) for card in compose.ops.cards.values() for row in card.card.rows]
    ((card, found),) = [(card, row) for card, row in rows if row.choice is not None and row.choice.package == package]
    row = card.reach(found)
    row.control.activated.emit(row.control.findText(option))


@pytest.mark.timeout(120)
def test_a_model_of_ones_own_can_be_chosen_as_soon_as_it_is_written(
    window: Window, project: Path, qtbot: QtBot
) -> None:
    session = window.session
    compose = workspace(window, COMPOSE)
    assert isinstance(compose, ComposeWorkspace)
    write_own_model(project)

    def offered() -> bool:
        (choice,) = [one for one in session.composed.choices if one.package == "ops.train.config"]
        return "op_train_my_net" in choice.options

    qtbot.waitUntil(offered, timeout=30_000)
    pick(compose, "ops.train.config", "op_train_my_net")
    qtbot.waitUntil(composed(session), timeout=30_000)
    qtbot.waitUntil(lambda: bool(session.checks), timeout=30_000)
    values = {leaf.key: leaf.value for leaf in session.composed.leaves}
    assert values["ops.train.config.model._target_"] == "my.net.Net"
    assert [problem for problem in session.problems if problem.severity != "info"] == []
    units = compose.ops.row_of("ops.train.config.model.units", "")
    assert units is not None
    assert units.control.text() == "32"


def drawn_curve_pixels(runs: RunsWorkspace) -> int:
    """How many pixels of the loss chart have the colour of a training curve."""
    from niceml_gui.theme import theme

    chart = next(chart for chart in runs.charts.charts.values() if chart.isVisible())
    image = chart.grab().toImage()
    colour = theme().tokens.train
    return sum(
        image.pixelColor(x, y).name() == colour for x in range(0, image.width(), 2) for y in range(image.height())
    )


@pytest.mark.timeout(400)
def test_choose_edit_undo_run_watch_stop_export(window: Window, project: Path, qtbot: QtBot, tmp_path: Path) -> None:
    session = window.session
    compose = workspace(window, COMPOSE)
    assert isinstance(compose, ComposeWorkspace)
    assert len(session.composed.edges) == 20

    # choose an option, edit a value, take it back
    pick(compose, PARAMS, "trainparams_smoke")
    qtbot.waitUntil(composed(session))
    assert "steps_per_epoch: ${niceml.to_int:${oc.env:STEPS_PER_EPOCH,5}}" in session.composed.yaml
    type_into(qtbot, compose, f"{PARAMS}.epochs", "6")
    qtbot.waitUntil(composed(session))
    assert f"{PARAMS}.epochs=6" in session.selection.overrides
    type_into(qtbot, compose, "ops.train.config.learning_rate", "7")
    qtbot.waitUntil(composed(session))
    assert "learning_rate: 7" in session.composed.yaml
    window.commands.run("edit.undo")
    qtbot.waitUntil(composed(session))
    assert "learning_rate: 7" not in session.composed.yaml
    digest = session.composed.digest

    # run, and see curves grow before the run has ended
    window.header.run_button.click()
    qtbot.waitUntil(lambda: session.runs.current in session.runs.states, timeout=10_000)
    first = session.runs.current
    window.header.segments.segments[RUNS].click()
    runs = window.pages.currentWidget()
    assert isinstance(runs, RunsWorkspace)
    seen: list[int] = []

    def curve_has_grown() -> bool:
        if session.runs.states[first].status in ENDED:
            return True
        if runs.charts.charts:
            pixels = drawn_curve_pixels(runs)
            if pixels and (not seen or pixels != seen[-1]):
                seen.append(pixels)
        return len(seen) > 2

    # a second run waits its turn meanwhile, and is stopped
    window.commands.run("run.start")
    qtbot.waitUntil(lambda: len(session.runs.states) == 2 and session.runs.current != first, timeout=10_000)
    second = session.runs.current
    session.runs.select(first)
    qtbot.waitUntil(curve_has_grown, timeout=120_000)
    assert session.runs.states[first].status not in ENDED, "the curves came only after the run had ended"
    assert session.runs.states[second].status == "queued"
    session.runs.select(second)
    window.header.stop_button.click()
    qtbot.waitUntil(lambda: session.runs.states[second].status == "stopped", timeout=20_000)
    session.runs.select(first)
    qtbot.waitUntil(lambda: session.runs.states[first].status in ENDED, timeout=120_000)
    assert session.runs.states[first].status == "succeeded", session.runs.states[first].message
    assert session.runs.states[first].digest == digest

    # export, and run the export where there are no configs
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    workspace(window, COMPOSE)
    window.header.export_button.click()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: bool(dialog.preview.toPlainText()))
    dialog.target.setText(str(elsewhere / "config.yaml"))
    dialog.export.click()
    qtbot.waitUntil(lambda: (elsewhere / "config.yaml").exists())
    run = subprocess.run(
        [CLI, "run", "--trust", "config.yaml"],
        cwd=elsewhere,
        env={**os.environ, "DATA_URI": str(project / "data"), "TRAINING_EPOCHS": "1"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (spec,) = (elsewhere / ".niceml" / "runs").glob("*/spec.json")
    assert f'"digest":"{digest}"' in spec.read_text()
