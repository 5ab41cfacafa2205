"""The columns beside a stream: they say the same as the lines, and where they do not, the lines count."""

from pathlib import Path

import pytest

from niceml_engine.columns import Rows, last_of
from niceml_engine.events import Log, RunEnded, metrics
from niceml_engine.runs import stream as streams
from niceml_engine.runs.blocks import blocks_of, find_blocks
from niceml_engine.runs.fold import fold_rows
from niceml_engine.runs.mirror import finish
from niceml_engine.runs.stream import RowsReader, StreamReader, StreamWriter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import RunState


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_ROWS", 10)


def write(path: Path, count: int, first: int = 1) -> None:
    writer = StreamWriter(path)
    for number in range(first, first + count):
        if number % 4:
            writer.emit(metrics("batch", number, 1, {"loss": float(number)}))
        else:
            writer.emit(Log(text=str(number)))
    writer.close()


def read(reader: RowsReader) -> list[int]:
    """The numbers of all rows that are there, each once."""
    seqs: set[int] = set()
    while rows := reader.read():
        seqs |= set(numbers(rows))
    return sorted(seqs)


def numbers(rows: Rows) -> list[int]:
    return [event.seq for event in rows.events] + [seq for one in rows.columns for seq in one.seqs.cast("q")]


def test_a_long_stream_is_read_from_its_blocks_and_the_rest_from_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    write(path, 37)
    assert [block.last for block in find_blocks(path)] == [10, 20, 30]
    whole = path.read_bytes()
    path.write_bytes(b"\n" * next(find_blocks(path)).reach + whole[next(find_blocks(path)).reach :])
    assert read(RowsReader(path)) == list(range(1, 38))  # lines that have a block are not looked at


def test_a_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    reader = RowsReader(path)
    assert not reader.read()
    write(path, 25)
    assert read(reader) == list(range(1, 26))
    write(path, 12, 26)
    assert read(reader) == list(range(26, 38))
    again = read(RowsReader(path, after=23))
    assert again[0] > 20  # blocks that are known are passed over
    assert again[-1] == 37


def test_a_short_stream_has_no_blocks(tmp_path: Path) -> None:
    write(tmp_path / "s.jsonl", 9)
    assert not blocks_of(tmp_path / "s.jsonl").exists()


def test_long_lines_fill_a_block_sooner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 200)
    write(tmp_path / "s.jsonl", 5)
    assert len(list(find_blocks(tmp_path / "s.jsonl"))) > 0


def test_a_later_writer_continues_lines_and_blocks(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    write(path, 25)
    write(path, 8, 26)
    assert [block.last for block in find_blocks(path)] == [10, 20, 30]
    assert [row.seq for row in StreamReader(path).read()] == list(range(1, 34))
    assert read(RowsReader(path)) == list(range(1, 34))


def test_what_is_repeated_from_another_stream_is_in_the_blocks_too(tmp_path: Path) -> None:
    write(tmp_path / "one.jsonl", 25)
    writer = StreamWriter(tmp_path / "two.jsonl")
    for event in StreamReader(tmp_path / "one.jsonl").read():
        writer.repeat(event)
    writer.close()
    assert len(list(find_blocks(tmp_path / "two.jsonl"))) == 2
    assert read(RowsReader(tmp_path / "two.jsonl")) == list(range(1, 26))


def test_an_old_stream_gets_its_blocks_from_whoever_writes_next(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    write(path, 25)
    blocks_of(path).unlink()
    write(path, 1, 26)
    assert next(find_blocks(path)).last >= 10
    assert read(RowsReader(path)) == list(range(1, 27))


@pytest.mark.parametrize("damage", ["cut", "garbage", "other head", "longer than the lines"])
def test_blocks_that_do_not_fit_are_passed_over(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "s.jsonl"
    write(path, 35)
    blocks = blocks_of(path)
    first, second, _ = find_blocks(path)
    data = bytearray(blocks.read_bytes())
    expected = list(range(1, 36))
    if damage == "cut":
        data = data[: second.start + 5]
    elif damage == "garbage":
        data[second.start : second.end] = b"\xc1" * second.length
    elif damage == "other head":
        data[first.end : first.end + 4] = b"what"
    else:
        lines = path.read_bytes()[: second.reach - 1]
        path.write_bytes(lines)
        expected = list(range(1, 20))
    blocks.write_bytes(data)
    assert read(RowsReader(path)) == expected
    write(path, 5, 36)  # and whoever writes next makes them whole
    assert read(RowsReader(path))[-1] >= 24


def test_blocks_that_cannot_be_written_cost_no_row(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    blocks_of(path).mkdir()  # in the way
    write(path, 25)
    assert [row.seq for row in StreamReader(path).read()] == list(range(1, 26))
    assert read(RowsReader(path)) == list(range(1, 26))


def test_the_experiment_gets_the_columns_too(tmp_path: Path) -> None:
    write(tmp_path / "s.jsonl", 25)
    folder = ExperimentFolder(Location.of("experiment", tmp_path))
    finish(tmp_path / "s.jsonl", folder, RunState(id="r", name="n", status="succeeded", job="j"))
    assert folder.files() == ["events.columns", "events.jsonl", "run/state.json"]
    assert folder.read("events.columns") == blocks_of(tmp_path / "s.jsonl").read_bytes()


def test_the_list_of_runs_learns_from_columns_what_it_learns_from_rows(tmp_path: Path) -> None:
    writer = StreamWriter(tmp_path / "s.jsonl")
    for epoch in range(1, 12):
        writer.emit(metrics("epoch", epoch * 10, epoch, {"loss": 1 / epoch, "val_loss": 2 / epoch}))
    writer.emit(RunEnded(status="succeeded"))
    writer.close()
    state, reader = RunState(id="r", name="n", status="running", job="j"), RowsReader(tmp_path / "s.jsonl")
    while rows := reader.read():
        state = fold_rows(state, rows)
    assert state.status == "succeeded"
    assert state.metrics == {"loss": 1 / 11, "val_loss": 2 / 11}


def test_the_last_row_of_columns_names_what_is_not_finite(tmp_path: Path) -> None:
    writer = StreamWriter(tmp_path / "s.jsonl")
    writer.emit(metrics("epoch", 1, 1, {"loss": float("inf")}))
    writer.close()
    (columns,) = RowsReader(tmp_path / "s.jsonl").read().columns
    assert last_of(columns).nonfinite == {"loss": "inf"}
