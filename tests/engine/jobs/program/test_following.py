"""Files of a program that runs, wherever it writes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from niceml_engine.events import Artifact, Event, Log, Metrics
from niceml_engine.jobs.program.following import Following
from tests.waiting import wait_until

#: Holds back what it wrote until it closes the file, which it appends to later.
PROGRAM = """\
import time
from pathlib import Path


def wait(name):
    while not Path(name).exists():
        time.sleep(0.01)


file = open("measured.csv", "w")
file.write("step,loss\\n0,1.0\\n")
wait("close")
file.close()
wait("append")
with open("measured.csv", "a") as file:
    file.write("1,0.5\\n")
wait("end")
"""


def test_a_table_outside_of_the_output_is_followed_after_it_was_closed_and_appended_to_again(tmp_path: Path) -> None:
    events: list[Event] = []

    def steps() -> list[int]:
        return [event.step for event in events if isinstance(event, Metrics)]

    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=tmp_path) as program:
        following = Following(events.append, tmp_path, ())
        try:
            wait_until(lambda: bool(following._opened))
            assert steps() == []
            (tmp_path / "close").touch()
            wait_until(lambda: steps() == [0])
            (tmp_path / "append").touch()
            wait_until(lambda: steps() == [0, 1])
        finally:
            following.close()
            program.kill()


#: Starts the program and ends, so that it is no child of whoever started this.
OTHER = """\
import subprocess, sys

print(subprocess.Popen([sys.argv[1], "train.py"], stdout=subprocess.DEVNULL).pid)
"""

#: Opens its table for each row alone, and so is not seen with it.
BRIEFLY = """\
import sys, time
from pathlib import Path


for step in range(3):
    with open("history.csv", "a") as file:
        file.write(f"{step},0.5\\n")
    while not Path(f"go{step}").exists():
        time.sleep(0.01)
"""


def test_a_table_where_the_program_began_is_read_from_what_it_appends(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("step,loss\n7,0.1\n8,0.1\n")
    (tmp_path / "other.csv").write_text("step,other\n1,1\n")
    (tmp_path / "train.py").write_text(BRIEFLY)
    events: list[Event] = []

    def steps() -> list[int]:
        return [event.step for event in events if isinstance(event, Metrics)]

    following = Following(events.append, tmp_path, (), script="train.py")
    following._look()
    with subprocess.Popen([sys.executable, "train.py"], cwd=tmp_path) as program:
        try:
            wait_until(lambda: steps() == [0])
            (tmp_path / "go0").touch()
            wait_until(lambda: steps() == [0, 1])
            (tmp_path / "go1").touch()
            (tmp_path / "go2").touch()
            assert program.wait(30) == 0
        finally:
            program.kill()
            following.close()
    assert steps() == [0, 1, 2]
    assert [event.path for event in events if isinstance(event, Artifact)] == ["history.csv"]


def test_a_table_that_another_run_of_the_program_may_have_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import time\ntime.sleep(60)\n")
    events: list[Event] = []
    command = [sys.executable, "-c", OTHER, sys.executable]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        other = int(parent.stdout.readline())
        following = Following(events.append, tmp_path, (), script="train.py")
        try:
            (tmp_path / "history.csv").write_text("step,loss\n0,0.5\n")
            wait_until(lambda: any(isinstance(event, Log) and "history.csv" in event.text for event in events))
        finally:
            following.close()
            os.kill(other, signal.SIGKILL)
    assert [event.text for event in events if isinstance(event, Log)] == [
        "does not read history.csv: the same program runs here another time, and who wrote it is not known; let it "
        "write below Hydra's output folder"
    ]
    assert not [event for event in events if isinstance(event, Metrics)]
