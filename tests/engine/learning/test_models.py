from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from niceml_engine.errors import OpError
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.models import Classifier, Mlp, MobileNetV2, SmallCnn
from niceml_engine.learning.prediction import class_probabilities
from niceml_engine.learning.train import make_model

DATA = ClassificationData(classes=["a", "b"], image_size=[32, 32])


@pytest.mark.parametrize("kind", [SmallCnn(filters=[2]), Mlp(units=[3]), MobileNetV2()], ids=lambda kind: type(kind))
def test_models_end_in_probabilities(kind: Classifier) -> None:
    model = make_model(kind, DATA)
    outputs = model(np.zeros((2, *DATA.input_shape), np.float32)).numpy()
    assert outputs.shape == (2, 2)
    assert outputs.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_sigmoid_gives_one_probability_of_two_classes_only() -> None:
    assert make_model(SmallCnn(filters=[2], output="sigmoid"), DATA).output_shape == (None, 1)
    three = ClassificationData(classes=["a", "b", "c"], image_size=[8, 8])
    with pytest.raises(OpError, match="use `output: softmax`"):
        make_model(SmallCnn(filters=[2], output="sigmoid"), three)


def test_weights_come_from_a_file_only(tmp_path: Path) -> None:
    with pytest.raises(OpError, match=r"no file of weights .*imagenet"):
        make_model(MobileNetV2(weights="imagenet"), DATA)


def test_finished_models_and_functions_count_as_models() -> None:
    layers = [keras.Input(DATA.input_shape), keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    assert make_model(model, DATA) is model
    assert make_model(lambda data: keras.Sequential(layers), DATA).built


def _broken(data: ClassificationData) -> Any:
    return keras.Sequential([keras.Input(data.input_shape), keras.layers.Dense(-1)])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, "made a int, not a keras.Model"),
        (lambda data: "net", "made a str for the data"),
        (_broken, "the model cannot be built: ValueError"),
    ],
)
def test_what_makes_no_model_is_told(source: Any, message: str) -> None:
    with pytest.raises(OpError, match=message) as caught:
        make_model(source, DATA)
    assert caught.value.key == "ops.train.config.model"


def test_probabilities_of_two_classes_may_come_as_one() -> None:
    assert class_probabilities(np.array([[0.25]]), 2).tolist() == [[0.75, 0.25]]
    assert class_probabilities(np.array([[0.5, 0.25, 0.25]]), 3).tolist() == [[0.5, 0.25, 0.25]]
    with pytest.raises(OpError, match="gives 3 values per image for 2 classes"):
        class_probabilities(np.array([[0.5, 0.25, 0.25]]), 2)
