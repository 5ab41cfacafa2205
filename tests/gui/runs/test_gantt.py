"""The gantt chart: what its rows are, and what it does when one points at them."""

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from niceml_engine.columns import gather
from niceml_engine.events import (
    Log,
    Missing,
    OpEnded,
    OpStarted,
    Phase,
    PhaseStarted,
    Progress,
    RunEnded,
    RunStarted,
    metrics,
)
from niceml_engine.values import Continuation
from niceml_gui import words
from niceml_gui.widgets.header import run_words
from niceml_gui.workspaces.runs.gantt.painting import AXIS, ROW, Scale, ticks
from niceml_gui.workspaces.runs.gantt.rows import KEPT, Row, rows_of, span_of, visible
from niceml_gui.workspaces.runs.progress import in_full
from niceml_gui.workspaces.runs.record import RunRecord, merged

START = 1_764_000_000.0


class Told:
    """A stream in the making."""

    def __init__(self):
        self.rows = []

    def at(self, second, event, op="train"):
        self.rows.append(msgspec.structs.replace(event, seq=len(self.rows) + 1, time=START + second, op=op))
        return self

    def record(self):
        record = RunRecord("a")
        record.feed(gather(self.rows))
        return record


@pytest.fixture
def training():
    """An op with a phase, and two epochs of which the second is open and validates."""
    return (
        Told()
        .at(0, OpStarted())
        .at(0, PhaseStarted(phase=1, name="load data"))
        .at(2, Phase(phase=1, name="load data", seconds=2.0))
        .at(2, PhaseStarted(phase=2, name="epoch", part="1"))
        .at(5, Phase(phase=2, name="epoch", part="1", seconds=3.0))
        .at(5, PhaseStarted(phase=3, name="epoch", part="2"))
        .at(7, PhaseStarted(phase=4, name="validation", inside=3))
    )


def rows(record, now=0.0):
    return rows_of(tuple(record.ops.values()), record.phases, START + now)


def test_phases_of_one_kind_are_a_row_and_those_inside_stand_below(training):
    found = rows(training.record(), 10)
    assert [(row.depth, row.name + row.count, row.took) for row in found] == [
        (0, "train", "10 s"),
        (1, "load data", "2.0 s"),
        (1, "epoch ×2", "8.0 s"),
        (2, "validation", "3.0 s"),
    ]
    epoch = found[2]
    assert [epoch.title(place) for place in range(2)] == ["epoch 1", "epoch 2"]
    assert [epoch.status(place) for place in range(2)] == ["succeeded", "running"]
    assert epoch.end(1, START + 10) == START + 10
    assert merged((), training.record())[0].doing == "epoch 2 · validation"


def test_what_is_open_ends_with_its_op_or_with_the_run(training):
    failed = training.at(9, OpEnded(status="failed", seconds=9.0, message="no")).record()
    assert [(row.status(len(row.starts) - 1)) for row in rows(failed)] == ["failed", "succeeded", "failed", "failed"]
    assert rows(failed)[3].took == "2.0 s"
    killed = Told().at(0, OpStarted()).at(1, PhaseStarted(phase=1, name="draw")).at(4, RunEnded(status="failed"))
    (op, draw) = rows(killed.record())
    assert (op.took, draw.took, draw.status(0)) == ("4.0 s", "3.0 s", "failed")


def test_what_ended_while_rows_were_lost_is_no_longer_than_until_then(training):
    lost = Missing(rows=9, full=True, since=START + 8)
    went_on = training.at(30, lost).at(31, PhaseStarted(phase=9, name="epoch", part="6"))
    _, load, epoch, validation = rows(went_on.record(), 32)
    assert (load.took, epoch.took, validation.took) == ("2.0 s", "7.0 s", "1.0 s")
    assert [epoch.status(place) for place in range(3)] == ["succeeded", "succeeded", "running"]
    assert merged((), went_on.record())[0].doing == "epoch 6"


def test_what_was_open_when_rows_were_lost_may_go_on_or_have_ended(training):
    lost = Missing(rows=9, full=True, since=START + 8)
    still = training.at(30, lost).at(32, Phase(phase=3, name="epoch", part="2", seconds=27.0))
    assert rows(still.record())[2].took == "30 s"
    done = still.at(40, OpEnded(status="succeeded", seconds=40.0))
    assert rows(done.record())[3].took == "1.0 s"


def test_what_was_stopped_has_not_failed_but_the_attempt_before_has():
    told = (
        Told()
        .at(0, OpStarted())
        .at(1, PhaseStarted(phase=1, name="draw"))
        .at(2, Phase(phase=1, name="draw", seconds=1.0, failed=True))
        .at(2, OpEnded(status="failed", seconds=2.0, message="no"))
        .at(3, OpStarted())
        .at(4, PhaseStarted(phase=2, name="draw"))
        .at(5, Phase(phase=2, name="draw", seconds=1.0, failed=True))
        .at(5, OpEnded(status="stopped", seconds=2.0, message="stopped"))
        .at(5, RunEnded(status="stopped"))
    )
    op, draw = rows(told.record())
    assert [op.status(place) for place in range(2)] == ["failed", "stopped"]
    assert [draw.status(place) for place in range(2)] == ["failed", "stopped"]


@pytest.mark.parametrize("jump", [-7200.0, 7200.0], ids=["back", "forward"])
def test_a_clock_that_jumps_makes_no_bar_that_ends_before_it_begins(jump):
    told = (
        Told()
        .at(0, OpStarted())
        .at(0, PhaseStarted(phase=1, name="load data"))
        .at(jump + 2, Phase(phase=1, name="load data", seconds=2.0))
        .at(jump + 2, PhaseStarted(phase=2, name="epoch", part="1"))
        .at(jump + 4, Phase(phase=2, name="epoch", part="1", seconds=2.0))
        .at(jump + 4 + jump, PhaseStarted(phase=3, name="epoch", part="2"))
    )
    now = START + 2 * jump + 12
    for record in (told.record(), told.at(2 * jump + 9, OpEnded(status="succeeded", seconds=9.0)).record()):
        op, load, epoch = rows(record, 2 * jump + 12)
        assert load.took == "2.0 s"
        for row in (op, load, epoch):
            assert all(row.end(place, now) >= start for place, start in enumerate(row.starts))
            assert all(one <= other for one, other in pairwise(row.starts))
        low, high = span_of([op, load, epoch], now)
        assert low < high
        for row in (op, load, epoch):
            bars = visible(row, low, high, 300, now)
            assert bars
            assert all(left <= right for left, right, *_ in bars)
    assert (op.took, load.took) == ("9.0 s", "2.0 s")


def test_attempts_are_bars_of_one_row():
    told = Told().at(0, OpStarted()).at(3, OpEnded(status="failed", seconds=3.0))
    (row,) = rows(told.at(5, OpStarted(attempt=2, attempts=3)).record(), 6)
    assert [row.status(place) for place in range(2)] == ["failed", "running"]
    assert row.title(1) == "train, attempt 2 of 3"
    assert row.took == "4.0 s"


@pytest.fixture
def resumed():
    """A run that analyses anew, an hour after the one that had trained and that had failed then."""
    return (
        Told()
        .at(0, OpStarted())
        .at(0, PhaseStarted(phase=1, name="load data"))
        .at(2, Phase(phase=1, name="load data", seconds=2.0))
        .at(3, metrics("batch", 1, 1, {"loss": 0.5}))
        .at(9, OpEnded(status="succeeded", seconds=9.0))
        .at(3600, RunStarted(pid=7), op="")
        .at(3601, OpStarted(), op="analysis")
        .at(3604, OpEnded(status="succeeded", seconds=3.0), op="analysis")
        .at(3605, RunEnded(status="succeeded"), op="")
    )


def test_header_strip_and_chart_of_a_run_that_goes_on_agree_about_its_times(
    workspace, session, tell, feed, streams, resumed, qtbot
):
    continues = Continuation(("analysis", "exptests"), "/experiments/a", "before")
    state = streams.state("a", "succeeded", dagster_job="job_train", continues=continues)
    state = msgspec.structs.replace(state, started=START + 3600, ended=START + 3605)
    tell(state)
    session.runs.select("a")
    workspace.show_pane(workspace.gantt)
    feed("a", resumed.rows)
    qtbot.waitUntil(lambda: workspace.strip.texts[1:4] == ["kept · 9.0 s", "not run", "done · 3.0 s"])
    assert run_words(state, 0.0) == "succeeded · 00:05"
    assert workspace.gantt.progress.full_text() == "succeeded after 5.0 s"
    view = workspace.gantt.view
    train, analysis = (row for row in view.rows if row.took != "not run")
    assert (train.op, train.took, train.note, len(train.starts)) == ("train", "9.0 s", KEPT, 0)
    assert (analysis.op, analysis.took) == ("analysis", "3.0 s")
    _, when = analysis.describe(0, START + 3605, view.scale().begin, lambda time: time + 7200).splitlines()
    assert when.startswith("0:01.0 to 0:04.0 after")
    assert when.endswith(f"at {words.clock(START + 3601 + 7200)}")
    assert view.scale().low == START + 3600
    assert view.scale().high == START + 3604
    record = workspace.record  # curves that were kept begin where they began
    assert (record.started, record.measured_from) == (START + 3600, START)


def test_a_phase_of_which_only_the_end_is_known_is_worked_out():
    told = Told().at(0, OpStarted()).at(5, Phase(name="epoch 1", seconds=2.0))
    row = rows(told.record())[1]
    assert (row.starts[0], row.ends[0]) == (START + 3, START + 5)


def test_of_ten_thousand_phases_no_more_are_painted_than_there_are_pixels():
    starts = START + np.arange(10_000.0)
    row = Row("train", "epoch", 1, starts, starts + 0.9, "", str, {})
    bars = visible(row, START, START + 10_000, 600, START)
    assert 100 < len(bars) <= 601
    assert [bars[0][2], bars[-1][3]] == [0, 10_000]  # and none is left out
    assert all(before[3] == after[2] for before, after in pairwise(bars))
    near = visible(row, START + 500, START + 510, 600, START)
    assert [bar[2] for bar in near] == list(range(500, 511))


def test_axes_of_seconds_and_of_hours_are_labelled():
    def labels(span):
        return [label for _, label in ticks(Scale(0, 500, START, START + span, START, START + span))]

    assert labels(2)[:3] == ["0 s", "0.5 s", "1.0 s"]
    assert labels(90)[1:3] == ["0:15", "0:30"]
    assert labels(20_000)[1] == "1 h 00"


@pytest.fixture
def gantt(workspace, session, tell, feed, streams, training, qtbot):
    """The chart of a run that trains."""
    told = training.at(8, Log(text="validating"))
    tell(streams.state("a"))
    session.runs.select("a")
    feed("a", told.rows)
    workspace.show_pane(workspace.gantt)
    qtbot.waitUntil(lambda: len(workspace.gantt.view.rows) >= 4)
    return workspace.gantt.view


def place_of(view, number, time):
    return QPoint(round(view.scale().x(START + time)), AXIS + number * ROW + ROW // 2)


def test_a_click_selects_the_bar_its_op_and_the_log_at_that_time(gantt, workspace, qtbot):
    with qtbot.waitSignal(gantt.selected) as caught:
        QTest.mouseClick(gantt.viewport(), Qt.MouseButton.LeftButton, pos=place_of(gantt, 3, 6))
    assert caught.args == ["train", START + 5]
    assert gantt.chosen.startswith("epoch 2")
    assert "in train" in gantt.accessibleDescription()
    assert workspace.strip.chosen == "train"
    log = workspace.log.view
    assert log.lines.line(log.currentIndex().row()).text == "validating"
    assert not log.follow
    assert not workspace.log.bar.follow.isChecked()


def test_keys_go_from_bar_to_bar_and_to_the_config(gantt, workspace, session, qtbot):
    gantt.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(gantt, key)
    assert gantt.chosen.startswith("epoch 1")
    QTest.keyClick(gantt, Qt.Key.Key_Right)
    assert gantt.chosen.startswith("epoch 2")
    with qtbot.waitSignal(workspace.compose_wanted):
        QTest.keyClick(gantt, Qt.Key.Key_Return)
    assert session.focus.key == "ops.train.config"


def test_the_chart_is_zoomed_moved_and_shown_whole_again(gantt):
    assert gantt.follows
    whole = gantt.scale()
    QTest.keyClick(gantt, Qt.Key.Key_Plus)
    closer = gantt.scale()
    assert closer.high - closer.low < whole.high - whole.low
    QTest.keyClick(gantt, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert gantt.scale().low > closer.low
    assert gantt.scale().high <= gantt._now + 1e-6
    QTest.keyClick(gantt, Qt.Key.Key_Home)
    assert gantt.follows


def test_a_tip_says_what_a_bar_is(gantt):
    place = place_of(gantt, 3, 3)
    event = QHelpEvent(QEvent.Type.ToolTip, place, gantt.viewport().mapToGlobal(place))
    QApplication.sendEvent(gantt.viewport(), event)
    assert QToolTip.text().splitlines()[0] == "epoch 1  3.0 s"
    assert "0:02.0 to 0:05.0 after the start" in QToolTip.text()
    QToolTip.hideText()


def test_it_grows_while_the_run_goes_on_by_the_clock_of_the_run(gantt, workspace, monkeypatch):
    """Whatever the clock of the window's machine says."""
    monkeypatch.setattr("niceml_gui.workspaces.runs.panel.monotonic", lambda: workspace.feeder.came + 60.0)
    workspace._update()
    assert gantt.rows[1].took == "1 min 08 s"
    assert math.isclose(gantt._now, START + 68, abs_tol=0.01)


def test_an_op_of_the_strip_is_selected_and_opened(gantt, workspace, session, qtbot):
    workspace.show_pane(workspace.metrics)
    strip = workspace.strip
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert strip.chosen == "experiment"
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert strip.chosen == "train"
    assert gantt.chosen.startswith("train")
    with qtbot.waitSignal(workspace.compose_wanted):
        QTest.keyClick(strip, Qt.Key.Key_Return)
    assert session.focus.key == "ops.train.config"
    session.runs.select("")  # another run has nothing selected
    assert strip.chosen == ""


def test_progress_tells_step_rate_samples_and_time_left():
    told = Told().at(0, OpStarted())
    for step in range(1, 11):
        told.at(step / 10, Progress(done=100 * step, total=2000, epoch=1, epochs=2, samples=32))
    told.at(1, PhaseStarted(phase=1, name="epoch", part="1"))
    told.at(1, PhaseStarted(phase=2, name="validation", inside=1))
    (op,) = merged((), told.record())
    assert in_full(op, START + 1) == (
        "train · epoch 1/2 · step 1,000/2,000 · 1000 steps/s · 32,000 samples/s · 00:01 left · validation"
    )


def test_a_long_first_step_does_not_count_in_the_rate():
    told = Told().at(0, OpStarted()).at(0, Progress(done=0, total=100, epoch=1, epochs=1))
    assert in_full(told.record().ops["train"], START) == "train · epoch 1/1 · step 0/100"
    told.at(10, Progress(done=1, total=100, epoch=1, epochs=1))
    assert told.record().ops["train"].remaining is None
    told.at(11, Progress(done=11, total=100, epoch=1, epochs=1))
    assert told.record().ops["train"].rate == 10
