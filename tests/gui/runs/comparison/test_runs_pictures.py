"""Runs on parallel axes and as points."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from niceml_gui.workspaces.runs.comparison.pane import PARALLEL, SCATTER
from niceml_gui.workspaces.runs.comparison.scale import scale_of


def test_parallel_axes_are_brushed(three, qtbot):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    table = workspace.table
    table.show_view(PARALLEL)
    axes = table.parallel
    assert axes.columns == (
        *("config.train.rate", "config.train.epochs", "min.val_loss", "metric.val_loss", "metric.test.f1"),
    )
    assert axes.inside == ["c", "b", "a"]
    x = round(axes.axis_x(0))
    middle, end = round(axes.axis_y(0.4)), round(axes.axis_y(1.0))
    QTest.mousePress(axes, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
    QTest.mouseMove(axes, QPoint(x, end))
    QTest.mouseRelease(axes, Qt.MouseButton.LeftButton, pos=QPoint(x, end))
    assert axes.inside == ["b", "a"]
    assert table.brushed.text() == "Compare 2 of 3"
    table.brushed.click()
    assert workspace.comparison.chosen.runs == ("a", "b")
    axes.clear()
    qtbot.waitUntil(lambda: axes.inside == ["b", "a"])
    axes.repaint()


def test_points_are_shown_over_two_columns_and_lead_to_their_runs(three):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    table = workspace.table
    table.show_view(SCATTER)
    assert (table.scatter.across, table.scatter.up) == ("config.train.rate", "metric.test.f1")
    assert sorted(table.scatter.told_runs) == ["a", "b", "c"]
    left, right = table.scatter.place_of("c"), table.scatter.place_of("a")
    assert left.x() < right.x()
    assert left.y() < right.y()  # the higher the better
    QTest.mouseClick(table.scatter, Qt.MouseButton.LeftButton, pos=QPointF(right).toPoint())
    assert workspace.runs._session.runs.current == "a"
    table.up.setCurrentIndex(table.up.findData("duration"))
    table.up.activated.emit(table.up.currentIndex())
    assert table.scatter.up == "duration"


def test_points_over_each_other_are_counted_and_each_of_their_runs_is_reached(three, tell, streams):
    workspace = three("a", "b", "c")
    for run in ("b", "c"):
        tell(streams.state(run, "succeeded", metrics={"test.f1": 0.5, "val_loss": 0.25}))
    workspace.show_pane(workspace.table)
    table, session = workspace.table, workspace.runs._session
    table.show_view(SCATTER)
    table.refresh()
    table.scatter.show_grid(table.grid, "metric.test.f1", "metric.val_loss")
    assert sorted(map(len, table.scatter.spots().values())) == [1, 2]
    (rows,) = [rows for rows in table.scatter.spots().values() if len(rows) == 2]
    assert table.scatter.told(rows).splitlines()[-2:] == ["test.f1: 0.5000", "val_loss: 0.2500"]
    assert sorted(table.scatter.told(rows).splitlines()[:2]) == ["CLB-b", "CLB-c"]
    place, reached = table.scatter.place_of("b").toPoint(), set()
    for _ in rows:
        QTest.mouseClick(table.scatter, Qt.MouseButton.LeftButton, pos=place)
        reached.add(session.runs.current)
    assert reached == {"b", "c"}
    table.scatter.repaint()


def test_axes_are_those_of_the_job_that_most_runs_do(three, tell, streams, answer):
    workspace = three()
    for run, count in (("x", 16), ("y", 60)):  # an older job, of which the table comes first
        answer.add(run, {"data.count": count, "data.place": "here", "same": False})
        tell(streams.state(run, "succeeded", age=500, dagster_job="job_data"))
    workspace.show_pane(workspace.table)
    table = workspace.table
    table.refresh()
    assert table.count.text() == "5 runs listed"
    configs = [column for column in table.grid.columns if column.startswith("config.")]
    assert configs == ["config.train.rate", "config.train.epochs"]
    table.show_view(PARALLEL)
    assert table.parallel.columns[:2] == ("config.train.rate", "config.train.epochs")
    table.show_view(SCATTER)
    assert (table.scatter.across, table.scatter.up) == ("config.train.rate", "metric.test.f1")


def test_where_values_stand_on_an_axis():
    wide = scale_of("config.rate", [1e-4, 1e-3, 1e-2])
    assert wide.log
    assert wide.place(1e-3) == pytest.approx(0.5)
    assert [text for _, text in wide.ticks] == ["0.0001", "0.001", "0.01"]
    assert scale_of("config.rate", [0.001, 0.003, 0.01]).log
    assert scale_of("config.rate", [0.001, 0.01]).titled("rate") == "rate (log)"
    assert not scale_of("config.epochs", [3.0, 10.0]).log
    assert not scale_of("config.decay", [0.0, 0.001, 0.1]).log
    assert scale_of("metric.val_loss", [0.02, 0.9]).log
    assert not scale_of("metric.test.auc", [0.02, 0.9]).log
    texts = scale_of("config.optimizer", ["sgd", "adam", None])
    assert texts.texts == ("adam", "sgd", "–")
    assert texts.place("adam") == pytest.approx(1 / 6)
    assert scale_of("metric.loss", [float("nan"), 1.0]).place(float("nan")) is None
    alone = scale_of("metric.loss", [0.0])
    assert 0 < alone.place(0.0) < 1
