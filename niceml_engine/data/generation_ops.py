"""The ops of `job_data_generation`: make samples, deal them out to subsets, cut the digits out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

from omegaconf import DictConfig, OmegaConf

from niceml_engine.data.generation import Generator
from niceml_engine.data.generation_folder import DataFolder, in_threads
from niceml_engine.data.generation_split import crop_digits, deal, read_scene, sample_id
from niceml_engine.errors import DataError, NicemlError, OpError
from niceml_engine.events import Artifact, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.store.location import Location

CROPPED = re.compile(r"^\d+_\d+_[^_/]+\.png$")

Item = TypeVar("Item")


def data_generation(context: OpContext) -> None:
    """Writes the samples of the op's generator to its target folder.

    Raises:
        DataError: An option makes no sense.
        StoreError: The data location cannot be written.
        OpError: The generator cannot be built from its config.
    """
    own = context.own
    with context.phase("prepare"):
        generator: Generator = _build(own.generator, f"ops.{context.op}.config.generator")
        target = _folder(own, own.target)
        _clear(context, target)

    def make(index: int) -> int:
        return _write(target, generator.files(index))

    with context.phase("draw"):
        size = _each(context, make, range(len(generator)), target.threads(own.workers), "sample")
    _report(context, target, size, f"{len(generator)} samples written to {target.uri}")


def data_split(context: OpContext) -> None:
    """Copies the samples into a folder per subset.

    Raises:
        DataError: There is nothing to split, or the fractions make no sense.
        StoreError: The data location cannot be read or written.
    """
    own = context.own
    source, target = _folder(own, own.source), _folder(own, own.target)
    names = [name for name in source.files() if "/" not in name]
    if not any(name.endswith(".png") for name in names):
        raise DataError(f"no images in {source.uri}: run data_generation first, or set `source`")
    subset_of = deal(sorted({sample_id(name) for name in names}), _plain(own.subsets), own.seed)
    _clear(context, target)

    def copy(name: str) -> int:
        return target.write(f"{subset_of[sample_id(name)]}/{name}", source.read(name))

    with context.phase("copy"):
        size = _each(context, copy, names, target.threads(own.workers), "file")
    counts = {subset: list(subset_of.values()).count(subset) for subset in own.subsets}
    _report(context, target, size, ", ".join(f"{count} {subset}" for subset, count in counts.items()))


def data_crop(context: OpContext) -> None:
    """Cuts each digit of each scene out; leaves data alone whose images show one digit each already.

    Raises:
        DataError: There is nothing to crop, or an image or a label file is broken.
        StoreError: The data location cannot be read or written.
    """
    own = context.own
    source, target = _folder(own, own.source), _folder(own, own.target)
    if own.size < 1 or own.margin < 0:
        raise DataError(f"size is {own.size} and margin {own.margin}: size must be at least 1, margin 0 or more")
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
        crops = crop_digits(source.read(image), scene, own.size, own.margin, f"{source.uri}/{image}")
        return _write(target, {subset + name: content for name, content in crops.items()})

    with context.phase("crop"):
        size = _each(context, crop, labels, target.threads(own.workers), "scene")
    _report(context, target, size, f"the digits of {len(labels)} scenes cropped to {target.uri}")


def _build(node: DictConfig, key: str) -> Any:
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    try:
        return instantiate(node)
    except InstantiationException as error:
        if isinstance(error.__cause__, NicemlError):
            error.__cause__.key = key
            raise error.__cause__ from None
        reason = str(error.__cause__ or error).splitlines()[0]
        raise OpError(f"{node.get('_target_')} cannot be built: {reason}", key=key, details=str(error)) from error


def _folder(own: DictConfig, name: str) -> DataFolder:
    return DataFolder(Location.of(_plain(own.location)) / name)


def _plain(node: DictConfig) -> dict[str, Any]:
    return cast("dict[str, Any]", OmegaConf.to_container(node, resolve=True))


def _write(folder: DataFolder, files: dict[str, bytes]) -> int:
    return sum(folder.write(name, content) for name, content in files.items())


def _clear(context: OpContext, folder: DataFolder) -> None:
    removed = folder.clear()
    if removed:
        context.log(f"{removed} files of an earlier generation removed from {folder.uri}")


def _each(context: OpContext, work: Callable[[Item], int], items: Sequence[Item], threads: int, unit: str) -> int:
    total, size = len(items), 0
    step = max(1, total // 100)  # a hundred steps are as much as a progress bar can show
    for done, written in enumerate(in_threads(work, cast("Iterable[Item]", items), threads), start=1):
        size += written
        if done % step == 0 or done == total:
            context.emit(Progress(done=done, total=total, unit=unit))
    return size


def _report(context: OpContext, folder: DataFolder, size: int, text: str) -> None:
    context.log(text)
    context.emit(Artifact(kind="data", path=folder.uri, size=size))
