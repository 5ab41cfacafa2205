"""What a run takes, as charts."""

import math

import msgspec
from PySide6.QtCore import QPoint, QSizeF
from PySide6.QtTest import QTest

from niceml_engine.events import Gpu, Resources
from niceml_gui.theme.tokens import DARK
from niceml_gui.workspaces.runs.resources.lines import charts_of, picture_of
from niceml_gui.workspaces.runs.usage import Usage

START = 1_764_000_000.0


def look(second, cpu=100.0, **more):
    usual = {"memory": 10**9, "machine_cpu": 75.0, "machine_memory": 8 * 10**9, "total_memory": 16 * 10**9, "cores": 4}
    return Resources(cpu=cpu, time=START + second, seq=second + 100, **(usual | more))


def used(*rows):
    usage = Usage()
    for row in rows:
        usage.add(row)
    return usage


def test_machine_and_run_share_the_scale_of_one_core():
    usage = used(look(0), look(1, cpu=390.0))
    cpu, memory = charts_of(usage)
    assert cpu.title == "CPU, 4 cores of 100 %"
    picture = picture_of(cpu, usage, START, START + 2, QSizeF(400, 100), DARK)
    machine, run = picture.strokes  # the run's own lies over it
    assert run.y.tolist() == [100.0, 390.0]
    assert machine.y.tolist() == [300.0, 300.0]
    assert picture.top > 400
    assert picture.high == 2.0
    picture = picture_of(memory, usage, START, START + 2, QSizeF(400, 100), DARK)
    assert [stroke.y.tolist() for stroke in picture.strokes] == [[8.0, 8.0], [1.0, 1.0]]


def test_a_gpu_that_is_seen_later_has_charts_from_then_on():
    usage = used(look(0), look(1, gpus=(Gpu("H100", 42.0, 5 * 10**9, 80 * 10**9),)), look(2))
    assert [chart.title for chart in charts_of(usage)][2:] == ["H100", "H100 memory, of 80 GB"]
    assert usage.column("gpu0").tolist() == [0.0, 42.0, 0.0]
    assert len(usage.column("gpu0_memory")) == len(usage) == 3


def test_hours_of_looks_are_no_more_points_than_a_screen_shows():
    usage = used(*(look(second) for second in range(20_000)))
    picture = picture_of(charts_of(usage)[0], usage, START, START, QSizeF(300, 100), DARK)
    assert len(picture.strokes[0].x) < 1300


def test_charts_appear_with_the_first_look_and_the_pointer_reads_all_of_them_off(
    workspace, session, tell, feed, streams, qtbot
):
    tell(streams.state("a"))
    session.runs.select("a")
    workspace.show_pane(workspace.resources)
    pane = workspace.resources
    assert pane.empty.isVisible()
    rows = [msgspec.structs.replace(row, seq=number) for number, row in enumerate([look(0), look(10, cpu=50.0)], 1)]
    feed("a", rows)
    qtbot.waitUntil(lambda: len(pane.charts) == 2)
    cpu, memory = pane.charts
    assert cpu.values() == [("run", "50 %"), ("machine", "300 %")]
    QTest.mouseMove(cpu, QPoint(60, 60))
    qtbot.waitUntil(lambda: cpu.values()[0] == ("run", "100 %"))
    assert not math.isnan(memory._at)  # one crosshair for all
    assert "run 50 %" in cpu.accessibleDescription()
    QTest.mouseMove(workspace, QPoint(2, 2))


def test_another_run_shows_its_own(workspace, session, tell, feed, streams, qtbot):
    tell(streams.state("a"), streams.state("b", age=9))
    session.runs.select("a")
    workspace.show_pane(workspace.resources)
    feed("a", [msgspec.structs.replace(look(0), seq=1)])
    qtbot.waitUntil(lambda: bool(workspace.resources.charts) and not workspace.resources.empty.isVisible())
    session.runs.select("b")
    qtbot.waitUntil(workspace.resources.empty.isVisible)
