"""What is written into files is taken back, made again, merged, asked about and saved where one likes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.files import FileChange
from niceml_gui.file_changes import Step
from niceml_gui.session import Message, Session
from niceml_gui.widgets.conflict_dialog import ConflictDialog
from niceml_gui.widgets.save_dialog import SaveDialog
from niceml_gui.window import Window
from tests.gui.compose.files.project import JOB, SEARCH, WAIT, opened


def test_a_step_is_taken_back_and_made_again_beside_what_others_changed_elsewhere(
    window: Window, real: Session, configs: Path, qtbot: QtBot
) -> None:
    file, rest = configs / "db/mysql.yaml", "mine: 1\nold: 1\n"
    real.files.write(Step("Set port", (FileChange(str(file), "port: 3306\n", f"port: 1\n{rest}"),)))
    qtbot.waitUntil(lambda: real.undo.undoText() == "Set port", timeout=WAIT)
    real.files.write(Step("Set port again", (FileChange(str(file), f"port: 1\n{rest}", f"port: 2\n{rest}"),)))
    qtbot.waitUntil(lambda: real.undo.undoText() == "Set port again", timeout=WAIT)
    rest += "user: theirs\n"
    file.write_text(f"port: 2\n{rest}")
    for text, turn in (("port: 1", real.undo.undo), ("port: 2", real.undo.redo), ("port: 1", real.undo.undo)):
        turn()
        qtbot.waitUntil(lambda text=text: file.read_text() == f"{text}\n{rest}", timeout=WAIT)
    assert real.undo.count() == 2


def test_a_step_whose_lines_others_changed_is_taken_back_no_more(
    window: Window, real: Session, configs: Path, messages: list[Message], qtbot: QtBot
) -> None:
    file = configs / "db/mysql.yaml"
    real.files.write(Step("Set port", (FileChange(str(file), "port: 3306\n", "port: 1\n"),)))
    qtbot.waitUntil(lambda: real.undo.undoText() == "Set port", timeout=WAIT)
    file.write_text("port: 2\n")
    real.undo.undo()
    words = "“Undo Set port” changes nothing: mysql.yaml was changed in the meantime"
    qtbot.waitUntil(lambda: any(message.text == words for message in messages), timeout=WAIT)
    assert file.read_text() == "port: 2\n"
    assert window.messages.text.full_text() == words
    real.undo.redo()
    assert real.undo.count() == 0  # what cannot be taken back is no step any more
    real.set_overrides(("+extra=1",), "Set extra to 1")
    assert words not in [message.text for message in window.messages.messages]


@pytest.mark.parametrize("mine", [True, False])
def test_whose_text_stays_is_asked(window: Window, real: Session, configs: Path, qtbot: QtBot, mine: bool) -> None:
    file = configs / "db/mysql.yaml"
    theirs = "port: 2\nmine: 1\nold: 1\nuser: theirs\n"
    file.write_text(theirs)
    before = "port: 3306\nmine: 1\nold: 1\nuser: root\n"
    real.files.write(Step("Set port", (FileChange(str(file), before, before.replace("3306", "1")),)))
    qtbot.waitUntil(lambda: bool(window.findChildren(ConflictDialog)), timeout=WAIT)
    (dialog,) = window.findChildren(ConflictDialog)
    assert "-port: 2\n+port: 1" in dialog.preview.toPlainText()
    assert "mysql.yaml was changed" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    (dialog.write if mine else dialog.keep).click()
    if mine:
        qtbot.waitUntil(lambda: file.read_text() == theirs.replace("port: 2", "port: 1"), timeout=WAIT)
        qtbot.waitUntil(lambda: real.undo.undoText() == "Set port", timeout=WAIT)
    else:
        assert file.read_text() == theirs
        assert real.undo.count() == 0


def test_overrides_are_saved_where_one_likes(window: Window, real: Session, configs: Path, qtbot: QtBot) -> None:
    real.set_value("epochs", "5")
    real.set_value("db.port", "1")
    qtbot.waitUntil(lambda: not real.stale, timeout=WAIT)
    digest = real.composed.digest
    window.asking.save()
    dialog = opened(window, SaveDialog)
    seen: dict[str, str] = {}

    def look(choose: Callable[[], object], name: str) -> None:
        choose()
        qtbot.waitUntil(lambda: dialog.plan is not None and dialog.apply.isEnabled(), timeout=WAIT)
        seen[name] = dialog.preview.toPlainText()

    look(dialog.job.click, "job")
    assert dialog.note.full_text() == "No other job composes to anything else. Ctrl+Z takes it back."
    look(dialog.sources.click, "sources")
    look(dialog.new_job.click, "new job")
    assert dialog.note.full_text().startswith("No job composes to anything else.")
    look(dialog.preset.click, "preset")
    assert "+db:\n+  port: 1" in seen["job"]
    assert "configs/db/mysql.yaml\n" in seen["sources"]
    assert seen["new job"].startswith("new: configs/jobs/a_2.yaml")
    assert "+# @package _global_" in seen["preset"]
    dialog.name.setText("quick")
    qtbot.waitUntil(lambda: dialog.plan is not None and "quick" in dialog.preview.toPlainText(), timeout=WAIT)
    dialog.apply.click()
    qtbot.waitUntil(lambda: real.selection.overrides == ("+experiment=quick",) and not real.stale, timeout=WAIT)
    assert real.composed.digest == digest
    assert (configs / "jobs/a.yaml").read_text() == JOB + SEARCH


@pytest.mark.parametrize("value", ["7", f"'longer than the dialog is wide {60 * 'and so on '}'"])
def test_the_save_dialog_is_as_high_as_what_it_shows(window: Window, real: Session, qtbot: QtBot, value: str) -> None:
    window.resize(1280, 900)
    real.set_overrides((f"epochs={value}", "db=sqlite"), "more epochs")
    SaveDialog(real, window).open()
    dialog = opened(window, SaveDialog)
    layout, preview = dialog.layout(), dialog.preview
    assert layout is not None

    def fits() -> bool:
        width = dialog.width()
        return dialog.height() in (layout.totalHeightForWidth(width), layout.totalSizeHint().height())

    heights = []
    for choice in (dialog.job, dialog.sources, dialog.preset, dialog.new_job):
        choice.setChecked(True)
        qtbot.waitUntil(lambda: dialog.plan is not None, timeout=WAIT)
        assert preview.isVisible()
        qtbot.waitUntil(lambda: preview.height() == preview.sizeHint().height())
        assert fits()
        assert preview.verticalScrollBar().maximum() == 0
        assert (preview.horizontalScrollBar().maximum() > 0) == (value != "7")
        heights.append(dialog.height())
    assert len(set(heights)) > 1
    dialog.new_name.clear()
    qtbot.waitUntil(lambda: dialog.note.full_text() == "Name the new job.")
    assert not preview.isVisible()
    assert fits()
    assert dialog.height() < min(heights)
    dialog.reject()


def test_a_new_job_is_made_by_a_short_form(window: Window, real: Session, configs: Path, qtbot: QtBot) -> None:
    window.commands.run("file.new-job")
    dialog = opened(window, SaveDialog)
    assert dialog.new_job.isChecked()
    assert not dialog.job.isEnabled()  # there is nothing to save into it
    dialog.new_name.setText("b")
    qtbot.waitUntil(lambda: dialog.plan is not None and "jobs/b.yaml" in dialog.preview.toPlainText(), timeout=WAIT)
    dialog.apply.click()
    qtbot.waitUntil(lambda: real.selection.job == str(configs / "jobs/b.yaml"), timeout=WAIT)
    assert (configs / "jobs/b.yaml").read_text() == JOB + SEARCH
