"""A bare Keras script: what a person without this program would write for the sample training."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from niceml_engine.data.pipeline import Augmentation
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.models import SmallCnn

SIZE, BATCH = 48, 16


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The zeros and ones of a folder."""
    files = [file for file in sorted(folder.glob("*.png")) if file.stem[-1] in "01"]
    images = [
        np.asarray(Image.open(file).convert("L").resize((SIZE, SIZE), Image.Resampling.BILINEAR)) for file in files
    ]
    return np.stack(images)[..., None], np.array([[int(file.stem[-1])] for file in files])


def scaled(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Images from 0 to 1."""
    return tf.cast(images, tf.float32) / 255.0, labels


class Clock(keras.callbacks.Callback):
    """Takes the time between the beginnings of epochs, which is all that this program measures."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())


def main() -> None:
    """Trains; the arguments are the data's folder, epochs, steps per epoch, and the file for the times."""
    data, epochs, steps, result = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    begin = time.perf_counter()
    keras.utils.set_random_seed(42)
    augmentation = Augmentation(shift=0.06, rotation=8, zoom=0.08)
    images, labels = load(data / "train")

    def augmented(step: tf.Tensor, batch: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        pixels, classes = scaled(*batch)
        return augmentation.apply(pixels, (tf.constant(7, tf.int64), step)), classes

    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).repeat().batch(BATCH)
    train = tf.data.Dataset.zip(tf.data.Dataset.counter(), batches).map(augmented, tf.data.AUTOTUNE)
    validation = tf.data.Dataset.from_tensor_slices(load(data / "validation")).batch(BATCH).map(scaled)
    model = SmallCnn(output="sigmoid")(ClassificationData(("0", "1"), (SIZE, SIZE), 1))
    rate = keras.optimizers.schedules.CosineDecay(1e-3, epochs * steps, 0.05)
    model.compile(
        keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.BinaryAccuracy()]
    )
    clock = Clock()
    model.fit(
        train.prefetch(tf.data.AUTOTUNE),
        epochs=epochs,
        steps_per_epoch=steps,
        validation_data=validation,
        callbacks=[clock],
        shuffle=False,
        verbose=0,
    )
    whole = time.perf_counter() - begin
    pauses = [after - before for before, after in zip(clock.times, clock.times[1:], strict=False)]
    if any(math.isnan(weight) for weight in model.get_weights()[0].ravel()):
        raise SystemExit("the training went wrong")
    result.write_text(json.dumps({"whole": whole, "epochs": pauses}), "utf-8")


if __name__ == "__main__":
    main()
