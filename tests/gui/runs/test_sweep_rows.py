"""Sweeps in the list of runs: their rows, what they say, and what is done to all of their runs."""

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QInputDialog, QLineEdit

from niceml_engine.protocol.runs import (
    DeleteRun,
    MoveRuns,
    NameSweep,
    RepeatRuns,
    RunRemoved,
    StopRun,
    TagRun,
)
from niceml_engine.values import Continuation, RunState
from niceml_gui.workspaces.runs.listing.delete_dialog import DeleteDialog
from niceml_gui.workspaces.runs.listing.model import MIME, ROW, TICKED
from niceml_gui.workspaces.runs.listing.rows import Sweep, runs_of, standing, summaries
from tests.gui.runs.test_run_list import names_of


def test_sweeps_are_folded_and_what_waits_is_dragged(workspace, session, engine, tell, streams):
    sweep = {"group": "rate k3x9"}
    tell(
        streams.state("a", "queued", rank=2.0),
        streams.state("b", "queued", rank=1.0, **sweep),
        streams.state("c", "running", **sweep),
        streams.state("d", "succeeded", age=60, **sweep),
        streams.state("e", "queued", rank=3.0),
        streams.state("f", "succeeded", age=50),
    )
    model, view = workspace.runs.model, workspace.runs.view
    assert names_of(model) == ["# running 1 of 3", "* rate k3x9 3", "# waiting 2", "a", "e", "# ended 1", "f"]
    view.setCurrentIndex(model.index(1))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert names_of(model)[1:5] == ["* rate k3x9 3", "  d", "  c", "  b 1"]
    dragged = model.mimeData([model.index(model.row_of("e"))])
    place = model.row_of("a")
    assert dragged.hasFormat(MIME)
    assert model.canDropMimeData(dragged, Qt.DropAction.MoveAction, place, 0, QModelIndex())
    assert not model.canDropMimeData(dragged, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    model.dropMimeData(dragged, Qt.DropAction.MoveAction, place, 0, QModelIndex())
    assert engine.asked[-1] == MoveRuns(("e",), "a")
    model.dropMimeData(dragged, Qt.DropAction.MoveAction, model.row_of("e") + 1, 0, QModelIndex())
    assert engine.asked[-1] == MoveRuns(("e",), "")
    menu = workspace.runs.menu_of(model.index(1).data(ROW))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert not actions["Start next"].isEnabled()
    actions["Start last"].trigger()
    assert engine.asked[-1] == MoveRuns(("b",), "")
    actions["Stop all 2"].trigger()
    stopped = [request.run for request in engine.asked if isinstance(request, StopRun)]
    assert stopped == ["b", "c"], "what waits first: else it would start"


def test_a_sweep_is_run_again_as_a_sweep_in_its_order(workspace, session, engine, tell, streams):
    sweep = {"group": "rate k3x9", "job": "/p/a.yaml"}
    tell(
        streams.state("b", "running", overrides=("rate=2",), **sweep),
        streams.state("a", "failed", age=60, overrides=("rate=1",), **sweep),
        streams.state("c", "succeeded", age=50),
    )
    workspace.runs.search.setText("failed")  # what is hidden is of it, too
    menu = workspace.runs.menu_of(workspace.runs.model.index(0).data(ROW))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    actions["Run all 2 again"].trigger()
    assert engine.asked[-1] == RepeatRuns(("a", "b"), session.runs.settings)


@pytest.fixture
def sweep(workspace, tell, streams):
    """The row of a sweep of two runs that have ended, one of which has a word of its own."""
    common = {"group": "rate k3x9", "experiment": "/e"}
    tell(
        streams.state("a", "failed", age=60, tags=("keep", "paper"), **common),
        streams.state("b", "succeeded", age=50, tags=("paper",), **common),
        streams.state("c", "succeeded", age=40),
    )
    return lambda: workspace.runs.model.index(workspace.runs.model.row_of_sweep("a"))


def test_a_sweep_is_renamed_in_place_and_tagged_as_one(workspace, engine, tell, session, sweep, monkeypatch):
    model = workspace.runs.model
    menu = workspace.runs.menu_of(sweep().data(ROW))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    workspace.runs.view.setCurrentIndex(sweep())
    actions["Rename"].trigger()
    assert workspace.runs.view.state() == QAbstractItemView.State.EditingState
    assert model.setData(sweep(), " the night's ")
    assert engine.asked[-1] == NameSweep("rate k3x9", "the night's")
    tell(*(msgspec.structs.replace(session.runs.states[run], sweep="the night's") for run in "ab"))
    assert sweep().data() == "the night's"
    assert sweep().data(Qt.ItemDataRole.ToolTipRole).splitlines()[:2] == ["the night's", "A sweep over rate"]
    assert sweep().data(Qt.ItemDataRole.AccessibleTextRole).startswith("sweep the night's, 2 runs")
    monkeypatch.setattr(QInputDialog, "getText", lambda *args, text, **kwargs: (f"{text}, #night", True))
    actions["Tags…"].trigger()
    tagged = {one.run: one.tags for one in engine.asked if isinstance(one, TagRun)}
    assert tagged == {"a": ("paper", "night", "keep"), "b": ("paper", "night")}


def test_tags_stand_in_the_rows_and_those_of_a_sweep_once(workspace, sweep):
    model = workspace.runs.model
    assert sweep().data(ROW).tags == ("paper",)
    assert sweep().data(Qt.ItemDataRole.AccessibleTextRole).endswith("folded, #paper")
    model.reveal("a")
    rows = {run: model.index(model.row_of(run)) for run in "ab"}
    assert {run: index.data(ROW).tags for run, index in rows.items()} == {"a": ("keep",), "b": ()}
    assert rows["a"].data(Qt.ItemDataRole.AccessibleTextRole).endswith("#keep #paper")


@pytest.mark.parametrize(
    ("statuses", "status", "said"),
    [
        (("succeeded", "succeeded"), "succeeded", ("2 runs ended", "2 runs")),
        (("succeeded", "stopped"), "stopped", ("2 runs ended · 1 stopped", "2 runs · 1 stopped", "2 runs")),
        (
            ("failed", "running", "queued"),
            "failed",
            (
                "1 of 3 ended · 1 failed · 1 running · 1 waiting",
                "1/3 · 1 failed · 1 running · 1 waiting",
                "1/3 · 1 failed · 1 running",
                "1/3 · 1 failed",
                "1/3",
            ),
        ),
        (("succeeded", "queued"), "queued", ("1 of 2 ended · 1 waiting", "1/2 · 1 waiting", "1/2")),
    ],
)
def test_a_folded_sweep_is_marked_by_the_worst_of_its_runs_and_says_how_far_it_is(statuses, status, said):
    runs = tuple(RunState(f"r{at}", "", one, "/j.yaml", group="rate k") for at, one in enumerate(statuses))
    whole = Sweep("rate k", runs, is_open=False)
    assert whole.status == status
    assert tuple(dict.fromkeys(summaries(whole))) == said


def test_a_run_of_a_sweep_that_another_one_goes_on_from_counts_once(workspace, session, engine, tell, streams):
    made = {"group": "rate k3x9"}
    again = Continuation(("analysis",), "experiments/b", "b")
    tell(
        streams.state("a", "succeeded", age=60, **made),
        streams.state("b", "failed", age=50, op="analysis", **made),
        streams.state("c", "succeeded", age=40, continues=again, **made),
    )
    row = workspace.runs.model.index(0).data(ROW)
    assert (len(row.runs), row.status, summaries(row)[0]) == (3, "succeeded", "2 runs ended")
    workspace.runs.view.ticked.emit(list(runs_of(row)))
    assert workspace.runs.comparison.chosen.runs == ("a", "c")
    assert workspace.runs.model.data(workspace.runs.model.index(0), TICKED).whole
    menu = workspace.runs.menu_of(row)
    next(action for action in menu.actions() if action.text() == "Run all 2 again").trigger()
    assert engine.asked[-1] == RepeatRuns(("a", "c"), session.runs.settings)


def test_a_run_that_goes_on_has_the_place_of_the_one_before_when_its_sweep_is_run_again(
    workspace, session, engine, tell, streams
):
    made = {"group": "rate k3x9"}
    again = Continuation(("analysis",), "experiments/a", "a")
    tell(
        streams.state("a", "failed", age=60, op="analysis", **made),
        streams.state("b", "succeeded", age=50, **made),
        streams.state("c", "succeeded", age=40, continues=again, **made),
    )
    menu = workspace.runs.menu_of(workspace.runs.model.index(0).data(ROW))
    next(action for action in menu.actions() if action.text() == "Run all 2 again").trigger()
    assert engine.asked[-1] == RepeatRuns(("c", "b"), session.runs.settings)


def test_until_the_run_that_goes_on_has_begun_the_one_before_counts(streams):
    made = {"group": "rate k3x9"}
    before = streams.state("b", "failed", op="analysis", **made)
    later = streams.state("c", "queued", continues=Continuation(("analysis",), "experiments/b", "b"), **made)
    assert standing((before, later)) == (before,)
    begun = msgspec.structs.replace(later, status="running")
    assert standing((before, begun)) == (begun,)


def test_return_keeps_the_name_of_a_sweep_and_leaves_it_folded(workspace, engine, sweep, qtbot):
    view = workspace.runs.view
    view.setCurrentIndex(sweep())
    folded = sweep().data(ROW).is_open
    view.edit(sweep())
    editor = view.findChild(QLineEdit)
    qtbot.keyClicks(editor, "night")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: engine.asked[-1] == NameSweep("rate k3x9", "night"))
    assert sweep().data(ROW).is_open == folded


def test_f2_renames_the_sweep_that_was_clicked(workspace, session, engine, sweep, qtbot):
    session.runs.select("c")
    workspace.activateWindow()
    view = workspace.runs.view
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(sweep()).center())
    assert sweep().data(ROW).is_open
    assert view.currentIndex() == sweep()
    QTest.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit)
    qtbot.keyClicks(editor, "night")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: engine.asked[-1] == NameSweep("rate k3x9", "night"))


def test_a_sweep_that_has_ended_is_deleted_as_one_after_a_question(workspace, session, engine, tell, streams, sweep):
    def answer():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, DeleteDialog)
        asked.append(dialog.question.text())
        dialog.experiments.setChecked(True)
        (dialog.delete if len(asked) > 1 else dialog.cancel).click()

    asked = []
    tell(streams.state("d", "queued", group="rate k3x9"))
    delete = {action.text(): action for action in workspace.runs.menu_of(sweep().data(ROW)).actions()}["Delete all 3…"]
    assert not delete.isEnabled()
    engine.notified.emit(RunRemoved("d"))
    workspace.runs.view.setCurrentIndex(sweep())
    for name in ("", "night"):
        tell(*(msgspec.structs.replace(session.runs.states[run], sweep=name) for run in "ab"))
        assert not any(isinstance(one, DeleteRun) for one in engine.asked)
        QTimer.singleShot(0, answer)
        QTest.keyClick(workspace.runs.view, Qt.Key.Key_Delete)
    assert asked == ["Delete the sweep over rate, 2 runs?", "Delete the sweep night, 2 runs?"]
    deleted = {one for one in engine.asked if isinstance(one, DeleteRun)}
    assert deleted == {DeleteRun("a", True), DeleteRun("b", True)}
