"""Two windows on one project, each with a service of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_engine.events import RunEnded, RunStarted
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.stream import StreamReader
from niceml_engine.values import ENDED
from niceml_gui import state
from niceml_gui.drafts import Place
from niceml_gui.engine import Engine
from niceml_gui.session import Session
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.source_tab import SourceTab
from tests.engine.projects import HANDWRITTEN, copy_project

PATIENCE = 60_000
TEXT = "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    (tmp_path / ".niceml").mkdir()
    (tmp_path / "conf/job.yaml").write_text(TEXT)
    return tmp_path


@pytest.fixture
def windows(clean: None, root: Path, qtbot: QtBot) -> Iterator[list[Window]]:
    made = []
    for _ in range(2):
        session = Session(Engine())
        session.engine.start()
        session.open(str(root))
        made.append(Window(session))
        made[-1].show()
    qtbot.waitUntil(lambda: all(window.session.composed.digest for window in made), timeout=PATIENCE)
    yield made
    for window in made:
        window.leave()
        window.deleteLater()
        window.session.deleteLater()
        window.session.engine.deleteLater()


def source(window: Window, file: Path, qtbot: QtBot) -> SourceTab:
    """A file's tab, read and ready."""
    window.session.open_source(str(file))
    panel = window.pages.currentWidget()
    assert isinstance(panel, ComposeWorkspace)
    tab = panel.sources[str(file)]
    qtbot.waitUntil(lambda: isinstance(tab.view, CodeEdit), timeout=PATIENCE)
    return tab


def change(tab: SourceTab, before: str, after: str) -> None:
    assert isinstance(tab.view, CodeEdit)
    assert before in tab.text
    text = tab.text.replace(before, after)
    tab.view.selectAll()
    tab.view.insertPlainText(text)


def value(window: Window, key: str) -> object:
    return {leaf.key: leaf.value for leaf in window.session.composed.leaves}.get(key)


def test_what_one_saves_the_other_shows(windows: list[Window], root: Path, qtbot: QtBot) -> None:
    one, other = (source(window, root / "conf/job.yaml", qtbot) for window in windows)
    change(one, "c: 1", "c: 2")
    one.save()
    qtbot.waitUntil(lambda: other.text == TEXT.replace("c: 1", "c: 2"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: value(windows[1], "c") == 2, timeout=PATIENCE)
    assert not other.unsaved


def test_changes_of_both_are_merged_and_where_they_meet_the_second_is_asked(
    windows: list[Window], root: Path, qtbot: QtBot
) -> None:
    file = root / "conf/job.yaml"
    one, other = (source(window, file, qtbot) for window in windows)
    change(one, "a: 1", "a: 2")
    change(other, "e: 1", "e: 2")
    one.save()
    other.save()
    both = TEXT.replace("a: 1", "a: 2").replace("e: 1", "e: 2")
    qtbot.waitUntil(lambda: not one.unsaved and not other.unsaved, timeout=PATIENCE)
    qtbot.waitUntil(lambda: (one.text, other.text, file.read_text()) == (both, both, both), timeout=PATIENCE)
    change(one, "c: 1", "c: 2")
    change(one, "a: 2", "a: 3")
    change(other, "c: 1", "c: 3")
    one.save()
    qtbot.waitUntil(lambda: not one.unsaved, timeout=PATIENCE)
    other.save()
    qtbot.waitUntil(other.conflict.isVisible, timeout=PATIENCE)
    assert "c: 2" in file.read_text()
    assert "c: 3" in other.text
    shown = other.conflict.preview.toPlainText().splitlines()
    assert {line for line in shown if line[:1] in "+-"} == {"-c: 2", "+c: 3"}
    other.conflict.keep.click()
    settled = both.replace("a: 2", "a: 3").replace("c: 1", "c: 3")
    qtbot.waitUntil(lambda: (one.text, other.text, file.read_text()) == (settled,) * 3, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not other.conflict.isVisible() and not other.unsaved, timeout=PATIENCE)


def test_what_is_typed_while_a_conflict_is_asked_about_is_written_with_the_rest(
    windows: list[Window], root: Path, qtbot: QtBot
) -> None:
    file = root / "conf/job.yaml"
    tab = source(windows[0], file, qtbot)
    change(tab, "c: 1", "c: 3")
    file.write_text(TEXT.replace("c: 1", "c: 2"))
    tab.save()
    qtbot.waitUntil(tab.conflict.isVisible, timeout=PATIENCE)
    change(tab, "e: 1", "e: 3")
    tab.conflict.keep.click()
    mine = TEXT.replace("c: 1", "c: 3")
    qtbot.waitUntil(lambda: tab.conflict.asked.change.after == mine.replace("e: 1", "e: 3"), timeout=PATIENCE)
    tab.conflict.keep.click()
    qtbot.waitUntil(lambda: file.read_text() == mine.replace("e: 1", "e: 3"), timeout=PATIENCE)


def test_of_a_file_that_was_deleted_it_is_said_so(windows: list[Window], root: Path, qtbot: QtBot) -> None:
    file = root / "conf/other.yaml"
    file.write_text("x: 1\n")
    tab = source(windows[0], file, qtbot)
    change(tab, "x: 1", "x: 5")
    file.unlink()
    tab.save()
    qtbot.waitUntil(tab.conflict.isVisible, timeout=PATIENCE)
    assert "deleted" in tab.conflict.said.text()
    assert not tab.conflict.preview.isVisible()
    tab.conflict.keep.click()
    qtbot.waitUntil(lambda: file.exists() and file.read_text() == "x: 5\n", timeout=PATIENCE)


def test_a_text_whose_file_is_deleted_elsewhere_is_written_again_or_comes_back(
    windows: list[Window], root: Path, qtbot: QtBot
) -> None:
    file = root / "conf/other.yaml"
    file.write_text("x: 1\n")
    tab = source(windows[0], file, qtbot)
    file.unlink()
    qtbot.waitUntil(tab.conflict.isVisible, timeout=PATIENCE)
    assert not tab.unsaved
    assert not tab.conflict.take.isVisible()
    file.write_text("x: 2\n")  # as editors do that write a file anew
    qtbot.waitUntil(lambda: tab.text == "x: 2\n" and not tab.conflict.isVisible(), timeout=PATIENCE)
    file.unlink()
    qtbot.waitUntil(tab.conflict.isVisible, timeout=PATIENCE)
    tab.conflict.keep.click()
    qtbot.waitUntil(lambda: file.exists() and not tab.conflict.isVisible(), timeout=PATIENCE)
    assert file.read_text() == "x: 2\n"


def test_that_a_job_file_is_gone_is_said_until_it_is_back(windows: list[Window], root: Path, qtbot: QtBot) -> None:
    job, aside, bar = root / "conf/job.yaml", root / "conf/job.aside", windows[0].messages
    job.rename(aside)
    qtbot.waitUntil(lambda: any("does not exist" in one.text for one in bar.messages), timeout=PATIENCE)
    aside.rename(job)
    qtbot.waitUntil(lambda: not bar.messages, timeout=PATIENCE)


def test_what_one_leaves_unsaved_does_not_take_away_what_the_other_does(
    windows: list[Window], root: Path, qtbot: QtBot
) -> None:
    first, second = windows
    job, other = root / "conf/job.yaml", root / "conf/other.yaml"
    other.write_text("x: 1\n")
    change(source(first, job, qtbot), "a: 1", "a: 5")
    change(source(second, other, qtbot), "x: 1", "x: 5")
    second.session.set_value("b", "7")
    qtbot.waitUntil(lambda: all(window.session.kept.drafts.texts for window in windows), timeout=PATIENCE)
    first.session.set_value("b", "6")
    for window in windows:
        window.session.kept.turn_to(None)  # as with the end of the process
    place = Place.take(str(root))
    kept = place.read()
    assert kept.texts[str(job)].text == TEXT.replace("a: 1", "a: 5")
    assert kept.texts[str(other)].text == "x: 5\n"
    both = {drafts.selection(str(job)).overrides for drafts in (kept, place.others)}
    assert both == {("b=6",), ("b=7",)}  # whichever of them was opened first


def test_runs_of_both_wait_in_one_queue_and_each_runs_once(
    windows: list[Window], root: Path, tmp_path_factory: pytest.TempPathFactory, qtbot: QtBot
) -> None:
    project = copy_project(tmp_path_factory.mktemp("runs"))
    sessions = [window.session for window in windows]
    for session in sessions:
        session.open(str(project), str(project / HANDWRITTEN))
    qtbot.waitUntil(lambda: all(s.project and s.project.root == str(project) for s in sessions), timeout=PATIENCE)
    qtbot.waitUntil(lambda: all(s.composed.digest and not s.stale for s in sessions), timeout=PATIENCE)
    for session in sessions:
        session.set_value("ops.data_generation.config.generator.sample_count", "20")
    for session in (*sessions, sessions[0]):
        session.start_run()

    def ended(session: Session) -> bool:
        runs = session.runs.states.values()
        return len(runs) == 3 and all(run.status in ENDED for run in runs)

    qtbot.waitUntil(lambda: all(map(ended, sessions)), timeout=4 * PATIENCE)
    spans = []
    for run in sorted(sessions[0].runs.states):
        rows = StreamReader(RunFolder(runs_folder(project) / run).stream).read()
        (first,) = [row.time for row in rows if isinstance(row, RunStarted)]
        (last,) = [row.time for row in rows if isinstance(row, RunEnded)]
        spans.append((first, last))
    assert {state.status for state in sessions[1].runs.states.values()} == {"succeeded"}
    assert sessions[0].runs.states == sessions[1].runs.states
    spans.sort()
    assert all(before[1] <= after[0] for before, after in pairwise(spans)), "one at a time"


SPAMMER = """
import sys
from niceml_gui import state
from niceml_gui.address import Address
from niceml_gui.drafts import Place, TextDraft
place = Place.take("/shared")
drafts = place.read()
for number in range(20):
    state.remember_project(Address(f"/project/{sys.argv[1]}/{number % 3}"))
    drafts = drafts.keep_text(f"/{sys.argv[1]}/{number}", TextDraft("", "x" * number))
    place.write(drafts)
"""


def test_what_windows_remember_at_once_is_all_there(state_dir: Path) -> None:
    environment = {**os.environ, "NICEML_STATE_DIR": str(state_dir)}
    programs = [subprocess.Popen([sys.executable, "-c", SPAMMER, str(n)], env=environment) for n in range(4)]
    assert [program.wait() for program in programs] == [0] * 4
    assert sorted(address.path for address in state.recent_projects()) == [
        f"/project/{n}/{m}" for n in range(4) for m in range(3)
    ]
    assert len(Place.take("/shared").read().texts) == 80
