"""Folders and sources in other programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.runs import RunChanged
from niceml_engine.values import Experiment, RunState
from niceml_gui import state
from niceml_gui.desktop import editor_command, is_local, open_in_editor
from niceml_gui.session import Session
from niceml_gui.widgets.header import RUNS
from niceml_gui.widgets.settings import EditorDialog
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.text.source_tab import SourceTab
from niceml_gui.workspaces.experiments.panel import ExperimentsWorkspace
from niceml_gui.workspaces.runs.listing.rows import One
from niceml_gui.workspaces.runs.panel import RunsWorkspace

MakeEditor = Callable[[str], Path]


@pytest.mark.parametrize(
    ("editor", "line", "command"),
    [
        ("code --wait", 3, ["code", "--wait", "--goto", "/f:3"]),
        ("/usr/bin/subl", 3, ["/usr/bin/subl", "/f:3"]),
        ("gvim", 3, ["gvim", "+3", "/f"]),
        ("vim", 3, ["term", "-e", "vim", "+3", "/f"]),
        ("unknown", 3, ["unknown", "/f"]),
        ("code", 0, ["code", "/f"]),
        ("code 'half", 3, []),
        ("", 3, []),
    ],
)
def test_editors_are_told_the_line(editor: str, line: int, command: list[str]) -> None:
    assert editor_command(editor, "/f", line, "term") == command


def test_an_editor_that_needs_a_terminal_is_left_alone_without_one() -> None:
    assert editor_command("vim", "/f", 1) == []


@pytest.fixture
def make_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeEditor:
    """Makes programs on the path that write down what they are told; none else is known."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)

    def make(name: str) -> Path:
        said = tmp_path / f"{name}.said"
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "$@" > "{said}.new" && mv "{said}.new" "{said}"\n')
        program.chmod(0o755)
        return said

    return make


@pytest.fixture
def source(session: Session, project: Path, qtbot: QtBot) -> SourceTab:
    file = project / "source.yaml"
    file.write_text("a: 1\nb: 2\nc: 3\n")
    tab = SourceTab(session, str(file))
    qtbot.addWidget(tab)
    return tab


def test_a_source_opens_in_the_persons_own_editor(
    source: SourceTab, make_editor: MakeEditor, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    said = {name: make_editor(name) for name in ("code", "gvim", "subl")}
    monkeypatch.setenv("EDITOR", "code --reuse-window")
    source.edit(3)
    qtbot.waitUntil(said["code"].exists)
    assert said["code"].read_text() == f"--reuse-window --goto {source.file}:3\n"
    monkeypatch.setenv("VISUAL", "gvim")
    source.edit(2)
    qtbot.waitUntil(said["gvim"].exists)
    assert said["gvim"].read_text() == f"+2 {source.file}\n"
    state.settings().setValue("editor", "subl")
    source.edit(1)
    qtbot.waitUntil(said["subl"].exists)
    assert said["subl"].read_text() == f"{source.file}:1\n"


def test_without_an_editor_it_says_where_to_name_one(
    source: SourceTab, session: Session, make_editor: MakeEditor, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    make_editor("code")
    with qtbot.waitSignal(session.message) as said:
        source.edit(1)
    assert said.args is not None
    assert said.args[0].text == "No editor is known: name yours in Edit → Editor…, or in the variable EDITOR"
    assert open_in_editor("/f", 1, {"EDITOR": "no-such-editor"}).startswith("no-such-editor cannot be started: ")


def test_the_editor_is_set_in_the_window(window: Window, make_editor: MakeEditor) -> None:
    make_editor("subl")
    window.commands.run("edit.editor")
    dialog = window.findChild(EditorDialog)
    assert isinstance(dialog, EditorDialog)
    field = dialog.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    for wrong, why in (("no-such-editor -x", "no-such-editor"), ("subl 'half", "quote")):
        field.setText(wrong)
        dialog.keep.click()
        assert why in dialog.note.text()
        assert dialog.isVisible()
    field.setText("subl --new-window")
    dialog.keep.click()
    assert not dialog.isVisible()
    assert state.editor() == "subl --new-window"


class _FileManager(QObject):
    """Takes the place of the desktop's file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


@pytest.fixture
def manager() -> Iterator[_FileManager]:
    made = _FileManager()
    QDesktopServices.setUrlHandler("file", made, "show")
    yield made
    QDesktopServices.unsetUrlHandler("file")


def _entry(workspace: RunsWorkspace, run: RunState, text: str) -> None:
    menu = workspace.runs.menu_of(One(run))
    assert menu is not None
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_the_folders_of_a_run_open(window: Window, session: Session, project: Path, manager: _FileManager) -> None:
    folder, experiment = project / "run", project / "CLB 1"
    folder.mkdir()
    experiment.mkdir()
    run = RunState("r1", "first", "succeeded", "j", created=1.0, folder=str(folder), experiment=experiment.as_uri())
    session.engine.notified.emit(RunChanged(run))
    window.show_workspace(RUNS)
    workspace = window.pages.currentWidget()
    assert isinstance(workspace, RunsWorkspace)
    _entry(workspace, run, "Open run folder")
    _entry(workspace, run, "Open experiment folder")
    assert manager.opened == [str(folder), str(experiment)]
    folder.rmdir()
    _entry(workspace, run, "Open run folder")
    assert window.messages.text.full_text() == f"There is no folder {folder} any more"


def test_a_desktop_without_a_file_manager_is_told_with_the_folder(
    session: Session, project: Path, qtbot: QtBot
) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show_experiments((Experiment(str(project), "CLB-1", 1.0, "succeeded", "/j.yaml"),))
    buttons = workspace.detail.widget().findChildren(QPushButton)
    with qtbot.waitSignal(session.message) as said:
        qtbot.mouseClick(
            next(one for one in buttons if one.accessibleName() == "Open folder"), Qt.MouseButton.LeftButton
        )
    assert said.args is not None
    assert said.args[0].text == f"This desktop has no program that opens folders; this one is {project}"


def test_what_lies_in_a_bucket_has_no_folder_to_open() -> None:
    assert [is_local(uri) for uri in ("/a", "file:///a", "s3://b/a", "")] == [True, True, False, False]
