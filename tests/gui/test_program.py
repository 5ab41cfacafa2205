"""A plain Hydra program in the real window: opened by its script, asked about, run, watched and stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.widgets.header import RUNS
from niceml_gui.widgets.trust_dialog import TrustDialog
from niceml_gui.window import Window
from niceml_gui.workspaces.runs.measured import SeriesKey
from niceml_gui.workspaces.runs.panel import RunsWorkspace
from tests.engine.programs import write_program


@pytest.fixture
def script(tmp_path: Path) -> Path:
    folder = tmp_path / "foreign"
    folder.mkdir()
    return write_program(folder)


@pytest.fixture
def window(clean: None, script: Path, qtbot: QtBot) -> Iterator[Window]:
    session = Session()
    session.engine.start()
    session.open(str(script))
    window = Window(session)
    window.show()
    qtbot.waitUntil(lambda: bool(session.composed.digest) and not session.busy, timeout=30_000)
    yield window
    window.close()
    window.deleteLater()
    session.deleteLater()


@pytest.mark.timeout(240)
def test_choose_run_watch_and_stop_a_program(window: Window, script: Path, qtbot: QtBot) -> None:
    session = window.session
    session.set_overrides(("model=large", "steps=100000", "pause=0.02"), "overrides")
    qtbot.waitUntil(lambda: not session.busy and session.composed.selection == session.selection, timeout=30_000)
    chosen = session.selection
    window.header.run_button.click()
    qtbot.waitUntil(lambda: bool(window.findChildren(TrustDialog)), timeout=30_000)
    dialog = window.findChildren(TrustDialog)[-1]
    group = dialog.list.topLevelItem(0)
    assert group is not None
    assert (group.text(0), group.child(0).text(0)) == ("Program", "train.py")
    dialog.trust.click()
    qtbot.waitUntil(lambda: session.runs.current in session.runs.states, timeout=30_000)
    run = session.runs.current
    window.header.segments.segments[RUNS].click()
    runs = window.pages.currentWidget()
    assert isinstance(runs, RunsWorkspace)

    def measured() -> bool:
        series = runs.record.series
        names = [SeriesKey("loss", "batch", "train"), SeriesKey("loss", "batch", "validation")]
        names.append(SeriesKey("accuracy", "batch", "train"))
        return all(len(series.get(name, ())) > 5 for name in names)

    qtbot.waitUntil(measured, timeout=60_000)
    state = session.runs.states[run]
    assert (state.status, state.dagster_job, state.op) == ("running", "job_program", "program")
    assert state.metrics["accuracy"] is not None
    assert [chart.isVisible() for chart in runs.charts.charts.values()] == [True, True]
    assert any("a plain line" in line.text for line in runs.record.log)
    window.header.stop_button.click()
    qtbot.waitUntil(lambda: session.runs.states[run].status == "stopped", timeout=60_000)
    assert (script.parent / "saved.txt").exists()
    assert json.loads((script.parent / "started.json").read_text())["argv"][1:] == list(chosen.overrides)
    session.set_overrides((), "none")
    session.use_run(run)
    qtbot.waitUntil(lambda: session.selection == chosen)


@pytest.mark.timeout(120)
def test_why_a_program_failed_is_shown(window: Window, script: Path, qtbot: QtBot) -> None:
    session = window.session
    session.trust.set(True)
    qtbot.waitUntil(lambda: session.trust.trusted)
    session.set_overrides(("fails_at=1",), "overrides")
    session.start_run()
    qtbot.waitUntil(lambda: session.runs.current in session.runs.states, timeout=30_000)
    run = session.runs.current
    qtbot.waitUntil(lambda: session.runs.states[run].status == "failed", timeout=60_000)
    window.header.segments.segments[RUNS].click()
    runs = window.pages.currentWidget()
    assert isinstance(runs, RunsWorkspace)
    message = "ValueError: cannot go on at step 1 (train.py ended with exit status 1)"
    qtbot.waitUntil(lambda: runs.record.failed_op is not None)
    assert runs.record.failed_op is not None
    assert runs.record.failed_op.message == message
    assert "raise ValueError" in runs.record.failed_op.details
    script.with_name("another_train.py").write_text(script.read_text())  # the same config, and first by name
    session.runs.again(run)
    qtbot.waitUntil(lambda: session.runs.current != run, timeout=30_000)
    assert session.runs.states[session.runs.current].name.startswith("train.py ")
    again = session.runs.current
    qtbot.waitUntil(lambda: session.runs.states[again].status == "failed", timeout=60_000)


def test_a_script_named_as_the_job_of_a_folder_opens_what_it_starts(window: Window, script: Path, qtbot: QtBot) -> None:
    session = window.session
    job, digest = session.selection.job, session.composed.digest
    for named in (str(script), script.name):
        session.open(str(script.parent), named)
        qtbot.waitUntil(lambda: not session.composed.digest, timeout=30_000)
        qtbot.waitUntil(lambda: session.composed.digest == digest, timeout=30_000)
        assert session.selection.job == job
