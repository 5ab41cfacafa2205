"""The op `prediction`: a probability per class for every image."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from niceml_engine.data.pipeline import ImageDataset, Images, load
from niceml_engine.errors import OpError, StoreError
from niceml_engine.events import Artifact, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning.build import build
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.models import read_models, write_predictor
from niceml_engine.values import Checkpoint

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class VectorHandler:
    """Writes predictions as a table with a column per class.

    Attributes:
        prefix: Of the columns' names; the class follows.
    """

    prefix: str = "prd_"

    def table(self, images: Images, classes: tuple[str, ...], probabilities: NDArray[np.float32]) -> bytes:
        """Makes a parquet file.

        Args:
            images: N images.
            classes: The K classes, in the order of labels.
            probabilities: N x K.

        Returns:
            The file: columns `file`, `class` and one per class.
        """
        import pyarrow as pa
        from pyarrow import parquet

        columns: dict[str, Any] = {"file": list(images.files), "class": [classes[label] for label in images.labels]}
        columns |= {f"{self.prefix}{name}": probabilities[:, index] for index, name in enumerate(classes)}
        buffer = io.BytesIO()
        parquet.write_table(pa.table(columns), buffer)
        return buffer.getvalue()


def run(context: OpContext) -> None:
    """Predicts every subset and writes `predictions/<subset>.parquet`.

    Raises:
        NicemlError: There is no model, or the data cannot be read.
    """
    folder = context.experiment
    if folder is None:
        raise OpError("prediction needs an experiment folder; put the op `experiment` before it")
    own = context.own
    handler: VectorHandler = build(own, "prediction_handler")
    datasets: dict[str, ImageDataset] = build(own, "datasets") or {}
    with context.phase("load model"):
        checkpoint = _checkpoint(folder, own.model)
        model = _model(context, folder, checkpoint.file)
    context.log(f"predicts with the {checkpoint.in_words()}")
    write_predictor(folder, checkpoint)
    forward: dict[tuple[int, int, int], Any] = {}
    for number, (subset, dataset) in enumerate(datasets.items()):
        images = load(dataset, context)
        classes = tuple(dataset.data_description.classes)
        shape = dataset.data_description.input_shape
        if shape not in forward:
            forward[shape] = _forward(model, shape)
        with context.phase("predict", subset):
            outputs = np.concatenate([forward[shape](batch) for batch in _batches(images, dataset.batch_size)])
        content = handler.table(images, classes, class_probabilities(outputs, len(classes)))
        name = f"predictions/{subset}.parquet"
        size = folder.write(name, content)
        context.emit(Artifact(kind="prediction", path=name, size=size))
        context.emit(Progress(done=number + 1, total=len(datasets), unit="subset"))
        context.log(f"{name}  {len(images)} images")


def class_probabilities(outputs: NDArray[Any], classes: int) -> NDArray[np.float32]:
    """Makes a probability per class out of a model's output.

    Args:
        outputs: N x K, or N x 1 with the probability of the second of two classes.
        classes: K.

    Raises:
        OpError: The model's output has another shape.
    """
    flat = outputs.reshape(len(outputs), -1).astype(np.float32)
    if flat.shape[1] == 1 and classes == 2:
        return np.concatenate([1.0 - flat, flat], axis=1)
    if flat.shape[1] != classes:
        raise OpError(f"the model gives {flat.shape[1]} values per image for {classes} classes; check its last layer")
    return flat


def _forward(model: Any, shape: tuple[int, int, int]) -> Any:
    import tensorflow as tf

    # the open first dimension lets batches of any size share one trace
    signature = [tf.TensorSpec((None, *shape), tf.float32)]
    return tf.function(lambda batch: model(batch, training=False), input_signature=signature)


def _batches(images: Images, size: int) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(images), size):
        yield images.pixels[start : start + size].astype(np.float32) / 255.0


def _checkpoint(folder: ExperimentFolder, which: str) -> Checkpoint:
    key = "ops.prediction.config.model"
    if which not in ("best", "last"):
        raise OpError(f"`model` is best or last, not {which}", key=key)
    try:
        return read_models(folder).checkpoint(which)
    except StoreError as error:
        raise OpError("there is no saved model; add the callback `checkpoints` to the training", key=key) from error


def _model(context: OpContext, folder: ExperimentFolder, name: str) -> Any:
    known = context.cache.get(f"model:{name}")
    if known is not None:
        return known
    import keras

    with folder.local(name) as file:
        return keras.models.load_model(file, compile=False)
