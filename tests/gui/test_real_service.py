"""The session with the service that people use, on a small project of its own."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from niceml_engine.protocol.files import PlanSave
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.tree.model import Entry
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


def test_a_folder_of_groups_alone_says_how_to_go_on_and_an_option_is_composed(
    real: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    root = tmp_path / "parts"
    for name in ("adam", "sgd"):
        file = root / "configs" / "optimizer" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"name: {name}\n")
    (root / ".git").mkdir()
    space = ComposeWorkspace(real)
    qtbot.addWidget(space)
    real.open(str(root))
    qtbot.waitUntil(lambda: real.project is not None and real.project.root == str(root) and not real.busy)
    assert (real.selection.job, real.stale) == ("", False)
    assert "from its menu" in space.ops.hint.text()
    assert "from its menu" in space.composed.hint.text.text()
    assert real.project is not None
    option = next(one for one in real.project.tree.options if one.name == "sgd")
    actions = space.tree.menu_for(Entry("sgd", option.id, option)).actions()
    assert actions[0].text() == "No job to choose it for"
    next(one for one in actions if one.text() == "Compose alone").trigger()
    qtbot.waitUntil(lambda: real.composed.yaml == "name: sgd\n", timeout=10_000)
