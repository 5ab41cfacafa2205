"""Work in threads: in order, with its errors, and ended by an interrupt wherever that arrives."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from niceml_engine.data.threads import in_threads
from tests.waiting import wait_until

INTERRUPTED = """\
import os, signal, threading, time
from niceml_engine.data.threads import in_threads

signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it

def interrupt():
    time.sleep(0.02 + 0.002 * int(os.environ["TRY"]))
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
try:
    for _ in in_threads(lambda item: time.sleep(0.0001), range(200_000), 4):
        pass
except KeyboardInterrupt:
    print("interrupted", threading.active_count())
"""


def test_results_come_in_the_order_of_the_items() -> None:
    turns = [threading.Event() for _ in range(3)]

    def work(item: int) -> int:
        if item < 2:
            turns[item + 1].wait(20)  # each ends after the next one
        turns[item].set()
        return item * item

    assert list(in_threads(work, iter(range(3)), 3)) == [0, 1, 4]
    assert list(in_threads(work, [], 3)) == []


def test_an_error_reaches_the_caller_and_what_has_not_begun_is_dropped() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 2:
            raise ValueError("two")
        if item > 2:
            threading.Event().wait(0.001)
        return item

    results = in_threads(work, range(10_000), 2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert len(begun) < 10_000
    wait_until(lambda: not [one for one in threading.enumerate() if one.name.startswith("niceml-data")])


def test_a_caller_that_stops_listening_ends_the_threads() -> None:
    results: Iterator[int] = in_threads(lambda item: item, range(100_000), 2)
    assert next(results) == 0
    del results
    wait_until(lambda: not [one for one in threading.enumerate() if one.name.startswith("niceml-data")])


def test_an_interrupt_ends_it_wherever_it_arrives() -> None:
    for number in range(10):
        done = subprocess.run(
            [sys.executable, "-c", INTERRUPTED],
            env={"TRY": str(number), "PYTHONPATH": ":".join(path for path in sys.path if path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode in (0, -signal.SIGINT), done.stderr
        assert "interrupted" in done.stdout or "KeyboardInterrupt" in done.stderr
