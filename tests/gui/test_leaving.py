"""Closing the window while texts of files are not saved, with the service that people use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from niceml_gui.drafts import Place, TextDraft
from niceml_gui.engine import Engine
from niceml_gui.session import Session
from niceml_gui.widgets.header import COMPOSE
from niceml_gui.widgets.leave_dialog import LeaveDialog
from niceml_gui.widgets.save_dialog import SaveDialog
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.source_tab import SourceTab
from tests.gui.conftest import FILES, JOB

Change = Callable[[str, str, str], None]
DB = FILES["jobs/db/mysql.yaml"]


@pytest.fixture
def window(real: Session) -> Iterator[Window]:
    made = Window(real)
    made.show()
    made.show_workspace(COMPOSE)
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "configs" / "jobs"


def workspace(window: Window) -> ComposeWorkspace:
    found = window.pages.currentWidget()
    assert isinstance(found, ComposeWorkspace)
    return found


@pytest.fixture
def change(window: Window, folder: Path, qtbot: QtBot) -> Change:
    """Opens a file in a tab, and replaces a part of its text."""

    def make(name: str, old: str, new: str) -> None:
        file = str(folder / name)
        window.session.open_source(file)
        tab = workspace(window).sources[file]
        qtbot.waitUntil(lambda: isinstance(tab.view, CodeEdit))
        assert isinstance(tab.view, CodeEdit)
        tab.view.replace_text(tab.text.replace(old, new))
        assert tab.unsaved

    return make


def test_texts_that_are_not_saved_are_counted_beside_overrides_and_lead_to_their_tabs(
    window: Window, change: Change, real: Session, folder: Path, qtbot: QtBot
) -> None:
    pill = window.header.pill
    change("a.yaml", "epochs: 3", "epochs: 4")
    qtbot.waitUntil(lambda: pill.accessibleName() == "1 file unsaved")
    change("db/mysql.yaml", "3306", "3307")
    real.set_value("epochs", "5")
    qtbot.waitUntil(lambda: pill.accessibleName() == "1 override and 2 files unsaved")
    assert pill.toolTip().splitlines()[1:] == ["epochs=5", "a.yaml", "mysql.yaml"]
    window.resize(900, 600)
    qtbot.waitUntil(lambda: pill.text().strip() == "3 unsaved")
    qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions() if action.text()] == ["Save 1 override…", "a.yaml", "mysql.yaml"]
    menu.actions()[-2].trigger()
    menu.close()
    tab = workspace(window).sources[str(folder / "a.yaml")]
    assert workspace(window).in_front(tab)
    tab.save()
    qtbot.waitUntil(lambda: pill.accessibleName() == "1 override and 1 file unsaved")


def test_to_drop_all_overrides_drops_the_line_that_was_not_applied_yet_too(window: Window, real: Session) -> None:
    pane = workspace(window).overrides
    real.set_value("epochs", "5")
    pane.edit.setPlainText("epochs=5\nepochs=6")
    pane.keep()
    window.commands.run("edit.reset")
    assert (pane.overrides, real.selection.overrides, real.kept.drafts.typed) == ((), (), {})
    real.undo.undo()
    assert pane.overrides == ("epochs=5",)
    pane.edit.setPlainText("epochs=5")
    real.undo.redo()
    pane.edit.setPlainText("epochs=7")
    pane.keep()
    window.commands.run("edit.reset")  # nothing but what is typed
    assert (pane.overrides, pane.edit.document().isUndoAvailable()) == ((), True)


def asked(window: Window) -> LeaveDialog:
    """Closes the window, and returns what it asks."""
    assert not window.close()
    (dialog,) = window.findChildren(LeaveDialog)
    assert window.isVisible()
    return dialog


def test_a_source_takes_the_keyboard_so_that_f4_there_opens_the_persons_own_editor(
    window: Window, real: Session, folder: Path, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitActive(window)
    real.open_source(str(folder / "a.yaml"), 2)
    tab = workspace(window).sources[str(folder / "a.yaml")]
    qtbot.waitUntil(lambda: tab.view is not None and tab.view.hasFocus(), timeout=20_000)


def test_an_editor_says_in_words_what_is_wrong_with_its_text(
    window: Window, change: Change, folder: Path, qtbot: QtBot
) -> None:
    change("a.yaml", "epochs: 3", "epochs: [3")
    tab = workspace(window).sources[str(folder / "a.yaml")]
    qtbot.waitUntil(lambda: tab.wrong.text().startswith("line "), timeout=20_000)
    said = tab.wrong.text()
    tab.session.problems_changed.emit()  # another composition changes nothing about it
    assert tab.wrong.text() == said
    tab.revert()
    qtbot.waitUntil(lambda: (tab.wrong.text(), tab.note.full_text()) == ("", ""), timeout=20_000)


def test_nothing_is_asked_where_all_is_saved(window: Window, real: Session) -> None:
    real.set_value("epochs", "7")  # overrides are kept without a question
    assert window.close()
    assert window.findChild(LeaveDialog) is None


def test_all_is_saved_before_the_window_goes(window: Window, change: Change, folder: Path, qtbot: QtBot) -> None:
    change("a.yaml", "epochs: 3", "epochs: 9")
    change("db/mysql.yaml", "3306", "3307")
    dialog = asked(window)
    assert not window.close()
    assert window.findChildren(LeaveDialog) == [dialog]  # one question is enough
    dialog.save.click()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert (folder / "a.yaml").read_text() == JOB.replace("epochs: 3", "epochs: 9")
    assert (folder / "db" / "mysql.yaml").read_text() == DB.replace("3306", "3307")


def test_what_is_kept_is_there_the_next_time_to_the_last_key(
    window: Window, real: Session, change: Change, folder: Path
) -> None:
    change("a.yaml", "epochs: 3", "epochs: 9")
    root = real.project.root if real.project else ""
    asked(window).keep.click()
    assert not window.isVisible()
    assert (folder / "a.yaml").read_text() == JOB
    assert "epochs: 9" in Place.take(root).read().texts[str(folder / "a.yaml")].text


def test_what_was_kept_is_in_a_tab_of_its_own_and_is_asked_about_again(
    window: Window, real: Session, change: Change, folder: Path, qtbot: QtBot
) -> None:
    change("a.yaml", "epochs: 3", "epochs: 9")
    real.set_value("epochs", "7")
    asked(window).keep.click()
    again = Session(Engine())
    other = Window(again)
    other.show()
    again.engine.start()
    again.open(str(folder.parent.parent))
    qtbot.waitUntil(lambda: again.project is not None, timeout=20_000)
    (message,) = other.messages.messages
    assert message.text.endswith("not saved yet: 1 override and the text of a.yaml")
    file = str(folder / "a.yaml")
    qtbot.waitUntil(lambda: workspace(other).sources[file].unsaved, timeout=20_000)
    assert workspace(other).in_front(workspace(other).drawing)
    assert workspace(other).sources[file].windowTitle() == "● a.yaml"
    dialog = asked(other)
    assert "1 override is kept" in " ".join(text.text() for text in dialog.findChildren(QLabel))
    dialog.drop.click()
    assert not other.isVisible()
    assert (folder / "a.yaml").read_text() == JOB
    kept = Place.take(str(folder.parent.parent)).read()
    assert kept.texts == {}
    assert kept.overrides == {file: ("epochs=7",)}
    other.deleteLater()
    again.deleteLater()
    again.engine.deleteLater()


def test_the_text_of_a_file_that_is_gone_is_not(real: Session, folder: Path, qtbot: QtBot) -> None:
    file = str(folder / "gone.yaml")
    real.kept.keep_text(file, TextDraft("a: 1\n", "a: 2\n"))
    tab = SourceTab(real, file)
    qtbot.addWidget(tab)
    qtbot.waitUntil(lambda: tab.unsaved, timeout=20_000)
    assert tab.text == "a: 2\n"


def test_the_person_may_stay(window: Window, change: Change) -> None:
    change("a.yaml", "epochs: 3", "epochs: 9")
    asked(window).cancel.click()
    assert window.isVisible()
    assert not window.close()  # it is asked again


def test_a_text_that_cannot_be_saved_is_shown(window: Window, change: Change, folder: Path, qtbot: QtBot) -> None:
    change("a.yaml", "epochs: 3", "epochs: 9")
    change("db/mysql.yaml", "3306", "3307")
    (folder / "a.yaml").write_text(JOB.replace("epochs: 3", "epochs: 5"))
    dialog = asked(window)
    with qtbot.waitSignal(dialog.stuck, timeout=20_000):
        dialog.save.click()
    tab = workspace(window).sources[str(folder / "a.yaml")]
    assert window.isVisible()
    assert tab.unsaved
    assert workspace(window).in_front(tab)
    assert tab.conflict.isVisible()


def test_save_is_the_editors_where_it_has_the_focus_and_the_selections_elsewhere(
    window: Window, change: Change, folder: Path, qtbot: QtBot
) -> None:
    window.session.set_value("epochs", "5")
    change("db/mysql.yaml", "3306", "1")
    window.commands.refresh()
    tab = workspace(window).sources[str(folder / "db/mysql.yaml")]
    assert isinstance(tab.view, CodeEdit)
    tab.view.setFocus()
    with qtbot.waitSignal(tab.saved):
        qtbot.keyClick(tab.view, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert "port: 1" in (folder / "db/mysql.yaml").read_text()
    assert not window.findChildren(SaveDialog)
    qtbot.keyClick(window.header, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert window.findChildren(SaveDialog)
