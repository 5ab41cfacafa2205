"""The session with the service that people use, on a small project of its own."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from niceml_engine.protocol.files import PlanSave
from niceml_gui.session import Session
from tests.gui.conftest import JOB


def test_choose_set_undo_and_save_on_real_files(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    first = real.composed.digest
    (choice,) = real.composed.choices
    real.choose(choice, "sqlite")
    real.set_value("epochs", "5")
    qtbot.waitUntil(lambda: not real.stale)
    assert real.composed.error is None
    assert {leaf.key: leaf.value for leaf in real.composed.leaves} == {"db.port": 0, "epochs": 5}
    real.undo.undo()
    real.undo.undo()
    qtbot.waitUntil(lambda: not real.stale)
    assert real.composed.digest == first
    real.undo.redo()
    real.undo.redo()
    with qtbot.waitSignal(real.message, timeout=10_000) as blocker:
        real.engine.ask(PlanSave(real.selection, "job"), real.write)
    assert blocker.args[0].severity == "info", blocker.args[0]
    saved = (tmp_path / "configs/jobs/a.yaml").read_text()
    assert saved == JOB.replace("mysql", "sqlite").replace("epochs: 3", "epochs: 5")
    assert real.selection.overrides == ()


def test_a_missing_folder_is_one_line(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(real.message, timeout=10_000) as blocker:
        real.open(str(tmp_path / "nowhere"))
    assert blocker.args[0].severity == "error"
    assert "\n" not in blocker.args[0].text
    assert "nowhere" in blocker.args[0].text
    assert real.project is not None


def test_a_refused_selection_is_shown_and_can_be_undone(real: Session, qtbot: QtBot) -> None:
    (choice,) = real.composed.choices
    real.choose(choice, "postgres")
    qtbot.waitUntil(lambda: not real.stale, timeout=10_000)
    assert real.composed.error is not None
    assert real.problems[0] == real.composed.error
    real.undo.undo()
    qtbot.waitUntil(lambda: not real.stale and real.composed.error is None, timeout=10_000)
    assert real.composed.digest
