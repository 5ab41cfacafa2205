from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_gui.workspaces.runs.series import EpochScale, Extremes, Growing, Series, Smoothed, ema, polyline

values = st.floats(-1e6, 1e6, allow_nan=False, width=32)


def growing(items):
    array = Growing()
    array.extend(np.asarray(items, float))
    return array


@given(st.integers(1, 5000), st.integers(1, 60), st.randoms(use_true_random=False))
def test_extremes_are_the_true_ones_in_every_range(length, cuts, random):
    data = np.array([random.uniform(-1, 1) for _ in range(length)])
    array = growing(data[: length // 2])
    extremes = Extremes(array)
    if length > 1:
        extremes.of(np.array([0]), np.array([length // 2]))
    array.extend(data[length // 2 :])  # what is appended later is taken up
    edges = np.unique([0, length, *(random.randrange(length + 1) for _ in range(cuts))])
    low, high = extremes.of(edges[:-1], edges[1:])
    assert low.tolist() == [data[a:b].min() for a, b in pairwise(edges)]
    assert high.tolist() == [data[a:b].max() for a, b in pairwise(edges)]


@given(st.integers(500, 20_000), st.integers(5, 80), st.floats(0, 0.8), st.floats(0.01, 1))
def test_each_pixel_column_shows_the_true_minimum_and_maximum(length, columns, begin, share):
    series = Series()
    noise = np.random.default_rng(length).normal(size=length)
    for step, value in enumerate(noise, 1):
        series.add(step, step, value)
    low = begin * length
    edges = np.linspace(low, low + share * length, columns + 1)
    x, y = polyline(series.steps.view, series.values, series.extremes, edges, series)
    steps = series.steps.view
    for left, right in pairwise(edges):
        true = noise[(steps >= left) & (steps < right)]
        drawn = y[(x >= left) & (x < right)]
        if len(true) and len(drawn):
            assert (drawn.min(), drawn.max()) == (true.min(), true.max())
    drawn = y[(x >= edges[0]) & (x < edges[-1])]
    true = noise[(steps >= edges[0]) & (steps < edges[-1])]
    assert len(true) == 0 or (drawn.min(), drawn.max()) == (true.min(), true.max())
    assert len(x) <= 2 * len(edges) + 2


@pytest.mark.parametrize("columns", [5, 5000])
def test_a_line_is_broken_where_a_value_was_not_finite(columns):
    series = Series()
    for step in range(1, 1001):
        if step == 500:
            series.mark(step, step, "nan")
        else:
            series.add(step, step, 1.0)
    edges = np.linspace(0, 1001, columns + 1)
    x, y = polyline(series.steps.view, series.values, series.extremes, edges, series)
    (gap,) = np.flatnonzero(np.isnan(y))
    assert x[gap - 1] < 501
    assert x[gap + 1] > 499
    assert np.isnan(x[gap])


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
    expected = [expected[0]] * skip + expected if expected else []
    assert np.allclose(smoothed.values.view, expected, rtol=1e-9, atol=1e-6)


def test_no_values_have_no_average():
    assert len(ema(np.empty(0), 0.9, 1.0)) == 0


def test_a_point_takes_at_most_forty_bytes():
    series, count = Series(), 200_001
    for step in range(count):
        series.add(step, step, 0.5)
    series.extremes.of(np.array([0]), np.array([count]))
    arrays = (series.steps, series.times, series.values)
    pyramid = sum(len(array._data) for level in series.extremes._levels for array in level)
    assert 8 * (sum(len(array._data) for array in arrays) + pyramid) / count <= 40


def test_epochs_are_counted_by_the_steps_at_which_they_ended():
    scale = EpochScale()
    scale.steps_per_epoch = 50
    assert scale.to_epochs(np.array([25.0]), 25).tolist() == [0.5]
    scale.ended(1, 100)
    scale.ended(2, 150)
    scale.ended(2, 170)  # a contradiction does not bend the axis
    assert scale.to_epochs(np.array([50.0, 100.0, 125.0, 175.0]), 175).tolist() == [0.5, 1.0, 1.5, 2.5]
    assert scale.to_steps(np.array([0.5, 2.5]), 175).tolist() == [50.0, 175.0]
