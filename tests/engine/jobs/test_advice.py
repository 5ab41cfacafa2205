"""What to try after a worker was killed."""

import signal

import pytest

from niceml_engine.events import Resources
from niceml_engine.jobs.advice import after_kill

GB = 10**9


def taken(machine: float) -> Resources:
    """What a run took at last that had one of the ten GB of its machine."""
    return Resources(cpu=0, memory=GB, machine_cpu=0, machine_memory=int(machine * GB), total_memory=10 * GB, cores=2)


@pytest.mark.parametrize(
    ("number", "machine", "said"),
    [
        (signal.SIGKILL, 9, "memory is the usual reason, it took 1.0 GB at last, when 9.0 GB of 10.0 GB"),
        (None, 9, "memory is the usual reason, it took 1.0 GB"),
        (signal.SIGKILL, 2, "it was killed from outside, by a person, a scheduler or the system"),
        (None, 2, "it was probably killed from outside, by a person, a scheduler or the system"),
    ],
)
def test_memory_is_blamed_only_where_much_of_it_was_taken(number: int | None, machine: float, said: str) -> None:
    advice = after_kill(number, taken(machine))
    assert advice.startswith(said)
    assert f"when {machine}.0 GB of 10.0 GB of the machine were taken: " in advice
    assert ("batch_size" in advice) == (machine > 8)


def test_without_figures_memory_is_not_blamed_and_other_signals_need_no_advice() -> None:
    outside = "killed from outside, by a person, a scheduler or the system, which may limit its memory"
    unknown = "what it took of the machine is not known: go on or run it again"
    assert after_kill(signal.SIGKILL) == f"it was {outside}; {unknown}"
    assert after_kill(None) == f"it was probably {outside}, or the machine went down; {unknown}"
    assert after_kill(signal.SIGTERM, taken(9)) == ""
