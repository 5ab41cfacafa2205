"""The charts as a person uses them: what they show, and what pointer, keys and menus do."""

import math
import re

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from niceml_engine.columns import gather
from niceml_engine.events import Artifact, Flag, metrics
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.charts.arrange import Size
from niceml_gui.workspaces.runs.charts.export import save_picture, table
from niceml_gui.workspaces.runs.charts.layout import load_layout
from niceml_gui.workspaces.runs.charts.menu import AllMenu, ChartMenu
from niceml_gui.workspaces.runs.charts.pane import ChartsPane
from niceml_gui.workspaces.runs.charts.styles import Shown, hue_color, hues
from niceml_gui.workspaces.runs.record import RunRecord

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@pytest.fixture
def settled(workspace, qtbot):
    """Waits until what was changed is drawn."""
    return lambda: qtbot.waitUntil(lambda: not workspace.charts._timer.isActive())


@pytest.fixture
def charts(watched, streams):
    """The charts of a run of two epochs with fifty steps each."""
    return watched(streams.training(steps=50)).charts


def pixels(widget, color):
    image = widget.grab().toImage()
    wanted = QColor(color).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def in_view(chart):
    return chart.canvas.picture.low, chart.canvas.picture.high


def turn(chart, *, at=None, keys=Qt.KeyboardModifier.NoModifier, by=120):
    canvas = chart.canvas
    place = QPointF(at if at is not None else canvas.rect().center())
    where = QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QWheelEvent(
        place, where, QPoint(), QPoint(0, by), Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(canvas, event)


def drag(canvas, start, end, button=LEFT, keys=Qt.KeyboardModifier.NoModifier):
    QTest.mousePress(canvas, button, keys, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas, start + (end - start) * part)
    QTest.mouseRelease(canvas, button, keys, end)


def at(chart, x, y=None):
    frame = chart.canvas.frame
    return QPoint(round(frame.x(x)), round(frame.y(y) if y is not None else frame.top + frame.height / 2))


# ---------------------------------------------------------------------------------------------- what is shown


def test_curves_appear_after_rows_are_fed(watched, streams):
    charts = watched(streams.training(steps=100)).charts.charts
    assert list(charts) == ["loss", "learning_rate", "step_ms"]
    assert pixels(charts["loss"].canvas, theme().tokens.train) > 50
    assert pixels(charts["loss"].canvas, theme().tokens.prediction) > 5
    assert "0.00550" in charts["loss"].last.text()
    assert "0.00650" in charts["loss"].last.text()


def test_a_value_that_is_not_finite_is_marked_over_everything_else(watched, streams):
    clean = watched(streams.training(steps=10))
    assert pixels(clean.charts.charts["loss"].canvas, theme().tokens.error) == 0
    chart = watched(streams.training(steps=30, broken_at=60)).charts.charts["loss"]
    (gap,) = chart.canvas.picture.gaps
    assert (gap.low, gap.text) == (60, "nan at step 60")
    image, x = chart.canvas.grab().toImage(), round(chart.canvas.frame.x(60))
    column = {image.pixel(x, y) for y in range(round(chart.canvas.frame.top), round(chart.canvas.frame.bottom))}
    assert column == {QColor(theme().tokens.error).rgb()}
    assert "nan" in chart.last.text()


def test_many_values_that_are_not_finite_are_one_area_and_one_word(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.inf if 300 < n <= 700 else 1.0}) for n in range(1, 1001)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    (gap,) = chart.canvas.picture.gaps
    assert (gap.low, gap.high, gap.text) == (301, 700, "inf at step 301")
    assert "inf" in shown_at(chart, 500)


def test_thousands_of_gaps_are_no_more_than_pixels(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.nan if n % 2 else 1.0}) for n in range(1, 6001)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    assert 100 < len(chart.canvas.picture.gaps) <= chart.canvas.frame.width + 1


def shown_at(chart, x):
    """What the crosshair says where the pointer is over a chart."""
    place = at(chart, x)
    QTest.mouseMove(chart.canvas, place + QPoint(1, 0))
    QTest.mouseMove(chart.canvas, place)
    return chart.read_out


def test_a_run_that_never_measured_anything_finite_is_seen_whole(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.nan}) for n in range(1, 101)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    assert in_view(chart)[1] >= 100
    assert [(gap.low, gap.high) for gap in chart.canvas.picture.gaps] == [(1, 100)]
    assert "nan" in chart.last.text()


def test_the_best_epoch_has_a_ring_and_is_named(watched, streams):
    losses = (0.5, 0.2, 0.4)
    rows = [metrics("epoch", n * 10, n, {"loss": 1 / n, "val_loss": loss}) for n, loss in enumerate(losses, 1)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    (ring,) = [dots for dots in chart.canvas.picture.dots if dots.ring]
    assert (ring.x.tolist(), ring.y.tolist()) == ([20], [0.2])
    assert "best epoch" in shown_at(chart, 20)
    assert "best epoch" not in shown_at(chart, 12)


def test_what_happened_stands_as_flags_below_the_curves(watched, streams):
    rows = [
        *streams.training(steps=20)[:30],
        Artifact(kind="model", path="models/ep001.keras"),
        *streams.training(steps=20)[30:],
        Flag(kind="early stop", text="after epoch 2"),
    ]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    assert [(flag.x, flag.kind) for flag in chart.canvas.picture.flags] == [(13, "checkpoint"), (40, "early stop")]
    assert "checkpoint models/ep001.keras" in shown_at(chart, 13)
    assert pixels(chart.canvas, theme().tokens.warning) > 5


def test_the_first_step_colours_neither_range_nor_average_of_the_step_times(watched, streams):
    rows = list(streams.training(steps=50))
    first = next(place for place, row in enumerate(rows) if getattr(row, "level", "") == "batch")
    rows[first] = msgspec.structs.replace(rows[first], values={**rows[first].values, "step_ms": 1500.0})
    chart = watched(rows).charts.charts["step_ms"]
    behind, line = chart.canvas.picture.strokes
    assert behind.y[0] == 1500
    assert line.y.max() == pytest.approx(12, abs=1)
    assert chart.canvas.picture.top < 20
    chart.point_at(1.0)
    assert "1500" in chart.read_out
    assert "with compiling" in chart.read_out
    chart.point_at(2.0)
    assert "with compiling" not in chart.read_out
    assert "compiling" in chart.title.toolTip()


def test_the_measured_curve_lies_faintly_behind_its_average(charts, settled):
    chart = charts.charts["loss"]
    assert [stroke.faint for stroke in chart.canvas.picture.strokes] == [True, False, False]
    charts.controls.smooth.setValue(0)
    settled()
    assert [stroke.faint for stroke in chart.canvas.picture.strokes] == [False, False]
    assert charts.controls.smooth_label.text() == "smooth 0.00"


def test_outliers_can_be_left_out_of_range(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 1000.0 if n == 50 else 1.0 + n % 5 / 10}) for n in range(1, 201)]
    charts = watched(streams.numbered(rows)).charts
    chart = charts.charts["loss"]
    assert chart.canvas.picture.top > 1000
    charts.controls.change(outliers=True)
    settled()
    assert chart.canvas.picture.top < 2


def test_a_logarithmic_axis_says_what_it_cannot_show(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 10.0 ** (n % 4) if n > 1 else -1.0}) for n in range(1, 101)]
    charts = watched(streams.numbered(rows)).charts
    chart = charts.charts["loss"]
    assert chart.canvas.picture.note == ""
    charts.controls.log.setChecked(True)
    settled()
    assert {"1", "10", "100", "1000"} <= {label for _, label in chart.canvas.picture.y_ticks}
    assert "0 and less" in chart.canvas.picture.note


@pytest.mark.parametrize(
    ("axis", "low", "high"), [("step", 1, 40), ("epoch", 0.05, 2.0), ("relative", 0.5, 8.8), ("wall", 1.764e9, 1.764e9)]
)
def test_x_is_steps_epochs_time_since_the_start_or_time_of_day(watched, streams, settled, axis, low, high):
    charts = watched(streams.training(steps=20)).charts
    charts.controls.axis.setCurrentIndex(charts.controls.axis.findData(axis))
    settled()
    seen = in_view(charts.charts["loss"])
    assert seen[1] == pytest.approx(high, rel=0.05)
    charts.controls.change(log_x=True)
    settled()
    if axis != "wall":
        first, last = (10**end for end in in_view(charts.charts["loss"]))
        assert (first, last) == (pytest.approx(low, rel=0.2), pytest.approx(high, rel=0.2))
    assert len(charts.charts["loss"].canvas.picture.x_ticks) > 1


def test_a_change_of_theme_repaints_the_charts(watched, streams, settled):
    canvas = watched(streams.training(steps=100)).charts.charts["loss"].canvas
    dark = theme().tokens.train
    theme().set_dark(False)
    settled()
    assert pixels(canvas, theme().tokens.train) > 50
    assert pixels(canvas, dark) == 0


def test_only_what_can_be_seen_is_drawn(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 1.0} | {f"m{k}": k for k in range(40)}) for n in range(1, 20)]
    charts = watched(streams.numbered(rows)).charts
    drawn = [metric for metric, chart in charts.charts.items() if chart.canvas.picture.strokes]
    assert 2 <= len(drawn) < 20
    assert charts.charts["m9"].canvas.picture.strokes == ()
    charts.board.verticalScrollBar().setValue(charts.board.verticalScrollBar().maximum())
    settled()
    assert charts.charts["m9"].canvas.picture.strokes


# ---------------------------------------------------------------------------------------------- zooming and pointing


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


# ---------------------------------------------------------------------------------------------- settings of one chart


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
    entries["Ignore outliers"].trigger()
    entries["Logarithmic x"].trigger()
    settled()
    settings = charts.charts["loss"].view.settings
    assert settings.outliers
    assert settings.log_x
    charts.pin("step_ms", True)
    entries["Usual arrangement"].trigger()
    assert charts.layout_of_charts.pinned == ()


# ---------------------------------------------------------------------------------------------- arrangement


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


def test_one_chart_alone_fills_the_pane(charts, settled):
    charts.show_alone("step_ms")
    settled()
    assert [metric for metric, chart in charts.charts.items() if chart.isVisible()] == ["step_ms"]
    assert charts.charts["step_ms"].width() > 0.9 * charts.width()
    charts.show_alone("")
    assert all(chart.isVisible() for chart in charts.charts.values())


# ---------------------------------------------------------------------------------------------- several runs


@pytest.fixture
def three(qtbot, session, streams):
    """Shows three runs over each other, the first two of one group if asked for."""
    pane = ChartsPane()
    qtbot.addWidget(pane, before_close_func=ChartsPane.close_plots)
    pane.resize(900, 600)
    pane.show()

    def show(group=""):
        shown = []
        for number in range(3):
            record = RunRecord(f"r{number}")
            values = [{"loss": number + 1.0, "val_loss": 4.0} for _ in range(20)]
            record.feed(gather(streams.numbered([metrics("batch", n, 1, v) for n, v in enumerate(values, 1)])))
            shown.append(Shown(record.run, record, f"run {number}", number, group if number < 2 else ""))
        pane.show_runs(shown, "")
        qtbot.waitUntil(lambda: bool(pane.charts) and not pane._timer.isActive())
        return pane.charts["loss"]

    return show


def test_runs_lie_over_each_other_in_their_colours(three):
    chart = three()
    front = [stroke for stroke in chart.canvas.picture.strokes if not stroke.faint]
    colors = [hue_color(hue, theme().tokens) for hue in range(3)]
    assert [(stroke.color, stroke.dashed) for stroke in front] == [(c, d) for c in colors for d in (False, True)]
    assert "3 runs" in chart.last.text()
    said = shown_at(chart, 10)
    assert said.index("3.000  run 2") < said.index("2.000  run 1") < said.index("1.000  run 0")  # as they are drawn


def test_a_group_is_a_mean_in_a_band(three):
    picture = three("batch_size 16").canvas.picture
    band = picture.bands[0]
    assert (band.low[5], band.high[5]) == (1, 2)
    assert any(stroke.y[5] == 1.5 and not stroke.faint for stroke in picture.strokes)


def test_colours_of_runs_are_kept_while_others_come_and_go():
    first = hues(["a", "b", "c"], {})
    assert first == {"a": 0, "b": 1, "c": 2}
    second = hues(["c", "d", "a"], first)
    assert second == {"c": 2, "d": 3, "a": 0}  # 1 stays that of b


# ---------------------------------------------------------------------------------------------- saving and copying


def text_of(shown, metrics):
    return "".join(table(shown, metrics)).splitlines()


def test_a_table_has_all_points_in_the_order_of_time(watched, streams):
    charts = watched(streams.training(steps=10, broken_at=3)).charts
    lines = text_of(charts.shown, ["loss"])
    assert lines[0] == "step,epoch,seconds,split,level,loss"
    assert any(line.startswith("3,") and line.endswith("train,batch,nan") for line in lines)
    assert len(lines) == 1 + 20 + 2 + 2
    seconds = [float(line.split(",")[2]) for line in lines[1:]]
    assert seconds == sorted(seconds)
    several = text_of(charts.shown, ["loss", "step_ms"])
    assert several[0] == "step,epoch,seconds,split,level,metric,value"
    assert len(several) == len(lines) + 20


def test_charts_are_saved_as_pictures(charts, tmp_path):
    chart = charts.charts["loss"]
    placed = [(chart, chart.rect())]
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        assert save_picture(placed, chart.size(), str(tmp_path / f"loss.{ending}"))
        assert (tmp_path / f"loss.{ending}").read_bytes().startswith(start)
    assert not save_picture(placed, chart.size(), str(tmp_path / "missing" / "loss.png"))
    svg = (tmp_path / "loss.svg").read_text()
    assert "<image" not in svg  # all of it are shapes
    assert "<clipPath" in svg  # and what is out of view stays out of it
    assert len(re.findall(r"<polyline", svg)) >= 3
    assert ">loss<" in svg


def test_all_charts_are_saved_at_once_those_out_of_view_too(watched, streams, tmp_path, qtbot):
    rows = [metrics("batch", n, 1, {"loss": 1.0} | {f"m{k}": k for k in range(20)}) for n in range(1, 9)]
    charts = watched(streams.numbered(rows)).charts
    charts.saving.save_to(charts.metrics(), tmp_path / "all.svg")
    svg = (tmp_path / "all.svg").read_text()
    assert all(f">m{k}<" in svg for k in range(20))
    charts.saving.save_to(charts.metrics(), tmp_path / "all.csv")
    qtbot.waitUntil((tmp_path / "all.csv").exists)
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 1 + 21 * 8


def test_saving_asks_for_a_file_and_says_what_came_of_it(charts, tmp_path, monkeypatch):
    said = []
    charts.said.connect(lambda text, is_error: said.append((text, is_error)))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "one"), ""))
    charts.saving.save(["loss"], "png")
    assert (tmp_path / "one.png").exists()
    charts.saving.save_to(["loss"], tmp_path / "missing" / "one.csv")
    charts.saving.save_to(["loss"], tmp_path / "missing" / "one.png")
    assert [is_error for _, is_error in said] == [False, True, True]


def test_a_long_table_is_written_while_the_window_goes_on(charts, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr("niceml_gui.workspaces.runs.charts.export.SLICE", 0.0)
    monkeypatch.setattr("niceml_gui.workspaces.runs.charts.export.PORTION", 10)
    said = []
    charts.said.connect(lambda text, is_error: said.append(text))
    charts.saving.save_to(["loss"], tmp_path / "one.csv")
    assert not (tmp_path / "one.csv").exists()
    qtbot.waitUntil((tmp_path / "one.csv").exists)
    assert len((tmp_path / "one.csv").read_text().splitlines()) == 1 + 100 + 4
    charts.saving.save_to(["loss"], tmp_path / "two.csv")
    charts.close_plots()  # which gives up what is not written
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["one.csv"]


def test_pictures_and_tables_are_copied(charts, qtbot):
    charts.saving.copy_picture(["loss"])
    image = QApplication.clipboard().image()
    assert image.width() == 2 * charts.charts["loss"].width()
    charts.saving.copy_table(["loss"])
    qtbot.waitUntil(lambda: QApplication.clipboard().text().startswith("step,epoch"))
