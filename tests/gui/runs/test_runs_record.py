import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.columns import gather
from niceml_engine.events import (
    Artifact,
    ClockSet,
    Flag,
    Log,
    Metrics,
    OpEnded,
    OpStarted,
    Progress,
    RunEnded,
    RunStarted,
    metrics,
)
from niceml_engine.values import Continuation
from niceml_gui.workspaces.runs.charts.smoothing import Smoothed
from niceml_gui.workspaces.runs.charts.view import Across, Settings
from niceml_gui.workspaces.runs.gantt.rows import rows_of
from niceml_gui.workspaces.runs.measured import SeriesKey
from niceml_gui.workspaces.runs.phases import Phases
from niceml_gui.workspaces.runs.progress import facts
from niceml_gui.workspaces.runs.record import RunRecord, merged

number = st.floats(allow_nan=True, allow_infinity=True, width=32)
names = st.sampled_from(["loss", "val_loss", "accuracy"])
rows = st.lists(
    st.one_of(
        st.builds(
            metrics,
            st.sampled_from(["batch", "epoch"]),
            st.integers(1, 500),
            st.integers(1, 5),
            st.dictionaries(names, number, min_size=1),
        ),
        st.builds(Progress, done=st.integers(0, 50), total=st.just(50), op=st.just("train")),
        st.builds(Flag, kind=st.just("resumed"), text=st.just("")),
        st.builds(OpStarted, op=st.sampled_from(["train", "analysis"])),
        st.builds(Log, text=st.text(max_size=5)),
    ),
    max_size=60,
)


def stamped(events):
    return tuple(msgspec.structs.replace(event, seq=i, time=float(i)) for i, event in enumerate(events, 1))


def fed(events):
    record = RunRecord()
    record.feed(gather(events))
    return record


def summary(record):
    series = {
        key: (one.steps.tolist(), one.times.tolist(), one.values.view.tolist(), list(one.marks), one.cuts)
        for key, one in record.series.items()
    }
    return series, record.ops, record.log, record.notes, record.moments, record.seq, record.started, record.ended


@given(rows, st.integers(1, 20), st.integers(0, 5))
def test_rows_in_any_portions_and_twice_give_the_same_record(events, length, back):
    events = stamped(events)
    whole, pieces = fed(events), RunRecord()
    for start in range(0, len(events), length):
        pieces.feed(gather(events[max(start - back, 0) : start + length]))  # some are repeated, as after a reconnect
    assert summary(pieces) == summary(whole)
    assert not whole.feed(gather(events))


@given(rows)
def test_no_measured_value_is_lost(events):
    events = stamped(events)
    record = fed(events)
    points = {}
    for event in events:
        for name, value in event.values.items() if isinstance(event, Metrics) else ():
            split = "validation" if name.startswith("val_") else "train"
            key = SeriesKey(name.removeprefix("val_"), event.level, split)
            points.setdefault(key, []).append((event.step, event.time, value))
    assert set(record.series) == set(points)
    for key, measured in points.items():
        series = record.series[key]
        finite = [point for point in measured if point[2] is not None]
        assert list(zip(series.steps, series.times, series.values.view, strict=True)) == finite
        assert sum(mark.count for mark in series.marks) == len(measured) - len(finite)
        for mark in series.marks:
            place = measured.index((mark.step, mark.time, None))
            assert sum(value is not None for _, _, value in measured[:place]) == mark.index
            assert measured[place + mark.count - 1] == (mark.last_step, mark.last_time, None)


def test_values_that_are_not_finite_are_marked_with_their_kind(streams):
    record = fed(streams.training(broken_at=7))
    series = record.series[SeriesKey("loss", "batch", "train")]
    (mark,) = series.marks
    assert (mark.kind, mark.step, mark.index, mark.count) == ("nan", 7, 6, 1)
    assert 7.0 not in series.steps


def test_kinds_are_told_apart_and_counted():
    values = [1.0, math.nan, math.nan, math.inf, 2.0, -math.inf]
    (series,) = fed(stamped([metrics("batch", n, 1, {"loss": v}) for n, v in enumerate(values, 1)])).series.values()
    assert [(mark.kind, mark.step, mark.last_step, mark.count) for mark in series.marks] == [
        ("nan", 2, 3, 2),
        ("inf", 4, 4, 1),
        ("-inf", 6, 6, 1),
    ]
    assert series.broken == "-inf"


def test_what_is_measured_together_shares_its_steps_and_times():
    events = [
        metrics("batch", n, 1, {"loss": 1.0, "accuracy": 0.5} | ({"lr": 0.1} if n % 3 == 0 else {}))
        for n in range(1, 10)
    ]
    record = fed(stamped(events))
    loss, accuracy, rate = record.series.values()
    assert loss.track is accuracy.track
    assert rate.steps.tolist() == [3, 6, 9]
    record.feed(gather(msgspec.structs.replace(event, seq=event.seq + 9) for event in stamped(events[:1])))
    assert len(rate) == 3  # and knows nothing of steps at which it was not measured


def test_steps_and_times_are_found_by_each_other(streams):
    record = fed(streams.training(steps=20))
    start = record.series[SeriesKey("loss", "batch", "train")].times[4]
    assert record.step_at(start) == 5
    assert record.step_at(start + 0.01) == 5
    assert record.nearest_row(5.4, by_time=False) == (5, start)
    assert record.nearest_row(start + 0.01, by_time=True) == (5, start)
    assert RunRecord().step_at(1.0) == 0


def test_what_happened_is_remembered_for_the_charts():
    events = [
        OpStarted(op="train"),
        Artifact(kind="model", path="models/1.keras", op="train"),
        OpEnded(status="failed", seconds=1, message="out of memory", op="train"),
        OpStarted(op="train"),
        Flag(kind="early stop", text="after epoch 3", op="train"),
    ]
    assert [(moment.time, moment.kind) for moment in fed(stamped(events)).moments] == [
        (2.0, "checkpoint"),
        (3.0, "failed"),
        (4.0, "retry"),
        (5.0, "early stop"),
    ]


def test_an_op_that_is_begun_again_says_which_attempt_it_is_and_when_the_next_one_comes():
    events = [
        OpStarted(op="train", attempts=3),
        OpEnded(status="failed", seconds=1.0, message="the line is down", op="train", again_in=30.0),
    ]
    record = fed(stamped(events))
    op = record.ops["train"]
    assert facts(op, op.started + 11.0) == ["failed", "attempt 1 of 3", "again in 20 s"]
    assert facts(op, op.started + 40.0) == ["failed", "attempt 1 of 3", "again at once"]
    assert [line.text for line in record.log][-1] == "failed after 1.0 s: the line is down; begins again in 30 s"
    record = fed(stamped([*events, OpStarted(op="train", attempt=2, attempts=3)]))
    op = record.ops["train"]
    assert facts(op, op.started + 2.0) == ["running", "attempt 2 of 3", "2.0 s"]
    op = replace(op, progress=Progress(done=3, total=10, epoch=1, epochs=2))
    assert facts(op, op.started + 2.0) == ["attempt 2 of 3", "epoch 1/2", "step 3/10"]
    done = replace(op, status="succeeded", seconds=1.3)
    assert facts(done, op.started + 2.0) == ["done", "attempt 2 of 3", "1.3 s, all 2.3 s"]
    assert record.moments[-1].text == "train began again: attempt 2 of 3"
    assert [line.text for line in record.log][-1] == "started again, attempt 2 of 3"
    ended = fed(stamped([*events, OpEnded(status="failed", seconds=2.0, op="train")])).ops["train"]
    assert facts(ended, 0.0)[0] == "failed"


def test_an_op_tells_rate_share_and_time_left(streams):
    record = fed(streams.training(steps=20, epochs=2)[:46])
    train = record.ops["train"]
    assert train.status == "running"
    assert train.fraction == train.progress.done / 40
    assert abs(train.rate - 5.0) < 0.3  # a step every two rows, a row every tenth of a second
    assert abs(train.remaining - (40 - train.progress.done) / train.rate) < 1e-9


@pytest.mark.parametrize("jump", [-7200.0, 7200.0], ids=["back", "forward"])
def test_a_clock_that_jumps_leaves_rate_and_time_left_right_again_after_a_while(jump):
    rows = []
    for step in range(1, 401):
        time = 10_000.0 + step / 10 + (jump if step > 100 else 0.0)
        rows.append(Progress(seq=len(rows) + 1, time=time, op="train", done=step, total=1000))
    record = RunRecord("a")
    for row in rows:
        record.feed(gather([row]))
        train = record.ops["train"]
        assert 0 <= train.rate < 11
        assert train.remaining is None or train.remaining >= 0
    assert train.rate == pytest.approx(10, rel=0.05)
    assert train.remaining == pytest.approx(60, rel=0.05)
    assert record.started == min(row.time for row in rows)


def test_an_op_that_was_cut_off_ends_with_its_run():
    record = fed(stamped([OpStarted(op="train"), RunEnded(status="failed", message="the worker was killed")]))
    assert record.failed_op.name == "train"
    assert record.failed_op.message == "the worker was killed"


def test_all_ops_of_the_job_are_known_before_they_start(streams):
    ops = merged(("experiment", "train", "prediction"), fed(streams.training()[:5]))
    assert [(op.name, op.status) for op in ops] == [
        ("experiment", "succeeded"),
        ("train", "running"),
        ("prediction", "waiting"),
    ]


def test_ops_that_a_run_did_not_come_to_wait_no_longer_once_it_has_ended(streams):
    ops = merged(("experiment", "train", "prediction"), fed(streams.failed()))
    assert [facts(op, 0.0)[0] for op in ops] == ["done", "failed", "not run"]
    (row,) = [row for row in rows_of(ops, Phases(), 0.0) if row.name == "prediction"]
    assert row.took == "not run"
    ops = merged(("train", "prediction", "analysis"), RunRecord(), Continuation(("prediction",)))
    assert [facts(op, 0.0)[0] for op in ops] == ["kept", "waiting", "not run"]
    (row,) = [row for row in rows_of(ops, Phases(), 0.0) if row.name == "train"]
    assert row.took == "kept"


def test_a_point_takes_at_most_forty_bytes_of_memory_with_its_average():
    count = 100_000
    record = fed(stamped(metrics("batch", n, 1, {f"m{k}": 0.5 for k in range(4)}) for n in range(1, count + 1)))
    room = sum(array.room for array in (record.tracks["batch"].steps, record.tracks["batch"].times))
    for series in record.series.values():
        smoothed = Smoothed(series.values, 0.9)
        smoothed.update()
        for values, extremes in ((series.values, series.extremes), (smoothed.values, smoothed.extremes)):
            extremes.of(np.array([0]), np.array([count]))
            room += values.room + extremes.room
    assert room / (4 * count) <= 40


def test_memory_does_not_depend_on_the_portions_in_which_rows_came(streams):
    events = stamped([metrics("batch", n, 1, {"loss": 1.0, "accuracy": 2.0}) for n in range(1, 5001)])
    live, at_once = RunRecord(), fed(events)
    for start in range(0, 5000, 7):
        live.feed(gather(events[start : start + 7]))
    rooms = [
        [(one.values.room, one.track.steps.room, one.track.times.room) for one in record.series.values()]
        for record in (live, at_once)
    ]
    assert rooms[0] == rooms[1]


def test_times_of_day_follow_a_clock_that_was_set_forward_while_durations_do_not():
    at = msgspec.structs.replace
    events = [
        at(RunStarted(pid=1), time=1000.0),
        at(OpStarted(op="train"), time=1001.0, op="train"),
        at(metrics("batch", 1, 1, {"loss": 1.0}), time=1002.0),
        at(ClockSet(seconds=7200.0), time=1003.0),
        at(metrics("batch", 2, 1, {"loss": 0.5}), time=1004.0),
        at(OpEnded(status="succeeded", seconds=4.0), time=1005.0, op="train"),
        at(ClockSet(seconds=-3600.0), time=1006.0),
        at(RunEnded(status="succeeded"), time=1007.0),
    ]
    record = fed([at(event, seq=number) for number, event in enumerate(events, 1)])
    assert [line.time - 1000 for line in record.log] == [0, 1, 7203, 7205, 7206, 7207]
    assert record.log[2].text == "the clock was set forward by 2 h here"
    assert [(one.kind, one.time) for one in record.moments] == [("clock set", 1003), ("clock set", 1006)]
    assert record.last_time - record.measured_from == 4
    wall = Across(record, Settings(axis="wall"))
    assert wall.ends(record.tracks["batch"]) == (1002, 8204)
    assert wall.back(np.array([1002.0, 5000.0, 8204.0])).tolist() == [1002, 1003, 1004]
    assert Across(record, Settings(axis="relative")).ends(record.tracks["batch"]) == (2, 4)


def test_a_run_that_goes_on_from_another_has_looked_at_the_clock_again_and_the_time_of_day_never_goes_back():
    at = msgspec.structs.replace
    events = [
        at(OpStarted(op="experiment"), time=1000.0, op="experiment"),
        at(ClockSet(seconds=60.0), time=1001.0, op="experiment"),
        at(OpEnded(status="succeeded", seconds=2.0), time=1002.0, op="experiment"),
        at(RunStarted(pid=1), time=1042.0),
        at(RunEnded(status="succeeded"), time=1050.0),
    ]
    record = fed([at(event, seq=number) for number, event in enumerate(events, 1)])
    assert [line.time - 1000 for line in record.log] == [0, 61, 62, 62, 70]
