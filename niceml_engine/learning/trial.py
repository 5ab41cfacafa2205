"""Trying parts of a config: each object in it is made once, and what is known of it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from time import perf_counter
from typing import Any

from omegaconf import DictConfig, ListConfig

from niceml_engine.data.pipeline import ImageDataset
from niceml_engine.errors import ConfigError
from niceml_engine.events import Tried
from niceml_engine.jobs.composed import explain, masked, secrets
from niceml_engine.jobs.objects import below, objects_in, select, title
from niceml_engine.learning.blaming import made_of
from niceml_engine.learning.build import build
from niceml_engine.learning.data_description import ClassificationData
from niceml_engine.learning.learner import Learner
from niceml_engine.learning.models import Classifier
from niceml_engine.learning.train import make_model

_LONGEST = 160  #: letters of what an object says of itself


def try_all(config: DictConfig, keys: tuple[str, ...], emit: Callable[[Tried], object]) -> bool:
    """Makes every object below some keys, and tells what came of each; one that fails stops no other.

    Args:
        config: Composed, unresolved.
        keys: Where to look; an empty one is the whole config.
        emit: Takes what came of each part, in order.

    Returns:
        Whether all of them could be made.
    """
    hidden, good = secrets(config), True
    every = {base: objects_in(config, base) for base in keys}
    if any(every.values()):
        emit(_import(config, [key for found in every.values() for key in found]))
    for base, found in every.items():
        parts = {key: _Part(config, key) for key in found or [base]}
        for part in parts.values():
            part.make() if found else part.resolve()
        made = [part.value for part in parts.values()]
        for key, part in parts.items():
            part.look(made)
            tried = part.told(title(base, key), hidden)
            good = good and tried.status == "succeeded"
            emit(tried)
    return good


def _import(config: DictConfig, keys: list[str]) -> Tried:
    """Imports what the objects are made of, which is not to count as their own time; what fails, fails again later."""
    begin, packages = perf_counter(), set()
    for key in keys:
        target = str(below(select(config, key), "_target_"))
        with suppress(Exception):
            import_module(target.rpartition(".")[0])
            packages.add(target.partition(".")[0])
    shown = (", ".join(sorted(packages)),) if packages else ()
    return Tried(key="", name="import", status="succeeded", seconds=perf_counter() - begin, found=shown)


def _resolve(node: Any) -> None:
    """Looks at every value, so that the very one is named that cannot be resolved."""
    if isinstance(node, DictConfig):
        for name in node:
            _resolve(node[name])
    elif isinstance(node, ListConfig):
        for index in range(len(node)):  # an iterator would not say at which item it stopped
            _resolve(node[index])


class _Part:
    """A part of a config, what was made of it, and how long that took."""

    def __init__(self, config: DictConfig, key: str) -> None:
        self.value: Any = None
        self._config = config
        self._key = key
        self._found: tuple[str, ...] = ()
        self._error: Exception | None = None
        self._seconds = 0.0

    def make(self) -> None:
        """Makes the object."""
        with self._watched():
            _resolve(select(self._config, self._key))
            self.value = build(self._config, self._key)

    def resolve(self) -> None:
        """Resolves the values, where there is no object to make."""
        with self._watched():
            node = select(self._config, self._key)
            if node is None:
                raise ConfigError("there is nothing here to try", key=self._key)
            _resolve(node)
            self._found = ("no object to make; its values resolve",)

    def look(self, made: list[Any]) -> None:
        """Finds out what there is to know of the object.

        Args:
            made: What else was made: a model needs to know its data.
        """
        if self._error is None and self.value is not None:
            with self._watched():
                self.value, self._found = _known(select(self._config, self._key), self._key, self.value, made)

    def told(self, name: str, secrets: tuple[str, ...]) -> Tried:
        """What came of it."""
        if self._error is not None:
            made = () if self.value is None else made_of(select(self._config, self._key), self.value)
            told = explain(self._error, config=self._config, made=made)
            message, key, details = (masked(text, secrets) for text in told)
            key = key or self._key
            return Tried(key=key, name=name, status="failed", seconds=self._seconds, message=message, details=details)
        return Tried(
            key=self._key,
            name=name,
            status="succeeded",
            seconds=self._seconds,
            made="" if self.value is None else _class(self.value),
            found=tuple(masked(text, secrets) for text in self._found if text),
        )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        begin = perf_counter()
        try:
            yield
        except Exception as error:  # whatever a person's own code may raise
            self._error = error
        self._seconds += perf_counter() - begin


def _known(config: Any, key: str, value: Any, made: list[Any]) -> tuple[Any, tuple[str, ...]]:
    """The object itself, or the model that it makes, and what is known of it."""
    if isinstance(value, ImageDataset):
        return value, _of_dataset(value)
    if isinstance(value, ClassificationData):
        return value, (f"classes {', '.join(value.classes)}", f"images {_shape(value.input_shape)}")
    if isinstance(value, Learner):
        parts = [value.optimizer, value.loss, *value.metrics]
        return value, tuple(part if isinstance(part, str) else _class(part) for part in parts)
    if isinstance(value, Classifier) or _is_model(value) or (key.rpartition(".")[2] == "model" and callable(value)):
        data = next(filter(None, map(_description, made)), None)
        if data is None and not _is_model(value):
            return value, ("a model is made of it for a data set; try the op, or name a --job",)
        model = value if data is None else make_model(value, data, config)
        return model, _of_model(model)
    return value, (_words(value),)


def _is_model(value: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def _description(value: Any) -> ClassificationData | None:
    found = value if isinstance(value, ClassificationData) else getattr(value, "data_description", None)
    return found if isinstance(found, ClassificationData) else None


def _of_model(model: Any) -> tuple[str, ...]:
    if not model.built:
        return ("not built: its input is not known",)
    shapes = " → ".join(_shape(shape) for shape in (model.input_shape, model.output_shape))
    return f"{len(model.layers)} layers", f"{model.count_params():,} parameters", shapes


def _of_dataset(data: ImageDataset) -> tuple[str, ...]:
    counts = data.count()
    images = data.load({}, one_batch=True)
    pixels, labels = next(iter(data.evaluation(images).as_numpy_iterator()))
    listed = ", ".join(f"{count} of {name}" for name, count in counts.items())
    total = sum(counts.values())
    return f"{total:,} images: {listed}", f"a batch {_shape(pixels.shape)}, labels {_shape(labels.shape)}"


def _shape(shape: Any) -> str:
    if isinstance(shape, dict | list):
        every = shape.values() if isinstance(shape, dict) else shape
        return ", ".join(_shape(one) for one in every)
    return "×".join("n" if size is None else str(size) for size in shape)


def _class(value: Any) -> str:
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ == "builtins":
        return kind.__name__
    package, hidden, _ = kind.__module__.partition(".src.")  # where Keras and others hide what they export
    return f"{package if hidden else kind.__module__}.{kind.__qualname__}"


def _words(value: Any) -> str:
    """What an object says of itself, where that is more than where it lies in memory."""
    shown = " ".join(repr(value).split())
    if " object at 0x" in shown or shown.startswith("<"):
        return f"{len(value)} items" if hasattr(value, "__len__") else ""
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
