"""Charts under pointer and keys: zooming, moving, and what the crosshair says."""

import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest

from niceml_engine.events import metrics
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.charts.arrange import Size
from tests.gui.pointer import CTRL, LEFT, MIDDLE, SHIFT, at, drag, in_view, pixels, shown_at, turn


def test_zoom_survives_new_data_until_the_run_is_followed_again(watched, streams, feed, settled):
    rows = streams.training(steps=50)
    charts = watched(rows[:80]).charts
    chart = charts.charts["loss"]
    turn(chart, keys=CTRL)
    settled()
    zoomed = in_view(chart)
    assert not charts.controls.follow.isChecked()
    feed("a", rows[80:])
    settled()
    assert in_view(chart) == zoomed
    assert in_view(charts.charts["step_ms"]) == zoomed
    charts.controls.follow.setChecked(True)
    settled()
    assert in_view(chart)[0] <= 1
    assert in_view(chart)[1] >= 100


def test_following_no_longer_keeps_what_is_in_view(watched, streams, feed, settled):
    rows = streams.training(steps=50)
    charts = watched(rows[:80]).charts
    before = in_view(charts.charts["loss"])
    charts.controls.follow.setChecked(False)
    feed("a", rows[80:])
    settled()
    assert in_view(charts.charts["loss"]) == before


def test_a_marked_region_is_zoomed_into_and_a_double_click_leads_back(charts, settled):
    chart, other = charts.charts["loss"], charts.charts["step_ms"]
    whole = in_view(chart)
    drag(chart.canvas, at(chart, 20, 0.1), at(chart, 60, 0.4))
    settled()
    assert in_view(chart) == pytest.approx((20, 60), abs=1)
    assert (chart.canvas.picture.bottom, chart.canvas.picture.top) == pytest.approx((0.1, 0.4), abs=0.02)
    assert in_view(other) == in_view(chart)
    assert other.y_range is None
    QTest.mouseDClick(chart.canvas, LEFT, pos=at(chart, 40))
    settled()
    assert in_view(chart) == whole
    assert chart.y_range is None


def test_a_low_region_is_one_of_x_alone_and_a_click_is_none(charts, settled):
    chart = charts.charts["loss"]
    drag(chart.canvas, at(chart, 20), at(chart, 60) + QPoint(0, 5))
    settled()
    assert in_view(chart) == pytest.approx((20, 60), abs=1)
    assert chart.y_range is None
    QTest.mouseClick(chart.canvas, LEFT, pos=at(chart, 40))
    settled()
    assert in_view(chart) == pytest.approx((20, 60), abs=1)


def test_while_a_region_is_marked_it_is_seen(charts):
    canvas = charts.charts["loss"].canvas
    before = pixels(canvas, theme().tokens.accent)
    QTest.mousePress(canvas, LEFT, pos=at(charts.charts["loss"], 20))
    QTest.mouseMove(canvas, at(charts.charts["loss"], 60))
    assert before == 0
    assert pixels(canvas, theme().tokens.accent) > 50
    QTest.mouseRelease(canvas, LEFT, pos=at(charts.charts["loss"], 60))


@pytest.mark.parametrize(("button", "keys"), [(LEFT, SHIFT), (MIDDLE, Qt.KeyboardModifier.NoModifier)])
def test_what_is_in_view_is_moved(charts, settled, button, keys):
    chart = charts.charts["loss"]
    charts.zoom(20, 60)
    settled()
    drag(chart.canvas, at(chart, 40), at(chart, 30), button, keys)
    settled()
    assert in_view(chart) == pytest.approx((30, 70), abs=1)


def test_the_wheel_scrolls_where_there_is_something_to_scroll(charts, settled):
    chart = charts.charts["loss"]
    whole = in_view(chart)
    assert chart.canvas.wheel_zooms
    turn(chart)
    settled()
    assert in_view(chart) != whole
    charts.fit()
    charts.resize_chart("loss", Size(1, 900))
    settled()
    turn(chart)
    settled()
    assert in_view(chart) == whole
    turn(chart, keys=CTRL)
    settled()
    assert in_view(chart) != whole


def test_over_the_axis_the_wheel_zooms_y_and_with_shift_it_moves(charts, settled):
    chart = charts.charts["loss"]
    bottom, top = chart.canvas.picture.bottom, chart.canvas.picture.top
    turn(chart, at=QPoint(10, 60))
    settled()
    assert chart.canvas.picture.top - chart.canvas.picture.bottom == pytest.approx(0.85 * (top - bottom))
    low, high = in_view(chart)
    turn(chart, keys=SHIFT, by=-120)
    settled()
    assert in_view(chart) == pytest.approx((low + 0.12 * (high - low), high + 0.12 * (high - low)))


def test_keys_zoom_move_and_point(charts, settled):
    chart = charts.charts["loss"]
    whole = in_view(chart)
    low, high = whole
    span = 0.85 * (high - low)
    for key, expected in (
        (Qt.Key.Key_Plus, (low + 0.075 * (high - low), high - 0.075 * (high - low))),
        (Qt.Key.Key_Right, (low + 0.075 * (high - low) + 0.12 * span, high - 0.075 * (high - low) + 0.12 * span)),
        (Qt.Key.Key_Home, whole),
    ):
        QTest.keyClick(chart.canvas, key)
        settled()
        assert in_view(chart) == pytest.approx(expected)
    for _ in range(2):  # faster than what is drawn
        QTest.keyClick(chart.canvas, Qt.Key.Key_Plus)
    settled()
    assert in_view(chart)[1] - in_view(chart)[0] == pytest.approx(0.85**2 * (high - low))
    charts.fit()
    settled()
    QTest.keyClick(chart.canvas, Qt.Key.Key_Left, SHIFT)
    first = chart.read_out
    QTest.keyClick(chart.canvas, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(chart.canvas, Qt.Key.Key_Right, SHIFT)
    assert "step" in first
    assert chart.read_out != first


def test_the_crosshair_tells_the_nearest_values_in_all_charts(charts):
    loss, step_time = charts.charts["loss"], charts.charts["step_ms"]
    said = shown_at(loss, 49.7)
    assert "step 50" in said
    assert "0.0200" in said
    assert "0.0260" in said
    assert "12.00" in step_time.read_out
    loss.canvas.leaveEvent(None)
    assert step_time.read_out == ""


def test_the_crosshair_says_which_value_is_which_and_where_it_was_measured(charts, settled):
    chart = charts.charts["loss"]

    def said(x):
        text = QTextDocument()
        text.setHtml(shown_at(chart, x))
        return text.toPlainText().splitlines()

    where, train, validation = said(20)
    assert where == "step 20"
    assert re.fullmatch(r"train 0.0500 smoothed 0\.\d+", train)
    assert validation == "val 0.0260 at step 50"
    charts.controls.smooth.setValue(0)
    settled()
    assert said(50) == ["step 50", "train 0.0200", "val 0.0260"]


def test_beyond_the_ends_of_a_curve_the_crosshair_says_where_it_ends(charts):
    chart = charts.charts["loss"]
    view, steps = chart.view, chart.curves()[0].series.steps
    assert view.low < steps[0]
    chart.point_at(view.low, leads=True)
    assert f">step {steps[0]:.0f}<" in chart.read_out
    chart.point_at(view.high, leads=True)
    assert f">step {steps[-1]:.0f}<" in chart.read_out


@pytest.mark.parametrize("rising", [False, True])
def test_what_the_crosshair_says_hides_no_line(watched, streams, rising):
    rows = [metrics("batch", n, 1, {"loss": (n if rising else -n) ** 3}) for n in range(1, 101)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    front = chart.canvas.picture.strokes[-1]
    for x in (5, 30, 60, 95):
        shown_at(chart, x)
        area = chart._read_out.geometry().translated(-chart.canvas.pos())
        line = [at(chart, a, b) for a, b in zip(front.x, front.y, strict=True)]
        assert not any(area.contains(point) for point in line)


def test_the_crosshair_is_linked_between_charts_over_steps_and_over_time(charts, settled):
    charts.set_own("step_ms", "axis", "relative")
    settled()
    shown_at(charts.charts["loss"], 30)
    assert "step 30" in charts.charts["step_ms"].read_out
    said = shown_at(charts.charts["step_ms"], charts.charts["step_ms"].canvas._cross)
    assert "step 30" in said
    assert "step 30" in charts.charts["loss"].read_out


def test_the_crosshair_stands_at_one_step_in_all_charts_and_names_the_row_of_a_sparse_one(watched, streams):
    rare = {"learning_rate": 0.1}
    rows = [metrics("batch", n, 1, {"loss": 1 / n} | (rare if n % 6 == 0 else {})) for n in range(1, 25)]
    charts = watched(streams.numbered(rows)).charts
    loss, rate = charts.charts["loss"], charts.charts["learning_rate"]
    assert "step 8" in shown_at(loss, 8)
    assert loss.canvas._cross == rate.canvas._cross
    assert loss.canvas.frame.x(loss.canvas._cross) == pytest.approx(at(loss, 8).x())
    said = QTextDocument()
    said.setHtml(rate.read_out)
    assert said.toPlainText().splitlines() == ["step 8", "train 0.100 at step 6"]
