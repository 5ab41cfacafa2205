from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from omegaconf import OmegaConf

from niceml_engine.errors import OpError
from niceml_engine.jobs.composed import parse
from niceml_engine.learning.build import build
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.models import BODY, Classifier, Mlp, MobileNetV2, SmallCnn
from niceml_engine.learning.prediction import class_probabilities
from niceml_engine.learning.train import make_model
from tests.conftest import REPOSITORY
from tests.engine.projects import TRAIN, compose

#: Keras's variables do not know NumPy 2's `copy` keyword yet; what is saved is right.
saves_weights = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
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


@saves_weights
@pytest.mark.parametrize("part", ["whole", "body"])
def test_weights_are_taken_from_a_file_of_the_model_or_of_its_body(tmp_path: Path, part: str) -> None:
    known = make_model(MobileNetV2(), DATA)
    file = str(tmp_path / "known.weights.h5")
    (known if part == "whole" else known.get_layer(BODY)).save_weights(file)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fresh = make_model(MobileNetV2(weights=file), DATA)
    assert not [str(one.message) for one in caught if "Skipping" in str(one.message)]
    pairs = zip(fresh.get_layer(BODY).get_weights(), known.get_layer(BODY).get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    same_head = np.array_equal(fresh.layers[-1].get_weights()[0], known.layers[-1].get_weights()[0])
    assert same_head == (part == "whole")


@saves_weights
def test_a_training_step_of_the_option_starts_from_the_weights_of_a_file(tmp_path: Path) -> None:
    known = make_model(MobileNetV2(output="sigmoid"), DATA)
    file = tmp_path / "known.weights.h5"
    known.save_weights(file)
    chosen = ("ops/train@ops.train.config=op_train_cls_binary_mobilenet", f"ops.train.config.model.weights={file}")
    own = parse(compose(REPOSITORY, TRAIN, *chosen).yaml).ops.train.config
    model = make_model(build(own, "model"), DATA)
    # a step of length zero leaves what it starts from; a compiled one would take a quarter of a minute to trace
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy", run_eagerly=True)
    model.train_on_batch(np.ones((2, *DATA.input_shape), np.float32), np.array([[0], [1]]))
    pairs = list(zip(model.trainable_weights, known.trainable_weights, strict=True))
    assert len(pairs) > 100
    assert all(np.array_equal(one.numpy(), other.numpy()) for one, other in pairs)


@saves_weights
def test_weights_that_are_not_there_or_do_not_fit_are_refused_with_their_key(tmp_path: Path) -> None:
    wide, text = tmp_path / "wide.weights.h5", tmp_path / "text.weights.h5"
    make_model(MobileNetV2(alpha=0.5), DATA).save_weights(wide)
    text.write_text("no weights")
    for file, said in (
        ("imagenet", "there is no file imagenet; give a local one, or null"),
        (str(wide), f"the weights in {wide} do not fit MobileNetV2 with alpha 0.35; give a file"),
        (str(text), f"the weights in {text} do not fit"),
    ):
        with pytest.raises(OpError) as caught:
            make_model(MobileNetV2(weights=file), DATA)
        assert caught.value.key == "ops.train.config.model.weights"
        assert said in caught.value.message
        assert "\n" not in caught.value.message


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


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"filters": [16, 0, 3]}, "filters"),  # which the error names
        ({"dropout": 2.0}, "dropout"),  # of which Keras knows only `rate`
        ({"filters": [2] * 7}, "filters"),  # over which the layers are made, one of which gets no pixel any more
    ],
)
def test_the_argument_of_a_model_that_cannot_be_built_is_blamed(given: dict[str, Any], argument: str) -> None:
    target = "niceml_engine.learning.models.SmallCnn"
    config = OmegaConf.create(
        {"net": {"_target_": target, "filters": [2], "dropout": 0.5, "output": "softmax"} | given}
    )
    with pytest.raises(OpError, match="the model cannot be built: ValueError") as caught:
        make_model(build(config, "net"), DATA, config.net)
    assert caught.value.key == f"net.{argument}"
    assert "Exception encountered" not in caught.value.message


def test_an_error_that_may_be_about_several_arguments_blames_none() -> None:
    def own(data: Any) -> Any:
        raise ValueError("`one` does not go with `two`")

    config = OmegaConf.create({"net": {"_target_": "x", "one": 1, "two": 2}})
    with pytest.raises(OpError) as caught:
        make_model(own, DATA, config.net)
    assert caught.value.key == "net"


def test_probabilities_of_two_classes_may_come_as_one() -> None:
    assert class_probabilities(np.array([[0.25]]), 2).tolist() == [[0.75, 0.25]]
    assert class_probabilities(np.array([[0.5, 0.25, 0.25]]), 3).tolist() == [[0.5, 0.25, 0.25]]
    with pytest.raises(OpError, match="gives 3 values per image for 2 classes"):
        class_probabilities(np.array([[0.5, 0.25, 0.25]]), 2)
