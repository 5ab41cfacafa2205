"""Log, events and output of the run that is shown."""

from PySide6.QtWidgets import QApplication

from niceml_engine.events import DagsterEvent, OpStarted, RunEnded, RunStarted
from niceml_engine.protocol.runs import (
    Output,
    Printed,
    RunOutput,
)
from niceml_gui.workspaces.runs.lines import in_words


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


def test_what_dagster_noted_stands_among_the_events_and_by_itself(workspace, session, tell, feed, streams, qtbot):
    noted = DagsterEvent(kind="STEP_START", text='Started execution of step "train".', op="train")
    tell(streams.state("a"))
    session.runs.select("a")
    feed("a", streams.numbered([RunStarted(pid=1), OpStarted(op="train"), noted]))
    pane = workspace.events
    qtbot.waitUntil(lambda: pane.view.lines.rowCount() == 3)
    assert [one for one in texts(pane) if "STEP_START" in one and "Started execution" in one]
    pane.source.setCurrentIndex(pane.source.findData("dagster"))
    (alone,) = texts(pane)
    assert "STEP_START" in alone
    pane.source.setCurrentIndex(pane.source.findData("run"))
    assert not [one for one in texts(pane) if "STEP_START" in one]


def test_where_there_is_little_room_lines_are_counted_in_fewer_words(workspace):
    count = workspace.log.bar.count
    workspace.log.bar.show_count(32, 100)
    said = []
    for width in (200, 70, 20, 5):
        count.setFixedWidth(width)
        QApplication.processEvents()
        said.append(count.text())
    assert said == ["32 of 100 lines", "32 of 100", "32", ""]
    assert count.toolTip() == "32 of 100 lines"


def test_how_a_run_was_stopped_is_not_told_twice():
    ended = RunEnded(status="stopped", message="stopped; its processes were ended")
    assert in_words(ended) == "run stopped: its processes were ended"


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
