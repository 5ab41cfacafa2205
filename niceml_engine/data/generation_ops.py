"""The ops of `job_data_generation`: make samples, deal them out to subsets, cut the digits out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Any, TypeVar, cast

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.data.generation import Generator
from niceml_engine.data.generation_folder import DataFolder
from niceml_engine.data.generation_split import crop_digits, deal, read_scene, sample_id
from niceml_engine.data.threads import in_threads
from niceml_engine.errors import ConfigError, DataError
from niceml_engine.events import Artifact, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.jobs.declaration_data import DATA_OPS
from niceml_engine.learning.build import build
from niceml_engine.store.location import Location

DEFAULTS = {op.name: {field.name: field.default for field in op.fields if not field.required} for op in DATA_OPS}
ONE_BATCH = 10  #: samples that are enough to try whether everything fits
CROPPED = re.compile(r"^\d+_\d+_[^_/]+\.png$")

Item = TypeVar("Item")


def data_generation(context: OpContext) -> None:
    """Writes the samples of the op's generator to its target folder.

    Raises:
        DataError: An option makes no sense.
        StoreError: The data location cannot be written.
        OpError: The generator cannot be built from its config.
    """
    with context.phase("prepare"):
        _option(context, "generator")  # says which of its options does not resolve; building it would not
        generator: Generator = build(context.own, "generator")
        count = min(len(generator), ONE_BATCH) if context.one_batch else len(generator)
        target = _folder(context, "target")
        _clear(context, target)

    def make(index: int) -> int:
        return _write(target, generator.files(index))

    with context.phase("draw"):
        written = _each(context, make, range(count), target.threads(_option(context, "workers")), "sample")
    _report(context, target, written, f"{count} samples written to {target.uri}")


def data_split(context: OpContext) -> None:
    """Copies the samples into a folder per subset.

    Raises:
        DataError: There is nothing to split, or the fractions make no sense.
        StoreError: The data location cannot be read or written.
    """
    source, target = _folders(context)
    subsets = _option(context, "subsets")
    names = [name for name in source.files() if "/" not in name]
    if not any(name.endswith(".png") for name in names):
        raise DataError(f"no images in {source.uri}: run data_generation first, or set `source`")
    subset_of = deal(sorted({sample_id(name) for name in names}), subsets, _option(context, "seed"))
    _clear(context, target)

    def copy(name: str) -> int:
        return target.write(f"{subset_of[sample_id(name)]}/{name}", source.read(name))

    with context.phase("copy"):
        written = _each(context, copy, names, target.threads(_option(context, "workers")), "file")
    counts = {subset: list(subset_of.values()).count(subset) for subset in subsets}
    _report(context, target, written, ", ".join(f"{count} {subset}" for subset, count in counts.items()))


def data_crop(context: OpContext) -> None:
    """Cuts each digit of each scene out; leaves data alone whose images show one digit each already.

    Raises:
        DataError: There is nothing to crop, or an image or a label file is broken.
        StoreError: The data location cannot be read or written.
    """
    source, target = _folders(context)
    size, margin = _option(context, "size"), _option(context, "margin")
    if size < 1 or margin < 0:
        raise DataError(f"size is {size} and margin {margin}: size must be 1 or more, margin 0 or more")
    names = source.files()
    labels = [name for name in names if name.endswith(".json")]
    if not labels:
        if not any(CROPPED.match(name.rsplit("/", 1)[-1]) for name in names):
            raise DataError(f"no label files in {source.uri}: run data_split first, or set `source`")
        context.log(f"the images in {source.uri} show one digit each: nothing to crop")
        return
    _clear(context, target)

    def crop(label: str) -> int:
        subset = label.rsplit("/", 1)[0] + "/" if "/" in label else ""
        scene = read_scene(source.read(label), f"{source.uri}/{label}")
        image = subset + scene.image
        crops = crop_digits(source.read(image), scene, size, margin, f"{source.uri}/{image}")
        return _write(target, {subset + name: content for name, content in crops.items()})

    with context.phase("crop"):
        written = _each(context, crop, labels, target.threads(_option(context, "workers")), "scene")
    _report(context, target, written, f"the digits of {len(labels)} scenes cropped to {target.uri}")


def _option(context: OpContext, name: str) -> Any:
    """An option of the op as plain data, or its declared default."""
    key = f"ops.{context.op}.config.{name}"
    try:
        value = context.own.get(name, DEFAULTS[context.op].get(name))
        plain = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    except OmegaConfBaseException as error:
        message = (str(error) or type(error).__name__).splitlines()[0]
        raise ConfigError(message, key=error.full_key or key, details=str(error)) from error
    if plain is None:
        raise ConfigError(f"op {context.op} needs `{name}`: set it", key=key)
    return plain


def _folder(context: OpContext, name: str) -> DataFolder:
    folder = str(_option(context, name)).strip("/")
    if set(folder.split("/")) & {"", ".", ".."}:
        key = f"ops.{context.op}.config.{name}"
        raise ConfigError(f"{folder!r} is no folder below the data location: name one, such as numbers", key=key)
    return DataFolder(Location.of(_option(context, "location")) / folder)


def _folders(context: OpContext) -> tuple[DataFolder, DataFolder]:
    """Source and target; clearing the target must not touch the source."""
    source, target = _folder(context, "source"), _folder(context, "target")
    if f"{source.uri}/".startswith(f"{target.uri}/"):
        key = f"ops.{context.op}.config.target"
        raise ConfigError(f"the target {target.uri} holds the source: choose another folder", key=key)
    return source, target


def _write(folder: DataFolder, files: dict[str, bytes]) -> int:
    return sum(folder.write(name, content) for name, content in files.items())


def _clear(context: OpContext, folder: DataFolder) -> None:
    removed = folder.clear()
    if removed:
        context.log(f"{removed} files of an earlier generation removed from {folder.uri}")


PROGRESS_SECONDS = 0.1  #: between two notes of progress; more a person cannot see


def _each(context: OpContext, work: Callable[[Item], int], items: Sequence[Item], threads: int, unit: str) -> int:
    total, size, shown = len(items), 0, 0.0
    for done, written in enumerate(in_threads(work, cast("Iterable[Item]", items), threads), start=1):
        size += written
        if done == total or perf_counter() - shown >= PROGRESS_SECONDS:
            shown = perf_counter()
            context.emit(Progress(done=done, total=total, unit=unit))
    return size


def _report(context: OpContext, folder: DataFolder, size: int, text: str) -> None:
    context.log(text)
    context.emit(Artifact(kind="data", path=folder.uri, size=size))
