"""The list of runs: what it shows, and what can be done to runs and sweeps."""

from datetime import datetime

import msgspec
import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QColor, QDragLeaveEvent
from PySide6.QtWidgets import QApplication

from niceml_engine.protocol.runs import (
    ChangeQueue,
    DeleteRun,
    ListRuns,
    NameRun,
    QueueChanged,
    QueueState,
    ResumeRun,
    RunSelection,
    StopRun,
    UnwatchRun,
    WatchRun,
)
from niceml_engine.values import Continuation, QueueSettings, RunState, Spare
from niceml_gui import words
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.listing.delete_dialog import DeleteDialog
from niceml_gui.workspaces.runs.listing.menu import command
from niceml_gui.workspaces.runs.listing.model import ROW
from niceml_gui.workspaces.runs.listing.rows import Heading, One, Sweep


def test_runs_are_listed_newest_first_and_filtered_by_words(workspace, tell, streams):
    tell(
        streams.state("old", "succeeded", age=100),
        streams.state("new", "queued", overrides=("ops.train.config.learning_rate=3e-4",)),
        streams.state("mid", "failed", age=50, op="analysis"),
    )
    model = workspace.runs.model

    def shown():
        return names_of(model)

    assert shown() == ["# waiting 1", "new", "# ended 2", "mid", "old"]
    workspace.runs.search.setText("failed analysis")
    assert shown() == ["mid"]
    workspace.runs.search.setText("learning_rate")
    assert shown() == ["# waiting 1", "new"]
    assert workspace.runs.windowTitle() == "Runs  1 of 3"


def names_of(model):
    """The rows of the list in words."""
    said = []
    for index in range(model.rowCount()):
        match model.index(index).data(ROW):
            case Heading(title=title) as heading:
                said.append(f"# {title} {heading.counted}")
            case Sweep(name=name, runs=runs):
                said.append(f"* {name} {len(runs)}")
            case One(state=state, place=place, inside=inside):
                said.append(f"{'  ' if inside else ''}{state.id}{f' {place}' if inside and place else ''}")
    return said


def test_while_a_run_is_dragged_a_line_shows_where_it_would_land(workspace, tell, streams):
    states = [streams.state(name, "queued", rank=rank) for rank, name in enumerate("abc")]
    tell(*states, streams.state("d", "succeeded"))
    model, view = workspace.runs.model, workspace.runs.view
    dragged = [model.index(model.row_of("c"))]
    data = model.mimeData(dragged)

    def drag_over(run, part):
        place = view.visualRect(model.index(model.row_of(run)))
        view.mark(QPoint(place.center().x(), round(place.top() + part * place.height())), data)
        return view.landing

    def top(run):
        return view.visualRect(model.index(model.row_of(run))).top()

    line = drag_over("b", 0.2)
    assert abs(line.center().y() - top("b")) <= 1
    painted = QColor(view.viewport().grab().toImage().pixel(line.center()))
    assert painted.name() == theme().tokens.accent
    assert abs(drag_over("b", 0.8).center().y() - top("c")) <= 1
    assert drag_over("d", 0.8).isNull()
    picture = view.picture_of(dragged).toImage()
    assert 0 < picture.pixelColor(picture.rect().center()).alphaF() < 0.7, "what lies below is seen"
    drag_over("a", 0.2)
    view.dragLeaveEvent(QDragLeaveEvent())
    assert view.landing.isNull()


def test_no_run_is_shown_before_all_are_known(workspace, session, engine, tell, streams, monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "ask", lambda request, then=None, *args, **kwargs: asked.append((request, then)))
    session.runs.clear()
    session.runs.read()
    old, new = streams.state("old", "succeeded", age=50), streams.state("new", "succeeded", age=5)
    tell(old)  # as the service finds it
    assert session.runs.current == ""
    next(then for request, then in asked if isinstance(request, ListRuns))((new, old))
    assert session.runs.current == "new"


def test_a_run_goes_on_from_the_op_that_failed_with_its_own_config_or_another(
    workspace, session, engine, tell, streams, qtbot
):
    state = streams.state("a", "failed", op="prediction", dagster_job="job_train", experiment="/experiments/a")
    tell(state)
    menu = workspace.runs.menu_of(One(state))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    actions["Go on from prediction"].trigger()
    again = {action.text(): action for action in actions["Run again from"].menu().actions()}
    assert list(again) == ["train", "prediction", "analysis", "exptests"]
    again["analysis"].trigger()
    edited = actions["Run again with the composed config from"].menu()
    edited.setEnabled(True)
    with qtbot.waitSignal(workspace.edited_wanted) as asked:  # which says what differs, before it starts anything
        next(action for action in edited.actions() if action.text() == "train").trigger()
    assert asked.args == ["a", "train"]
    assert [request for request in engine.asked if isinstance(request, ResumeRun)] == [
        ResumeRun("a"),
        ResumeRun("a", start="analysis"),
    ]


def test_the_queue_is_paused_and_says_what_it_does(workspace, session, engine):
    bar = workspace.runs.queue
    ready = Spare(pid=7, ready=True, memory=512_000_000)
    session.runs.take(QueueChanged(QueueState(QueueSettings(limit=2), ready)))
    assert bar.says.text() == "2 at a time · worker ready, 512.0 MB"
    assert "512.0 MB" in bar.says.toolTip()
    for elsewhere, said in ((Spare(elsewhere=True), "warming up"), (Spare(elsewhere=True, ready=True), "ready")):
        session.runs.take(QueueChanged(QueueState(QueueSettings(), elsewhere)))
        assert bar.says.text() == f"1 at a time · worker {said}"
        assert "of another window" in bar.says.toolTip()
    session.runs.take(QueueChanged(QueueState(QueueSettings(limit=2), ready)))
    bar.pause.click()
    assert engine.asked[-1] == ChangeQueue(QueueSettings(limit=2, paused=True))
    session.runs.take(QueueChanged(QueueState(QueueSettings(paused=True, spare=False))))
    assert bar.says.text() == "paused"
    assert bar.pause.accessibleName() == "Go on with the queue"


def test_what_keeps_no_run_from_starting_is_told_once_and_not_called_stuck(workspace, session):
    said = []
    session.message.connect(lambda message: said.append((message.severity, message.text)))
    bar = workspace.runs.queue
    session.runs.take(QueueChanged(QueueState(notice="the run is deleted; Dagster's record of it stays")))
    session.runs.take(
        QueueChanged(QueueState(QueueSettings(limit=2), notice="the run is deleted; Dagster's record of it stays"))
    )
    assert said == [("warning", "the run is deleted; Dagster's record of it stays")]
    assert bar.says.text() == "2 at a time"
    assert "record of it stays" in bar.says.toolTip()
    session.runs.take(QueueChanged(QueueState(problem="no rights")))
    assert said[1:] == [("error", "The queue cannot go on: no rights")]
    assert bar.says.text().startswith("stuck: no rights")


def test_choosing_a_run_watches_it_and_leaves_the_former(workspace, session, engine, tell, streams, feed):
    tell(streams.state("a"), streams.state("b", age=9))
    view, model = workspace.runs.view, workspace.runs.model
    view.setCurrentIndex(model.index(model.row_of("a")))
    feed("a", streams.training())
    seen = workspace.record.seq
    view.setCurrentIndex(model.index(model.row_of("b")))
    view.setCurrentIndex(model.index(model.row_of("a")))
    watching = [request for request in engine.asked if isinstance(request, WatchRun | UnwatchRun)]
    assert watching == [WatchRun("a"), UnwatchRun("a"), WatchRun("b"), UnwatchRun("b"), WatchRun("a", seen)]
    assert seen > 0


def test_the_menu_of_a_run_asks_the_service(workspace, session, engine, tell, streams):
    tell(streams.state("a"))
    menu = workspace.runs.menu_of(One(session.runs.states["a"]))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert actions["Stop"].isEnabled()
    assert not actions["Delete…"].isEnabled()
    actions["Stop"].trigger()
    actions["Open as selection"].trigger()
    assert [request for request in engine.asked if isinstance(request, StopRun | RunSelection)] == [
        StopRun("a"),
        RunSelection("a"),
    ]
    assert session.selection.job == "job.yaml"
    model = workspace.runs.model
    model.setData(model.index(model.row_of("a")), "  better name ")
    assert engine.asked[-1] == NameRun("a", "better name")


@pytest.mark.parametrize("sure", [True, False])
def test_deleting_asks_first(workspace, session, engine, tell, streams, sure):
    tell(streams.state("a", "succeeded", experiment="/experiments/a"))

    def answer():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, DeleteDialog)
        dialog.experiments.setChecked(True)
        (dialog.delete if sure else dialog.cancel).click()

    QTimer.singleShot(0, answer)
    workspace.runs.delete("a")
    assert (DeleteRun("a", True) in engine.asked) is sure


def test_what_lies_outside_the_project_is_deleted_only_by_its_whole_path(workspace, streams, qtbot):
    def told(*places):
        runs = [streams.state(str(number), experiment=place) for number, place in enumerate(places)]
        dialog = DeleteDialog(runs, "it", root, workspace)
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.experiments.isEnabled() is any(places)
        assert dialog.folders.text().replace("\n", "") == dialog.folders.full_text().replace("\n", ""), "all is shown"
        return dialog.folders.full_text().splitlines()

    root = "/p/std"
    assert told("") == []
    assert told(f"{root}/experiments/a") == ["In this project: experiments/a"]
    assert told(f"{root}/out/a", f"{root}/out/b", f"{root}-1/out/c", "s3://kept/d") == [
        "In this project, out: 2 folders",
        f"Outside this project: {root}-1/out/c",
        "Outside this project: s3://kept/d",
    ]
    assert len(told(*(f"/away/{number}" for number in range(40)))) == 40


def test_a_run_is_copied_as_a_command_line(streams):
    state = streams.state("a", overrides=("name='a b'",))
    assert command(state) == "niceml-engine run /p/configs/jobs/job_train/x.yaml 'name='\"'\"'a b'\"'\"''"


def test_a_run_of_a_program_is_copied_as_the_command_that_starts_the_program(streams):
    state = streams.state("a", script="/p/eval.py", overrides=("epochs=2",))
    assert command(state) == "niceml-engine run /p/eval.py epochs=2"


def test_a_run_that_continues_is_copied_as_what_it_did(streams):
    parent = streams.state("r1", overrides=("a=1",), digest="d1")
    resumes = "niceml-engine runs resume r1 --from prediction"

    def copied(*overrides, digest="d2", known=parent):
        begun = Continuation(("prediction", "analysis"), parent="r1")
        return command(streams.state("r2", overrides=overrides, digest=digest, continues=begun), known)

    assert copied("a=1", "b=2") == f"{resumes} b=2"
    assert copied("a=1", digest="d1") == resumes
    assert copied("b=2") == f"{resumes} --instead b=2"  # a=1 was dropped, which an override more cannot do
    assert copied() == f"{resumes} --instead"
    comment, line = copied("a=1").splitlines()  # only a file was edited
    assert comment.startswith("# of the files as they are now")
    assert line == f"{resumes} --instead a=1"
    comment, line = copied("a=1", known=None).splitlines()
    assert comment.startswith("# it went on from prediction of a run that is gone")
    assert line == "niceml-engine run /p/configs/jobs/job_train/x.yaml a=1"


def test_runs_are_called_by_what_tells_them_apart():
    named = RunState("20260101T090000000-k3x9", "CLB-20260101T090002-id_k3x9", "succeeded", "configs/jobs/a.yaml")
    assert words.title(named) == "CLB-…id_k3x9"
    assert words.title(msgspec.structs.replace(named, name="my best")) == "my best"
    assert words.title(msgspec.structs.replace(named, name="")) == "a …k3x9"
    noon = datetime(2026, 3, 4, 12, 0).timestamp()
    assert words.moment(noon, noon + 60) == "12:00"
    assert words.moment(noon, noon + 86400) == "4 Mar"
    assert words.moment(noon, noon + 86400 * 400) == "4 Mar 2026"
