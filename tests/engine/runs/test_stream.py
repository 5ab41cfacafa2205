"""The stream: what was written is read, once, in order, whatever happened to the file."""

import math
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.events import Log, Metrics, Missing, Progress, metrics
from niceml_engine.runs.fold import fold
from niceml_engine.runs.mirror import Mirror
from niceml_engine.runs.stream import RowsReader, StreamReader, StreamWriter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.values import RunState
from tests.waiting import wait_until


def texts(rows: list[object]) -> list[str]:
    return [row.text for row in rows if isinstance(row, Log)]


def test_rows_are_numbered_and_carry_the_op(tmp_path: Path) -> None:
    writer = StreamWriter(tmp_path / "s")
    writer.emit(Log(text="before"))
    writer.op = "train"
    writer.emit(Progress(done=1))
    rows = StreamReader(tmp_path / "s").read()
    assert [(row.seq, row.op) for row in rows] == [(1, ""), (2, "train")]
    assert rows[0].time > 0
    writer.close()


def test_a_reader_gets_only_what_is_new(tmp_path: Path) -> None:
    writer, reader = StreamWriter(tmp_path / "s"), StreamReader(tmp_path / "s")
    assert reader.read() == []
    writer.emit(Log(text="a"))
    assert texts(reader.read()) == ["a"]
    writer.emit(Log(text="b"))
    assert texts(reader.read()) == ["b"]
    assert reader.read() == []
    writer.close()


def test_a_torn_last_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    writer, reader = StreamWriter(path), StreamReader(path)
    writer.emit(Log(text="whole"))
    with path.open("ab") as file:
        file.write(b'{"type":"log","text":"to')
    assert texts(reader.read()) == ["whole"]
    with path.open("ab") as file:
        file.write(b'rn","seq":2}\n')
    assert texts(reader.read()) == ["torn"]
    writer.close()


def test_a_later_writer_closes_a_torn_line_and_counts_on(tmp_path: Path) -> None:
    path = tmp_path / "s"
    first = StreamWriter(path)
    first.emit(Log(text="one"))
    first.close()
    with path.open("ab") as file:
        file.write(b'{"type":"log","te')
    second = StreamWriter(path)
    second.emit(Log(text="two"))
    second.close()
    reader = StreamReader(path)
    rows = reader.read()
    assert [(row.seq, row.text) for row in rows if isinstance(row, Log)] == [(1, "one"), (2, "two")]
    assert [row.in_words() for row in rows if isinstance(row, Missing)] == [
        "1 damaged piece of the stream was passed over"
    ]


@given(st.lists(st.binary(max_size=30)))
def test_garbage_is_passed_over(tmp_path_factory: pytest.TempPathFactory, garbage: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("stream") / "s"
    writer = StreamWriter(path)
    writer.emit(Log(text="first"))
    with path.open("ab") as file:
        file.write(b"\n".join(garbage) + b"\n")
    writer.emit(Log(text="last"))
    writer.close()
    assert texts(StreamReader(path).read()) == ["first", "last"]


def damaged(path: Path) -> Path:
    """A stream of ten steps in which the fifth and sixth have run together, and one is of a wrong type."""
    with closing(StreamWriter(path)) as writer:
        for step in range(1, 11):
            writer.emit(metrics("batch", step, 1, {"loss": 1.0}))
    lines = path.read_bytes().splitlines()
    lines[4:6] = [lines[4] + lines[5]]
    lines[6:7] = [lines[6].replace(b'"metrics"', b'"nothing"')]
    path.write_bytes(b"\n".join([*lines[:2], bytes(3000), b"\xff{noise", *lines[2:]]) + b"\n")
    return path


def test_what_is_passed_over_is_said_where_it_is_with_how_many_rows_are_missing(tmp_path: Path) -> None:
    path = damaged(tmp_path / "s")
    rows = StreamReader(path).read()
    assert [(row.seq, row.in_words()) for row in rows if isinstance(row, Missing)] == [
        (3, "2 damaged pieces of the stream were passed over after step 2"),
        (7, "1 damaged piece of the stream was passed over after step 4; 2 rows of this run are missing here"),
        (9, "1 damaged piece of the stream was passed over after step 7; 1 row of this run is missing here"),
    ]


def test_what_is_passed_over_is_said_once_however_the_stream_is_read(tmp_path: Path) -> None:
    path = damaged(tmp_path / "s")
    reader, found = RowsReader(path), []
    while rows := reader.read(limit=200):
        found += [row.seq for row in rows.events]
    assert found == [3, 7, 9]
    late = RowsReader(path, after=7).read()
    assert [row.seq for row in late.events] == [9]
    content = path.read_bytes()
    reader = RowsReader(path)
    reader.read()
    path.write_bytes(content[:100])  # somebody cuts it, and brings it back
    assert not reader.read()
    path.write_bytes(content)
    assert not reader.read()


def test_lines_that_were_taken_out_are_missed_and_are_part_of_the_state_of_a_run(tmp_path: Path) -> None:
    path = damaged(tmp_path / "s")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:1], *lines[5:]]))
    rows = StreamReader(path).read()
    assert "2 rows of this run are missing here after step 1" in [r.in_words() for r in rows if isinstance(r, Missing)]
    state = fold(RunState(id="r", name="r", status="running", job="j"), rows)
    assert state.missing == 5


def test_reading_after_a_row_leaves_out_what_is_known(tmp_path: Path) -> None:
    writer = StreamWriter(tmp_path / "s")
    for text in "abc":
        writer.emit(Log(text=text))
    writer.close()
    assert texts(StreamReader(tmp_path / "s", after=2).read()) == ["c"]


def test_a_value_that_is_not_finite_stays_visible(tmp_path: Path) -> None:
    writer = StreamWriter(tmp_path / "s")
    writer.emit(metrics("batch", 7, 1, {"loss": math.nan, "accuracy": 0.5, "norm": math.inf}))
    writer.close()
    (row,) = StreamReader(tmp_path / "s").read()
    assert isinstance(row, Metrics)
    assert row.values == {"loss": None, "accuracy": 0.5, "norm": None}
    assert row.nonfinite == {"loss": "nan", "norm": "inf"}


FULL_DISK = """
import resource, sys
from niceml_engine.errors import StoreError
from niceml_engine.events import Log
from niceml_engine.runs.stream import StreamWriter
writer = StreamWriter(sys.argv[1])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # what a full disk does, without one
try:
    for number in range(1000):
        writer.emit(Log(text=str(number)))
except StoreError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
writer.emit(Log(text="room again"))
"""


def test_a_full_disk_is_said_and_costs_no_row_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "s"
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert str(path) in output
    assert "make room" in output
    found = texts(StreamReader(path).read())
    assert found[:-1] == [str(number) for number in range(len(found) - 1)]
    assert found[-1] == "room again"
    assert len(found) > 5


@pytest.mark.parametrize("kind", ["file", "s3"])
def test_a_mirror_holds_every_row_and_the_final_state(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    location = Location.of("experiment", tmp_path)
    if kind == "s3":
        server = request.getfixturevalue("s3")
        location = Location(f"s3://{server.bucket}/{tmp_path.name}", server.options)
    writer = StreamWriter(tmp_path / "s")
    writer.emit(Log(text="0"))
    mirror = Mirror(tmp_path / "s", ExperimentFolder(location))
    for number in range(1, 50):
        writer.emit(Log(text=str(number)))
    writer.close()
    folder = ExperimentFolder(location)
    wait_until(lambda: folder.exists("events/0000000001.jsonl"))
    parts = folder.files("events")
    written = b"".join(folder.read(part) for part in parts)
    assert written
    assert (tmp_path / "s").read_bytes().startswith(written)
    mirror.close(RunState(id="r", name="n", status="succeeded", job="j"))
    assert folder.files() == ["events.jsonl", "run/state.json"]
    assert folder.read("events.jsonl") == (tmp_path / "s").read_bytes()
    assert mirror.problem == ""


def test_a_mirror_that_cannot_upload_says_so_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    writer = StreamWriter(tmp_path / "s")
    writer.emit(Log(text="0"))
    mirror = Mirror(tmp_path / "s", ExperimentFolder(Location.of("file/below", tmp_path)))
    mirror.close(RunState(id="r", name="n", status="succeeded", job="j"))
    writer.close()
    assert "cannot write" in mirror.problem
