"""The window asks before a project runs its code, shows what that is, and can take the answer back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.trust import Foreign, Trust
from niceml_gui.trust import Question, groups
from niceml_gui.widgets.trust_dialog import TrustDialog, fair
from niceml_gui.window import Window


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "foreign").touch()
    return folder


def opened(window: Window, qtbot: QtBot) -> TrustDialog:
    qtbot.waitUntil(lambda: bool(window.findChildren(TrustDialog)))
    return window.findChildren(TrustDialog)[-1]


def rows(dialog: TrustDialog) -> list[list[str]]:
    found = []
    for place in range(dialog.list.topLevelItemCount()):
        group = dialog.list.topLevelItem(place)
        assert group is not None
        found.append([group.text(0), *(group.child(at).text(0) for at in range(group.childCount()))])
    return found


def test_run_asks_first_and_runs_once_the_project_is_trusted(window: Window, qtbot: QtBot) -> None:
    window.commands.run("run.start")
    dialog = opened(window, qtbot)
    assert rows(dialog) == [
        ["Targets of my", "my.net.Net"],
        ["Targets of keras", "keras.optimizers.Adam"],
        ["Resolvers", "mine.double"],
    ]
    assert dialog.trust.text() == "Trust and go on"
    dialog.cancel.click()
    assert "r2" not in window.session.runs.states
    assert not window.session.trust.trusted
    window.commands.run("run.start")
    qtbot.waitUntil(lambda: len(window.findChildren(TrustDialog)) > 0)
    opened(window, qtbot).trust.click()
    qtbot.waitUntil(lambda: "r2" in window.session.runs.states)
    assert window.session.trust.trusted


def test_what_would_run_can_be_looked_at(window: Window, project: Path, qtbot: QtBot) -> None:
    seen: list[tuple[str, int]] = []
    window.session.source_requested.connect(lambda file, line: seen.append((file, line)))
    window.commands.run("file.trust")
    dialog = opened(window, qtbot)
    assert dialog.trust.text() == "Trust"
    group = dialog.list.topLevelItem(0)
    assert group is not None
    dialog.list.itemActivated.emit(group.child(0), 0)
    assert seen == [(str(project / "my/net.py"), 7)]


def test_targets_are_put_together_by_package_the_projects_own_first() -> None:
    found = tuple(
        Foreign("target", name, source=source) for name, source in (("a.B", ""), ("z.C", "z.py:1"), ("a.D", ""))
    )
    assert [(title, [one.name for one in rows]) for title, rows in groups(found)] == [
        ("Targets of z", ["z.C"]),
        ("Targets of a", ["a.B", "a.D"]),
    ]


def test_what_is_loaded_says_why() -> None:
    found = (Foreign("module", "tests", "/p/tests/__init__.py", 1), Foreign("file", "mine", "/p/dagster.yaml"))
    assert [title for title, _ in groups((*found, Foreign("interpreter", "/usr/bin/python3")))] == [
        "Interpreter",
        "Loaded by Dagster, whose settings name it",
        "Imported in place of an installed module of the same name",
    ]


def test_trust_is_given_and_withdrawn_in_the_file_menu(window: Window, qtbot: QtBot) -> None:
    enabled = window.commands.enabled
    assert enabled("file.trust")
    assert not enabled("file.withdraw-trust")
    window.commands.run("file.trust")
    opened(window, qtbot).trust.click()
    qtbot.waitUntil(lambda: enabled("file.withdraw-trust"))
    assert not enabled("file.trust")
    window.commands.run("file.withdraw-trust")
    qtbot.waitUntil(lambda: enabled("file.trust"))


def test_long_names_leave_every_column_in_sight(window: Window) -> None:
    target = "a_package.with_modules.and_modules_in_these." * 3 + "Network"
    found = (Foreign("target", target, "/p/" + "configs/" * 20 + "a.yaml", 3, "src/" * 30 + "net.py:4"),)
    dialog = TrustDialog(window.session, Question(Trust("/p", False, found)), window)
    dialog.show()
    widths = [dialog.list.columnWidth(column) for column in range(3)]
    assert min(widths) > 150
    assert sum(widths) <= dialog.list.viewport().width()
    assert dialog.list.horizontalScrollBar().maximum() == 0
    dialog.reject()


def test_where_nothing_is_written_in_the_project_there_is_no_column_for_it(window: Window) -> None:
    found = (Foreign("program", "train.py", "/p/train.py", 1),)
    dialog = TrustDialog(window.session, Question(Trust("/p", False, found), print), window)
    dialog.show()
    assert dialog.list.columnCount() == 2
    assert sum(dialog.list.columnWidth(column) for column in range(2)) == dialog.list.viewport().width()
    assert dialog.list.horizontalScrollBar().maximum() == 0
    assert dialog.list.height() < 150  # no taller than its two rows
    dialog.reject()


def test_columns_that_need_little_get_it() -> None:
    assert fair([100, 50, 100], 1000) == [100, 800, 100]
    assert fair([900, 50, 900], 650) == [300, 50, 300]
