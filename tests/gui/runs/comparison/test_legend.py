"""The legend of compared runs: hiding, showing alone, and groups by a value of the configs."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from niceml_engine.leaves import Leaves
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.charts.styles import hue_color
from tests.gui.compared import shown_runs


def legend(workspace):
    return [(line.text, line.hidden, line.solo) for line in workspace.side.legend.lines.lines]


def test_the_legend_hides_and_shows_alone_and_the_zoom_stays(three):
    workspace = three("a", "b", "c")
    workspace.charts.zoom(1, 5)
    view, model = workspace.side.legend, workspace.side.legend.lines
    first = view.visualRect(model.index(0))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(15, first.center().y()))
    assert shown_runs(workspace) == ["b", "c"]
    assert legend(workspace)[0][1]
    assert not workspace.charts.controls.follow.isChecked()  # still zoomed
    place = QPoint(view.viewport().width() - 10, view.visualRect(model.index(2)).center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown_runs(workspace) == ["c"]
    assert workspace.side.count.text() == "1 of 3 runs"
    workspace.side.all.click()
    assert shown_runs(workspace) == ["a", "b", "c"]
    assert [text for text, _, _ in legend(workspace)] == ["CLB-a", "CLB-b", "CLB-c"]


def test_the_legend_works_by_keys(three):
    workspace = three("a", "b")
    view = workspace.side.legend
    view.setCurrentIndex(view.lines.index(1))
    QTest.keyClick(view, Qt.Key.Key_S)
    assert shown_runs(workspace) == ["b"]
    QTest.keyClick(view, Qt.Key.Key_S)
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert shown_runs(workspace) == ["a"]
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert workspace.comparison.chosen.runs == ("a",)


def test_curves_are_grouped_by_a_value_with_a_mean_and_a_band(three, qtbot):
    workspace = three("a", "b", "c")
    index = workspace.side.group.findData("train.epochs")
    workspace.side.group.setCurrentIndex(index)
    workspace.side.group.activated.emit(index)
    assert [(one.run, one.group, one.hue, one.group_hue) for one in workspace.charts.shown] == [
        ("a", "3", 0, 0),
        ("b", "3", 1, 0),
        ("c", "5", 2, 2),
    ]
    lines = [(line.text, line.hue) for line in workspace.side.legend.lines.lines]
    assert lines == [("epochs = 3", 0), ("CLB-a", 0), ("CLB-b", 1), ("epochs = 5", 2), ("CLB-c", 2)]
    tokens = theme().tokens
    assert [workspace.comparison.color(run, tokens) for run in "abc"] == [hue_color(hue, tokens) for hue in range(3)]
    chart = workspace.charts.charts["loss"]
    qtbot.waitUntil(lambda: len(chart.canvas.picture.bands) == 4)  # training and validation of both groups
    assert not chart.canvas.picture.dots
    workspace.side.spread.setCurrentIndex(1)
    workspace.side.spread.activated.emit(1)
    assert workspace.charts.controls.settings.spread == "std"
    assert workspace.charts.layout_of_charts.settings("loss").spread == "std"


def test_a_band_of_the_standard_deviation_lies_around_the_mean(three, feed, streams, qtbot):
    workspace = three("a", "b")
    workspace.comparison.group_by("same")
    workspace.charts.controls.change(spread="std")
    chart = workspace.charts.charts["loss"]
    qtbot.waitUntil(lambda: bool(chart.canvas.picture.bands))
    for band in chart.canvas.picture.bands:  # both runs measured the same
        assert band.low == pytest.approx(band.high)


def offered(workspace):
    group = workspace.side.group
    return [group.itemText(row) for row in range(group.count())]


def test_each_value_is_offered_once_for_grouping_and_under_a_name_of_its_own(three, session):
    workspace = three("a", "b", "c")
    assert offered(workspace) == ["no groups", "by rate", "by epochs"]
    workspace.comparison.group_by("train.optimizer.rate")  # from the head of a column
    assert offered(workspace) == ["no groups", "by rate", "by epochs"]
    assert workspace.side.group.currentText() == "by rate"
    assert workspace.side.legend.lines.lines[0].text == "rate = 0.001"
    workspace.comparison.group_by("same")
    assert offered(workspace)[-1] == "by same"
    session.leaves.table = Leaves("other")
    for run, seed in (("a", 1), ("b", 2), ("c", 2)):
        session.leaves.table.add(run, {"train.seed": seed, "data.seed": 3 - seed if run != "c" else 7})
    workspace.comparison.group_by("train.seed")
    assert offered(workspace) == ["no groups", "by train.seed", "by data.seed"]
    assert workspace.side.legend.lines.lines[0].text == "train.seed = 1"
