from __future__ import annotations

import math
from typing import TypeVar

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_curve

from niceml_engine.errors import OpError
from niceml_engine.events import Analysis
from niceml_engine.learning.analysis import ClassificationAnalyzer
from niceml_engine.learning.curves import EVEN, POINTS, keep
from niceml_engine.results import ALL, Confusion, Curve, Histogram, Lines, Result, brief

METRICS = {"accuracy": accuracy_score, "f1": f1_score}
Kind = TypeVar("Kind", bound=Result)


def table(true: str, second: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"class": list(true), "prd_a": [1 - value for value in second], "prd_b": second})


def result(analysis: Analysis, kind: type[Kind], name: str = "") -> Kind:
    (found,) = [one for one in analysis.results if isinstance(one, kind) and name in ("", getattr(one, "name", ""))]
    return found


def curve(analysis: Analysis, name: str, label: str) -> Curve:
    (found,) = [one for one in result(analysis, Lines, name).curves if one.label == label]
    return found


def noisy(count: int, classes: int = 2, seed: int = 3) -> pd.DataFrame:
    """Predictions that are right more often than not, a row per image."""
    random = np.random.default_rng(seed)
    true = random.integers(classes, size=count)
    outputs = random.normal(size=(count, classes)) + 1.5 * np.eye(classes)[true]
    probabilities = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    return pd.DataFrame({"class": [chr(97 + one) for one in true]}).join(
        pd.DataFrame(probabilities, columns=[f"prd_{chr(97 + one)}" for one in range(classes)])
    )


def test_two_classes_are_told_apart_at_the_threshold() -> None:
    found = ClassificationAnalyzer(threshold=0.3, metrics=METRICS).analyse("test", table("aabb", [0.1, 0.4, 0.3, 0.9]))
    matrix = result(found, Confusion)
    assert (matrix.labels, matrix.counts, matrix.threshold) == (("a", "b"), ((1, 1), (0, 2)), 0.3)
    assert found.metrics == pytest.approx({"accuracy": 0.75, "f1": 0.8, "auc": 0.75})
    roc = curve(found, "roc", "b")
    assert roc.value == 0.75
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert roc.marked is not None
    assert (roc.x[roc.marked], roc.y[roc.marked], roc.at[roc.marked]) == (0.5, 1.0, 0.3)


def test_precision_and_recall_are_those_of_scikit_learn() -> None:
    data = noisy(400)
    found = curve(ClassificationAnalyzer(threshold=0.5).analyse("test", data), "pr", "b")
    assert (found.x[0], found.y[0], found.at[0], found.x[-1]) == (0.0, 1.0, None, 1.0)
    assert found.value == pytest.approx(average_precision_score(data["class"] == "b", data["prd_b"]))
    predicted, true = data["prd_b"] >= 0.5, data["class"] == "b"
    assert found.marked is not None
    assert found.y[found.marked] == pytest.approx((predicted & true).sum() / predicted.sum(), abs=1e-4)
    assert found.x[found.marked] == pytest.approx((predicted & true).sum() / true.sum(), abs=1e-4)


def test_scores_are_counted_for_each_true_class() -> None:
    found = ClassificationAnalyzer(threshold=0.3).analyse("test", table("aabb", [0.02, 0.42, 0.31, 1.0]))
    histogram = result(found, Histogram)
    (spread,) = histogram.spreads
    assert histogram.marked == 0.3
    assert spread.x == "probability of b"
    counts = {bars.label: {place: n for place, n in enumerate(bars.counts) if n} for bars in spread.bars}
    assert counts == {"true a": {0: 1, 8: 1}, "true b": {6: 1, 19: 1}}


def test_calibration_compares_what_was_predicted_with_what_happened() -> None:
    found = ClassificationAnalyzer().analyse("test", table("aabbb", [0.12, 0.18, 0.15, 0.92, 0.98]))
    reliability = curve(found, "calibration", "b")
    assert reliability.x == pytest.approx((0.15, 0.95))
    assert reliability.y == pytest.approx((1 / 3, 1.0), abs=1e-4)
    assert reliability.at == (3.0, 2.0)
    assert reliability.value == pytest.approx((3 * abs(0.15 - 1 / 3) + 2 * 0.05) / 5)


def test_several_classes_stand_against_the_rest_and_together() -> None:
    data = pd.DataFrame({"class": list("abc"), "p_a": [0.8, 0.1, 0.5], "p_b": [0.1, 0.7, 0.3], "p_c": [0.1, 0.2, 0.2]})
    found = ClassificationAnalyzer(prefix="p_", metrics={"accuracy": accuracy_score}).analyse("test", data)
    assert result(found, Confusion).counts == ((1, 0, 0), (0, 1, 0), (1, 0, 0))
    for name in ("roc", "pr", "calibration"):
        assert [one.label for one in result(found, Lines, name).curves] == [ALL, "a", "b", "c"]
    assert [spread.label for spread in result(found, Histogram).spreads] == [ALL, "a", "b", "c"]
    assert found.metrics["auc"] == pytest.approx((1 + 1 + 0.75) / 3)
    assert curve(found, "roc", ALL).value == found.metrics["auc"]
    right = {bars.label: sum(bars.counts) for bars in result(found, Histogram).spreads[0].bars}
    assert right == {"right": 2, "wrong": 1}


def test_the_macro_average_lies_between_the_classes() -> None:
    found = ClassificationAnalyzer().analyse("test", noisy(600, classes=4))
    for name in ("roc", "pr"):
        lines = result(found, Lines, name)
        grid = np.linspace(0.02, 0.98, 49)
        everything = [np.interp(grid, one.x, one.y) for one in lines.curves]
        assert np.abs(everything[0] - np.mean(everything[1:], axis=0)).max() < 0.02


def test_a_subset_of_one_class_has_no_roc() -> None:
    found = ClassificationAnalyzer(metrics={"accuracy": accuracy_score}).analyse("test", table("aa", [0.1, 0.2]))
    assert [one.name for one in found.results if isinstance(one, Lines)] == ["calibration"]
    assert found.metrics == {"accuracy": 1.0, "auc": None}


def test_a_metric_of_ones_own_that_is_not_finite_is_told_as_what_it_is() -> None:
    own = {"far": lambda true, predicted: -math.inf, "odd": lambda true, predicted: math.nan}
    found = ClassificationAnalyzer(metrics=own).analyse("test", table("aa", [0.1, 0.2]))
    assert found.metrics == {"far": None, "odd": None, "auc": None}
    assert found.nonfinite == {"far": "-inf", "odd": "nan"}  # the area is not defined for one class
    assert found.in_words() == "test  far -inf  odd nan  auc -"
    assert msgspec.json.decode(msgspec.json.encode(found), type=Analysis) == found


def test_long_curves_are_thinned_out_to_what_a_screen_shows() -> None:
    data = noisy(20_000)
    roc = curve(ClassificationAnalyzer(threshold=0.5).analyse("test", data), "roc", "b")
    assert len(roc.x) <= POINTS + EVEN
    x, y, _ = roc_curve(data["class"] == "b", data["prd_b"])
    places = np.linspace(0.01, 1, 500)
    assert np.abs(np.interp(places, x, y) - np.interp(places, roc.x, roc.y)).max() < 0.01


def test_thresholds_can_be_read_off_along_the_whole_curve() -> None:
    roc = curve(ClassificationAnalyzer(threshold=0.5).analyse("test", noisy(20_000)), "roc", "b")
    assert np.hypot(np.diff(roc.x), np.diff(roc.y)).max() < 0.035
    thresholds = [one for one in roc.at if one is not None]
    assert thresholds == sorted(thresholds, reverse=True)
    assert len(thresholds) == len(roc.at) - 1


def test_thinning_keeps_every_corner() -> None:
    x = np.concatenate([np.zeros(500), np.linspace(0, 1, 500)])
    y = np.concatenate([np.linspace(0, 0.9, 500), np.full(499, 0.9), [1.0]])
    assert keep(x, y).tolist() == [0, 499, 998, 999]
    assert keep(x, y, always=(700,)).tolist() == [0, 499, 700, 998, 999]


def test_outputs_that_are_no_probabilities_have_no_calibration() -> None:
    data = pd.DataFrame({"class": list("abb"), "prd_a": [3.0, -1.0, 2.0], "prd_b": [1.0, 5.0, 1.0]})
    found = ClassificationAnalyzer().analyse("test", data)
    assert [one.name for one in found.results if isinstance(one, Lines)] == ["roc", "pr"]
    histogram = result(found, Histogram)
    assert (histogram.edges[0], histogram.edges[-1]) == (-1.0, 5.0)
    assert result(found, Confusion).counts == ((1, 0), (1, 1))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (table("ab", [0.1, math.nan]), "predicts nan for 1 of 2 images of test"),
        (table("", []), "predictions of test have no rows"),
        (table("abz", [0.1, 0.2, 0.3]), "test holds images of z, which was not predicted"),
    ],
)
def test_predictions_that_cannot_be_analysed_are_told(data: pd.DataFrame, message: str) -> None:
    with pytest.raises(OpError, match=message):
        ClassificationAnalyzer().analyse("test", data)


def test_another_prefix_than_the_predictions_is_told() -> None:
    with pytest.raises(OpError, match=r"no columns prob_\*") as caught:
        ClassificationAnalyzer(prefix="prob_").analyse("test", table("ab", [0.1, 0.9]))
    assert caught.value.key == "ops.analysis.config.analyzer.prefix"


def test_of_many_classes_the_stream_gets_those_with_most_mistakes() -> None:
    counts = ((9, 0, 0, 0), (0, 8, 0, 1), (0, 0, 9, 0), (0, 2, 0, 7))
    labels = ("a", "b", "c", "d")
    lines = Lines("roc", "ROC", "x", "y", tuple(Curve(label, (0.0,), (0.0,)) for label in (ALL, *labels)))
    matrix, roc = brief((Confusion(labels, counts), lines), curves=1, cells=2)
    assert matrix == Confusion(("b", "d"), ((8, 1), (2, 7)), totals=(9, 9), classes=4)
    assert isinstance(roc, Lines)
    assert [one.label for one in roc.curves] == [ALL, "b"]


def test_what_travels_of_a_subset_is_small_and_comes_back_the_same() -> None:
    found = ClassificationAnalyzer(metrics=METRICS, threshold=0.5).analyse("test", noisy(5000))
    row = msgspec.json.encode(found)
    assert len(row) < 20_000
    assert msgspec.json.decode(row, type=Analysis) == found
