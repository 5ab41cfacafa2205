from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score

from niceml_engine.errors import OpError
from niceml_engine.learning.analysis import ROC_POINTS, ClassificationAnalyzer

METRICS = {"accuracy": accuracy_score, "f1": f1_score}


def table(true: str, second: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"class": list(true), "prd_a": [1 - value for value in second], "prd_b": second})


def test_two_classes_are_told_apart_at_the_threshold() -> None:
    result = ClassificationAnalyzer(threshold=0.3, metrics=METRICS).analyse("test", table("aabb", [0.1, 0.4, 0.3, 0.9]))
    assert result.labels == ("a", "b")
    assert result.confusion == ((1, 1), (0, 2))
    assert result.metrics == pytest.approx({"accuracy": 0.75, "f1": 0.8, "auc": 0.75})
    (curve,) = result.roc
    assert (curve.label, curve.area) == ("b", 0.75)
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)


def test_several_classes_have_a_curve_each_and_the_mean_of_their_areas() -> None:
    data = pd.DataFrame({"class": list("abc"), "p_a": [0.8, 0.1, 0.5], "p_b": [0.1, 0.7, 0.3], "p_c": [0.1, 0.2, 0.2]})
    result = ClassificationAnalyzer(prefix="p_", metrics={"accuracy": accuracy_score}).analyse("test", data)
    assert result.confusion == ((1, 0, 0), (0, 1, 0), (1, 0, 0))
    assert [curve.label for curve in result.roc] == ["a", "b", "c"]
    assert result.metrics["auc"] == pytest.approx((1 + 1 + 0.75) / 3)


def test_a_subset_of_one_class_has_no_curve() -> None:
    result = ClassificationAnalyzer(metrics={"accuracy": accuracy_score}).analyse("test", table("aa", [0.1, 0.2]))
    assert result.roc == ()
    assert result.metrics == {"accuracy": 1.0, "auc": None}


def test_long_curves_are_thinned_out_and_keep_their_ends() -> None:
    true = "ab" * 1000
    result = ClassificationAnalyzer().analyse("test", table(true, [(i * 7919 % 2000) / 2000 for i in range(2000)]))
    assert len(result.roc[0].x) <= ROC_POINTS
    assert (result.roc[0].x[0], result.roc[0].y[-1]) == (0.0, 1.0)


def test_another_prefix_than_the_predictions_is_told() -> None:
    with pytest.raises(OpError, match=r"no columns prob_\*") as caught:
        ClassificationAnalyzer(prefix="prob_").analyse("test", table("ab", [0.1, 0.9]))
    assert caught.value.key == "ops.analysis.config.analyzer.prefix"
