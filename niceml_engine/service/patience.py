"""Waiting for storage that may be far away or gone, but not for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from niceml_engine.errors import StoreError

Made = TypeVar("Made")

SECONDS = 20.0  #: less than the window waits before it takes the service for hung


def within(where: str, do: Callable[[], Made], seconds: float = SECONDS) -> Made:
    """Does something that asks storage, in a thread of its own, which is left behind when no answer comes.

    Args:
        where: What is asked, for the error.
        do: What to do.
        seconds: How long to wait.

    Raises:
        StoreError: No answer came in time.
    """
    answer: Future[Made] = Future()

    def work() -> None:
        try:
            answer.set_result(do())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=work, name="storage", daemon=True).start()
    try:
        return answer.result(timeout=seconds)
    except TimeoutError as error:
        raise StoreError(f"{where} does not answer; is it reachable, and are the credentials right?") from error
