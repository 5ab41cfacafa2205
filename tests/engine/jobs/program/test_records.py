"""Event files are read while they are written, and say what TensorBoard reads in them."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from niceml_engine.jobs.program.naming import Names, Row
from niceml_engine.jobs.program.records import Records


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for TensorBoard's own writer, without TensorFlow, whose import takes seconds."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", types.ModuleType("notf"))
    return tmp_path


def written(folder: Path, tag: str, values: list[float]) -> Path:
    from tensorboard.summary import Writer

    writer = Writer(str(folder))
    for step, value in enumerate(values):
        writer.add_scalar(tag, value, step)
    writer.close()
    (file,) = folder.iterdir()
    return file


def old_style(folder: Path, values: list[float]) -> Path:
    """Values as PyTorch's writer puts them into a file."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    file = folder / "events.out.tfevents.1.host"
    writer = RecordWriter(file.open("wb"))
    for step, value in enumerate(values):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag in ("Loss/val", "lr")])
        writer.write(Event(step=step, wall_time=100.0 + step, summary=summary).SerializeToString())
    writer.close()
    return file


def test_values_steps_and_times_are_those_that_tensorboard_reads(files: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    values = [0.5, 0.25, float("inf"), 0.125]
    file = written(files / "validation", "epoch_loss", values)
    rows = Records(file, Names(), "validation").read()
    accumulated = EventAccumulator(str(file.parent))
    accumulated.Reload()
    assert [row.time for row in rows] == [one.wall_time for one in accumulated.Tensors("epoch_loss")]
    assert [(row.level, row.step, row.values) for row in rows] == [
        ("epoch", step, {"val_loss": value}) for step, value in enumerate(values)
    ]


def test_values_of_one_step_are_one_row(files: Path) -> None:
    rows = Records(old_style(files, [1.0, 2.0]), Names(), "board").read()
    assert rows == [
        Row("batch", 0, 0, {"val_Loss": 1.0, "lr": 1.0}, 100.0),
        Row("batch", 1, 0, {"val_Loss": 2.0, "lr": 2.0}, 101.0),
    ]


def test_a_torn_record_is_read_once_its_rest_is_there(files: Path) -> None:
    whole = old_style(files, [float(number) for number in range(20)]).read_bytes()
    torn = files / "events.out.tfevents.2.host"
    torn.touch()
    records, found = Records(torn, Names(), "board"), []
    for end in range(0, len(whole) + 1, 7):
        torn.write_bytes(whole[:end])
        found += records.read()
    torn.write_bytes(whole)
    found += records.read()
    assert [row.step for row in found] == list(range(20))
    assert records.read(ended=True) == []


def test_what_follows_a_damaged_record_is_left_out(files: Path) -> None:
    file = old_style(files, [1.0, 2.0, 3.0])
    data = bytearray(file.read_bytes())
    data[-40] ^= 0xFF
    file.write_bytes(data)
    records = Records(file, Names(), "board")
    assert [row.step for row in records.read()] == [0, 1]
    assert records.read(ended=True) == []
