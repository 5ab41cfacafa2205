"""Waiting for something to become true, with a bound."""

import threading
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], seconds: float = 60.0, what: str = "it") -> None:
    """Returns as soon as the condition holds; fails when it does not within the bound."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        pause.wait(0.02)
