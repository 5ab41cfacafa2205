"""Keys, drags and the Tab key while a text has the focus, with real events through the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.configs import CheckText, FileText, ReadFile
from niceml_gui.session import Session
from niceml_gui.widgets.dialogs import ExportDialog
from niceml_gui.widgets.header import COMPOSE
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.tree.model import MIME

CTRL = Qt.KeyboardModifier.ControlModifier
KEY = "train.epochs"


@pytest.fixture
def space(window: Window, qtbot: QtBot) -> ComposeWorkspace:
    window.show_workspace(COMPOSE)
    window.activateWindow()
    qtbot.waitActive(window)
    found = window.pages.currentWidget()
    assert isinstance(found, ComposeWorkspace)
    return found


@pytest.fixture
def field(space: ComposeWorkspace) -> Field:
    row = space.ops.row_of(KEY, "")
    assert row is not None
    assert isinstance(row.control, Field)
    row.control.setFocus()
    return row.control


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key that goes to what has the focus, past the window's shortcuts, as from a keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget.window().windowHandle(), key, modifiers)


def test_undo_takes_back_what_a_field_has_committed_but_first_what_is_typed(
    session: Session, field: Field, settle: Callable[[Session], None]
) -> None:
    field.selectAll()
    QTest.keyClicks(field, "7")
    press(Qt.Key.Key_Return)
    assert session.selection.overrides == (f"{KEY}=7",)
    settle(session)
    shown = field.text()
    QTest.keyClicks(field, "5")
    press(Qt.Key.Key_Z, CTRL)
    assert field.text() == shown
    assert session.selection.overrides == (f"{KEY}=7",)
    press(Qt.Key.Key_Z, CTRL)
    assert session.selection.overrides == ()
    settle(session)
    press(Qt.Key.Key_Y, CTRL)
    assert session.selection.overrides == (f"{KEY}=7",)


@pytest.mark.parametrize("name", ["field", "filter", "overrides"])
def test_the_commands_keys_work_in_every_text(window: Window, space: ComposeWorkspace, field: Field, name: str) -> None:
    export = next(one for one in window.commands.all() if one.id == "file.export")
    window.commands.add([replace(export, shortcut="Ctrl+A")])  # each text claims it; on X11 they claim Ctrl+E too
    takers: dict[str, QWidget] = {"field": field, "filter": space.tree.edit, "overrides": space.overrides.edit}
    space.show_pane(space.overrides)
    takers[name].setFocus()
    press(Qt.Key.Key_A, CTRL)
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.reject()


def test_tab_takes_what_is_offered_and_escape_can_be_taken_back(
    session: Session, space: ComposeWorkspace, qtbot: QtBot
) -> None:
    space.show_pane(space.overrides)
    edit = space.overrides.edit
    edit.setFocus()
    QTest.keyClicks(edit, "train.ep")
    qtbot.waitUntil(lambda: bool(edit.completer.texts))
    offered = edit.completer.texts[0]
    QTest.keyClick(edit.completer.popup, Qt.Key.Key_Tab)
    assert edit.toPlainText() == offered
    assert not edit.completer.texts
    assert QApplication.focusWidget() is edit
    assert session.selection.overrides == ()  # nothing half-typed was applied
    edit.completer.hide()
    press(Qt.Key.Key_Escape)
    assert edit.toPlainText() == ""
    press(Qt.Key.Key_Z, CTRL)
    assert edit.toPlainText() == offered
    QTest.keyClicks(edit, "3")
    edit.completer.hide()
    press(Qt.Key.Key_Return, CTRL)
    applied = session.selection.overrides
    assert len(applied) == 1
    press(Qt.Key.Key_Z, CTRL)  # what was applied is a step of the selection
    assert session.selection.overrides == ()


def test_an_option_that_is_dropped_on_a_field_is_chosen_by_its_card(
    window: Window, session: Session, space: ComposeWorkspace
) -> None:
    row = space.ops.row_of("", "db/mysql")
    assert row is not None
    field = space.ops.row_of(KEY, "")
    assert field is not None
    data = QMimeData()
    data.setData(MIME, b"db/sqlite")
    data.setText("db/sqlite")
    for taker in (row.control, field.control):
        handle = window.windowHandle()
        point = taker.mapTo(window, QPoint(taker.width() // 2, taker.height() // 2))
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        copy = Qt.DropAction.CopyAction
        QApplication.sendEvent(handle, QDragEnterEvent(point, copy, data, left, none))
        QApplication.sendEvent(handle, QDragMoveEvent(point, copy, data, left, none))
        QApplication.sendEvent(handle, QDropEvent(QPointF(point), copy, data, left, none))
    assert isinstance(field.control, Field)
    assert "db" not in field.control.text()
    assert session.selection.overrides == ("db=sqlite",)


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Return])
def test_the_filter_of_the_tree_leads_to_what_fits_and_f4_opens_it(
    session: Session, space: ComposeWorkspace, project: Path, key: Qt.Key
) -> None:
    opened: list[str] = []
    session.source_requested.connect(lambda file, line: opened.append(file))
    space.tree.edit.setFocus()
    QTest.keyClicks(space.tree.edit, "sqli")
    press(key)
    assert space.tree.view.hasFocus()
    assert session.focus.node == "db/sqlite"
    press(Qt.Key.Key_F4)
    assert opened == [f"{project}/db/sqlite.yaml"]


def test_the_palette_takes_the_keyboard_along_and_leaving_it_selects_nothing(
    window: Window, session: Session, space: ComposeWorkspace, field: Field
) -> None:
    window.palette_all()
    QTest.keyClicks(window.picker.field, "train.sizes")
    press(Qt.Key.Key_Return)
    assert session.focus.key == "train.sizes"
    reached = space.ops.row_of("train.sizes", "")
    assert reached is not None
    assert reached.control.hasFocus()
    session.set_focus(key=KEY)
    window.palette_all()
    press(Qt.Key.Key_Escape)
    assert reached.control.hasFocus()
    assert session.focus.key == KEY
    opened: list[str] = []
    session.source_requested.connect(lambda file, line: opened.append(file))
    field.setFocus()
    press(Qt.Key.Key_F4)
    assert len(opened) == 1


def test_undo_of_the_menu_is_for_the_text_that_has_the_focus_and_says_so(
    window: Window, session: Session, space: ComposeWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, undo = session.selection.job, window.commands.action("edit.undo")
    session.set_value(KEY, "7")
    ask = session.engine.ask

    def answer(request: Any, then: Any = None, failed: Any = None, timeout: float = 30.0) -> int:
        if not isinstance(request, ReadFile | CheckText):
            return ask(request, then, failed, timeout)
        then(FileText(file, "a: 1\n", "") if isinstance(request, ReadFile) else ())
        return 0

    monkeypatch.setattr(session.engine, "ask", answer)
    session.open_source(file)
    source = space.sources[file]
    view = source.view
    assert isinstance(view, CodeEdit)
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert (undo.text(), undo.isEnabled()) == ("Undo", False)  # its steps are never the window's
    before = view.toPlainText()
    view.insertPlainText("x: 1\n")
    assert (undo.text(), undo.isEnabled()) == (f"Undo typing in {Path(file).name}", True)
    window.palette_all()
    assert undo.text() == f"Undo typing in {Path(file).name}"
    window.picker.leave()
    window.commands.run("edit.undo")
    assert (view.toPlainText(), session.selection.overrides) == (before, (f"{KEY}=7",))
    redo = window.commands.action("edit.redo")
    assert (redo.text(), redo.isEnabled()) == (f"Redo typing in {Path(file).name}", True)
    assert (undo.text(), undo.isEnabled()) == ("Undo", False)
    window.commands.run("edit.redo")
    assert view.toPlainText() != before
    space.composed.view.setFocus()
    assert undo.text() == "Undo Set epochs to 7"
    window.commands.run("edit.undo")
    assert session.selection.overrides == ()
    source.revert()
