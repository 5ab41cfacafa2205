import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.events import Log, Metrics, OpStarted, Progress, RunEnded, metrics
from niceml_gui.workspaces.runs.record import RunRecord, SeriesKey, merged, portions

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
        st.builds(OpStarted, op=st.sampled_from(["train", "analysis"])),
        st.builds(Log, text=st.text(max_size=5)),
    ),
    max_size=60,
)


def stamped(events):
    return tuple(msgspec.structs.replace(event, seq=i, time=float(i)) for i, event in enumerate(events, 1))


def summary(record):
    series = {
        key: (one.steps.view.tolist(), one.times.view.tolist(), one.values.view.tolist(), one.marks, one.ordered)
        for key, one in record.series.items()
    }
    return series, record.ops, record.log, record.notes, record.seq, record.ended


@given(rows, st.integers(1, 20), st.integers(0, 5))
def test_rows_in_any_portions_and_twice_give_the_same_record(events, length, back):
    events = stamped(events)
    whole = RunRecord()
    whole.feed(events)
    pieces = RunRecord()
    fed = 0
    for portion in portions(events, length):
        pieces.feed(events[max(fed - back, 0) : fed])  # repeated after a reconnect
        pieces.feed(portion)
        fed += len(portion)
    assert summary(pieces) == summary(whole)
    assert not whole.feed(events)


@given(rows)
def test_no_measured_value_is_lost(events):
    events = stamped(events)
    record = RunRecord()
    record.feed(events)
    measured = [value for event in events if isinstance(event, Metrics) for value in event.values.values()]
    points = sum(len(series) for series in record.series.values())
    marked = sum(mark.count for series in record.series.values() for mark in series.marks)
    assert points == sum(value is not None for value in measured)
    assert marked == sum(value is None for value in measured)
    assert all(math.isfinite(value) for series in record.series.values() for value in series.values.view)


def test_values_that_are_not_finite_are_marked_with_their_kind(streams):
    record = RunRecord()
    record.feed(streams.training(broken_at=7))
    series = record.series[SeriesKey("loss", "batch", "train")]
    (mark,) = series.marks
    assert (mark.kind, mark.step, mark.index, mark.count) == ("nan", 7, 6, 1)
    assert 7.0 not in series.steps.view


def test_an_op_tells_rate_share_and_time_left(streams):
    record = RunRecord()
    record.feed(streams.training(steps=20, epochs=2)[:46])
    train = record.ops["train"]
    assert train.status == "running"
    assert train.fraction == train.progress.done / 40
    assert abs(train.rate - 5.0) < 0.3  # a step every two rows, a row every tenth of a second
    assert abs(train.remaining - (40 - train.progress.done) / train.rate) < 1e-9


def test_an_op_that_was_cut_off_ends_with_its_run():
    record = RunRecord()
    record.feed(stamped([OpStarted(op="train"), RunEnded(status="failed", message="the worker was killed")]))
    assert record.failed_op.name == "train"
    assert record.failed_op.message == "the worker was killed"


def test_all_ops_of_the_job_are_known_before_they_start(streams):
    record = RunRecord()
    record.feed(streams.training()[:5])
    ops = merged(("experiment", "train", "prediction"), record)
    assert [(op.name, op.status) for op in ops] == [
        ("experiment", "succeeded"),
        ("train", "running"),
        ("prediction", "waiting"),
    ]
