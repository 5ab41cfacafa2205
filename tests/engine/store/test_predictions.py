from __future__ import annotations

import io
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from niceml_engine.errors import StoreError
from niceml_engine.store import predictions
from niceml_engine.store.predictions import Predictions

FILES = ["1_1_a.png", "2_1_a.png", "3_1_b.png", "4_1_b.png", "5_1_b.png"]
SECOND = [0.1, 0.8, 0.7, 0.2, 0.4]


def content(**columns: object) -> bytes:
    second = np.array(SECOND)
    whole = {"file": FILES, "class": list("aabbb"), "prd_a": 1 - second, "prd_b": second} | columns
    buffer = io.BytesIO()
    parquet.write_table(pa.table({name: value for name, value in whole.items() if value is not None}), buffer)
    return buffer.getvalue()


def found(
    true: str | None, predicted: str | None, order: predictions.Order = "worst", threshold: float | None = None
) -> list[str]:
    parsed = Predictions.parse(content(), "prd_", "x.parquet")
    return [name[0] for name in parsed.files[parsed.cell(true, predicted, parsed.decided(threshold), order)]]


@pytest.mark.parametrize(
    ("true", "predicted", "order", "names"),
    [
        ("b", "a", "worst", "45"),
        ("b", "a", "best", "54"),
        ("b", "b", "worst", "3"),
        ("a", "b", "worst", "2"),
        ("b", None, "worst", "453"),
        (None, "b", "worst", "23"),
        (None, None, "worst", "24531"),
        (None, None, "file", "12345"),
    ],
)
def test_the_samples_behind_a_cell_begin_with_the_worst(
    true: str | None, predicted: str | None, order: predictions.Order, names: str
) -> None:
    assert found(true, predicted, order) == list(names)


def test_the_threshold_of_the_analysis_decides() -> None:
    assert found("b", "a", threshold=0.3) == ["4"]
    assert found("b", "a", threshold=0.75) == ["4", "5", "3"]


def test_a_probability_at_the_threshold_is_decided_alike_in_any_precision() -> None:
    exact = np.array([[0.3, 0.7], [0.31, 0.69]])
    single = exact.astype(np.float32)
    for values in (exact, single, single.astype(np.float64)):
        assert predictions.decide(values, 0.7).tolist() == [1, 0]


def test_what_is_no_number_or_of_an_unknown_class_is_the_worst() -> None:
    values = [0.1, 0.8, math.nan, 0.2, 0.4]
    data = content(prd_b=values, prd_a=[1 - one for one in values], **{"class": list("zabbb")})
    parsed = Predictions.parse(data, "prd_", "x.parquet")
    order = parsed.cell(None, None, parsed.decided(0.5))
    assert {parsed.files[row][0] for row in order[:2]} == {"1", "3"}
    assert parsed.classes[0] == "z"


def test_the_foremost_classes_and_those_that_matter_are_told() -> None:
    columns = {f"prd_{name}": [value] for name, value in zip("abcd", (0.1, 0.2, 0.6, 0.1), strict=True)}
    parsed = Predictions.parse(content(**{"file": ["f"], "class": ["d"], **columns}), "prd_", "x.parquet")
    found = parsed.foremost(0, 2, "d", "z")
    assert list(found) == ["c", "b", "d"]
    assert found == pytest.approx({"c": 0.6, "b": 0.2, "d": 0.1})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (content(file=None), "x.parquet has no column file"),
        (content(prd_a=None, prd_b=None), r"x.parquet has no column prd_\*"),
        (content(prd_a=["much"] * 5), "x.parquet cannot be read as predictions"),
        (content(prd_a=[None] * 5), "x.parquet cannot be read as predictions"),
        (b"PAR1 no", "x.parquet cannot be read as predictions"),
    ],
)
def test_what_cannot_be_looked_into_says_why(data: bytes, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        Predictions.parse(data, "prd_", "x.parquet")


def test_predictions_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "MAX_VALUES", 9)
    with pytest.raises(StoreError, match="holds 5 rows of 2 classes; that is too much"):
        Predictions.parse(content(), "prd_", "x.parquet")


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(StoreError, match="there is no class z; there are a, b"):
        found("z", None)


def test_no_pandas_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(content())
    code = (
        "import sys; from niceml_engine.store.predictions import Predictions; "
        f"print(len(Predictions.parse(open({str(file)!r}, 'rb').read(), 'prd_', 'x')), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["5", "False"]
