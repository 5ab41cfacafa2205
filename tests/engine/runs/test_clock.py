"""The clock of a stream, while somebody turns that of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.events import Log
from niceml_engine.runs import clock
from niceml_engine.runs.clock import SteadyClock
from niceml_engine.runs.stream import StreamWriter


class Machine:
    """The two clocks of a machine."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = 1000.0, 5.0
        patch.setattr(clock, "time", lambda: self.wall)
        patch.setattr(clock, "monotonic", lambda: self.steady)

    def passes(self, seconds: float, *, turned: float = 0.0) -> None:
        self.wall += seconds + turned
        self.steady += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_a_clock_that_is_set_back_goes_on_and_durations_stay_right(machine: Machine) -> None:
    told = SteadyClock()
    first = told.now()
    machine.passes(2, turned=-3600)
    assert told.now() == first + 2
    machine.passes(3)
    assert told.now() == first + 5
    machine.passes(1, turned=3600)  # and is right again
    assert told.now() == first + 6 == machine.wall


def test_a_clock_that_is_set_forward_or_slept_is_followed(machine: Machine) -> None:
    told = SteadyClock()
    machine.passes(2, turned=3600)
    assert told.now() == machine.wall


def test_small_corrections_never_turn_the_order_of_rows(machine: Machine) -> None:
    told = SteadyClock()
    first = told.now()
    machine.passes(0.01, turned=-0.2)
    assert told.now() == first


def test_rows_of_a_stream_stay_in_order_while_the_clock_is_turned(machine: Machine, tmp_path: Path) -> None:
    writer, times = StreamWriter(tmp_path / "s"), []
    for turned in (0.0, -7200.0, 0.0, 86_400.0):
        machine.passes(1, turned=turned)
        times.append(writer.emit(Log(text="")).time)
    writer.close()
    assert times == sorted(times)
    machine.passes(1, turned=-86_400)
    later = StreamWriter(tmp_path / "s")  # who writes the last row of a dead worker
    assert later.emit(Log(text="")).time >= times[-1]
    later.close()
