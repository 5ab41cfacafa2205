"""Timing two functions in turn, so that whatever else the machine does hits both."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

from tests.benchmarks.report import Measured

WARM_UP = 2  #: rounds that are not counted


def timed_in_turn(
    ours: Callable[[int], object], other: Callable[[int], object], rounds: int, *, others: int | None = None
) -> tuple[Measured, Measured]:
    """Calls two functions with the numbers of rounds.

    Args:
        ours: The one, called in rounds that do not count, too.
        other: The other.
        rounds: How often they are called.
        others: How often the other one is called, if that takes long; then in rounds that count only.

    Returns:
        What they took, in milliseconds.
    """
    found: dict[Callable[[int], object], list[tuple[float, float]]] = {ours: [], other: []}
    for number in range(WARM_UP + rounds):
        for function in (ours, other):
            counted = number - WARM_UP
            if function is other and others is not None and not 0 <= counted < others:
                continue
            wall, cpu = perf_counter(), process_time()
            function(number)
            took = ((perf_counter() - wall) * 1000.0, (process_time() - cpu) * 1000.0)
            if counted >= 0:
                found[function].append(took)
    measured = [
        Measured(tuple(wall for wall, _ in times), "ms", tuple(cpu for _, cpu in times)) for times in found.values()
    ]
    return measured[0], measured[1]
