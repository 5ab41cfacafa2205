"""The Environment pane on the real service: settings that are changed in place, and variables with their places."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from niceml_engine.values import Fix
from niceml_gui import palette
from niceml_gui.prose import prose
from niceml_gui.session import Message, Session
from niceml_gui.workspaces.compose.environment import EnvironmentPane
from niceml_gui.workspaces.compose.environment_fields import ValueEdit
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from tests.gui.conftest import JOB

SCRIPT = "import hydra\n@hydra.main('configs/jobs', '{}', version_base='1.2')\ndef main(cfg): ...\n"


@pytest.fixture
def pane(real: Session, tmp_path: Path, qtbot: QtBot) -> EnvironmentPane:
    job = (
        JOB + "uri: ${oc.env:NICEML_TEST_URI}\ntoken: ${oc.env:NICEML_TEST_TOKEN}\nother: ${oc.env:NICEML_TEST_URI,x}\n"
    )
    (tmp_path / "configs/jobs/a.yaml").write_text(job)
    (tmp_path / "train.py").write_text(SCRIPT.format("a"))
    (tmp_path / "lost.py").write_text(SCRIPT.format("lost"))
    (tmp_path / "broken.py").write_text("import hydra\n(")
    (tmp_path / ".env").write_text("NICEML_TEST_TOKEN=abcdef\n")
    made = EnvironmentPane(real)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    made.again.click()
    qtbot.waitUntil(lambda: bool(row(made, "train.py")) and bool(row(made, "NICEML_TEST_URI")))
    return made


def rows(pane: EnvironmentPane) -> list[QTreeWidgetItem]:
    groups = [pane.table.topLevelItem(place) for place in range(pane.table.topLevelItemCount())]
    return [group.child(place) for group in groups if group for place in range(group.childCount())]


def row(pane: EnvironmentPane, name: str) -> QTreeWidgetItem | None:
    return next((one for one in rows(pane) if one.text(0) == name), None)


def texts(pane: EnvironmentPane, name: str) -> list[str]:
    found = row(pane, name)
    assert found is not None, name
    return [found.text(column) for column in range(1, 4)]


def edit(pane: EnvironmentPane, name: str) -> ValueEdit:
    found = pane.table.itemWidget(row(pane, name), 1)
    assert isinstance(found, ValueEdit)
    return found


def test_variables_say_who_sets_them_and_where_they_are_read(pane: EnvironmentPane) -> None:
    assert texts(pane, "NICEML_TEST_URI") == ["x", "must be set", "2 places"]
    assert texts(pane, "NICEML_TEST_TOKEN") == ["••••••", ".env", "configs/jobs/a.yaml:8"]
    uses = row(pane, "NICEML_TEST_URI")
    assert uses is not None
    assert [(uses.child(n).text(0), uses.child(n).text(3)) for n in range(2)] == [
        ("uri", "configs/jobs/a.yaml:7"),
        ("other", "configs/jobs/a.yaml:9"),
    ]


def test_scripts_say_what_they_start_or_why_not(pane: EnvironmentPane) -> None:
    assert texts(pane, "train.py") == ["configs/jobs/a.yaml", "Hydra 1.2", "train.py:2"]
    assert texts(pane, "lost.py")[0] == "there is no config lost in configs/jobs"
    assert texts(pane, "broken.py")[0].startswith("Python cannot read this file")
    assert texts(pane, "broken.py")[2] == "broken.py:2"


def test_the_job_chooser_says_which_script_starts_a_job(pane: EnvironmentPane) -> None:
    assert ("a", "train.py") in [(entry.title, entry.hint) for entry in palette.job_entries(pane.session)]


def test_jobs_of_two_programs_that_are_called_alike_are_told_apart_and_one_is_begun_with(
    pane: EnvironmentPane, real: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    for app in ("one", "two"):
        folder = tmp_path / "apps" / app
        (folder / "conf").mkdir(parents=True)
        (folder / "conf" / "config.yaml").write_text("a: 1\n")
        script = "import hydra\n@hydra.main('conf', 'config', version_base='1.2')\ndef main(cfg): ...\n"
        (folder / "main.py").write_text(script)
    pane.again.click()
    wanted = [("config", f"apps/{app}/conf/config.yaml") for app in ("one", "two")]
    qtbot.waitUntil(
        lambda: [(one.title, one.hint) for one in palette.job_entries(real) if one.title == "config"] == wanted,
        timeout=10_000,
    )
    real.open_job(str(tmp_path / "apps/two/conf/config.yaml"))
    with qtbot.waitSignal(real.message, timeout=10_000) as said:
        real.start_with_job()
    assert said.args == [Message("info", "The project begins with apps/two/conf/config.yaml from now on")]
    assert "primary: apps/two/conf/config.yaml" in (tmp_path / ".niceml/project.yaml").read_text()
    assert texts(pane, "primary")[1] == "set"


def test_a_click_goes_to_the_place(pane: EnvironmentPane, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(pane.session.source_requested) as caught:
        pane.table.itemClicked.emit(row(pane, "NICEML_TEST_TOKEN"), 0)
    assert caught.args == [str(tmp_path / "configs/jobs/a.yaml"), 8]


def test_a_setting_is_changed_in_place_and_guessed_again(
    pane: EnvironmentPane, real: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    real.set_value("epochs", "5")
    assert texts(pane, "version_base")[1] == "guessed"
    field = edit(pane, "version_base")
    assert field.edit.text() == "1.2"
    assert not field.reset.isVisible()
    field.edit.setText("1.3")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: texts(pane, "version_base")[1] == "set", timeout=10_000)
    assert "version_base: '1.3'" in (tmp_path / ".niceml/project.yaml").read_text()
    assert real.selection.overrides == ("epochs=5",)
    edit(pane, "version_base").reset.click()
    qtbot.waitUntil(lambda: texts(pane, "version_base")[1] == "guessed", timeout=10_000)
    qtbot.waitUntil(lambda: not real.stale, timeout=10_000)


def test_a_setting_that_cannot_be_says_why_below_its_field_as_long_as_it_stands_there(
    pane: EnvironmentPane, real: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    field, item = edit(pane, "config_dirs"), row(pane, "config_dirs")
    assert item is not None
    height = pane.table.visualItemRect(item).height()
    field.edit.setText("nowhere")
    said: list[object] = []
    real.message.connect(said.append)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "nowhere" in field.wrong.text(), timeout=10_000)
    assert field.edit.text() == "nowhere"
    assert not (tmp_path / ".niceml").exists()
    assert said == []
    assert pane.table.visualItemRect(item).height() > height
    for other in filter(None, (row(pane, name) for name in ("config_dirs", "version_base", "working_dir"))):
        place = pane.table.visualItemRect(other)
        assert (edit(pane, other.text(0)).y(), edit(pane, other.text(0)).height()) == (place.y(), place.height())
    qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
    assert field.wrong.isHidden()
    assert pane.table.visualItemRect(item).height() == height


def test_a_setting_that_leads_nowhere_is_marked_in_its_row_and_among_the_problems(
    pane: EnvironmentPane, real: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    field = edit(pane, "code_location")
    field.edit.setText("nowhere.defs")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(one.key == "code_location" for one in real.problems), timeout=10_000)
    (problem,) = (one for one in real.problems if one.key == "code_location")
    assert (problem.file, problem.line) == (str(tmp_path / ".niceml/project.yaml"), 2)

    def tip() -> str:
        found = row(pane, "code_location")
        return found.toolTip(2) if found is not None else ""

    qtbot.waitUntil(lambda: tip() == prose(problem.message, lines=True), timeout=10_000)
    edit(pane, "code_location").reset.click()
    qtbot.waitUntil(lambda: not any(one.key == "code_location" for one in real.problems), timeout=10_000)
    qtbot.waitUntil(lambda: not real.stale, timeout=10_000)


def test_a_variable_is_set_in_place_and_counts_at_once(
    pane: EnvironmentPane, real: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    field = edit(pane, "NICEML_TEST_URI")
    assert field.edit.placeholderText() == "x"
    qtbot.waitUntil(lambda: any(problem.code == "unset-env" for problem in real.problems), timeout=10_000)
    field.edit.setText("s3://a b")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: texts(pane, "NICEML_TEST_URI")[:2] == ["s3://a b", ".env"], timeout=10_000)
    assert (tmp_path / ".env").read_text() == "NICEML_TEST_TOKEN=abcdef\nNICEML_TEST_URI='s3://a b'\n"
    qtbot.waitUntil(lambda: "uri: s3://a b\n" in real.composed.resolved_yaml, timeout=10_000)
    qtbot.waitUntil(lambda: not any(problem.code == "unset-env" for problem in real.problems), timeout=10_000)
    edit(pane, "NICEML_TEST_URI").reset.click()
    qtbot.waitUntil(lambda: texts(pane, "NICEML_TEST_URI")[1] == "must be set", timeout=10_000)
    assert (tmp_path / ".env").read_text() == "NICEML_TEST_TOKEN=abcdef\n"


def test_a_variable_that_was_set_is_a_named_step_of_the_windows_undo(
    pane: EnvironmentPane, real: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    field = edit(pane, "NICEML_TEST_URI")
    field.edit.setText("s3://a")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: real.undo.undoText() == "Set NICEML_TEST_URI in .env", timeout=10_000)
    written = file.read_text()
    assert "NICEML_TEST_URI=s3://a\n" in written
    qtbot.waitUntil(lambda: texts(pane, "NICEML_TEST_URI")[:2] == ["s3://a", ".env"], timeout=10_000)
    real.undo.undo()
    qtbot.waitUntil(lambda: texts(pane, "NICEML_TEST_URI")[1] == "must be set", timeout=10_000)
    assert file.read_text() == "NICEML_TEST_TOKEN=abcdef\n"
    real.undo.redo()
    qtbot.waitUntil(lambda: texts(pane, "NICEML_TEST_URI")[:2] == ["s3://a", ".env"], timeout=10_000)
    assert file.read_text() == written
    qtbot.waitUntil(lambda: "uri: s3://a\n" in real.composed.resolved_yaml, timeout=10_000)
    edit(pane, "NICEML_TEST_URI").reset.click()
    qtbot.waitUntil(lambda: real.undo.undoText() == "Take NICEML_TEST_URI out of .env", timeout=10_000)


def test_a_secret_is_set_without_being_shown(pane: EnvironmentPane, qtbot: QtBot, tmp_path: Path) -> None:
    field = edit(pane, "NICEML_TEST_TOKEN")
    assert (field.edit.text(), field.edit.placeholderText()) == ("", "secret: never shown")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert (tmp_path / ".env").read_text() == "NICEML_TEST_TOKEN=abcdef\n", "Enter alone empties nothing"
    field.edit.setText("ghijkl")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: (tmp_path / ".env").read_text() == "NICEML_TEST_TOKEN=ghijkl\n", timeout=10_000)


def test_what_the_shell_sets_has_no_field(pane: EnvironmentPane, qtbot: QtBot, tmp_path: Path) -> None:
    job = tmp_path / "configs/jobs/a.yaml"
    job.write_text(job.read_text() + "home: ${oc.env:PATH}\n")
    qtbot.waitUntil(lambda: row(pane, "PATH") is not None, timeout=10_000)
    assert texts(pane, "PATH")[1] == "shell"
    assert pane.table.itemWidget(row(pane, "PATH"), 1) is None


def test_the_filter_keeps_what_holds_every_word(pane: EnvironmentPane) -> None:
    pane.filter.setText("must SET uri")
    assert [one.text(0) for one in rows(pane)] == ["NICEML_TEST_URI"]
    pane.filter.setText("ops.{op}")
    assert [one.text(0) for one in rows(pane)] == ["ops_path"]


def test_nothing_is_asked_before_somebody_looks(real: Session, qtbot: QtBot) -> None:
    made = EnvironmentPane(real)
    qtbot.addWidget(made)
    assert made.environment is None
    made.show()
    assert row(made, "version_base") is not None, "what the project says of itself need not be asked for"
    qtbot.waitUntil(lambda: made.environment is not None, timeout=10_000)


def test_the_problem_of_a_variable_leads_to_its_field(pane: EnvironmentPane, real: Session, qtbot: QtBot) -> None:
    space = ComposeWorkspace(real)
    qtbot.addWidget(space)
    space.resize(1200, 800)
    space.show()

    def ways() -> list[Fix]:
        return [fix for problem in real.problems if problem.code == "unset-env" for fix in problem.fixes]

    qtbot.waitUntil(lambda: [fix.title for fix in ways()] == ["set NICEML_TEST_URI in .env"], timeout=10_000)
    space.problems.mending.apply(ways()[0])
    qtbot.waitUntil(lambda: row(space.environment, "NICEML_TEST_URI") is not None, timeout=10_000)
    field = edit(space.environment, "NICEML_TEST_URI")
    assert field.isVisible()
    assert space.environment.table.currentItem().text(0) == "NICEML_TEST_URI"
    assert space.focusWidget() is field.edit
