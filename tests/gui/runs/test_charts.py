"""What the charts show of one run."""

import math

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QColor, QFontMetricsF

from niceml_engine.columns import gather
from niceml_engine.events import Artifact, Flag, metrics
from niceml_gui.theme import style, theme
from niceml_gui.theme.tokens import DARK
from niceml_gui.workspaces.runs.charts.arrange import Size
from niceml_gui.workspaces.runs.charts.drawing import Drawing
from niceml_gui.workspaces.runs.charts.styles import Shown
from niceml_gui.workspaces.runs.charts.view import View
from niceml_gui.workspaces.runs.record import RunRecord
from tests.gui.pointer import in_view, pixels, shown_at


def test_curves_appear_after_rows_are_fed(watched, streams):
    charts = watched(streams.training(steps=100)).charts.charts
    assert list(charts) == ["loss", "learning_rate", "step_ms"]
    assert pixels(charts["loss"].canvas, theme().tokens.train) > 50
    assert pixels(charts["loss"].canvas, theme().tokens.prediction) > 5
    assert "0.00550" in charts["loss"].last.text()
    assert "0.00650" in charts["loss"].last.text()


def test_charts_are_called_aloud_what_their_title_says(charts):
    chart = charts.charts["step_ms"]
    names = chart.accessibleName(), chart.canvas.accessibleName(), chart.more.accessibleName()
    assert all(name.endswith(chart.title.text()) for name in names)
    assert chart.title.text() == "step time (ms)"


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


def test_no_line_strikes_through_the_words_for_a_value_that_is_not_finite(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.nan if n in {100, 160} else 1.0}) for n in range(1, 1001)]
    canvas = watched(streams.numbered(rows)).charts.charts["loss"].canvas
    image, x = canvas.grab().toImage(), round(canvas.frame.x(160))
    error, top = QColor(theme().tokens.error).rgb(), round(canvas.frame.top)
    assert image.pixel(x, top + 1) != error  # beside the words of the one before
    assert {image.pixel(x, y) for y in range(top + 16, top + 40)} == {error}


def test_many_values_that_are_not_finite_are_one_area_and_one_word(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.inf if 300 < n <= 700 else 1.0}) for n in range(1, 1001)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    (gap,) = chart.canvas.picture.gaps
    assert (gap.low, gap.high, gap.text) == (301, 700, "∞ at step 301")
    assert "∞" in shown_at(chart, 500)


def test_thousands_of_gaps_are_no_more_than_pixels(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.nan if n % 2 else 1.0}) for n in range(1, 6001)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    assert 100 < len(chart.canvas.picture.gaps) <= chart.canvas.frame.width + 1


def test_a_run_that_never_measured_anything_finite_is_seen_whole(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": math.nan}) for n in range(1, 101)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    assert in_view(chart)[1] >= 100
    assert [(gap.low, gap.high) for gap in chart.canvas.picture.gaps] == [(1, 100)]
    assert "nan" in chart.last.text()


def test_a_run_of_one_batch_is_drawn(watched, streams):
    charts = watched(streams.numbered([metrics("batch", 1, 1, {"loss": 0.5, "step_ms": 900.0})])).charts
    for name, value in (("loss", 0.5), ("step_ms", 900.0)):
        chart = charts.charts[name]
        assert chart.canvas.picture.strokes[-1].y.tolist() == [value]
        assert not chart.grab().isNull()


def test_a_learning_rate_that_is_told_now_and_then_is_drawn_to_the_end_of_the_training(watched, streams):
    told = {1: 0.1, 4: 0.08}
    rows = [
        metrics("batch", n, 1, {"loss": 1.0} | ({"learning_rate": told[n]} if n in told else {})) for n in range(1, 11)
    ]
    rows.append(metrics("epoch", 10, 1, {"loss": 1.0, "learning_rate": 0.01}))
    chart = watched(streams.numbered(rows)).charts.charts["learning_rate"]
    (line,) = chart.canvas.picture.strokes
    assert (line.x.tolist(), line.y.tolist()) == ([1, 4, 10], [0.1, 0.08, 0.01])


def test_labels_of_a_level_line_have_room_beside_it(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": 1.0, "learning_rate": 1e-3}) for n in range(1, 11)]
    canvas = watched(streams.numbered(rows)).charts.charts["learning_rate"].canvas
    width = QFontMetricsF(style.mono(10)).horizontalAdvance
    labels = [label for _, label in canvas.picture.y_ticks]
    assert "0.00100" in labels
    assert max(map(width, labels)) <= canvas.frame.left - 6


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_steps_are_labelled_by_whole_numbers_however_few_there_are(watched, streams, settled, steps, log):
    rows = [metrics("batch", n, 1, {"loss": 1.0 / n}) for n in range(1, steps + 1)]
    charts = watched(streams.numbered(rows)).charts
    whole = charts.charts["loss"].canvas.picture
    assert [label for _, label in whole.x_ticks][:steps] == [str(step) for step in range(1, steps + 1)]
    assert whole.high < 5
    charts.controls.change(log_x=log)
    ends = (0.9, steps + 0.2)
    charts.zoom(*(math.log10(end) if log else end for end in ends))
    settled()
    labels = [label for _, label in charts.charts["loss"].canvas.picture.x_ticks]
    assert labels == [str(step) for step in range(1, steps + 1)]


def test_the_best_epoch_has_a_ring_and_is_named(watched, streams):
    losses = (0.5, 0.2, 0.4)
    rows = [metrics("epoch", n * 10, n, {"loss": 1 / n, "val_loss": loss}) for n, loss in enumerate(losses, 1)]
    chart = watched(streams.numbered(rows)).charts.charts["loss"]
    (ring,) = [dots for dots in chart.canvas.picture.dots if dots.ring]
    assert (ring.x.tolist(), ring.y.tolist()) == ([20], [0.2])
    assert "best epoch" in shown_at(chart, 20)
    assert "best epoch" not in shown_at(chart, 12)


def test_where_only_averages_are_drawn_of_many_curves_it_is_said(streams):
    record = RunRecord("a")
    record.feed(gather(streams.numbered(metrics("batch", n, 1, {"loss": 1 / n}) for n in range(1, 21))))
    shown, view = [Shown(f"r{hue}", record, f"r{hue}", hue) for hue in range(13)], View(high=20.0)
    for count, note in ((12, ""), (13, "averages only")):
        picture = Drawing("loss").picture(shown[:count], view, QSizeF(400, 200), 1.0, DARK)
        assert picture.note == note


def test_a_value_that_never_changes_has_few_labels_however_high_its_chart_is(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 0.1}) for n in range(1, 21)]
    workspace = watched(streams.numbered(rows))
    workspace.charts.resize_chart("loss", Size(1, 900))
    settled()
    assert [label for _, label in workspace.charts.charts["loss"].canvas.picture.y_ticks] == ["0.099", "0.100", "0.101"]


@pytest.mark.parametrize("axis", ["step", "relative", "wall"])
def test_the_checkpoint_of_the_last_epoch_has_a_flag_over_every_axis(watched, streams, settled, axis):
    rows = streams.numbered(metrics("batch", n, 1, {"loss": 1 / n}) for n in range(1, 11))
    late = Artifact(kind="model", path="a.keras", seq=11, time=rows[-1].time + 90)
    workspace = watched([*rows, late])
    workspace.charts.controls.change(axis=axis)
    settled()
    picture = workspace.charts.charts["loss"].canvas.picture
    (flag,) = picture.flags
    assert flag.x == picture.strokes[-1].x[-1]


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
    assert np.isnan(behind.y[1])
    assert line.y.max() == pytest.approx(12, abs=1)
    assert chart.canvas.picture.top < 20
    chart.point_at(1.0)
    assert "1500" in chart.read_out
    assert "with compiling" in chart.read_out
    chart.point_at(2.0)
    assert "with compiling" not in chart.read_out
    assert "compiling" in chart.title.toolTip()


def test_epochs_are_smoothed_once_the_weight_is_changed_where_there_is_nothing_else(watched, streams, settled):
    losses = (1.0, 3.0, 1.0, 3.0)
    rows = [metrics("epoch", n, n, {"loss": loss}) for n, loss in enumerate(losses, 1)]
    charts = watched(streams.numbered(rows)).charts
    chart = charts.charts["loss"]
    (line,) = chart.canvas.picture.strokes
    assert line.y.tolist() == list(losses)
    assert chart.note.full_text() == "epochs, not smoothed"
    charts.controls.smooth.setValue(80)
    settled()
    behind, line = chart.canvas.picture.strokes
    assert behind.y.tolist() == list(losses)
    assert line.y.max() < 3
    (dots,) = [dots for dots in chart.canvas.picture.dots if not dots.ring]
    assert dots.y.tolist() == list(losses)  # what was measured
    assert chart.canvas.picture.note == ""
    charts.controls.change(smooth_epochs=False)
    charts.set_own("loss", "smoothing", 0.5)
    settled()
    assert len(chart.canvas.picture.strokes) == 2


@pytest.mark.parametrize("axis", ["step", "epoch"])
def test_where_only_epochs_are_counted_nothing_is_called_a_step(watched, streams, settled, axis):
    rows = [metrics("epoch", n, n, {"loss": math.nan if n == 3 else 1.0}) for n in range(5)]
    charts = watched(streams.numbered(rows)).charts
    charts.controls.change(axis=axis)
    settled()
    chart = charts.charts["loss"]
    assert (chart.canvas.picture.x_unit, chart.canvas.picture.x_title) == ("epoch", "epoch")
    assert [gap.text for gap in chart.canvas.picture.gaps] == ["nan at epoch 3"]
    assert charts.controls.axis.currentText() == "x: epoch"
    assert "epoch 2" in shown_at(chart, 2)
    assert "step" not in chart.read_out


def test_the_axis_is_called_step_again_once_a_run_counts_steps(watched, streams, feed, settled):
    rows = streams.numbered([metrics("epoch", 1, 1, {"loss": 1.0}), *(metrics("batch", 2, 2, {"loss": 1.0}),) * 2])
    charts = watched(rows[:1]).charts
    assert charts.controls.axis.currentText() == "x: epoch"
    feed("a", rows[1:])
    settled()
    assert charts.controls.axis.currentText() == "x: step"
    assert charts.charts["loss"].canvas.picture.x_unit == "step"


def test_beside_batches_epochs_stay_as_they_are_which_is_said_until_it_is_wanted_otherwise(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 1.0}) for n in range(1, 5)]
    rows += [metrics("epoch", n, n, {"val_score": score}) for n, score in ((1, 1.0), (2, 3.0), (3, 1.0), (4, 3.0))]
    charts = watched(streams.numbered(rows)).charts
    chart = charts.charts["score"]
    assert [stroke.faint for stroke in chart.canvas.picture.strokes] == [False]
    assert chart.note.full_text() == "epochs, not smoothed"
    assert charts.charts["loss"].canvas.picture.note == ""
    charts.controls.change(smooth_epochs=True)
    settled()
    assert [stroke.faint for stroke in chart.canvas.picture.strokes] == [True, False]
    assert chart.canvas.picture.note == ""


def test_the_measured_curve_lies_faintly_behind_its_average(charts, settled):
    chart = charts.charts["loss"]
    assert [stroke.faint for stroke in chart.canvas.picture.strokes] == [True, False, False]
    charts.controls.smooth.setValue(0)
    settled()
    assert [stroke.faint for stroke in chart.canvas.picture.strokes] == [False, False]
    assert charts.controls.smooth_label.text() == "smooth 0.00"


def test_a_validation_every_so_many_steps_is_dots_as_measured_and_its_best_has_a_ring(watched, streams):
    validated = {20: 0.9, 40: 0.3, 60: 0.5}
    rows = [
        metrics("batch", n, 0, {"loss": 1.0 - n / 100} | ({"val_loss": validated[n]} if n in validated else {}))
        for n in range(1, 61)
    ]
    picture = watched(streams.numbered(rows)).charts.charts["loss"].canvas.picture
    assert [len(stroke.x) for stroke in picture.strokes] == [60, 60, 3]
    assert picture.strokes[-1].y.tolist() == list(validated.values())
    dots, ring = picture.dots
    assert dots.y.tolist() == list(validated.values())
    assert (ring.ring, ring.x.tolist(), ring.y.tolist()) == (True, [40.0], [0.3])


def test_outliers_can_be_left_out_of_range(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 1000.0 if n == 50 else 1.0 + n % 5 / 10}) for n in range(1, 201)]
    charts = watched(streams.numbered(rows)).charts
    chart = charts.charts["loss"]
    assert chart.canvas.picture.top > 1000
    charts.controls.change(outliers=True)
    settled()
    assert chart.canvas.picture.top < 2
    assert chart.note.full_text() == "outliers cut off"
    charts.zoom(60.0, 90.0)
    settled()
    assert chart.note.full_text() == ""  # there are none


@pytest.mark.parametrize("level", ["batch", "epoch"])
def test_a_falling_loss_is_whole_without_its_outliers(watched, streams, settled, level):
    losses = [0.3 + 0.9 * 0.8**n + n % 3 / 100 for n in range(60)]
    losses[30] = losses[31] = 9.0
    rows = [metrics(level, n, n, {"loss": loss}) for n, loss in enumerate(losses, 1)]
    charts = watched(streams.numbered(rows)).charts
    charts.controls.change(outliers=True)
    settled()
    picture = charts.charts["loss"].canvas.picture
    assert losses[0] < picture.top < 2
    assert picture.bottom < min(losses)
    assert charts.charts["loss"].note.full_text().startswith("outliers cut off")


def test_curves_stay_in_a_chart_from_edge_to_edge_of_what_is_zoomed_into(watched, streams, settled):
    values = {1: 1.0, 10: 0.0, 20: 8.0, 30: 8.0, 31: 2.0, 32: 2.1, 33: 2.0}
    charts = watched(streams.numbered([metrics("batch", n, 1, {"loss": value}) for n, value in values.items()])).charts
    charts.controls.smooth.setValue(0)
    charts.zoom(5.5, 15.0)
    settled()
    picture = charts.charts["loss"].canvas.picture
    assert picture.top > 4.0  # at 15, between 0 and 8
    charts.controls.smooth.setValue(90)
    charts.zoom(30.9, 33.0)
    settled()
    *_, average = charts.charts["loss"].canvas.picture.strokes
    assert charts.charts["loss"].canvas.picture.top > average.y[-1] > 3.0


def test_a_logarithmic_axis_says_what_it_cannot_show(watched, streams, settled):
    rows = [metrics("batch", n, 1, {"loss": 10.0 ** (n % 4) if n > 1 else -1.0}) for n in range(1, 101)]
    charts = watched(streams.numbered(rows)).charts
    chart = charts.charts["loss"]
    assert chart.canvas.picture.note == ""
    charts.controls.log.setChecked(True)
    settled()
    assert {"1", "10", "100", "1000"} <= {label for _, label in chart.canvas.picture.y_ticks}
    assert "0 and less" in chart.canvas.picture.note


def test_the_corner_says_over_what_is_drawn_and_one_run_needs_no_key(charts, settled):
    chart = charts.charts["loss"]
    assert chart.canvas.picture.x_unit == "step"
    assert not chart.key.isVisible()  # its colours stand beside the values
    charts.controls.change(axis="relative")
    settled()
    assert chart.canvas.picture.x_unit == "relative"  # as it is called where it is chosen


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
