"""Rows as columns: nothing is lost on the way there, to bytes and back."""

import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.columns import Columns, Rows, gather, last_of
from niceml_engine.events import Event, Log, Metrics, metrics

number = st.floats(allow_nan=True, allow_infinity=True)
names = st.sampled_from(["loss", "val_loss", "accuracy", "lr"])
measured = st.builds(
    metrics,
    st.sampled_from(["batch", "epoch"]),
    st.integers(1, 500),
    st.integers(1, 5),
    st.dictionaries(names, number),
)
rows = st.lists(st.one_of(measured, st.builds(Log, text=st.text(max_size=3))), max_size=40)


def stamped(events: list[Event]) -> list[Event]:
    ops = ("train", "tune")
    return [
        msgspec.structs.replace(event, seq=i, time=i / 8, op=ops[i % 2 if i > 20 else 0])
        for i, event in enumerate(events, 1)
    ]


def events_of(columns: Columns) -> list[Metrics]:
    """The rows that became columns."""
    made = []
    plain = zip(*(getattr(columns, name).cast(code) for name, code in FIELDS), strict=True)
    for row, (seq, time, step, epoch) in enumerate(plain):
        values = {}
        for name, column in columns.named.items():
            places = list(column.rows.cast("i")) if column.rows else range(len(columns.seqs) // 8)
            if row in places:
                values[name] = column.values.cast("d")[places.index(row)]
        event = metrics(columns.level, step, epoch, values)
        made.append(msgspec.structs.replace(event, seq=seq, time=time, op=columns.op))
    return made


FIELDS = (("seqs", "q"), ("times", "d"), ("steps", "q"), ("epochs", "q"))


@given(rows)
def test_rows_can_be_read_back_from_columns_and_bytes(events: list[Event]) -> None:
    events = stamped(events)
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(gather(events)), type=Rows)
    back = [*found.events, *(event for columns in found.columns for event in events_of(columns))]
    assert sorted(back, key=lambda event: event.seq) == events
    assert found.last == len(events)
    assert bool(found) is bool(events)
    for columns in found.columns:
        assert last_of(columns) == events_of(columns)[-1]


def test_a_value_of_which_only_its_absence_is_known_is_not_a_number() -> None:
    row = Metrics(level="batch", step=1, epoch=1, values={"loss": None}, seq=1)
    (columns,) = gather([row]).columns
    assert math.isnan(columns.named["loss"].values.cast("d")[0])
