"""Images of a data set: found by name, decoded once, and fed to TensorFlow.

A file `<id>_<n>_<class>.png` in the folder `<location>/<subset>` shows its class.
"""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from niceml_engine.data.makers import maker_of
from niceml_engine.data.threads import in_threads
from niceml_engine.errors import DataError
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.store.location import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from niceml_engine.jobs.context import OpContext

FILE_NAME = re.compile(r"(?P<id>.+)_(?P<n>\d+)_(?P<class>[^_]+)\.png", re.IGNORECASE)
PARALLEL, PREFETCH = 2, 4  #: batches that are prepared at once, and that lie ready
LOOKED_INTO = 8  #: folders, for other subsets
DOWNLOAD_CHUNK = 256  #: files that are fetched together from a bucket


@dataclass(frozen=True)
class Images:
    """Decoded images, sorted by file name.

    Attributes:
        files: N file names.
        pixels: N x height x width x channels, 0 to 255.
        labels: N indexes into the data description's classes.
    """

    files: tuple[str, ...]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.files)


@dataclass(frozen=True)
class Augmentation:
    """Small random changes of the images that a model trains on.

    Attributes:
        shift: Largest shift, as a part of width and height.
        rotation: Largest rotation in degrees, either way.
        zoom: Largest change of the size, as a part of it.
    """

    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0

    def apply(self, images: Any, seed: Any) -> Any:
        """Changes each image of a batch on its own.

        Args:
            images: Float tensor, batch x height x width x channels.
            seed: Two integers; the same seed changes the same images in the same way.
        """
        import tensorflow as tf

        shape = tf.shape(images)
        size = tf.cast(shape[1:3], tf.float32)
        draw = tf.random.stateless_uniform((4, shape[0]), seed, -1.0, 1.0)
        angle = draw[0] * (self.rotation * 3.141592653589793 / 180.0)
        scale = 1.0 / (1.0 + draw[1] * self.zoom)
        cos, sin = tf.cos(angle) * scale, tf.sin(angle) * scale
        center_y, center_x = (size[0] - 1.0) / 2.0, (size[1] - 1.0) / 2.0
        offset_x = center_x - cos * center_x + sin * center_y + draw[2] * (self.shift * size[1])
        offset_y = center_y - sin * center_x - cos * center_y + draw[3] * (self.shift * size[0])
        zero = tf.zeros_like(cos)
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=tf.stack([cos, -sin, offset_x, sin, cos, offset_y, zero, zero], axis=1),
            output_shape=shape[1:3],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="NEAREST",
        )


@dataclass(frozen=True)
class ImageDataset:
    """One subset of a data set of images.

    Attributes:
        location: Folder of the data set, `{uri, credentials}`.
        subset: Folder in it: `train`, `validation`, `test`.
        data_description: What the images show.
        batch_size: Images per step, at least 1.
        shuffle: Whether the order is drawn anew for every epoch.
        seed: Of order and augmentation.
        augmentation: Applied to the images that a model trains on; `None` for none.
    """

    location: Mapping[str, Any]
    subset: str
    data_description: ClassificationData
    batch_size: int = 16
    shuffle: bool = False
    seed: int = 0
    augmentation: Augmentation | None = None

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise DataError(f"`batch_size` must be 1 or more, not {self.batch_size}")

    def load(self, cache: MutableMapping[str, object], *, one_batch: bool = False) -> Images:
        """Decodes the images, or takes them from the cache.

        Args:
            cache: Images that this process has decoded before.
            one_batch: Whether as many as fill a batch are enough, with some of each class.

        Raises:
            DataError: The folder is missing, it has no image of any listed class, or an image cannot be read.
            StoreError: The location cannot be opened.
        """
        per_class = -(-self.batch_size // len(self.data_description.classes)) if one_batch else None
        key = f"images:{self.folder.uri}:{self.data_description}:{per_class}"
        known = cache.get(key)
        if not isinstance(known, Images):
            known = cache[key] = _load(self, per_class)
        return known

    def count(self) -> dict[str, int]:
        """How many images there are of each class, by their names; none is decoded.

        Raises:
            DataError: The folder is missing, or it has no image of any listed class.
            StoreError: The location cannot be opened.
        """
        _, chosen = _find(self)
        counts = Counter(label for _, label in chosen)
        return {name: counts[label] for label, name in enumerate(self.data_description.classes)}

    @property
    def folder(self) -> Location:
        """Where the subset's images lie."""
        return Location.of(self.location) / self.subset

    def without_images(self, images: Images) -> tuple[str, ...]:
        """The listed classes that no image shows."""
        present = set(images.labels.tolist())
        return tuple(name for label, name in enumerate(self.data_description.classes) if label not in present)

    def training(self, images: Images, *, skip: int = 0) -> Any:
        """An endless `tf.data.Dataset` of full batches (images 0 to 1, labels), shuffled and augmented.

        Args:
            images: Of the subset.
            skip: Batches that have been trained before, in the same order.
        """
        import tensorflow as tf

        data = self._slices(images)
        if self.shuffle:
            data = data.shuffle(len(images), seed=self.seed, reshuffle_each_iteration=True)
        data = data.repeat().batch(self.batch_size, drop_remainder=True)
        counted = tf.data.Dataset.zip(tf.data.Dataset.counter(), data)
        if skip:
            counted = counted.skip(skip)

        def prepare(step: Any, batch: tuple[Any, Any]) -> tuple[Any, Any]:
            pixels = _scale(batch[0])
            if self.augmentation is not None:
                pixels = self.augmentation.apply(pixels, (tf.cast(self.seed, tf.int64), step))
            return pixels, batch[1]

        return self._tuned(counted.map(_as_written(prepare), num_parallel_calls=PARALLEL, deterministic=True))

    def evaluation(self, images: Images) -> Any:
        """A `tf.data.Dataset` that holds every image once, in order."""
        batches = self._slices(images).batch(self.batch_size)
        return self._tuned(batches.map(_as_written(lambda pixels, labels: (_scale(pixels), labels))))

    def _tuned(self, data: Any) -> Any:
        import tensorflow as tf

        # TensorFlow's own tuning costs a thread that now and then takes seconds to end; these images need none
        options = tf.data.Options()
        options.autotune.enabled = False
        return data.prefetch(PREFETCH).with_options(options)

    def _slices(self, images: Images) -> Any:
        import tensorflow as tf

        return tf.data.Dataset.from_tensor_slices((images.pixels, images.labels[:, None]))


def load(dataset: ImageDataset, context: OpContext) -> Images:
    """The images that an op works on: all of a data set, or one batch where the run only tries.

    Args:
        dataset: The data set.
        context: The op's.

    Raises:
        NicemlError: As `ImageDataset.load`.
    """
    with context.phase("load images", dataset.subset):
        return dataset.load(context.cache, one_batch=True) if context.one_batch else dataset.load(context.cache)


def _as_written(function: Callable[..., Any]) -> Any:
    """A function that TensorFlow takes as it is: rewriting `if` and `for` of one that has none takes it a second."""
    import tensorflow as tf

    return tf.autograph.experimental.do_not_convert(function)


def _scale(pixels: Any) -> Any:
    import tensorflow as tf

    return tf.cast(pixels, tf.float32) / 255.0


def _find(data: ImageDataset) -> tuple[Any, list[tuple[str, int]]]:
    """The file system, and path and label of each image of the listed classes."""
    folder, classes = data.folder, data.data_description.classes
    system, base = folder.open()
    try:
        found = sorted(path for path in system.ls(base, detail=False) if str(path).lower().endswith(".png"))
    except FileNotFoundError:
        raise _not_there(Location.of(data.location), data.subset) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{folder.uri} cannot be read: {error}", details=repr(error)) from error
    if not found:
        raise DataError(f"{folder.uri} holds no images; {_made_by(Location.of(data.location).uri)}")
    labels = {name: label for label, name in enumerate(classes)}
    chosen = [(path, labels[name]) for path in found if (name := class_of(path)) in labels]
    if not chosen:
        there = sorted(set(filter(None, map(class_of, found))))
        has = f"it has {', '.join(there)}" if there else "names end with the class, 0001_1_3.png"
        raise DataError(f"{folder.uri} has no image of the `data_description.classes` {', '.join(classes)}; {has}")
    return system, chosen


def _not_there(location: Location, subset: str) -> DataError:
    """What is wrong where the folder of a subset is missing: the subset, or all of the data."""
    system, base = location.open()
    try:
        inside = [str(one["name"]) for one in system.ls(base, detail=True) if one["type"] == "directory"]
        subsets = sorted(one.rstrip("/").rpartition("/")[2] for one in inside[:LOOKED_INTO] if _has_images(system, one))
    except FileNotFoundError:
        return DataError(f"there is no folder {location.uri}; {_made_by(location.uri)}")
    except (OSError, ValueError) as error:
        return DataError(f"{location.uri} cannot be read: {error}", details=repr(error))
    if not subsets:
        return DataError(f"there is no folder {subset} in {location.uri}, nor other images; {_made_by(location.uri)}")
    return DataError(f"there is no folder {subset} in {location.uri}; `subset` may be {', '.join(subsets)}")


def _has_images(system: Any, folder: str) -> bool:
    return any(str(path).lower().endswith(".png") for path in system.ls(folder, detail=False))


def _made_by(uri: str) -> str:
    """What to do where data are missing."""
    job = maker_of(uri)
    if job:
        return f"make the data with `niceml-engine run {job}`, or correct `location.uri`"
    return "correct `location.uri`, or make the data first"


def _load(data: ImageDataset, per_class: int | None = None) -> Images:
    import numpy as np

    folder, description = data.folder, data.data_description
    system, chosen = _find(data)
    if per_class is not None:
        of_class = [[one for one in chosen if one[1] == label] for label in range(len(description.classes))]
        chosen = sorted(one for found in of_class for one in found[:per_class])
    paths = [path for path, _ in chosen]
    threads = min(8, (os.cpu_count() or 1) * 2)

    def decode(image: tuple[str, str | io.BytesIO]) -> Any:
        return _decode(*image, description=description)

    if folder.is_local:
        decoded = list(in_threads(decode, zip(paths, paths, strict=True), threads))
    else:
        decoded = []
        for start in range(0, len(paths), DOWNLOAD_CHUNK):
            chunk = paths[start : start + DOWNLOAD_CHUNK]
            contents = _fetch(system, chunk, folder)
            decoded += in_threads(decode, [(path, io.BytesIO(contents[path])) for path in chunk], threads)
    return Images(
        files=tuple(path.rsplit("/", 1)[-1] for path in paths),
        pixels=np.stack(decoded),
        labels=np.array([label for _, label in chosen], np.int32),
    )


def class_of(path: str) -> str | None:
    """The class that a file's name tells, or `None` if the name tells none."""
    match = FILE_NAME.fullmatch(path.rsplit("/", 1)[-1])
    return match["class"] if match else None


def _fetch(system: Any, paths: list[str], folder: Location) -> dict[str, bytes]:
    try:
        contents = system.cat(paths)
    except (OSError, ValueError) as error:
        raise DataError(f"{folder.uri} cannot be read: {error}", details=repr(error)) from error
    return contents if isinstance(contents, dict) else {paths[0]: contents}


def _decode(path: str, source: str | io.BytesIO, description: ClassificationData) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    height, width, channels = description.input_shape
    try:
        with Image.open(source) as image:
            sized = image.convert("L" if channels == 1 else "RGB")
            if sized.size != (width, height):
                sized = sized.resize((width, height), Image.Resampling.BILINEAR)
            return np.asarray(sized, np.uint8).reshape(height, width, channels)
    # Pillow reports what is broken in an image with any of these, SyntaxError included
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        message = "is not a readable image; replace or remove it"
        raise DataError(f"{path} {message}", file=path, details=repr(error)) from error
