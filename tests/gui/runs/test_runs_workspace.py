from datetime import datetime

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from niceml_engine.events import OpEnded, RunEnded
from niceml_engine.protocol.runs import (
    ChangeQueue,
    DeleteRun,
    MoveRuns,
    NameRun,
    Output,
    Printed,
    QueueChanged,
    QueueState,
    ResumeRun,
    RunOutput,
    RunSelection,
    StartRuns,
    StopRun,
    UnwatchRun,
    WatchRun,
)
from niceml_engine.values import Continuation, QueueSettings, RunState, Selection, Spare
from niceml_gui import words
from niceml_gui.widgets.docks import Side
from niceml_gui.workspaces.runs.listing.menu import command
from niceml_gui.workspaces.runs.listing.model import MIME, ROW
from niceml_gui.workspaces.runs.listing.rows import Heading, One, Sweep
from niceml_gui.workspaces.runs.op_strip import shown

# ---------------------------------------------------------------------------------------------- list


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
            case Heading(title=title, count=count):
                said.append(f"# {title} {count}")
            case Sweep(name=name, runs=runs):
                said.append(f"* {name} {len(runs)}")
            case One(state=state, place=place, inside=inside):
                said.append(f"{'  ' if inside else ''}{state.id}{f' {place}' if inside and place else ''}")
    return said


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
    assert names_of(model) == ["# running 1", "* rate k3x9 3", "# waiting 3", "a", "e", "# ended 2", "f"]
    view.setCurrentIndex(model.index(1))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert names_of(model)[1:5] == ["* rate k3x9 3", "  c", "  b 1", "  d"]
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
    assert {request.run for request in engine.asked if isinstance(request, StopRun)} == {"b", "c"}


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
    selections = tuple(Selection("/p/a.yaml", (f"rate={rate}",)) for rate in (1, 2))
    assert engine.asked[-1] == StartRuns(selections, "rate", session.runs.settings, "job_train")


def test_a_run_goes_on_from_the_op_that_failed_with_its_own_config_or_another(
    workspace, session, engine, tell, streams
):
    state = streams.state("a", "failed", op="prediction", dagster_job="job_train", experiment="/experiments/a")
    tell(state)
    menu = workspace.runs.menu_of(One(state))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    actions["Go on from prediction"].trigger()
    again = {action.text(): action for action in actions["Run again from"].menu().actions()}
    assert list(again) == ["train", "prediction", "analysis", "exptests"]
    again["analysis"].trigger()
    assert [request for request in engine.asked if isinstance(request, ResumeRun)] == [
        ResumeRun("a"),
        ResumeRun("a", start="analysis"),
    ]


def test_the_queue_is_paused_and_says_what_it_does(workspace, session, engine):
    bar = workspace.runs.queue
    ready = Spare(pid=7, ready=True, memory=512_000_000)
    session.runs.take(QueueChanged(QueueState(QueueSettings(limit=2), ready)))
    assert bar.says.text() == "2 at a time · worker ready"
    assert "512.0 MB" in bar.says.toolTip()
    bar.pause.click()
    assert engine.asked[-1] == ChangeQueue(QueueSettings(limit=2, paused=True))
    session.runs.take(QueueChanged(QueueState(QueueSettings(paused=True, spare=False))))
    assert bar.says.text() == "paused"
    assert bar.pause.accessibleName() == "Go on with the queue"


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
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        box.checkBox().setChecked(True)
        button = next(b for b in box.buttons() if (b.text() == "Delete") is sure)
        button.click()

    QTimer.singleShot(0, answer)
    workspace.runs.delete("a")
    assert (DeleteRun("a", True) in engine.asked) is sure


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


# ---------------------------------------------------------------------------------------------- log, results, failure


def test_what_an_op_says_breaks_between_its_parts_only():
    assert shown(["done", "97 ms"], len, 12, 2) == "done · 97 ms"
    said = ["epoch 6/10", "84 it/s", "00:18 left"]
    assert shown(said, len, 22, 2) == "epoch 6/10 · 84 it/s\n00:18 left"
    assert shown(said, len, 12, 3) == "epoch 6/10\n84 it/s\n00:18 left"
    assert shown(said, len, 12, 2) == "epoch 6/10\n00:18 left"
    assert shown(said, len, 12, 1) == "epoch 6/10"


def test_at_the_smallest_width_nothing_of_the_strips_is_cut_off(watched, streams, qtbot):
    workspace = watched(streams.finished(), status="succeeded")
    workspace.resize(900, 484)
    assert workspace.width() == 900
    controls, log = workspace.charts.controls, workspace.log
    bars = [controls.axis, controls.follow, log.op, log.level, log.bar.follow]
    assert [bar.width() >= bar.sizeHint().width() for bar in bars] == [True] * 5
    assert controls.geometry().right() <= workspace.metrics.width()


def test_the_log_is_filtered_by_op_level_and_text(watched, streams, qtbot):
    workspace = watched(streams.failed(), status="failed")
    pane = workspace.log
    lines = pane.view.lines
    qtbot.waitUntil(lambda: lines.rowCount() == len(workspace.record.log))

    def shown():
        return texts(pane)

    pane.bar.search.setText("EPOCH")
    assert shown() == ["epoch 1/2", "epoch 2/2"]
    assert pane.bar.count.full_text() == f"2 of {len(workspace.record.log)} lines"
    pane.bar.search.clear()
    pane.level.setCurrentIndex(pane.level.findData("error"))
    assert shown() == ["failed after 3.0 s: loss is nan", "run failed: train failed"]
    pane.op.setCurrentIndex(pane.op.findData("train"))
    assert shown() == ["failed after 3.0 s: loss is nan"]
    assert workspace.events.view.lines.rowCount() > 1  # which has filters of its own
    pane.view.selectAll()
    pane.bar.copy.click()
    assert QApplication.clipboard().text().endswith("Traceback: one\nTraceback: two")
    before = pane.view.rowHeight(0)
    pane.view.toggle(lines.index(0, 0))
    assert pane.view.rowHeight(0) == 4 * before  # the traceback, and the link to the leaf


def test_panes_say_what_comes_there_until_there_is_a_line(workspace, tell, feed, session, streams, qtbot):
    assert workspace.log.empty.isVisible()
    workspace.show_pane(workspace.events)
    assert workspace.events.empty.isVisible()
    tell(streams.state("a"))
    session.runs.select("a")
    feed("a", streams.training())
    qtbot.waitUntil(workspace.events.view.isVisible)


def test_the_output_of_the_worker_is_read_when_it_is_looked_at(watched, streams, engine, session, tell, qtbot):
    workspace = watched(streams.training())
    assert RunOutput("a") not in engine.asked
    workspace.show_pane(workspace.output)
    pane = workspace.output
    qtbot.waitUntil(lambda: sorted(texts(pane)) == ["W no GPU", "epoch 1", "epoch 2"])
    pane.source.setCurrentIndex(pane.source.findData("stdout"))
    assert texts(pane) == ["epoch 1", "epoch 2"]
    pane.source.setCurrentIndex(0)
    pane.bar.search.setText("GPU")
    assert texts(pane) == ["W no GPU"]
    pane.bar.copy.click()
    assert QApplication.clipboard().text() == "W no GPU"
    engine.printed["stdout"] += b"epoch 3\n"
    pane.bar.search.clear()
    workspace._ticked()
    assert texts(pane)[-1] == "epoch 3"  # what was known was not read again
    assert [one for one in engine.asked if isinstance(one, RunOutput)][-1].stdout >= 16
    tell(streams.state("b"))
    session.runs.select("b")
    assert RunOutput("b") in engine.asked


def test_the_output_of_a_run_that_is_chosen_while_that_of_another_is_read_comes_too(
    workspace, session, engine, tell, streams, monkeypatch
):
    tell(streams.state("a", "succeeded"), streams.state("b", "succeeded", age=9))
    session.runs.select("a")
    held = []
    monkeypatch.setattr(engine, "ask", lambda request, then=None, failed=None, **_: held.append((request, then)))
    workspace.show_pane(workspace.output)
    session.runs.select("b")
    ((request, then),) = [one for one in held if isinstance(one[0], RunOutput)]
    held.clear()
    then(Output(Printed(0, b"of a\n", 5)))
    ((request, then),) = [one for one in held if isinstance(one[0], RunOutput)]
    assert request.run == "b"
    then(Output(Printed(0, b"of b", 4)))
    assert texts(workspace.output) == ["of b"]


def texts(pane):
    """What the lines of a pane say, as they are filtered."""
    lines = pane.view.lines
    return [lines.index(row, 0).data() for row in range(lines.rowCount())]


def test_analysis_appears_with_numbers_and_rates(watched, streams, qtbot):
    workspace = watched(streams.finished(), status="succeeded")
    pane = workspace.analysis
    qtbot.waitUntil(lambda: bool(pane.sections))
    assert pane.subset == "validation"
    assert pane.checks.count.text() == "1 of 2 passed"
    assert dict(pane.training.table.texts())["val_loss"] == ["0.0325", "0.0325", "0.0325", "0.0650"]


def test_a_failure_says_where_why_and_which_key(watched, streams, session, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.message.text() == "loss is nan")  # the list knows sooner that it failed
    assert banner.isVisible()
    assert banner.op.text() == "failed at train"
    banner.unfold.click()
    assert banner.details.isVisible()
    with qtbot.waitSignal(workspace.compose_wanted):
        banner.show_key.click()
    assert session.focus.key == "ops.train.config.learning_rate"
    banner.copy.click()
    assert QApplication.clipboard().text().startswith("failed at train: loss is nan\nops.train.config.learning_rate")


def test_a_run_goes_on_from_where_it_failed_by_a_button(watched, streams, engine, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train", dagster_job="job_train", experiment="/e/a")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.resume.isVisible())
    assert banner.resume.text() == "Go on from train"
    banner.resume.click()
    assert [request for request in engine.asked if isinstance(request, ResumeRun)] == [ResumeRun("a")]


def test_where_nothing_is_kept_there_is_nothing_to_go_on_from(watched, streams, qtbot):
    workspace = watched(streams.failed(), status="failed", op="experiment", dagster_job="job_train")
    qtbot.waitUntil(workspace.banner.isVisible)
    assert not workspace.banner.resume.isVisible()


def test_a_failure_names_exception_leaf_lines_and_what_to_try(watched, streams, session, qtbot):
    end = OpEnded(
        status="failed",
        seconds=3.0,
        op="train",
        message="configs/train.yaml:7: ops.train.config.model: the model cannot be built",
        details="Traceback: one",
        key="ops.train.config.model",
        place="configs/train.yaml:7",
        code="my/net.py:14",
        error="ResourceExhaustedError",
        advice="take a smaller `batch_size`",
    )
    rows = streams.numbered((*streams.training(), end, RunEnded(status="failed", message="train failed")))
    workspace = watched(rows, status="failed", op="train")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.message.text() == "the model cannot be built")
    assert banner.error.text() == "ResourceExhaustedError"
    assert banner.place.full_text() == (
        "ops.train.config.model  ·  set at configs/train.yaml:7  ·  raised in my/net.py:14"
    )
    assert banner.advice.text() == "What to try: take a smaller `batch_size`"
    banner.copy.click()
    assert QApplication.clipboard().text().splitlines() == [
        "failed at train: ResourceExhaustedError: the model cannot be built",
        "ops.train.config.model  ·  set at configs/train.yaml:7  ·  raised in my/net.py:14",
        "What to try: take a smaller `batch_size`",
        "Traceback: one",
    ]
    workspace.show_pane(workspace.gantt)
    qtbot.waitUntil(lambda: workspace.gantt.progress.full_text().startswith("failed at train after"))


def test_a_failure_whose_value_came_from_an_override_names_that_once(watched, streams, session, qtbot):
    override = "ops.train.config.model._target_=my.Nope"
    end = OpEnded(
        status="failed",
        seconds=3.0,
        op="train",
        message=f"override {override}: my.Nope cannot be found: my has no Nope",
        key="ops.train.config.model._target_",
        override=override,
    )
    workspace = watched(streams.numbered((*streams.training(), end)), status="failed", op="train")
    banner = workspace.banner
    qtbot.waitUntil(lambda: banner.message.text() == "my.Nope cannot be found: my has no Nope")
    assert banner.place.full_text() == f"set by the override {override}"
    with qtbot.waitSignal(workspace.compose_wanted):
        banner.show_key.click()
    assert session.focus.key == "ops.train.config.model._target_"


def test_the_config_of_the_run_can_be_read(watched, streams):
    workspace = watched(streams.training())
    workspace.show_pane(workspace.config)
    assert "exp_name: Sample" in workspace.config.text.toPlainText()
    assert workspace.config.text.isReadOnly()


# ---------------------------------------------------------------------------------------------- the whole


def test_a_long_run_is_taken_up_in_slices(workspace, session, tell, feed, streams, qtbot):
    tell(streams.state("a", "succeeded"))
    session.runs.select("a")
    rows = streams.training(steps=10_000)
    for start in range(0, len(rows), 2000):
        feed("a", rows[start : start + 2000])
    assert workspace.feeder.busy  # the call came back before everything was taken up
    assert 0 < workspace.record.seq < rows[-1].seq
    qtbot.waitUntil(lambda: not workspace.feeder.busy, timeout=20_000)
    assert workspace.record.seq == rows[-1].seq


def test_nothing_ticks_while_hidden_or_after_closing(watched, streams, feed, qtbot):
    workspace = watched(streams.training()[:30])

    def timers():
        return [timer for timer in workspace.findChildren(QTimer) if timer.isActive()]

    workspace.hide()
    assert timers() == []
    feed("a", streams.training())
    assert timers() == []
    assert workspace.record.seq == streams.training()[-1].seq  # what came is not lost
    workspace.show()
    workspace.close_plots()
    assert workspace.charts.charts == {}
    assert [timer for timer in timers() if timer is not workspace.charts._timer] == []


def test_runs_are_called_by_what_tells_them_apart():
    named = RunState("20260101T090000000-k3x9", "CLB-20260101T090002-id_k3x9", "succeeded", "configs/jobs/a.yaml")
    assert words.title(named) == "CLB-…id_k3x9"
    assert words.title(msgspec.structs.replace(named, name="my best")) == "my best"
    assert words.title(msgspec.structs.replace(named, name="")) == "a …k3x9"
    noon = datetime(2026, 3, 4, 12, 0).timestamp()
    assert words.moment(noon, noon + 60) == "12:00"
    assert words.moment(noon, noon + 86400) == "4 Mar"
    assert words.moment(noon, noon + 86400 * 400) == "4 Mar 2026"


def test_ops_and_failure_stay_above_the_tabs_whichever_pane_is_in_front(watched, streams, session, qtbot):
    workspace = watched(streams.failed(), status="failed", op="train")
    qtbot.waitUntil(workspace.banner.isVisible)
    kept = workspace.save_state()

    def above(pane):
        """Whether banner, ops and the pane stand one below the other, tabs between them."""
        tops = [part.mapTo(workspace, QPoint()).y() for part in (workspace.banner, workspace.strip, pane)]
        ends = [top + part.height() for top, part in zip(tops, (workspace.banner, workspace.strip), strict=False)]
        return all(part.isVisible() for part in (workspace.banner, workspace.strip)) and (
            ends[0] <= tops[1] and ends[1] + 10 <= tops[2]
        )

    for pane in (workspace.gantt, workspace.resources, workspace.config, workspace.table, workspace.metrics):
        workspace.show_pane(pane)
        qtbot.waitUntil(lambda pane=pane: pane.isVisible() and above(pane))
    workspace.move_pane(workspace.metrics, Side.RIGHT, workspace.gantt)
    qtbot.waitUntil(lambda: above(workspace.metrics))
    left = workspace.metrics.mapTo(workspace, QPoint()).x()
    assert abs(workspace.progress.x() - left) < 4
    workspace.restore_state(kept)
    qtbot.waitUntil(lambda: above(workspace.metrics))
    workspace.banner.unfold.click()
    qtbot.waitUntil(lambda: workspace.banner.details.isVisible() and above(workspace.metrics))
    workspace.reset_layout()
    qtbot.waitUntil(lambda: above(workspace.metrics))
    workspace.strip.setFocus()
    assert workspace.turn(1) is workspace.gantt
    workspace._above.set_wanted(False)
    qtbot.waitUntil(lambda: not workspace.strip.isVisible() and workspace.gantt.mapTo(workspace, QPoint()).y() < 60)
