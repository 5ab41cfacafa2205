from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_gui.workspaces.runs.charts.growing import Extremes, Growing
from niceml_gui.workspaces.runs.charts.polyline import Columns, polyline
from niceml_gui.workspaces.runs.charts.series import EpochScale, Series, Track
from niceml_gui.workspaces.runs.charts.smoothing import PORTION, Smoothed, ema

values = st.floats(-1e6, 1e6, allow_nan=False, width=32)


def growing(items):
    array = Growing()
    array.extend(np.asarray(items, float))
    return array


@given(st.integers(1, 5000), st.integers(1, 60), st.integers(0, 1000))
def test_extremes_are_the_true_ones_in_every_range(length, cuts, seed):
    random = np.random.default_rng(seed)
    data = random.uniform(-1, 1, length)
    array = growing(data[: length // 2])
    extremes = Extremes(array)
    if length > 1:
        extremes.of(np.array([0]), np.array([length // 2]))
    array.extend(data[length // 2 :])  # what is appended later is taken up
    edges = np.unique([0, length, *random.integers(0, length + 1, cuts)])
    low, high = extremes.of(edges[:-1], edges[1:])
    assert low.tolist() == [data[a:b].min() for a, b in pairwise(edges)]
    assert high.tolist() == [data[a:b].max() for a, b in pairwise(edges)]
    assert extremes.all() == (data.min(), data.max())


def series_of(steps, values):
    series, track = Series(), Track()
    track.extend(np.asarray(steps, float), np.asarray(steps, float))
    series.extend(track, 0, np.asarray(values, float))
    return series


def drawn(series, edges):
    return polyline(Columns.of(series.steps, edges, series.cuts), series.values, series.extremes, series.marks.breaks)


@given(st.integers(500, 20_000), st.integers(5, 80), st.floats(0, 0.8), st.floats(0.01, 1))
def test_each_pixel_column_shows_the_true_minimum_and_maximum(length, columns, begin, share):
    noise = np.random.default_rng(length).normal(size=length)
    steps = np.arange(1.0, length + 1)
    low = begin * length
    edges = np.linspace(low, low + share * length, columns + 1)
    x, y = drawn(series_of(steps, noise), edges)
    for left, right in pairwise(edges):
        true = noise[(steps >= left) & (steps < right)]
        shown = y[(x >= left) & (x < right)]
        if len(true) and len(shown):
            assert (shown.min(), shown.max()) == (true.min(), true.max())
    shown = y[(x >= edges[0]) & (x < edges[-1])]
    true = noise[(steps >= edges[0]) & (steps < edges[-1])]
    assert len(true) == 0 or (shown.min(), shown.max()) == (true.min(), true.max())
    assert len(x) <= 2 * len(edges) + 2


@pytest.mark.parametrize("columns", [5, 5000])
def test_a_line_is_broken_where_a_value_was_not_finite(columns):
    values = np.where(np.arange(1, 1001) == 500, np.nan, 1.0)
    x, y = drawn(series_of(np.arange(1.0, 1001), values), np.linspace(0, 1001, columns + 1))
    (gap,) = np.flatnonzero(np.isnan(y))
    assert x[gap - 1] < 501
    assert x[gap + 1] > 499
    assert np.isnan(x[gap])


@pytest.mark.parametrize("columns", [20, 5000])
def test_a_second_try_is_a_line_of_its_own(columns):
    steps = np.concatenate((np.arange(1.0, 801), np.arange(1.0, 401)))
    series = series_of(steps, np.concatenate((np.full(800, 1.0), np.full(400, 2.0))))
    assert series.cuts == [800]
    x, y = drawn(series, np.linspace(0, 801, columns + 1))
    (gap,) = np.flatnonzero(np.isnan(y))
    assert set(y[:gap]) == {1.0}
    assert set(y[gap + 1 :]) == {2.0}
    assert np.nanmax(x[gap:]) == pytest.approx(400, abs=41)


def test_steps_without_any_order_are_drawn_all_the_same():
    steps = np.random.default_rng(0).permutation(2000).astype(float)
    x, y = drawn(series_of(steps, steps), np.linspace(0, 2000, 50))
    assert 50 < len(x) < 200
    assert (np.nanmin(y), np.nanmax(y)) == (0, 1999)


def test_clocks_that_are_set_back_do_not_bend_the_axis_of_time():
    track = Track()
    track.extend(np.array([1.0, 2.0]), np.array([10.0, 8.0]))
    track.extend(np.array([3.0]), np.array([9.0]))
    assert track.times.view.tolist() == [10, 10, 10]


@given(st.lists(values, max_size=700), st.floats(0, 0.99), st.integers(0, 700), st.integers(0, 2))
def test_the_average_goes_on_as_the_series_grows(items, weight, cut, skip):
    source, sums, norm = Growing(), 0.0, 0.0
    smoothed = Smoothed(source, weight, skip)
    for part in (items[:cut], items[cut:]):
        source.extend(np.asarray(part, float))
        smoothed.update()
    expected = []
    for item in items[skip:]:
        sums, norm = weight * sums + (1 - weight) * item, weight * norm + (1 - weight)
        expected.append(sums / norm)
    expected = [expected[0]] * skip + expected if expected else items[:skip]
    assert np.allclose(smoothed.values.view, expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("portion", [1, 2, 7, 40])
def test_the_average_of_a_second_try_knows_nothing_of_the_first(skip, portion):
    tries = [np.arange(10.0, 30.0), np.array([900.0]), np.arange(5.0, -8.0, -1.0)]
    source, begins = Growing(), [20, 21]
    smoothed = Smoothed(source, 0.9, skip)
    whole = np.concatenate(tries)
    for start in range(0, len(whole), portion):
        source.extend(whole[start : start + portion])
        smoothed.update([begin for begin in begins if begin < len(source)])
        assert len(smoothed.values) == len(source)
    alone = []
    for one in tries:
        by_itself = Smoothed(growing(one), 0.9, skip)
        by_itself.update()
        alone.append(by_itself.values.view)
    assert np.allclose(smoothed.values.view, np.concatenate(alone))


def test_no_values_have_no_average():
    assert len(ema(np.empty(0), 0.9, 1.0)) == 0


def test_the_average_of_many_values_is_that_of_a_simple_loop():
    data = np.random.default_rng(1).normal(size=PORTION + 1000)
    smoothed = Smoothed(growing(data), 0.99)
    smoothed.update()
    sums = norm = 0.0
    for value in data:
        sums, norm = 0.99 * sums + 0.01 * value, 0.99 * norm + 0.01
    assert smoothed.values.view[-1] == pytest.approx(sums / norm, rel=1e-9)
    assert len(smoothed.values) == len(data)


def test_epochs_are_counted_by_the_steps_at_which_they_ended():
    scale = EpochScale()
    scale.steps_per_epoch = 50
    assert scale.to_epochs(np.array([25.0]), 25).tolist() == [0.5]
    scale.ended(1, 100)
    scale.ended(2, 150)
    scale.ended(2, 170)  # a contradiction does not bend the axis
    assert scale.to_epochs(np.array([50.0, 100.0, 125.0, 175.0]), 175).tolist() == [0.5, 1.0, 1.5, 2.5]
    assert scale.to_steps(np.array([0.5, 2.5]), 175).tolist() == [50.0, 175.0]
