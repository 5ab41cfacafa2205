"""Problems mended and configs compared with the service that people use."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from niceml_engine.values import Fix
from niceml_gui.comparing import Against, Comparing
from niceml_gui.file_changes import Step
from niceml_gui.session import Session
from tests.gui.conftest import JOB


def test_a_fix_of_a_file_makes_the_job_compose_and_can_be_undone(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    job = tmp_path / "configs/jobs/a.yaml"
    broken = JOB.replace("mysql", "mysqll")
    job.write_text(broken)
    real.rescan()
    qtbot.waitUntil(lambda: real.composed.error is not None and bool(real.checks), timeout=10_000)
    (problem,) = [one for one in real.problems if one.code == "missing-option"]
    fix = next(fix for fix in problem.fixes if fix.edits)
    assert fix.title == "write mysql instead of mysqll in a.yaml"
    real.files.plan(fix.edits, lambda changes: real.files.write(Step(fix.title, changes)))
    qtbot.waitUntil(lambda: real.undo.undoText() == fix.title, timeout=10_000)
    assert job.read_text() == JOB
    qtbot.waitUntil(lambda: real.composed.error is None and not real.stale, timeout=10_000)
    real.undo.undo()
    qtbot.waitUntil(lambda: job.read_text() == broken and real.composed.error is not None, timeout=10_000)
    real.undo.redo()
    qtbot.waitUntil(lambda: job.read_text() == JOB and real.composed.error is None, timeout=10_000)


def test_a_fix_of_a_script_counts_at_once_and_can_be_undone(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "train.py"
    script.write_text("import hydra\n\n@hydra.main(config_path='configs/jobs', config_name='a')\ndef main(cfg): ...\n")
    text = script.read_text()
    real.open(str(tmp_path))

    def fixes() -> list[Fix]:
        return [fix for one in real.problems if "version_base parameter" in one.message for fix in one.fixes]

    qtbot.waitUntil(lambda: bool(fixes()), timeout=10_000)
    fix = fixes()[0]
    real.files.plan(fix.edits, lambda changes: real.files.write(Step(fix.title, changes)))
    qtbot.waitUntil(lambda: script.read_text() == text.replace("'a')", "'a', version_base=\"1.1\")"), timeout=10_000)
    qtbot.waitUntil(lambda: not fixes() and not real.stale and bool(real.checks), timeout=10_000)
    real.undo.undo()
    qtbot.waitUntil(lambda: script.read_text() == text and bool(fixes()), timeout=10_000)


def test_the_differences_follow_the_selection(real: Session, qtbot: QtBot) -> None:
    comparing = Comparing(real, real)
    comparing.compare(Against("saved"))
    qtbot.waitUntil(lambda: comparing.comparison is not None and not comparing.changes, timeout=10_000)
    real.set_value("epochs", "5")
    qtbot.waitUntil(lambda: bool(comparing.changes), timeout=10_000)
    (change,) = comparing.changes
    assert (change.key, change.before, change.after) == ("epochs", 3, 5)
    assert change.before_origin is not None
    assert (Path(change.before_origin.file).name, change.before_origin.line) == ("a.yaml", 6)
    comparing.compare(Against("option", "db=sqlite"))
    qtbot.waitUntil(lambda: [one.key for one in comparing.changes] == ["db.port"], timeout=10_000)
    comparing.compare(Against("experiment", "/nowhere/CLB-1"))
    qtbot.waitUntil(lambda: bool(comparing.error), timeout=10_000)
    assert "is not there" in comparing.error
