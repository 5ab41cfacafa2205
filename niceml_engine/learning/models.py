"""The models that come with the program.

A model of one's own needs none of this: anything that can be called with a `ClassificationData` and returns a
`keras.Model`, or a `keras.Model` itself, does.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from niceml_engine.errors import OpError
from niceml_engine.learning.data_description import ClassificationData

if TYPE_CHECKING:
    import keras

WEIGHTS = "ops.train.config.model.weights"
BODY = "mobilenet_v2"


@dataclass(frozen=True, kw_only=True)
class Classifier(ABC):
    """A network that ends in class probabilities.

    Attributes:
        dropout: Part of the features that is dropped before the last layer while training, 0 to 1.
        output: `sigmoid`, one probability (of the second of two classes), or `softmax`, one per class.
    """

    dropout: float = 0.25
    output: Literal["sigmoid", "softmax"] = "softmax"

    def __call__(self, data: ClassificationData) -> keras.Model:
        """Builds the model; its input is batch x height x width x channels, with values from 0 to 1.

        Raises:
            OpError: `output` does not fit the number of classes.
        """
        import keras

        count = len(data.classes)
        if self.output == "sigmoid" and count != 2:
            raise OpError(f"a sigmoid output tells two classes apart, not {count}; use `output: softmax`")
        inputs = keras.Input(data.input_shape)
        features = keras.layers.Dropout(self.dropout)(self.features(inputs))
        units = 1 if self.output == "sigmoid" else count
        return keras.Model(inputs, keras.layers.Dense(units, activation=self.output)(features))

    @abstractmethod
    def features(self, inputs: Any) -> Any:
        """Turns images into a batch of feature vectors."""


@dataclass(frozen=True, kw_only=True)
class SmallCnn(Classifier):
    """Blocks of convolution, batch normalisation and pooling.

    Attributes:
        filters: Number of filters of each block.
    """

    filters: Sequence[int] = (16, 32, 64)

    def features(self, inputs: Any) -> Any:
        """Turns images into the means of the last block's maps."""
        from keras import layers

        x = inputs
        for filters in self.filters:
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
            x = layers.MaxPooling2D()(x)
        return layers.GlobalAveragePooling2D()(x)


@dataclass(frozen=True, kw_only=True)
class Mlp(Classifier):
    """Dense layers over the pixels.

    Attributes:
        units: Number of units of each layer.
    """

    units: Sequence[int] = (128, 64)

    def features(self, inputs: Any) -> Any:
        """Turns images into the last layer's activations."""
        from keras import layers

        x = layers.Flatten()(inputs)
        for units in self.units:
            x = layers.Dense(units, activation="relu")(x)
        return x


@dataclass(frozen=True, kw_only=True)
class MobileNetV2(Classifier):
    """MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) without its own last layer.

    Attributes:
        weights: A local file that `save_weights` wrote, of a whole model like this one or of Keras' MobileNetV2
            without its top; `None` starts from random ones. Nothing is downloaded.
        alpha: Width of the network.
    """

    weights: str | None = None
    alpha: float = 0.35

    def __call__(self, data: ClassificationData) -> keras.Model:
        """Builds the model, and gives it its weights.

        Raises:
            OpError: `output` does not fit the number of classes, there is no such file, or its weights do not fit.
        """
        if self.weights is not None and not Path(self.weights).is_file():
            raise OpError(f"there is no file {self.weights}; give a local one, or null", key=WEIGHTS)
        model = super().__call__(data)
        if self.weights is not None:
            self._load(model, self.weights)
        return model

    def features(self, inputs: Any) -> Any:
        """Turns images into the means of the last maps."""
        import keras

        x = keras.layers.Rescaling(2.0, -1.0)(inputs)
        if inputs.shape[-1] == 1:
            x = keras.layers.Concatenate()([x, x, x])
        body = keras.applications.MobileNetV2(
            input_shape=(*inputs.shape[1:3], 3),
            alpha=self.alpha,
            weights=None,
            include_top=False,
            pooling="avg",
            name=BODY,
        )
        return body(x)

    def _load(self, model: keras.Model, file: str) -> None:
        failures = []
        for part in (model.get_layer(BODY), model):
            try:
                with warnings.catch_warnings():
                    # what Keras skips would keep its random weights
                    warnings.filterwarnings("error", "Skipping", UserWarning)
                    part.load_weights(file)
            except Exception as error:  # Keras and h5py raise whatever they stumble over
                failures.append(repr(error))
            else:
                return
        raise OpError(
            f"the weights in {file} do not fit MobileNetV2 with alpha {self.alpha}; "
            "give a file that `save_weights` of such a model wrote, or null",
            key=WEIGHTS,
            details="\n".join(failures),
        )
