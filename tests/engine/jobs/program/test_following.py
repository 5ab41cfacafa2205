"""Files of a program that runs, wherever it writes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from niceml_engine.events import Event, Metrics
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
