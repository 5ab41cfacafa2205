"""Work that is shared among a few threads, and that Ctrl+C ends cleanly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Calls a function for each item in a few threads and yields the results in the items' order.

    Threads suffice: NumPy, Pillow and zlib leave the interpreter to others while they work. After an error or when
    the caller stops listening, what has not begun is dropped.

    A `ThreadPoolExecutor` would do the same, but an interrupt that reaches the main thread inside `submit` may leave a
    lock of the pool taken, so that its threads never end; the queues here are taken and given in one step.
    """
    waiting: SimpleQueue[tuple[int, Item]] = SimpleQueue()
    done: SimpleQueue[tuple[int, list[Result] | BaseException]] = SimpleQueue()
    dropped: list[bool] = []
    count = 0
    for count, item in enumerate(items, 1):
        waiting.put((count, item))

    def work() -> None:
        while not dropped:
            try:
                number, item = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((number, [function(item)]))
            except BaseException as error:  # whatever it is, the caller gets it
                done.put((number, error))

    team = [Thread(target=work, name=f"niceml-data-{number}") for number in range(min(threads, count))]
    try:
        for thread in team:
            thread.start()
        ahead: dict[int, list[Result] | BaseException] = {}
        for number in range(1, count + 1):
            while number not in ahead:
                index, result = done.get()
                ahead[index] = result
            found = ahead.pop(number)
            if isinstance(found, BaseException):
                raise found
            yield from found
    finally:
        dropped.append(True)
        for thread in team:
            if thread.ident is not None:
                thread.join()
