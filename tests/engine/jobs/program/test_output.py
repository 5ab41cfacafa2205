"""What a program prints becomes lines of the log, whatever it is."""

from pathlib import Path

from niceml_engine.events import Log
from niceml_engine.jobs.program.output import LONGEST, Output
from niceml_engine.jobs.program.tracebacks import own_code


def test_lines_come_once_they_have_ended(tmp_path: Path) -> None:
    file = tmp_path / "stdout.log"
    file.write_text("of the worker\n")
    output = Output(file, own_code(tmp_path))
    with file.open("a") as handle:
        handle.write("one\n\ntw")
    assert [line.text for line in output.read()] == ["one"]
    with file.open("a") as handle:
        handle.write("o\nthree")
    assert [line.text for line in output.read()] == ["two"]
    assert [line.text for line in output.read(ended=True)] == ["three"]


def test_a_logger_says_its_level(tmp_path: Path) -> None:
    file = tmp_path / "stderr.log"
    output = Output(file, own_code(tmp_path))
    file.write_text(
        "[2026-11-27 10:00:00,1][__main__][ERROR] - broken\nWARNING: slow\nan ERRORLESS line\n\x1b[31mred\x1b[0m\n"
    )
    assert output.read() == [
        Log(text="[2026-11-27 10:00:00,1][__main__][ERROR] - broken", level="error"),
        Log(text="WARNING: slow", level="warning"),
        Log(text="an ERRORLESS line"),
        Log(text="red"),
    ]


def test_of_a_progress_bar_the_last_drawing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "stderr.log"
    output = Output(file, own_code(tmp_path))
    file.write_bytes(b"\r 10%\r 50%\r100%\r\nnext\r\n\r 3%\r 4%")
    assert [line.text for line in output.read()] == ["100%", "next"]
    assert [line.text for line in output.read(ended=True)] == [" 4%"]


def test_ten_megabytes_without_an_end_are_cut(tmp_path: Path) -> None:
    file = tmp_path / "stdout.log"
    output, lines = Output(file, own_code(tmp_path)), []
    file.write_bytes(b"x" * 10_000_000)
    while found := output.read():
        lines += found
    lines += output.read(ended=True)
    assert sum(len(line.text) for line in lines) == 10_000_000
    assert max(len(line.text) for line in lines) <= LONGEST


def test_the_lines_of_a_traceback_are_errors_and_lead_to_own_code(tmp_path: Path) -> None:
    file, script = tmp_path / "stderr.log", tmp_path / "train.py"
    script.touch()
    output = Output(file, own_code(tmp_path))
    file.write_text(f'before\nTraceback (most recent call last):\n  File "{script}", line 7, in main\n')
    begun = output.read()
    with file.open("a") as handle:
        handle.write("    raise ValueError\nValueError: no\nafter\n")
    lines = [*begun, *output.read()]
    assert [line.level for line in lines] == ["info", "error", "error", "error", "error", "info"]
    assert [line.code for line in lines] == ["", "", "train.py:7", "", "", ""]
