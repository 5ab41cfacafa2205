"""The clock of a stream, while somebody turns that of the machine."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from niceml_engine.events import ClockSet, Event, Log, RunEnded, RunStarted
from niceml_engine.query.grammar import parse
from niceml_engine.query.subjects import RunSubject
from niceml_engine.runs import clock
from niceml_engine.runs.clock import SteadyClock
from niceml_engine.runs.fold import fold
from niceml_engine.runs.launch import bury
from niceml_engine.runs.stream import StreamReader, StreamWriter
from niceml_engine.values import RunState
from tests.engine.projects import dead_run, write_curve


class Machine:
    """The two clocks of a machine."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady, self.asleep = 1000.0, 5.0, 50.0
        patch.setattr(clock, "time", lambda: self.wall)
        patch.setattr(clock, "monotonic", lambda: self.steady)
        patch.setattr(clock, "_asleep", lambda: self.asleep)

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


@pytest.mark.parametrize(
    ("turned", "slept", "said"),
    [
        (259_200.0, 0.0, "the clock was set forward by 72 h here"),
        (-5400.0, 0.0, "the clock was set back by 1 h 30 min here"),
        (28_800.0, 28_800.0, "the machine slept for 8 h here"),
        (32_400.0, 28_800.0, "the machine slept for 8 h here, and the clock was set forward by 1 h here"),
    ],
)
def test_a_clock_that_is_set_or_a_machine_that_sleeps_adds_nothing_to_durations_and_is_told_once(
    machine: Machine, turned: float, slept: float, said: str
) -> None:
    told = SteadyClock()
    first = told.now()
    assert told.was_set() is None
    machine.asleep += slept
    machine.passes(2, turned=turned)
    assert told.now() == first + 2
    was_set = told.was_set()
    assert was_set is not None
    assert (was_set.seconds, was_set.in_words()) == (turned, said)
    machine.passes(3)
    assert told.now() == first + 5
    assert told.was_set() is None


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


def test_a_run_lasted_as_long_as_time_passed_whatever_was_done_to_the_clock(machine: Machine, tmp_path: Path) -> None:
    told: list[Event] = []
    with closing(StreamWriter(tmp_path / "s", told.append)) as writer:
        writer.emit(RunStarted(pid=1))
        machine.passes(4, turned=259_200)
        writer.emit(Log(text="after"))
        machine.passes(4)
        rows = StreamReader(tmp_path / "s").read()
        state = fold(RunState(id="r", name="r", status="running", job="j"), rows)
        assert [type(row) for row in rows] == [RunStarted, ClockSet, Log]
        assert told == rows[1:2]
        assert state.lasted(machine.wall) == 8
        assert parse("duration = 8s").holds(RunSubject(state, now=machine.wall))
        writer.emit(RunEnded(status="succeeded"))
    state = fold(state, StreamReader(tmp_path / "s", after=3).read())
    assert state.lasted(machine.wall + 1e6) == 8


def test_who_ends_the_books_of_a_run_goes_by_the_time_of_its_rows(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_curve(tmp_path)
    run, pid = dead_run(tmp_path)
    with closing(StreamWriter(run.stream)) as writer:
        writer.emit(RunStarted(pid=pid))
        machine.passes(4, turned=259_200)
        writer.emit(Log(text="after"))
    for file in filter(Path.is_file, run.path.iterdir()):
        os.utime(file, (machine.wall, machine.wall))
    machine.passes(2)
    monkeypatch.setattr("niceml_engine.runs.launch.time.time", lambda: machine.wall)
    bury(run, tell_dagster=False)
    state = run.state()
    assert (state.status, state.lasted(machine.wall)) == ("failed", 4)
