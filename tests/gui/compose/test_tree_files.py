"""Config files are made, renamed, moved and deleted from the tree, in a window with the real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.files import FileChange, PlanSave
from niceml_gui.file_changes import Step
from niceml_gui.session import Message, Session
from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.widgets.conflict_dialog import ConflictDialog
from niceml_gui.widgets.plan_dialog import PlanDialog
from niceml_gui.widgets.save_dialog import SaveDialog
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.tree.file_dialogs import DeleteDialog, MoveDialog, NewDialog
from niceml_gui.workspaces.compose.tree.model import ENTRY, Entry
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane

WAIT = 20_000
JOB = "# a job\ndefaults:\n  - /db@db: mysql\n  - _self_\n\nepochs: 3  # how long\n"
SEARCH = "hydra:\n  searchpath: [file://configs]\n"


@pytest.fixture
def files() -> dict[str, str]:
    return {"jobs/a.yaml": JOB + SEARCH, "db/mysql.yaml": "port: 3306\n", "db/sqlite.yaml": "port: 0\n"}


@pytest.fixture
def window(real: Session) -> Iterator[Window]:
    made = Window(real)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def space(window: Window) -> ComposeWorkspace:
    found = window.pages.currentWidget()
    assert isinstance(found, ComposeWorkspace)
    return found


@pytest.fixture
def tree(space: ComposeWorkspace) -> ConfigTreePane:
    return space.tree


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    return tmp_path / "configs"


@pytest.fixture
def messages(real: Session) -> list[Message]:
    told: list[Message] = []
    real.message.connect(told.append)
    return told


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


D = TypeVar("D", bound=PlanDialog)


def opened(window: Window, kind: type[D]) -> D:
    found = window.findChildren(kind)
    assert len(found) == 1
    return found[0]


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


# ------------------------------------------------------------------------------------------------- undo and others


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


# ------------------------------------------------------------------------------------------------- saving


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
