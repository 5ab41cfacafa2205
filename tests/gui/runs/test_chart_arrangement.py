"""What a person makes of the charts: settings of one, their order, size and choice."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from niceml_engine.events import metrics
from niceml_gui.workspaces.runs.charts.arrange import Size
from niceml_gui.workspaces.runs.charts.controls import ROOM_TO_SEARCH
from niceml_gui.workspaces.runs.charts.layout import load_layout
from niceml_gui.workspaces.runs.charts.menu import AllMenu, ChartMenu
from tests.gui.pointer import CTRL, LEFT, in_view


def test_one_chart_may_show_things_otherwise(charts, settled):
    loss, step_time = charts.charts["loss"], charts.charts["step_ms"]
    for name, value in (("log_y", True), ("smoothing", 0.0), ("axis", "epoch")):
        charts.set_own("loss", name, value)
    settled()
    assert loss.view.settings == msgspec.structs.replace(
        charts.controls.settings, log_y=True, smoothing=0.0, axis="epoch"
    )
    assert in_view(loss)[1] == pytest.approx(2, rel=0.05)
    assert step_time.view.settings == charts.controls.settings
    charts.forget_own("loss")
    settled()
    assert loss.view.settings == charts.controls.settings


def test_a_chart_of_its_own_keeps_following_or_its_zoom(watched, streams, feed, settled):
    rows = streams.training(steps=50)
    charts = watched(rows[:80]).charts
    charts.set_own("step_ms", "follow", True)
    charts.zoom(5, 10, "loss")
    settled()
    assert in_view(charts.charts["loss"]) == (5, 10)
    assert in_view(charts.charts["step_ms"])[1] > 30
    charts.zoom(20, 30, "step_ms")  # from now on it is zoomed alone
    charts.controls.follow.setChecked(True)
    feed("a", rows[80:])
    settled()
    assert in_view(charts.charts["loss"])[1] > 90
    assert in_view(charts.charts["step_ms"]) == (20, 30)


def test_the_menu_of_a_chart_changes_it(charts, settled):
    menu = ChartMenu(charts, charts.charts["loss"])
    entries = {action.text(): action for action in menu.actions()}
    entries["Logarithmic y"].trigger()
    entries["Pin"].trigger()
    smoothing = {action.text(): action for action in entries["Smoothing"].menu().actions()}
    assert smoothing["As all charts"].isChecked()
    smoothing["0.5"].trigger()
    own = charts.layout_of_charts.own["loss"]
    assert (own.log_y, own.smoothing) == (True, 0.5)
    assert charts.layout_of_charts.pinned == ("loss",)
    menu = ChartMenu(charts, charts.charts["loss"])
    assert {a.text() for a in menu.actions() if a.isChecked()} == {"Logarithmic y", "Pin", "Follow"}
    next(action for action in menu.actions() if action.text() == "As all charts").trigger()
    assert charts.layout_of_charts.own == {}


def test_the_menu_of_all_changes_all(charts, settled):
    entries = {action.text(): action for action in AllMenu(charts).actions()}
    assert "single spikes" in entries["Ignore outliers"].toolTip().lower()
    entries["Ignore outliers"].trigger()
    entries["Logarithmic x"].trigger()
    settled()
    settings = charts.charts["loss"].view.settings
    assert settings.outliers
    assert settings.log_x
    charts.pin("step_ms", True)
    entries["Usual arrangement"].trigger()
    assert charts.layout_of_charts.pinned == ()


def test_charts_are_pinned_moved_and_resized_and_stay_so_in_their_project(charts, settled, workspace):
    charts.set_project("/p")
    charts.pin("step_ms", True)
    charts.move_by("loss", 1)
    charts.resize_chart("loss", Size(2, 300))
    charts.controls.smooth.setValue(30)
    settled()
    assert list(charts.charts) == ["step_ms", "learning_rate", "loss"]
    loss = charts.charts["loss"].geometry()
    assert loss.height() == 300
    assert loss.width() > 1.8 * charts.charts["step_ms"].width()
    assert charts.charts["step_ms"].pin.isVisible()
    charts.close_plots()
    assert load_layout("/p").common.smoothing == 0.3
    charts.set_project("/q")
    assert charts.controls.settings.smoothing == 0.9
    charts.set_project("/p")
    settled()
    assert list(charts.charts) == ["step_ms", "learning_rate", "loss"]
    assert charts.controls.smooth.value() == 30


def test_moving_a_chart_to_the_front_does_not_pin_it(charts, settled):
    def moves(metric):
        (menu,) = [one for one in ChartMenu(charts, charts.charts[metric]).findChildren(QMenu) if one.title() == "Move"]
        return {action.text(): action for action in menu.actions()}

    charts.pin("step_ms", True)
    settled()
    assert list(charts.charts) == ["step_ms", "loss", "learning_rate"]
    moves("learning_rate")["To the front, behind the pinned ones"].trigger()
    settled()
    assert list(charts.charts) == ["step_ms", "learning_rate", "loss"]
    assert charts.layout_of_charts.pinned == ("step_ms",)
    assert not moves("learning_rate")["Forward"].isEnabled()
    assert not any(action.isEnabled() for action in moves("step_ms").values())
    charts.pin("loss", True)
    settled()
    moves("step_ms")["To the end of the pinned ones"].trigger()
    settled()
    assert list(charts.charts) == ["loss", "step_ms", "learning_rate"]
    assert set(charts.layout_of_charts.pinned) == {"loss", "step_ms"}


def test_a_chart_is_dragged_by_its_title(charts, settled):
    loss, last = charts.charts["loss"], charts.charts["step_ms"]
    title = loss.title
    start = title.rect().center()
    end = title.mapFromGlobal(last.mapToGlobal(QPoint(last.width() - 20, last.height() // 2)))
    QTest.mousePress(title, LEFT, pos=start)
    QTest.mouseMove(title, start + QPoint(40, 40))
    QTest.mouseMove(title, end)
    assert charts.board.marker.isVisible()
    assert charts.board.marker.x() > last.geometry().right() - 2
    QTest.mouseRelease(title, LEFT, pos=end)
    settled()
    assert not charts.board.marker.isVisible()
    assert list(charts.charts) == ["learning_rate", "step_ms", "loss"]


def test_a_chart_is_made_larger_by_its_corner(charts, settled):
    chart = charts.charts["loss"]
    before = chart.height()
    QTest.mousePress(chart.grip, LEFT, pos=QPoint(5, 5))
    QTest.mouseMove(chart.grip, QPoint(5 + chart.width(), 65))
    QTest.mouseRelease(chart.grip, LEFT)
    settled()
    assert charts.layout_of_charts.size("loss").columns == 2
    assert abs(chart.height() - before - 60) <= 5


def test_charts_are_searched_and_the_pinned_ones_stay(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 1.0} | {f"head/{k}": k for k in range(6)}) for n in range(1, 9)]
    charts = watched(streams.numbered(rows)).charts
    assert charts.controls.search.isVisible()
    charts.pin("head/3", True)
    charts.controls.search.setText("LOSS")
    settled()
    assert [metric for metric, chart in charts.charts.items() if chart.isVisible()] == ["head/3", "loss"]
    charts.controls.search.clear()
    assert all(chart.isVisible() for chart in charts.charts.values())


def test_a_few_charts_are_found_too_where_there_is_little_room(charts, settled, qtbot):
    controls = charts.controls
    controls.window().activateWindow()
    controls.setFixedWidth(ROOM_TO_SEARCH - 100)
    assert not controls.search.isVisible()
    charts.charts["loss"].canvas.setFocus()
    QTest.keyClick(charts.charts["loss"].canvas, Qt.Key.Key_F, CTRL)
    assert controls.search.isVisible()
    qtbot.waitUntil(controls.search.hasFocus)
    QTest.keyClicks(controls.search, "step")
    settled()
    assert [metric for metric, chart in charts.charts.items() if chart.isVisible()] == ["step_ms"]
    charts.charts["step_ms"].canvas.setFocus()
    assert controls.search.isVisible()  # it says why the others are not there
    controls.search.setFocus()
    QTest.keyClick(controls.search, Qt.Key.Key_Escape)
    assert controls.search.text() == ""
    qtbot.waitUntil(lambda: not controls.search.isVisible())
    assert all(chart.isVisible() for chart in charts.charts.values())


def test_one_chart_alone_fills_the_pane(charts, settled):
    charts.show_alone("step_ms")
    settled()
    assert [metric for metric, chart in charts.charts.items() if chart.isVisible()] == ["step_ms"]
    assert charts.charts["step_ms"].width() > 0.9 * charts.width()
    charts.show_alone("")
    assert all(chart.isVisible() for chart in charts.charts.values())
