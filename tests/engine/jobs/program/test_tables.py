"""CSV files are read while they are written, in whatever way people's programs write them."""

from pathlib import Path

import pytest

from niceml_engine.jobs.program.naming import Names, Row
from niceml_engine.jobs.program.tables import Reach, Table, is_table


def table(path: Path) -> Table:
    return Table(path, Names(), path.stem)


def test_rows_come_once_their_line_has_ended(tmp_path: Path) -> None:
    file = tmp_path / "metrics.csv"
    file.write_text("step,loss\n1,0.5\n2,0.2")
    follower = table(file)
    assert follower.read() == [Row("batch", 1, 0, {"loss": 0.5})]
    assert follower.read() == []
    with file.open("a") as handle:
        handle.write("5\n3,nan\n4,0.1")
    first, second = follower.read()
    assert first == Row("batch", 2, 0, {"loss": 0.25})
    assert second.values["loss"] != second.values["loss"]
    assert follower.read(ended=True) == [Row("batch", 4, 0, {"loss": 0.1})]


def test_steps_epochs_and_empty_cells_as_lightning_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "metrics.csv"
    file.write_text("epoch,step,train_loss,valid_loss,note\n0,9,0.5,,a\n0,9,,0.7,b\n,,,,\n")
    assert table(file).read() == [Row("batch", 9, 0, {"loss": 0.5}), Row("batch", 9, 0, {"val_loss": 0.7})]


@pytest.mark.parametrize(
    "text", ["epoch,loss\n0,0.5\n1,0.25\n", "epoch;loss\n0;0.5\n1;0.25\n", "\ufeffEpoch\tloss\r\n0\t0.5\r\n1\t0.25\r\n"]
)
def test_epochs_alone_are_measured_after_each(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(text.encode())
    assert is_table(file)
    assert table(file).read() == [Row("epoch", 0, 0, {"loss": 0.5}), Row("epoch", 1, 1, {"loss": 0.25})]


def test_a_file_that_is_written_anew_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "metrics.csv"
    file.write_text("step,loss\n1,0.5\n")
    follower = table(file)
    assert len(follower.read()) == 1
    file.write_text("step,loss,accuracy\n1,0.5,\n2,0.4,0.9\n")  # with a column more
    assert follower.read() == [Row("batch", 2, 0, {"loss": 0.4, "accuracy": 0.9})]
    replaced = tmp_path / "new.csv"
    replaced.write_text("step,loss,accuracy\n1,0.5,\n2,0.4,0.9\n3,0.3,0.95\n")
    replaced.rename(file)  # in one go, as careful programs do
    assert follower.read() == [Row("batch", 3, 0, {"loss": 0.3, "accuracy": 0.95})]


@pytest.mark.parametrize(
    ("after", "steps"),
    [
        ("step,loss\n1,0.5\n2,0.4\n3,0.3\n", [3]),  # appended to
        ("step,loss\n1,0.5\n2,0.4\n", [1, 2]),  # written anew, to the same
        ("step,loss\n1,0.9\n2,0.8\n3,0.7\n", [1, 2, 3]),
        ("step,loss\n1,0.9\n", [1]),
    ],
)
def test_of_a_file_that_was_there_before_only_what_is_appended_counts(
    tmp_path: Path, after: str, steps: list[int]
) -> None:
    file = tmp_path / "metrics.csv"
    file.write_text("step,loss\n1,0.5\n2,0.4\n")
    follower = Table(file, Names(), "metrics", Reach.of(file))
    file.write_text(after)
    assert [row.step for row in follower.read()] == steps
    with file.open("a") as handle:
        handle.write("9,0.1\n")
    assert [row.step for row in follower.read()] == [9]


def test_garbage_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "metrics.csv"
    file.write_bytes(b"step,loss\n\xff\xfe,1\nx,y\n1\n1e400,2\n7,0.5\n" + b"0" * 2_000_000 + b"\n8,0.4,9,9\n")
    assert table(file).read() == [Row("batch", 7, 0, {"loss": 0.5}), Row("batch", 8, 0, {"loss": 0.4})]


def test_other_tables_are_none(tmp_path: Path) -> None:
    file = tmp_path / "predictions.csv"
    file.write_text("image,score\na.png,0.5\n")
    assert not is_table(file)
    file.write_text("step,lo")  # its first line has not ended
    assert not is_table(file)
    assert not is_table(tmp_path / "none.csv")
