from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QShortcut, QUndoCommand
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from niceml_engine.protocol.runs import RunChanged
from niceml_engine.values import Problem, RunState
from niceml_gui import words
from niceml_gui.commands import holds
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS
from niceml_gui.widgets.picker import Entry, rank
from niceml_gui.widgets.statusbar import problem_words, short_digest
from niceml_gui.window import Window

FORBIDDEN = ("tensorflow", "keras", "dagster", "hydra", "omegaconf", "pandas", "pyarrow", "griffe")
SHARED = (
    *("values", "descriptions", "events", "results", "columns", "leaves", "options", "query", "protocol"),
    *("errors", "ops_path", "places", "visible", "parts", "interpolations", "secrets", "short", "counting", "packing"),
)


def test_the_window_loads_nothing_heavy_and_of_the_engine_only_the_shared_values() -> None:
    program = (
        "import sys, niceml_gui.app, niceml_gui.window, niceml_gui.tour, niceml_gui.theme.style\n"
        "import niceml_gui.workspaces.compose.panel, niceml_gui.workspaces.experiments.panel\n"
        "print('niceml_gui.workspaces.runs.charts.drawing' in sys.modules)\n"
        "import niceml_gui.workspaces.runs.panel\n"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    early, loaded = run.stdout.splitlines()
    modules = loaded.split()
    assert early == "False", "the plots are loaded before they are needed"
    assert [name for name in modules if name.partition(".")[0] in FORBIDDEN] == []
    of_engine = {name.split(".")[1] for name in modules if name.startswith("niceml_engine.")}
    assert of_engine <= set(SHARED)


def test_without_a_project_the_window_welcomes(window: Window, session: Session) -> None:
    session.close_project()
    assert window.pages.currentWidget() is window.welcome
    assert not window.header.run_button.isVisible()
    assert window.windowTitle() == "niceml"
    assert not window.commands.enabled("run.start")


def test_the_header_says_what_is_open_and_how_much_is_unsaved(window: Window, session: Session) -> None:
    header = window.header
    assert header.project.text() == "sample"
    assert header.picker.shown_text() == "a"
    assert not header.pill.isVisible()
    session.set_value("train.epochs", "2")
    session.set_value("x", "1")
    assert header.pill.accessibleName() == "2 overrides unsaved"
    assert header.segments.segments[RUNS].accessibleDescription() == "1 active"


@pytest.mark.parametrize(("key", "number"), [("1", COMPOSE), ("2", RUNS), ("3", EXPERIMENTS)])
def test_workspaces_come_by_keyboard(window: Window, qtbot: QtBot, key: str, number: int) -> None:
    window.show_workspace(EXPERIMENTS if number == COMPOSE else COMPOSE)
    qtbot.keyClick(window, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.ControlModifier)
    assert window.workspace == number
    assert window.header.segments.segments[number].isChecked()


def test_on_runs_the_header_speaks_of_the_run(window: Window, session: Session, qtbot: QtBot) -> None:
    session.runs.select("r1")
    window.show_workspace(RUNS)
    header = window.header
    assert header.picker.shown_text() == "first"
    assert header.pill.accessibleName().startswith("running")
    assert (header.stop_button.isVisible(), header.use_button.isVisible(), header.run_button.isVisible()) == (
        True,
        True,
        False,
    )
    session.engine.notified.emit(
        RunChanged(RunState("r1", "first", "failed", "j", created=1.0, started=1.0, ended=43.0))
    )
    assert header.pill.accessibleName() == "failed · 00:42"
    assert not header.stop_button.isVisible()
    assert header.run_button.isVisible()
    qtbot.mouseClick(header.use_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.selection.overrides == ("x=1",))
    assert window.workspace == COMPOSE


def test_the_run_picker_shows_what_the_run_list_does(window: Window, session: Session, qtbot: QtBot) -> None:
    stamped = RunState("r3", "CLB-20261124T033249-id_je79", "failed", "j", created=3.0, op="analysis")
    session.engine.notified.emit(RunChanged(stamped))
    session.runs.select("r3")
    window.show_workspace(RUNS)
    qtbot.mouseClick(window.header.picker, Qt.MouseButton.LeftButton)
    first = window.picker.entries()[0]
    assert (first.title, first.hint) == ("CLB-…id_je79", "failed at analysis · 1 Jan 1970")
    assert window.header.picker.accessibleDescription() == "CLB-…id_je79, 1 Jan 1970"
    window.picker.leave()


def test_run_starts_a_run_and_shows_it(window: Window, session: Session, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.header.run_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.runs.current == "r2")
    assert window.workspace == RUNS


def test_undo_and_redo_are_named_in_the_menu(window: Window, session: Session) -> None:
    session.set_value("train.epochs", "2")
    assert window.commands.action("edit.undo").text() == "Undo Set epochs to 2"
    window.commands.run("edit.undo")
    assert session.selection.overrides == ()
    assert window.commands.action("edit.redo").text() == "Redo Set epochs to 2"
    assert not window.commands.action("edit.undo").isEnabled()
    window.commands.run("edit.redo")
    assert session.selection.overrides == ("train.epochs=2",)


def test_the_palette_finds_commands_jobs_files_and_keys(window: Window, session: Session, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    picker = window.picker
    assert picker.isVisible()
    found = {}
    for typed in ("export", "epochs", "mysql", "b"):
        picker.field.setText(typed)
        found[typed] = (picker.entries()[0].title, picker.entries()[0].hint)
    assert found == {
        "export": ("Export", "Ctrl+E"),
        "epochs": ("train.epochs", "1"),
        "mysql": ("mysql", "db"),
        "b": ("b", "jobs"),
    }
    picker.field.setText("epochs")
    qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert not picker.isVisible()
    assert session.focus.key == "train.epochs"


def test_the_palette_leaves_by_escape_and_says_when_nothing_fits(window: Window, qtbot: QtBot) -> None:
    window.palette_all()
    window.picker.field.setText("zzzzqqq")
    assert window.picker.entries() == []
    qtbot.keyClick(window.picker.field, Qt.Key.Key_Escape)
    assert not window.picker.isVisible()


def test_the_job_picker_opens_another_job(window: Window, session: Session, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.header.picker, Qt.MouseButton.LeftButton)
    assert [entry.title for entry in window.picker.entries()] == ["a", "b"]
    assert window.picker.view.currentIndex().data() == "a"
    qtbot.keyClick(window.picker.field, Qt.Key.Key_Down)
    qtbot.keyClick(window.picker.field, Qt.Key.Key_Return)
    assert session.selection.job.endswith("b.yaml")


def test_parts_of_a_title_come_before_what_is_only_alike() -> None:
    titles = ["unrelated", "ops.train.epochs", "epochs", "epoch_count", "Restart engine"]
    entries = [Entry(title, lambda: None) for title in titles]
    assert [entry.title for entry in rank(entries, "epochs")][:2] == ["epochs", "ops.train.epochs"]
    undo = Entry("Undo Set epochs to 5", print)
    assert [entry.title for entry in rank([undo, *entries], "epochs")][:2] == ["epochs", "ops.train.epochs"]
    assert rank([undo, *entries], "train.epochs")[0].title == "ops.train.epochs"
    assert [entry.title for entry in rank(entries, "restrat engin")] == ["Restart engine"]


def test_a_list_says_how_much_of_what_fits_it_shows(window: Window) -> None:
    entries = [Entry(f"key {number}", lambda: None) for number in range(1340)]
    window.picker.open(entries, QPoint(0, 0), 300)
    assert window.picker.more.text() == "100 of 1,340: type more"
    window.picker.field.setText("key 133")
    assert not window.picker.more.isVisible()
    window.picker.leave()


def test_alt_and_a_letter_open_the_menus_below_the_name(window: Window, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitActive(window)
    assert not window.header.project.icon().isNull()
    for key, title in ((Qt.Key.Key_F, "&File"), (Qt.Key.Key_R, "&Run")):
        QTest.keyClick(window.windowHandle(), key, Qt.KeyboardModifier.AltModifier)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert menu.title() == title
        menu.close()


def test_a_config_or_a_script_is_opened_by_its_file(
    window: Window, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(session, "open", opened.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/p/train.py", ""))
    session.close_project()
    qtbot.mouseClick(window.welcome.file_button, Qt.MouseButton.LeftButton)
    window.commands.run("file.open-file")
    assert opened == ["/p/train.py", "/p/train.py"]


def test_f6_walks_through_all_panes_and_back(window: Window, qtbot: QtBot) -> None:
    window.show_workspace(COMPOSE)
    window.activateWindow()
    window.header.picker.setFocus()
    seen = []
    for _ in range(12):
        qtbot.keyClick(window, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert None not in seen
    assert len({id(widget) for widget in seen}) >= 4
    qtbot.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is seen[-2]


def test_an_error_is_one_line_with_details_to_unfold_and_copy(window: Window, session: Session, qtbot: QtBot) -> None:
    bar = window.messages
    session.open("/missing")
    qtbot.waitUntil(bar.isVisible)
    assert bar.text.full_text() == "no such folder: /missing"
    assert not bar.details.isVisible()
    bar.unfold.click()
    assert bar.details.isVisible()
    assert bar.details.toPlainText() == "a trace"
    bar.copy.click()
    assert QGuiApplication.clipboard().text() == "no such folder: /missing\n\na trace"
    session.complain("another")
    assert bar.text.full_text() == "another"
    assert not bar.unfold.isVisible()
    bar.dismiss()
    assert bar.text.full_text() == "no such folder: /missing"
    bar.dismiss()
    assert not bar.isVisible()


@pytest.mark.parametrize("name", ["folder", "job.yaml", "picture.png"])
def test_folders_and_yaml_files_can_be_dropped(
    window: Window, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / name
    target.write_text("a: 1\n") if target.suffix else target.mkdir()
    opened: list[str] = []
    monkeypatch.setattr(session, "open", lambda path, job="": opened.append(path))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(target))])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(5, 5), actions, data, buttons, Qt.KeyboardModifier.NoModifier))
    assert opened == ([] if name.endswith(".png") else [str(target)])


def test_layout_and_geometry_are_there_at_the_next_start(window: Window, session: Session, qtbot: QtBot) -> None:
    window.resize(900, 640)
    window.show_workspace(RUNS)
    runs = window.pages.currentWidget()
    first = runs.sizes(runs.runs)
    runs.set_sizes(runs.runs, [250, 350, 300])
    sizes = runs.sizes(runs.runs)
    assert sizes != first
    window.close()
    again = Window(session)
    again.show()
    again.show_workspace(RUNS)
    same = again.pages.currentWidget()
    assert (again.width(), again.height()) == (900, 640)
    assert same.sizes(same.runs) == sizes
    again.close()
    again.deleteLater()


def test_the_status_line_speaks_in_words(
    project: Path, window: Window, session: Session, settle: Callable[[Session], None]
) -> None:
    (project / "doubtful").touch()
    session.rescan()
    settle(session)
    assert window.status.problems.text().strip() == "1 error · 1 warning"
    assert window.status.digest.text().startswith("digest ")
    session.engine.notified.emit(RunChanged(RunState("r1", "first", "running", "j", created=1.0, message="epoch 6/10")))
    assert window.status.run.text().strip() == "run first · epoch 6/10"
    assert window.status.run.toolTip() == "Show this run: first · epoch 6/10"  # where it is cut
    assert window.status.run.minimumSizeHint().width() < window.status.run.sizeHint().width()


def test_the_foot_speaks_of_the_run_that_is_next_in_the_queue_by_the_name_that_the_list_gives_it(
    window: Window, session: Session
) -> None:
    for known in tuple(session.runs.states):
        session.runs._drop(known)
    for run, place in (("2026-aaaa", 2.0), ("2026-bbbb", 1.0), ("2026-cccc", 3.0)):
        state = RunState(run, "", "queued", "/p/job_night.yaml", created=place % 3, rank=place)
        session.engine.notified.emit(RunChanged(state))
    assert window.status.run.text().strip().startswith("run job_night …bbbb · queued")


def test_words() -> None:
    error, warning, info = Problem("error", "c", "m"), Problem("warning", "c", "m"), Problem("info", "c", "m")
    assert problem_words(()) == "no problems"
    assert problem_words((info, info)) == "no problems · 2 notes"
    assert problem_words((error,)) == "1 error"
    assert problem_words((error, warning, info)) == "1 error · 1 warning · 1 note"
    assert short_digest("7f3a" + "0" * 58 + "c1") == "7f3a…c1"
    assert [words.countdown(42), words.countdown(3723)] == ["00:42", "1:02:03"]


def test_enablement_is_an_expression() -> None:
    context = {"project": True, "run": False}
    assert holds("", context)
    assert holds("project and not run", context)
    assert not holds("project and run", context)
    with pytest.raises(KeyError):
        holds("projekt", context)


def test_no_keys_are_ambiguous(window: Window) -> None:
    for number in (COMPOSE, RUNS, EXPERIMENTS):
        window.show_workspace(number)
    everywhere = [keys.toString() for action in window.findChildren(QAction) for keys in action.shortcuts()]
    everywhere += [button.shortcut().toString() for button in window.findChildren(QAbstractButton)]
    local = []
    for shortcut in window.findChildren(QShortcut):
        inside = shortcut.context() == Qt.ShortcutContext.WidgetWithChildrenShortcut
        (local if inside else everywhere).append(shortcut.key().toString())
    everywhere = [keys for keys in everywhere if keys]
    assert sorted(everywhere) == sorted(set(everywhere))
    assert set(local) & set(everywhere) == set()
    assert {"Ctrl+Shift+P", "Ctrl+1", "F6", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+S", "Ctrl+E", "Ctrl+R"} <= set(everywhere)


@pytest.mark.parametrize("number", [COMPOSE, RUNS, EXPERIMENTS])
def test_ctrl_r_runs_from_every_pane(window: Window, qtbot: QtBot, number: int) -> None:
    started = []
    command = replace(
        window.commands.all()[0], id="run.start", shortcut="Ctrl+R; F5", callback=lambda: started.append(1)
    )
    window.commands.add([command])
    window.show_workspace(number)
    window.activateWindow()
    takers = [
        one for one in window.findChildren(QWidget) if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    for taker in takers:
        taker.setFocus()
        qtbot.keyClick(taker, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert len(started) == len(takers) > 0


def test_a_key_of_a_run_leads_to_compose(window: Window) -> None:
    window.show_workspace(RUNS)
    window.pages.currentWidget().compose_wanted.emit()
    assert window.workspace == COMPOSE


def test_a_session_may_go_before_its_window(clean: None, qapp: QApplication, qtbot: QtBot) -> None:
    session = Session()
    window = Window(session)
    session.undo.push(QUndoCommand("something"))
    with qtbot.captureExceptions() as raised:
        delete(session)
    assert raised == []
    delete(window)


def test_plots_are_taken_apart_before_the_service_ends(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    window.show_workspace(RUNS)
    workspace = window.pages.currentWidget()
    close_plots, close = workspace.close_plots, window.session.close
    monkeypatch.setattr(workspace, "close_plots", lambda: (order.append("plots"), close_plots()))
    monkeypatch.setattr(window.session, "close", lambda: (order.append("session"), close()))
    window.close()
    assert order == ["plots", "session"]


def test_every_control_of_the_shell_has_a_name(window: Window) -> None:
    window.show_workspace(EXPERIMENTS)
    for part in (window.header, window.status, window.messages, window.pages.currentWidget()):
        nameless = [
            control
            for control in part.findChildren(QAbstractButton)
            if not (control.text().strip() or control.accessibleName()) and control.isVisible()
        ]
        assert nameless == []


def test_the_theme_switches_live_from_the_menu(window: Window) -> None:
    for mode in ("light", "dark"):
        window.commands.run(f"view.{mode}")
        assert theme().tokens.name == mode
        assert window.commands.action(f"view.{mode}").isChecked()
        assert window.grab().toImage().pixelColor(2, 2).name() == theme().tokens.panel


def test_in_a_narrow_window_what_starts_a_run_is_whole(window, qtbot):
    header = window.header
    qtbot.waitUntil(lambda: header.run_button.isVisible())
    for width in (1400, 900):
        window.resize(width, 640)
        qtbot.waitUntil(lambda wide=width: header.width() == wide)
        qtbot.waitUntil(lambda: header.run_button.width() >= header.run_button.sizeHint().width())
        qtbot.waitUntil(lambda: header.search_field.width() >= 36)
