"""The dialogs over the window: saving, exporting, settings."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.configs import ExportFormat
from niceml_engine.protocol.files import FileChange, FilePlan, Kept
from niceml_engine.values import ErrorInfo, Selection
from niceml_gui import state
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.widgets.dialogs import FORMATS, ExportDialog
from niceml_gui.widgets.save_dialog import SaveDialog
from niceml_gui.widgets.settings import RunSettingsDialog
from niceml_gui.window import Window


def test_the_save_dialog_shows_what_changes_before_it_writes(window: Window, session: Session, qtbot: QtBot) -> None:
    session.set_value("train.epochs", "2")
    window.commands.run("file.save")
    (dialog,) = window.findChildren(SaveDialog)
    qtbot.waitUntil(dialog.apply.isEnabled)
    assert "-a: 1\n+a: 2" in dialog.preview.toPlainText()
    dialog.new_job.click()
    dialog.new_name.setText("")
    qtbot.waitUntil(lambda: dialog.note.full_text() == "Name the new job.")
    for name in ("../../elsewhere", "/tmp/elsewhere"):
        dialog.new_name.setText(name)
        qtbot.waitUntil(lambda: dialog.note.full_text().startswith("The name of the new job cannot lead out"))
        assert not dialog.apply.isEnabled()
    assert not dialog.apply.isEnabled()
    dialog.job.click()
    qtbot.waitUntil(dialog.apply.isEnabled)
    with qtbot.waitSignal(session.message):
        dialog.apply.click()
    assert session.selection.overrides == ()


def test_the_save_dialog_is_as_high_as_what_changes(window: Window, session: Session, qtbot: QtBot) -> None:
    session.set_value("train.epochs", "2")
    window.asking.save()
    dialog = window.findChild(SaveDialog)
    qtbot.waitUntil(dialog.apply.isEnabled)
    low = dialog.height()
    assert low < 400

    def height(lines: int) -> int:
        text = "".join(f"a{line}: 1\n" for line in range(lines))
        dialog.show_plan(FilePlan("", (FileChange(session.selection.job, "", text),), session.selection))
        return int(dialog.height())

    assert low < height(15) < height(500) < 760
    dialog.reject()


def test_the_save_dialog_says_why_an_override_stays_one(window: Window, session: Session, qtbot: QtBot) -> None:
    session.set_value("train.epochs", "2")
    window.asking.save()
    dialog = window.findChild(SaveDialog)
    qtbot.waitUntil(dialog.apply.isEnabled)
    kept = (Kept("train.epochs=2", "the alias `*an` stands there"),)
    dialog.show_plan(FilePlan("", (FileChange(session.selection.job, "", "a: 1\n"),), session.selection, kept=kept))
    said = "Cannot be written and stays an override: train.epochs=2  (the alias `*an` stands there)"
    assert dialog.note.full_text() == said
    dialog.reject()


def choose_form(dialog: ExportDialog, form: str) -> None:
    dialog.formats.setCurrentRow([name for name, *_ in FORMATS].index(form))


def test_the_save_dialog_greys_out_what_belongs_to_the_choice_before(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    session.set_value("train.epochs", "3")
    window.asking.save()
    (dialog,) = window.findChildren(SaveDialog)
    qtbot.waitUntil(dialog.apply.isEnabled)

    def colours() -> set[str]:
        block = dialog.preview.document().lastBlock()
        return {piece.format.foreground().color().name() for piece in block.textFormats()}

    assert theme().tokens.faint not in colours()
    dialog.sources.setChecked(True)
    assert colours() == {theme().tokens.faint}
    assert dialog.note.full_text() == "Working out what changes…"
    qtbot.waitUntil(dialog.apply.isEnabled)
    assert theme().tokens.faint not in colours()
    dialog.reject()


def test_the_export_dialog_offers_every_form(window: Window) -> None:
    window.commands.run("file.export")
    (dialog,) = window.findChildren(ExportDialog)
    offered = [dialog.formats.item(row).data(Qt.ItemDataRole.UserRole) for row in range(dialog.formats.count())]
    assert sorted(offered) == sorted(get_args(ExportFormat))


def test_the_export_dialog_previews_copies_and_writes(window: Window, session: Session, qtbot: QtBot) -> None:
    window.commands.run("file.export")
    (dialog,) = window.findChildren(ExportDialog)
    choose_form(dialog, "overrides")
    assert dialog.preview.toPlainText() == ""  # nothing of another form is copied meanwhile
    qtbot.waitUntil(lambda: dialog.preview.toPlainText() == "as overrides")
    assert Path(dialog.target.text()).name == "a.overrides.txt"
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "as overrides"
    with qtbot.waitSignal(session.message) as blocker:
        dialog.export.click()
    assert blocker.args[0].text == f"Exported {dialog.target.text()}"


def test_a_job_file_is_proposed_beside_the_job_and_all_else_in_the_project(window: Window, session: Session) -> None:
    window.commands.run("file.export")
    (dialog,) = window.findChildren(ExportDialog)
    assert session.project is not None
    for form, folder in (("job", Path(session.selection.job).parent), ("yaml", Path(session.project.root))):
        choose_form(dialog, form)
        assert Path(dialog.target.text()).parent == folder
    assert Path(session.selection.job).parent != Path(session.project.root)


def test_of_a_sweep_only_what_holds_it_is_exported_and_what_is_refused_is_never_copied(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    QGuiApplication.clipboard().setText("precious")
    session.composed = msgspec.structs.replace(session.composed, runs=6)
    window.commands.run("file.export")
    (dialog,) = window.findChildren(ExportDialog)
    assert not dialog.copy.isEnabled()  # before there is anything to copy
    rows = [dialog.formats.item(row) for row in range(dialog.formats.count())]
    able = [item.data(Qt.ItemDataRole.UserRole) for item in rows if item.flags() & Qt.ItemFlag.ItemIsEnabled]
    assert able == ["overrides", "command"]
    assert rows[0].toolTip() == "It holds one config, and these are 6 runs"
    assert dialog.held.isVisible()
    faint, able_to = QColor(theme().tokens.faint), dialog.formats.visualItemRect(rows[0])
    seen = dialog.formats.viewport().grab(able_to).toImage()
    shown = {seen.pixelColor(x, y).name() for x in range(seen.width()) for y in range(seen.height())}
    assert faint.name() in shown
    assert theme().tokens.text not in shown
    qtbot.waitUntil(lambda: dialog.preview.toPlainText() == "as overrides")
    place = dialog.formats.visualItemRect(rows[4]).center()
    qtbot.mouseClick(dialog.formats.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert dialog.formats.selectedItems() == [rows[4]]
    choose_form(dialog, "yaml")  # by no key or click, but if it were
    assert (dialog.about.text(), dialog.preview.toPlainText()) == (rows[0].toolTip(), "")
    assert not dialog.export.isEnabled()
    choose_form(dialog, "overrides")
    qtbot.waitUntil(lambda: dialog.preview.toPlainText() == "as overrides")
    assert dialog.copy.isEnabled()
    choose_form(dialog, "command")
    session.engine.forget(dialog.asked)
    why = "this cannot be exported because of " + "many words " * 20
    dialog.failed(ErrorInfo(why))
    assert (dialog.about.text(), dialog.about.wordWrap()) == (why, True)
    assert (dialog.copy.isEnabled(), dialog.export.isEnabled()) == (False, False)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "precious"
    dialog.reject()


def test_a_sweep_is_saved_anywhere_but_into_its_sources_and_a_refusal_can_be_read(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    session.set_value("train.epochs", "1,2")
    session.composed = msgspec.structs.replace(session.composed, runs=2)
    window.asking.save()
    (dialog,) = window.findChildren(SaveDialog)
    ways = (dialog.job, dialog.sources, dialog.preset, dialog.new_job)
    assert [way.isEnabled() for way in ways] == [True, False, True, True]
    assert "several values" in dialog.sources.toolTip()
    qtbot.waitUntil(dialog.apply.isEnabled)
    swept = FileChange(session.selection.job, "", "hydra:\n  sweeper:\n    params: {a: '1,2'}\n")
    dialog.show_plan(FilePlan("", (swept,), session.selection))
    session.selection = Selection(session.selection.job)
    assert dialog.note_of(FilePlan("", (swept,), session.selection)).startswith("Into hydra.sweeper.params")
    why = "it cannot be saved because of " + "many words " * 20
    dialog.failed(ErrorInfo(why))
    assert (dialog.told.text(), dialog.told.wordWrap(), dialog.told.isVisible()) == (why, True, True)
    dialog.reject()


def test_a_job_that_python_makes_is_neither_exported_nor_saved_as_a_job_file(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    session.set_value("train.epochs", "2")
    session.selection = Selection("/p/app/main.py", session.selection.overrides)
    said = "The job is made in Python, so that it cannot be saved as a job file"
    window.asking.export()
    (exporting,) = window.findChildren(ExportDialog)
    items = {name: exporting.formats.item(row) for row, (name, *_) in enumerate(FORMATS)}
    assert [name for name, item in items.items() if not item.flags() & Qt.ItemFlag.ItemIsEnabled] == ["job"]
    assert (items["job"].toolTip(), exporting.held.text(), exporting.held.isHidden()) == (said, said, False)
    choose_form(exporting, "job")  # as the keyboard may
    assert exporting.about.text() == said
    exporting.reject()
    window.asking.save()
    (saving,) = window.findChildren(SaveDialog)
    ways = (saving.job, saving.sources, saving.preset, saving.new_job)
    assert [way.isEnabled() for way in ways] == [False, True, True, False]
    assert (saving.job.toolTip(), saving.new_job.toolTip(), saving.preset.isChecked()) == (said, said, True)
    saving.reject()


def test_the_export_dialog_says_what_it_writes_and_what_it_would_replace(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    window.commands.run("file.export")
    (dialog,) = window.findChildren(ExportDialog)
    (tmp_path / "there.yaml").touch()
    assert (dialog.kind.text(), dialog.export.text()) == ("File", "Export")
    dialog.target.setText(str(tmp_path / "there.yaml"))
    qtbot.waitUntil(lambda: dialog.export.text() == "Replace")
    choose_form(dialog, "folder")
    assert (dialog.kind.text(), dialog.export.text()) == ("Folder", "Export")
    assert dialog.target.accessibleName() == "Folder to write"


def test_the_selection_is_copied_as_overrides_and_as_a_command_line(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    assert not window.commands.action("edit.copy-overrides").isEnabled()
    session.set_overrides(("x=1", "y=2"), "Set two")
    for name, text, said in (
        ("overrides", "as overrides", "Copied 2 overrides of a"),
        ("command", "as command", "Copied the command line of a"),
    ):
        with qtbot.waitSignal(session.message) as blocker:
            window.commands.run(f"edit.copy-{name}")
        assert blocker.args[0].text == said
        assert QGuiApplication.clipboard().text() == text


def test_device_and_threads_are_kept_for_the_next_start(window: Window, session: Session) -> None:
    window.asking.run_settings()
    (dialog,) = window.findChildren(RunSettingsDialog)
    dialog.device.setText("cpu")
    dialog.threads.setValue(2)
    dialog.keep.click()
    assert session.runs.settings == state.run_settings()
    assert (session.runs.settings.device, session.runs.settings.threads) == ("cpu", 2)


def test_who_reads_along_is_chosen_for_the_runs_of_this_window(window: Window, session: Session, qtbot: QtBot) -> None:
    def ask(*wanted: str) -> str:
        window.asking.run_settings()
        (dialog,) = [one for one in window.findChildren(RunSettingsDialog) if one.isVisible()]
        boxes = dialog.loggers.boxes
        qtbot.waitUntil(lambda: all(box.isEnabled() for box in boxes.values()))
        shown.append([name for name, box in boxes.items() if box.isChecked()])
        for name, box in boxes.items():
            box.setChecked(name in wanted)
        said = dialog.loggers.note.text() if dialog.loggers.note.isVisible() else ""
        dialog.keep.click()
        return said

    shown: list[list[str]] = []
    assert session.runs.settings.log_to is None
    assert ask("tensorboard", "mlflow") == "mlflow is not installed in /env/bin/python"
    assert session.runs.settings.log_to == ("tensorboard", "mlflow")
    assert ask() == ""
    assert session.runs.settings.log_to == ()
    ask("tensorboard")
    assert session.runs.settings.log_to is None  # as the project says
    assert shown == [["tensorboard"], ["tensorboard", "mlflow"], []]
    assert state.run_settings().log_to is None


def test_dialogs_close_with_their_window(window: Window) -> None:
    window.commands.run("file.export")
    window.close()
    assert not any(dialog.isVisible() for dialog in window.findChildren(QDialog))
