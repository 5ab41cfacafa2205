"""Which runs are compared: ticks, whole sweeps, colours that stay, and what is read of each."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from niceml_engine.protocol.runs import RunRemoved, TagRun, UnwatchRun, WatchRun
from niceml_gui.workspaces.runs.comparison.colors import Colors
from niceml_gui.workspaces.runs.comparison.pane import SCATTER
from niceml_gui.workspaces.runs.listing.model import ROW, TICKED
from niceml_gui.workspaces.runs.listing.rows import Sweep
from tests.gui.compared import RATES, shown_runs


def test_ticked_runs_are_drawn_over_each_other_in_the_order_of_their_making(three):
    workspace = three("c", "a")
    assert shown_runs(workspace) == ["a", "c"]
    assert len({one.hue for one in workspace.charts.shown}) == 2
    assert workspace.in_front(workspace.side)
    assert not workspace.strip.isVisible()
    workspace.comparison.clear()
    assert workspace.in_front(workspace.analysis)
    assert workspace.strip.isVisible()
    assert [one.hue for one in workspace.charts.shown] == [-1]


def test_a_run_is_ticked_by_mouse_and_by_the_space_bar(three, qtbot):
    workspace = three()
    view, model = workspace.runs.view, workspace.runs.model

    def click(row, keys=Qt.KeyboardModifier.NoModifier):
        area = view.visualRect(model.index(row))
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, area.topLeft() + QPoint(15, 16))

    current = workspace.runs._session.runs.current
    click(0)
    assert workspace.comparison.chosen.runs == ("c",)
    assert model.index(0).data(TICKED).whole
    assert model.index(0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    click(2, Qt.KeyboardModifier.ShiftModifier)
    assert workspace.comparison.chosen.runs == ("a", "b", "c")
    assert workspace.runs._session.runs.current == current  # ticking selects nothing
    view.setCurrentIndex(model.index(1))
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert workspace.comparison.chosen.runs == ("a", "c")


def test_a_sweep_is_ticked_as_a_whole_and_shown_as_a_table(workspace, tell, streams, answer):
    for age, run in enumerate(RATES):
        tell(streams.state(run, "succeeded", age=age, group="rate x2y3", overrides=(f"train.rate={RATES[run]}",)))
    row = workspace.runs.model.index(0).data(ROW)
    assert isinstance(row, Sweep)
    actions = {action.text(): action for action in workspace.runs.menu_of(row).actions()}
    workspace.table.show_view(SCATTER)  # as somebody had it the last time
    actions["Show as table"].trigger()
    assert workspace.table.pages.currentWidget() is workspace.table.table
    assert workspace.comparison.chosen.runs == ("a", "b", "c")
    assert workspace.in_front(workspace.table)
    assert workspace.runs.model.index(0).data(TICKED).whole
    assert workspace.table.grid.column("name") == ["rate=0.1", "rate=0.01", "rate=0.001"]
    workspace.comparison.toggle(["b"])
    assert not workspace.runs.model.index(0).data(TICKED).whole
    assert workspace.runs.model.index(0).data(TICKED).color


def test_a_run_keeps_its_colour_for_ever(three, tmp_path):
    workspace = three("b", "c")
    first = {one.run: one.hue for one in workspace.charts.shown}
    workspace.comparison.set(("a", "c"))
    assert workspace.comparison.hues(["c"]) == {"c": first["c"]}
    colors = Colors("some project")
    given = colors.of(["x", "y"])
    assert Colors("some project").of(["y", "z"])["y"] == given["y"]
    assert Colors("another project").of(["y"]) == {"y": 0}
    many = Colors("some project").of([f"r{number}" for number in range(12)])
    assert sorted(many.values()) == list(range(12))


def test_a_run_that_is_deleted_is_compared_no_more(three, engine):
    workspace = three("a", "b")
    engine.notified.emit(RunRemoved("a"))
    assert workspace.comparison.chosen.runs == ("b",)
    assert shown_runs(workspace) == ["b"]


def test_each_run_is_read_once_and_live_ones_are_followed(three, engine, tell, feed, streams, qtbot):
    workspace = three("a", "b")
    assert {one.run for one in engine.asked if isinstance(one, UnwatchRun)} == {"b"}  # the first is the selected one
    tell(streams.state("live"))
    workspace.comparison.toggle(["live"])
    feed("live", streams.training(steps=5))
    qtbot.waitUntil(lambda: "live" in shown_runs(workspace) and bool(workspace.feeder.records["live"].series))
    assert "live" not in {one.run for one in engine.asked if isinstance(one, UnwatchRun)}
    watched = [one.run for one in engine.asked if isinstance(one, WatchRun)]
    assert sorted(watched) == ["a", "b", "live"]
    workspace.comparison.toggle(["live"])
    assert "live" in {one.run for one in engine.asked if isinstance(one, UnwatchRun)}


def test_a_run_gets_tags(three, engine, monkeypatch):
    workspace = three()
    workspace.runs._session.runs.tag("a", ["baseline", "paper"])
    assert TagRun("a", ("baseline", "paper")) in engine.asked
