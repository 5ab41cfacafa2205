"""Config files are made, renamed, moved and deleted from the tree, in a window with the real service."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.files import FileChange, PlanSave
from niceml_gui.file_changes import Step
from niceml_gui.session import Message, Session
from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.widgets.plan_dialog import PlanDialog
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.tree.file_dialogs import DeleteDialog, MoveDialog, NewDialog
from niceml_gui.workspaces.compose.tree.model import ENTRY, Entry
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane
from tests.gui.compose.files.project import WAIT, opened


def entry(tree: ConfigTreePane, path: str) -> Entry:
    found: Entry = tree.model.index_of(path).data(ENTRY)
    return found


def press(tree: ConfigTreePane, path: str, key: Qt.Key, qtbot: QtBot, control: bool = False) -> None:
    tree.view.setCurrentIndex(tree.filter.mapFromSource(tree.model.index_of(path)))
    held = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    tree.window().activateWindow()
    tree.view.setFocus()
    qtbot.waitUntil(tree.view.hasFocus)
    qtbot.keyClick(tree.view, key, held)


def test_a_rename_is_shown_written_and_undone(
    window: Window, real: Session, tree: ConfigTreePane, configs: Path, qtbot: QtBot
) -> None:
    (choice,) = real.composed.choices
    real.choose(choice, "sqlite")
    qtbot.waitUntil(lambda: not real.stale)
    digest = real.composed.digest
    press(tree, "db/sqlite", Qt.Key.Key_F2, qtbot)
    dialog = opened(window, MoveDialog)
    assert dialog.id.selectedText() == "sqlite"
    qtbot.waitUntil(lambda: "another name" in dialog.note.full_text(), timeout=WAIT)
    dialog.id.setText("db/lite")
    qtbot.waitUntil(dialog.apply.isEnabled, timeout=WAIT)
    assert "configs/db/sqlite.yaml → configs/db/lite.yaml" in dialog.preview.toPlainText()
    dialog.apply.click()
    qtbot.waitUntil(lambda: (configs / "db/lite.yaml").exists(), timeout=WAIT)
    qtbot.waitUntil(lambda: tree.model.index_of("db/lite").isValid() and not real.stale, timeout=WAIT)
    assert not (configs / "db/sqlite.yaml").exists()
    assert real.selection.overrides == ("db=lite",)
    assert real.composed.digest == digest
    assert real.undo.undoText() == "Rename sqlite to lite"
    real.undo.undo()
    qtbot.waitUntil(lambda: real.selection.overrides == ("db=sqlite",) and not real.stale, timeout=WAIT)
    assert (configs / "db/sqlite.yaml").exists()
    assert real.composed.digest == digest
    real.undo.redo()
    qtbot.waitUntil(lambda: (configs / "db/lite.yaml").exists(), timeout=WAIT)


def test_an_open_file_is_followed_where_it_goes(
    window: Window, real: Session, space: ComposeWorkspace, configs: Path, qtbot: QtBot
) -> None:
    old, new = str(configs / "db/sqlite.yaml"), str(configs / "db/lite.yaml")
    space.show_source(old, 1)
    qtbot.waitUntil(lambda: space.sources[old].view is not None, timeout=WAIT)
    real.files.write(Step("Rename", (FileChange(old, "port: 0\n", None), FileChange(new, None, "port: 0\n"))))
    qtbot.waitUntil(lambda: set(space.sources) == {new}, timeout=WAIT)
    real.files.write(Step("Delete", (FileChange(new, "port: 0\n", None),)))
    qtbot.waitUntil(lambda: not space.sources, timeout=WAIT)


def test_the_palette_does_the_same(window: Window, tree: ConfigTreePane, messages: list[Message], qtbot: QtBot) -> None:
    tree.view.setCurrentIndex(tree.filter.index(-1, 0))
    window.commands.run("tree.move")
    assert messages[-1].text == "Choose a row of the config groups first"
    tree.view.setCurrentIndex(tree.filter.mapFromSource(tree.model.index_of("db/mysql")))
    window.commands.run("tree.move")
    dialog = opened(window, MoveDialog)
    assert dialog.id.text() == "db/mysql"
    dialog.reject()


def test_a_name_that_is_taken_is_refused_in_words(window: Window, tree: ConfigTreePane, qtbot: QtBot) -> None:
    tree.files.move(entry(tree, "db/mysql"))
    dialog = opened(window, MoveDialog)
    dialog.id.setText("db/sqlite")
    qtbot.waitUntil(lambda: "of this name already" in dialog.told.text(), timeout=WAIT)
    assert not dialog.apply.isEnabled()
    dialog.id.setText("db/")
    qtbot.waitUntil(lambda: dialog.note.full_text() == "Name the option.", timeout=WAIT)
    dialog.reject()


def test_what_is_still_named_is_deleted_only_if_one_insists(
    window: Window, real: Session, tree: ConfigTreePane, configs: Path, qtbot: QtBot
) -> None:
    press(tree, "db/mysql", Qt.Key.Key_Delete, qtbot)
    dialog = opened(window, DeleteDialog)
    qtbot.waitUntil(lambda: dialog.plan is not None, timeout=WAIT)
    assert not dialog.apply.isEnabled()
    assert [link.text() for link in dialog.usages.findChildren(QPushButton)] == ["a:3"]
    assert [entry.full_text() for entry in dialog.usages.findChildren(ElidedLabel)] == ["/db@db: mysql"]
    assert dialog.told.text().startswith("In this job, nothing composes any more")
    dialog.insist.click()
    assert dialog.apply.isEnabled()
    dialog.apply.click()
    qtbot.waitUntil(lambda: not (configs / "db/mysql.yaml").exists(), timeout=WAIT)
    qtbot.waitUntil(lambda: real.composed.error is not None, timeout=WAIT)
    real.undo.undo()
    qtbot.waitUntil(lambda: real.composed.error is None, timeout=WAIT)
    assert (configs / "db/mysql.yaml").read_text() == "port: 3306\n"


def test_a_link_to_an_entry_opens_its_line_and_deletes_nothing(
    window: Window, real: Session, tree: ConfigTreePane, configs: Path, qtbot: QtBot
) -> None:
    tree.files.delete(entry(tree, "db/mysql"))
    dialog = opened(window, DeleteDialog)
    qtbot.waitUntil(lambda: dialog.plan is not None, timeout=WAIT)
    wanted: list[tuple[str, int]] = []
    real.source_requested.connect(lambda file, line: wanted.append((file, line)))
    dialog.usages.findChild(QPushButton).click()
    assert wanted == [(str(configs / "jobs/a.yaml"), 3)]
    qtbot.waitUntil(lambda: not window.findChildren(DeleteDialog), timeout=WAIT)
    assert (configs / "db/mysql.yaml").exists()


def test_what_nobody_names_is_deleted_at_once(
    window: Window, tree: ConfigTreePane, configs: Path, qtbot: QtBot
) -> None:
    tree.files.delete(entry(tree, "db/sqlite"))
    dialog = opened(window, DeleteDialog)
    qtbot.waitUntil(dialog.apply.isEnabled, timeout=WAIT)
    assert dialog.insist.isHidden()
    dialog.apply.click()
    qtbot.waitUntil(lambda: not (configs / "db/sqlite.yaml").exists(), timeout=WAIT)


def test_an_option_is_copied_or_new_and_opens(
    window: Window, tree: ConfigTreePane, space: ComposeWorkspace, configs: Path, qtbot: QtBot
) -> None:
    press(tree, "db/mysql", Qt.Key.Key_D, qtbot, control=True)
    copy = opened(window, NewDialog)
    assert copy.id.text() == "db/mysql_2"
    qtbot.waitUntil(copy.apply.isEnabled, timeout=WAIT)
    copy.apply.click()
    made = configs / "db/mysql_2.yaml"
    qtbot.waitUntil(lambda: made.exists() and str(made) in space.sources, timeout=WAIT)
    assert made.read_text() == "port: 3306\n"
    qtbot.waitUntil(lambda: tree.model.index_of("db/mysql_2").isValid() and not window.findChildren(NewDialog))
    press(tree, "db", Qt.Key.Key_N, qtbot, control=True)
    new = opened(window, NewDialog)
    assert new.id.text() == "db/new"
    qtbot.waitUntil(new.apply.isEnabled, timeout=WAIT)
    new.apply.click()
    qtbot.waitUntil(lambda: (configs / "db/new.yaml").exists(), timeout=WAIT)


def test_another_name_for_a_copy_opens_that_copy_alone(
    window: Window, tree: ConfigTreePane, space: ComposeWorkspace, configs: Path, qtbot: QtBot
) -> None:
    press(tree, "db/mysql", Qt.Key.Key_D, qtbot, control=True)
    copy = opened(window, NewDialog)
    qtbot.waitUntil(copy.apply.isEnabled, timeout=WAIT)  # the plan for the proposed name is shown
    copy.id.setText("db/mine")
    qtbot.waitUntil(copy.apply.isEnabled, timeout=WAIT)
    copy.apply.click()
    qtbot.waitUntil(lambda: bool(space.sources), timeout=WAIT)
    assert list(space.sources) == [str(configs / "db/mine.yaml")]


def test_the_open_job_and_groups_are_not_deleted(
    window: Window, tree: ConfigTreePane, messages: list[Message], qtbot: QtBot
) -> None:
    tree.files.delete(entry(tree, "jobs/a"))
    tree.files.move(entry(tree, "db"))
    assert ["the job that is open" in messages[0].text, "A group cannot be renamed" in messages[1].text] == [True, True]
    assert not window.findChildren(PlanDialog)


def test_usages_are_listed_and_opened(
    tree: ConfigTreePane, space: ComposeWorkspace, configs: Path, qtbot: QtBot
) -> None:
    menu = tree.menu_for(entry(tree, "db/mysql"))
    next(action for action in menu.actions() if action.text().startswith("Find usages")).trigger()
    menu.deleteLater()
    pane = space.usages
    assert pane is not None
    qtbot.waitUntil(lambda: pane.windowTitle() == "Usages  1", timeout=WAIT)
    assert [pane.table.topLevelItem(0).text(column) for column in range(3)] == ["jobs/a", "3", "/db@db: mysql"]
    pane.table.itemActivated.emit(pane.table.topLevelItem(0), 0)
    assert str(configs / "jobs/a.yaml") in space.sources
    space.close_requested.emit(pane)
    assert space.usages is None


# ------------------------------------------------------------------------------------------------- drag and drop


def test_an_option_dropped_on_a_card_is_chosen_where_it_fits(
    tree: ConfigTreePane, space: ComposeWorkspace, real: Session, qtbot: QtBot
) -> None:
    index = tree.filter.mapFromSource(tree.model.index_of("db/sqlite"))
    assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled
    data = tree.filter.mimeData([index])
    assert data.text() == "db/sqlite"
    fitting = [card for card in space.ops.cards.values() if any(row.choice is not None for row in card.card.rows)]
    other = [card for card in space.ops.cards.values() if card not in fitting]
    left, none, copy = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    point = QPoint(5, 5)
    for card, fits in [*((card, True) for card in fitting), *((card, False) for card in other)]:
        QApplication.sendEvent(card, QDragEnterEvent(point, copy, data, left, none))
        assert (card.property("drop"), card.head.note) == (
            ("fits", "takes it") if fits else ("refused", "does not take it")
        )
        move = QDragMoveEvent(point, copy, data, left, none)
        QApplication.sendEvent(card, move)
        assert move.isAccepted() == fits
        QApplication.sendEvent(card, QDragLeaveEvent())
        assert (card.property("drop"), card.head.note) == ("", "")
    assert len(fitting) == 1
    QApplication.sendEvent(fitting[0], QDragEnterEvent(point, copy, data, left, none))
    QApplication.sendEvent(fitting[0], QDropEvent(QPointF(point), copy, data, left, none))
    assert real.selection.overrides == ("db=sqlite",)
    qtbot.waitUntil(lambda: not real.stale, timeout=WAIT)


def test_an_option_of_hydras_own_is_dropped_among_the_overrides_named_saved_and_read(
    tree: ConfigTreePane, space: ComposeWorkspace, real: Session, configs: Path, qtbot: QtBot
) -> None:
    index = tree.filter.mapFromSource(tree.model.index_of("hydra/job_logging/none"))
    data = tree.filter.mimeData([index])
    assert space.overrides.edit.canInsertFromMimeData(data)
    space.overrides.edit.insertFromMimeData(data)
    assert real.selection.overrides == ("hydra/job_logging=none",)
    qtbot.waitUntil(lambda: entry(tree, "hydra/job_logging/none").used == 1, timeout=WAIT)
    real.engine.ask(
        PlanSave(real.selection, "job"), lambda plan: real.files.write(Step(plan.title, plan.changes, plan.selection))
    )
    qtbot.waitUntil(
        lambda: "  - override /hydra/job_logging: none\n" in (configs / "jobs/a.yaml").read_text(), timeout=WAIT
    )
    tree.files.find_usages(entry(tree, "hydra/job_logging/none"))
    pane = space.usages
    assert pane is not None
    qtbot.waitUntil(lambda: pane.windowTitle() == "Usages  1", timeout=WAIT)
    file = entry(tree, "hydra/job_logging/none").item.file
    real.open_source(file)
    qtbot.waitUntil(lambda: space.sources[file].view is not None, timeout=WAIT)
    source = space.sources[file]
    assert isinstance(source.view, CodeView)
    assert source.note.full_text() == "of an installed package, only to be read"


def test_an_option_is_composed_alone_and_the_job_comes_back(
    tree: ConfigTreePane, real: Session, qtbot: QtBot, configs: Path
) -> None:
    job = real.selection.job
    actions = {action.text(): action for action in tree.menu_for(entry(tree, "db/mysql")).actions()}
    actions["Compose alone"].trigger()
    qtbot.waitUntil(lambda: real.composed.yaml == "port: 3306\n", timeout=WAIT)
    assert real.selection.job == str(configs / "db/mysql.yaml")
    real.undo.undo()
    qtbot.waitUntil(lambda: real.composed.selection.job == job and bool(real.composed.digest), timeout=WAIT)
