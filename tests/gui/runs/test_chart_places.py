"""Labels of axes, and where charts lie: plain values."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from niceml_gui import words
from niceml_gui.workspaces.runs.charts.arrange import GAP, LOWEST, Size, arrange, columns_of, marker, slot
from niceml_gui.workspaces.runs.charts.layout import Layout
from niceml_gui.workspaces.runs.charts.picture import Frame, Picture, unit_place, y_labels
from niceml_gui.workspaces.runs.charts.ticks import linear_ticks, log_ticks, wall_ticks

M = words.MINUS


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-1.0, 100.0, ["0:00", "0:30", "1:00", "1:30"]),
        (0.0, 15_000.0, ["0:00", "1 h 00", "2 h 00", "3 h 00", "4 h 00"]),
        (7_000.0, 7_300.0, ["1 h 57", "1 h 58", "1 h 59", "2 h 00", "2 h 01"]),
        (3_700.0, 3_760.0, ["1:01:45", "1:02:00", "1:02:15", "1:02:30"]),
        (0.0, 700_000.0, ["0:00", "72 h 00", "144 h 00"]),
    ],
)
def test_times_on_an_axis_are_those_of_a_clock(low, high, labels):
    assert [label for _, label in words.clock_ticks(low, high, 4)] == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 1.0, ["0", "0.5", "1.0"]),
        (-0.02, 0.04, [f"{M}0.02", "0", "0.02", "0.04"]),
        (0.00001, 0.00004, ["1e−5", "2e−5", "3e−5", "4e−5"]),
        (999_980.0, 1_000_010.0, ["999980", "999990", "1.00000e6", "1.00001e6"]),
        (1e30, 4e30, ["1e30", "2e30", "3e30", "4e30"]),
        (1.0, 1.0, []),
        (float("-inf"), 1.0, []),
    ],
)
def test_labels_are_round_and_short(low, high, labels):
    assert [label for _, label in linear_ticks(low, high, 3)] == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-2.0, 0.0, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
        (-8.0, 8.0, [f"1e{M}8", f"1e{M}4", "1", "10000", "1e8"]),
        (0.0, 0.45, ["1.0", "1.5", "2.0", "2.5"]),
    ],
)
def test_logarithmic_labels_are_powers_or_a_few_between(low, high, labels):
    assert [label for _, label in log_ticks(low, high, 4)] == labels


def test_times_of_day_are_labelled_by_the_clock_and_days_by_their_date():
    noon = datetime(2026, 3, 4, 12, 0).timestamp()
    assert [label for _, label in wall_ticks(noon - 90, noon + 90, 3)] == ["11:59", "12:00", "12:01"]
    assert [label for _, label in wall_ticks(noon, noon + 30, 3)] == ["12:00:00", "12:00:10", "12:00:20", "12:00:30"]
    shortly = [label for _, label in wall_ticks(noon + 0.3, noon + 2, 4)]
    assert shortly == ["12:00:00.5", "12:00:01.0", "12:00:01.5", "12:00:02.0"]
    assert "5 Mar" in [label for _, label in wall_ticks(noon, noon + 86_400, 4)]
    assert [label for _, label in wall_ticks(noon, noon + 4 * 86_400, 4)] == ["5 Mar", "6 Mar", "7 Mar", "8 Mar"]


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 12))
def test_labels_lie_on_the_axis_in_order(low, span, count):
    span = max(span, abs(low) * 1e-8)  # below that, neighbouring numbers are too far apart
    ticks = linear_ticks(low, low + span, count)
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert len(ticks) <= count * 2 + 2
    assert all(low - 1e-6 * span <= place <= low + span * (1 + 1e-6) for place in places)


@pytest.mark.parametrize("label", ["0.00075", "0"])
@pytest.mark.parametrize("above", [0, 2, 6, 20])
def test_the_lowest_label_keeps_away_from_the_unit_below_it(qapp, label, above):
    area = QRectF(0, 0, 300, 160)
    plain = Picture(y_ticks=[(0.0, label), (1.0, "1.00000")], bottom=-above / 134, x_unit="")
    titled = replace(plain, x_unit="step")
    (line, free, _), highest = y_labels(area, Frame.of(area, plain), plain)
    (same, moved, text), last = y_labels(area, Frame.of(area, titled), titled)
    assert (line, text, highest) == (same, label, last)
    unit = unit_place(area, titled)
    assert unit.width() > 10
    beside = free.left() > unit.right() + 4
    assert (moved == free) == (beside or above > 2)
    assert beside or moved.bottom() + 6 < unit.top()
    assert abs(moved.bottom() - free.bottom()) < 6


sizes = st.lists(st.builds(Size, st.integers(1, 4), st.sampled_from([0, 200, 500])), min_size=1, max_size=20)


@given(sizes, st.integers(200, 2500), st.integers(100, 2000))
def test_charts_never_lie_over_each_other_or_outside(sizes, width, height):
    places, tall = arrange(sizes, width, height)
    for index, place in enumerate(places):
        assert place.x >= GAP
        assert place.x + place.width + GAP <= width + 1
        assert place.height >= LOWEST
        assert place.y + place.height <= tall
        for other in places[:index]:
            apart_x = other.x + other.width + GAP <= place.x or place.x + place.width + GAP <= other.x
            assert apart_x or other.y + other.height + GAP <= place.y or place.y + place.height + GAP <= other.y


def test_charts_share_the_room_that_is_left():
    places, tall = arrange([Size(), Size(), Size()], 800, 610)
    assert [(place.x, place.y, place.height) for place in places] == [(10, 10, 290), (405, 10, 290), (10, 310, 290)]
    assert tall == 610


def test_charts_stand_in_no_more_columns_than_leave_few_holes():
    assert [columns_of(12, width) for width in (400, 600, 1300, 2000)] == [1, 2, 3, 4]
    assert [columns_of(count, 1300) for count in range(9)] == [1, 1, 2, 3, 2, 3, 3, 3, 3]


def test_a_dragged_chart_lands_where_the_marker_shows():
    places, _ = arrange([Size()] * 4, 800, 610)
    first, second, third, _ = places
    assert slot(places, first.x + 5, first.y + 5) == 0
    assert slot(places, first.x + first.width - 5, first.y + 5) == 1
    end_of_row = slot(places, second.x + second.width - 5, second.y + 5)
    assert end_of_row == 2
    assert marker(places, end_of_row, second.y + 5).x > second.x + second.width
    assert slot(places, third.x + 5, third.y + 5) == 2
    assert marker(places, 2, third.y + 5).x < third.x
    assert slot(places, 700, 5000) == 4
    assert marker(places, 4, 5000).y == places[3].y


def test_the_usual_order_is_loss_first_and_step_time_last():
    metrics = ("step_ms", "f1", "learning_rate", "accuracy", "loss")
    assert Layout().arranged(metrics) == ["loss", "accuracy", "f1", "learning_rate", "step_ms"]


def test_moving_a_chart_keeps_what_other_runs_have():
    metrics = ("a", "b", "c")
    layout = Layout(order=("other",)).moved(metrics, "c", 0)
    assert layout.arranged(metrics) == ["c", "a", "b"]
    assert layout.order == ("c", "a", "b", "other")
    assert layout.moved(metrics, "c", 3).arranged(metrics) == ["a", "b", "c"]
    pinned = layout.with_pin("b", True)
    assert pinned.arranged(metrics) == ["b", "c", "a"]
    assert pinned.moved(metrics, "a", 0).pinned == ("b", "a")  # put before a pinned one, it is pinned too
    assert pinned.moved(metrics, "b", 3).pinned == ()
