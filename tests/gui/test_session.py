from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.configs import FilesChanged
from niceml_engine.protocol.files import FileChange, FilePlan
from niceml_engine.protocol.runs import RunChanged, RunRemoved
from niceml_engine.values import Composed, Problem, RunState, Selection
from niceml_gui.address import Address
from niceml_gui.composer import joined
from niceml_gui.drafts import Drafts, Place, TextDraft
from niceml_gui.engine import Engine
from niceml_gui.kept import Kept
from niceml_gui.session import Focus, Message, Session

from .conftest import FAKE

Settle = Callable[[Session], None]

ENDS = """
import os, signal
from niceml_gui.drafts import Drafts, Place, TextDraft
one, other = Place.take("/p"), Place.take("/p")
one.write(Drafts("a", {"a": ("x=1",)}, {"f": TextDraft("", "1")}))
other.write(Drafts("a", {"a": ("x=2",), "b": ("x=2",)}, {"f": TextDraft("", "1"), "g": TextDraft("", "2")}))
os.kill(os.getpid(), signal.SIGKILL)
"""


def _choose(session: Session) -> None:
    session.choose(session.composed.choices[0], "sqlite")


def _reset(session: Session) -> None:
    session.reset("train.epochs")


EDITS: dict[str, tuple[Callable[[Session], None], tuple[str, ...], str]] = {
    "choose": (_choose, ("train.epochs=2", "db=sqlite"), "Choose sqlite for db"),
    "none": (lambda s: s.choose(s.composed.choices[0], None), ("train.epochs=2", "~db"), "Choose nothing for db"),
    "again": (lambda s: s.set_value("train.epochs", "7"), ("train.epochs=7",), "Set epochs to 7"),
    "new": (lambda s: s.set_value("extra", "'a b'"), ("train.epochs=2", "+extra='a b'"), "Set extra to 'a b'"),
    "item": (lambda s: s.set_value("train.sizes[0]", "3"), ("train.epochs=2", "train.sizes.0=3"), "Set sizes[0] to 3"),
    "reset": (_reset, (), "Reset epochs"),
    "all": (lambda s: s.set_overrides(("a=1",), "Replace"), ("a=1",), "Replace"),
    "job": (lambda s: s.open_job(s.project.tree.jobs[1].file if s.project else ""), (), "Open b"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_is_named_undone_and_redone(session: Session, settle: Settle, edit: str) -> None:
    session.set_value("train.epochs", "2")
    settle(session)
    before = session.selection
    change, overrides, name = EDITS[edit]
    change(session)
    assert session.undo.undoText() == name
    assert session.selection.overrides == overrides
    after = session.selection
    session.undo.undo()
    assert session.selection == before
    session.undo.redo()
    assert session.selection == after
    settle(session)
    assert session.composed.selection == after


def test_an_edit_that_changes_nothing_is_no_step(session: Session) -> None:
    session.set_value("train.epochs", "2")
    session.set_value("train.epochs", "2")
    assert session.undo.count() == 1
    assert session.overridden("train.epochs") == "train.epochs=2"
    assert session.overridden("train.sizes") is None


def test_a_choice_that_hydra_cannot_override_is_refused_in_words(session: Session, qtbot: QtBot) -> None:
    import msgspec

    choice = msgspec.structs.replace(session.composed.choices[0], key="", file="/p/a.yaml")
    with qtbot.waitSignal(session.message) as blocker:
        session.choose(choice, "sqlite")
    assert blocker.args[0].text == "Hydra has no override for the choice at db: edit /p/a.yaml"
    assert session.selection.overrides == ()


def test_the_newest_selection_wins_and_older_answers_are_never_shown(
    session: Session, settle: Settle, qtbot: QtBot
) -> None:
    shown: list[tuple[str, ...]] = []
    session.composed_changed.connect(lambda: shown.append(session.composed.selection.overrides))
    for epochs in range(20):
        session.set_value("train.epochs", str(epochs))
    assert session.stale
    assert session.busy
    settle(session)
    assert shown == [("train.epochs=19",)]


def test_problems_join_what_composing_and_what_reading_code_found(session: Session, settle: Settle) -> None:
    settle(session)
    assert [problem.code for problem in session.problems] == ["odd", "no-class"]


def test_a_variable_that_is_not_set_is_no_error_before_the_check_has_judged_it(session: Session) -> None:
    unset = Problem("error", "unset-env", "a: the environment variable X is not set", "/c.yaml", 1, "a")
    other = Problem("error", "missing-value", "b: a value must be given here", "/c.yaml", 2, "b")
    session._composed(Composed(session.selection, digest="sha256:1", problems=(unset, other)))
    assert session.problems == (other,)
    note = Problem("info", "unset-env", "a, c: the project's code sets it", "/c.yaml", 1, "a", also=("c",))
    session._checked((other, note))
    assert session.problems == (other, note)
    unset_too = Problem("error", "unset-env", "c: the environment variable X is not set", "/c.yaml", 3, "c")
    answer = Composed(session.selection, digest="sha256:1", problems=(unset, unset_too, other), yaml="b: 1")
    assert joined((other, note), answer) == (other, note)


def test_unsaved_edits_are_there_after_a_crash(session: Session, project: Path, qtbot: QtBot) -> None:
    session.set_value("train.epochs", "5")
    session.open_job(session.project.tree.jobs[1].file if session.project else "")
    session.set_value("b.x", "1")
    # No goodbye: what the next start reads was written with the edit. Only the lock goes with the process.
    session.kept.turn_to(None)
    other = Session(Engine([sys.executable, str(FAKE), str(project)]))
    other.engine.start()
    other.open(str(project))
    qtbot.waitUntil(lambda: other.project is not None)
    assert other.selection == session.selection
    other.open_job(other.project.tree.jobs[0].file if other.project else "")
    assert other.selection.overrides == ("train.epochs=5",)
    other.close()
    other.engine.deleteLater()


def test_drafts_that_cannot_be_read_are_no_drafts(state_dir: Path) -> None:
    place = Place.take("/p")
    place.write(Drafts("j", {"j": ("a=1",)}))
    (file,) = (state_dir / "drafts").glob("*.json")
    assert place.read().overrides == {"j": ("a=1",)}
    file.write_text("{ torn")
    assert place.read() == Drafts()


def test_windows_on_one_project_keep_their_own_and_the_next_one_gets_what_they_left(state_dir: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", ENDS], env={**os.environ, "NICEML_STATE_DIR": str(state_dir)})
    assert ended.returncode == -signal.SIGKILL
    complaints: list[str] = []
    kept, second = (Kept(lambda text, _: complaints.append(text)) for _ in range(2))
    kept.turn_to(Address("/p"))
    assert kept.drafts == Drafts(
        "a", {"a": ("x=1",), "b": ("x=2",)}, {"f": TextDraft("", "1"), "g": TextDraft("", "2")}
    )
    assert kept.others == Drafts("", {"a": ("x=2",)})
    second.turn_to(Address("/p"))
    assert second.drafts == Drafts("", {"a": ("x=2",)})
    assert second.others == Drafts()
    kept.keep(Selection("a"))
    second.turn_to(None)
    kept.turn_to(None)
    kept.turn_to(Address("/p"))
    assert kept.drafts.overrides == {"a": ("x=2",), "b": ("x=2",)}
    assert complaints == []
    kept.turn_to(None)


def test_a_dead_engine_comes_back_with_all_that_was_typed(session: Session, settle: Settle, qtbot: QtBot) -> None:
    session.runs.watch("r1")
    settle(session)
    messages: list[Message] = []
    session.message.connect(messages.append)
    pid = session.engine.pid
    rows: list[str] = []
    session.runs.rows.connect(lambda run, _events: rows.append(run))
    session.set_value("die", "1")
    qtbot.waitUntil(lambda: session.composed.selection.overrides == ("+die=1",), timeout=10_000)
    assert session.engine.pid not in (0, pid)
    assert [message.text for message in messages] == [
        "The engine ended by itself with exit status 3; it has been started again; nothing that was typed is lost"
    ]
    assert messages[0].details == "a last word"
    qtbot.waitUntil(lambda: rows == ["r1"])


def test_an_engine_that_keeps_dying_is_left_alone_until_asked(session: Session, settle: Settle, qtbot: QtBot) -> None:
    settle(session)
    messages: list[Message] = []
    session.message.connect(messages.append)
    session.set_value("always", "1")
    qtbot.waitUntil(lambda: len(messages) == 4, timeout=20_000)
    assert "again and again" in messages[-1].text
    assert not session.engine.running
    session.undo.undo()
    session.restart_engine()
    settle(session)
    assert session.composed.selection.overrides == ()


def test_a_project_that_cannot_be_opened_leaves_the_open_one(session: Session, qtbot: QtBot) -> None:
    before = session.project
    with qtbot.waitSignal(session.message) as blocker:
        session.open("/missing")
    assert blocker.args[0] == Message("error", "no such folder: /missing", "a trace")
    assert session.project is before
    assert not session.busy


def test_runs_follow_the_news(session: Session, qtbot: QtBot) -> None:
    session.engine.notified.emit(RunChanged(RunState("r3", "third", "queued", "j", created=3.0)))
    assert list(session.runs.states) == ["r3", "r1"]
    session.runs.select("r3")
    session.engine.notified.emit(RunRemoved("r3"))
    assert session.runs.gone == session.runs.current == "r3", "it is looked at"
    session.runs.select("r1")
    assert list(session.runs.states) == ["r1"]
    session.engine.notified.emit(RunChanged(RunState("r3", "third", "queued", "j", created=3.0)))
    session.engine.notified.emit(RunRemoved("r3"))
    assert list(session.runs.states) == ["r1"]
    with qtbot.waitSignal(session.runs.requested) as blocker:
        session.start_run()
    assert blocker.args == ["r2"]
    assert session.runs.current == "r2"
    assert list(session.runs.states) == ["r2", "r1"]


def test_a_runs_config_becomes_the_selection_undoably(session: Session, qtbot: QtBot) -> None:
    before = session.selection
    session.use_run("r1")
    qtbot.waitUntil(lambda: session.selection.overrides == ("x=1",))
    assert session.undo.undoText() == "Open config of first"
    session.undo.undo()
    assert session.selection == before


def test_changed_files_are_composed_anew(session: Session, settle: Settle, qtbot: QtBot) -> None:
    settle(session)
    with qtbot.waitSignal(session.composed_changed):
        session.engine.notified.emit(FilesChanged(("x.yaml",)))
        assert session.stale
    assert not session.stale


def test_what_only_running_plugins_tells_of_the_tree_is_asked_for(
    session: Session, settle: Settle, qtbot: QtBot
) -> None:
    assert session.project is not None
    whole = session.project.tree
    with qtbot.waitSignals([session.project_changed] * 2):  # what is known at once, and all of it
        session.take_project(replace(session.project, tree=replace(whole, options=(), incomplete=True)))
    assert session.project.tree == whole


def test_saving_drops_the_overrides_from_the_selection(session: Session, qtbot: QtBot) -> None:
    session.set_value("train.epochs", "3")
    edited = session.selection
    plan = FilePlan("Save into a.yaml", (FileChange("a", "1", "2"),), Selection(edited.job))
    with qtbot.waitSignal(session.message) as blocker:
        session.write(plan)
    assert blocker.args[0].text == "Save into a.yaml"
    assert session.selection.overrides == ()
    assert session.undo.undoText() == "Save into a.yaml"
    session.undo.undo()
    qtbot.waitUntil(lambda: session.selection == edited)


def test_focus_is_told_once(session: Session) -> None:
    told: list[Focus] = []
    session.focus_changed.connect(lambda: told.append(session.focus))
    session.set_focus("a.b", "n")
    session.set_focus("a.b", "n")
    assert told == [Focus("a.b", "n")]


def test_closing_the_project_keeps_its_drafts(session: Session, project: Path) -> None:
    session.set_value("train.epochs", "3")
    job = session.selection.job
    session.close_project()
    assert session.project is None
    assert session.runs.states == {}
    assert Place.take(str(project)).read().selection(job).overrides == ("train.epochs=3",)


def test_what_composed_last_is_at_hand_while_the_job_is_refused(session: Session, settle: Settle, qtbot: QtBot) -> None:
    settle(session)
    good = session.composed
    assert session.last_good is good
    session._composed(Composed(session.selection, error=Problem("error", "x", "broken")))
    assert session.last_good is good
    other = Composed(Selection("/other.yaml"), error=Problem("error", "x", "broken"))
    session._composed(other)
    assert session.last_good is session.composed
