"""What the service does to show what an analysis found, and the samples behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.config.compose.sweeps import first_run
from niceml_engine.errors import ConfigError, NicemlError, RunError, StoreError
from niceml_engine.events import Analysis, Check
from niceml_engine.protocol import samples as ask
from niceml_engine.results import Confusion, brief
from niceml_engine.service.opened import Opened
from niceml_engine.service.patience import within
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location

if TYPE_CHECKING:
    from niceml_engine.store.predictions import Predictions

Key = TypeVar("Key")
Made = TypeVar("Made")

CONFIG = "run/config.yaml"  #: what an experiment's run composed to, unresolved
CHECKS = "exptests/results.yaml"
KEPT = 2  #: predictions that are kept in memory, those asked for last
KEPT_SOURCES = 16  #: experiments of which it is kept where they are and how they were made
FOREMOST = 10  #: classes of which a sample's probability is told


def sample_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about analyses and samples, by the request's type."""
    sources = Sources(opened)
    return {
        ask.ReadAnalysis: lambda request: _analysed(sources, request),
        ask.ReadSamples: lambda request: _samples(sources, request),
        ask.ReadPictures: lambda request: _pictures(sources, request),
    }


@dataclass(frozen=True)
class Found:
    """An experiment and the config that made it."""

    folder: ExperimentFolder
    config: str
    root: Path

    def images(self, subset: str) -> Location:
        """Where the images of a subset lie.

        Raises:
            ConfigError: The config does not say so.
        """
        key = f"ops.prediction.config.datasets.{subset}"
        try:
            config = OmegaConf.create(self.config)
            node = OmegaConf.select(config, f"{key}.location")
            inner = OmegaConf.select(config, f"{key}.subset", default="")
            location: Any = OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
        except (OmegaConfBaseException, yaml.YAMLError) as error:
            why = (str(error).splitlines() or [""])[0]
            raise ConfigError(f"where the images of {subset} lie cannot be told: {why}", key=key) from error
        if not isinstance(location, str | Mapping):
            raise ConfigError(f"the config names no `location` of the images of {subset}", key=key)
        place = Location.of(location, self.root)
        return place / str(inner) if inner else place


class Latest(Generic[Key, Made]):
    """What was made last, by what it was made of; several threads may ask.

    Args:
        count: How many are kept.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._made: dict[Key, Made] = {}
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """What is kept for a key, else what `make` makes."""
        with self._lock:
            known = self._made.pop(key, None)
        made = make() if known is None else known
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._count:
                del self._made[next(iter(self._made))]
        return made


class Sources:
    """Finds experiments and reads their predictions, of which it keeps the last few.

    Args:
        opened: The open project.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._found: Latest[ask.Source, Found] = Latest(KEPT_SOURCES)
        self._predictions: Latest[tuple[str, str, str], Predictions] = Latest(KEPT)

    def find(self, source: ask.Source) -> Found:
        """Finds the experiment of a source.

        Raises:
            NicemlError: The run or the experiment is gone, or has nothing to show.
        """
        return self._found.get(source, lambda: self._find(source))

    def predictions(self, found: Found, subset: str, prefix: str) -> Predictions:
        """The predictions of a subset.

        Raises:
            StoreError: They are gone, or cannot be read.
        """
        from niceml_engine.store.predictions import Predictions

        folder, name = found.folder, f"predictions/{_plain(subset)}.parquet"
        version = within(folder.uri, lambda: folder.version(name))

        def parse() -> Predictions:
            return Predictions.parse(within(folder.uri, lambda: folder.read(name)), prefix, name)

        return self._predictions.get((folder.path(name), prefix, version), parse)

    def _find(self, source: ask.Source) -> Found:
        from niceml_engine.runs.experiment import experiment_location

        if source.run:
            run = self._opened.run(source.run)
            uri = self._opened.watcher.look(run).experiment
            if not uri:
                raise RunError("the run has no experiment folder yet")
            config = run.spec().config
            return Found(ExperimentFolder(experiment_location(config, uri)), config, self._opened.root)
        folder = ExperimentFolder(experiment_location(self._config(source), source.experiment))
        text = within(folder.uri, lambda: folder.read(CONFIG)).decode(errors="replace")
        return Found(folder, text, self._opened.root)

    def _config(self, source: ask.Source) -> str:
        if source.selection is None:
            return ""
        with self._opened.composing:
            composer = self._opened.composer
            return OmegaConf.to_yaml(composer.config(first_run(composer, source.selection)))


def _analysed(sources: Sources, request: ask.ReadAnalysis) -> ask.Analysed:
    found = sources.find(request.source)
    return within(found.folder.uri, lambda: _read_all(found))


def _read_all(found: Found) -> ask.Analysed:
    folder = found.folder
    names = [name for name in folder.files("analysis") if name.endswith(".json")]
    analyses = [_analysis(folder, name) for name in sorted(names, key=lambda name: _rank(found, name))]
    shown = (msgspec.structs.replace(one, results=brief(one.results)) for one in analyses)
    return ask.Analysed(tuple(shown), _checks(folder))


def _analysis(folder: ExperimentFolder, name: str) -> Analysis:
    try:
        return msgspec.json.decode(folder.read(name), type=Analysis)
    except msgspec.DecodeError as error:
        raise StoreError(f"{name} in {folder.uri} is not an analysis that can be read", details=str(error)) from error


def _rank(found: Found, name: str) -> tuple[int, str]:
    """Keeps the subsets in the order in which the config predicts them."""
    subset = name.rpartition("/")[2].removesuffix(".json")
    try:
        known = list(OmegaConf.select(OmegaConf.create(found.config), "ops.prediction.config.datasets") or ())
    except (OmegaConfBaseException, yaml.YAMLError):
        known = []
    return (known.index(subset) if subset in known else len(known), subset)


def _checks(folder: ExperimentFolder) -> tuple[Check, ...]:
    try:
        found = yaml.safe_load(folder.read(CHECKS))
    except (StoreError, yaml.YAMLError):  # a run that never came so far
        return ()
    items = found.items() if isinstance(found, dict) else ()
    return tuple(
        Check(name=str(name), passed=bool(one.get("passed")), message=str(one.get("message", "")))
        for name, one in items
        if isinstance(one, dict)
    )


def _samples(sources: Sources, request: ask.ReadSamples) -> ask.Samples:
    found = sources.find(request.source)
    name = f"analysis/{_plain(request.subset)}.json"
    analysis = within(found.folder.uri, lambda: _analysis(found.folder, name))
    matrix = next((one for one in analysis.results if isinstance(one, Confusion)), None)
    if matrix is None:
        raise StoreError(f"{name} in {found.folder.uri} holds no confusion matrix")
    predictions = sources.predictions(found, request.subset, matrix.prefix)
    decided = predictions.decided(matrix.threshold)
    rows = predictions.cell(request.true, request.predicted, decided, request.order)
    start = max(request.offset, 0)
    part = rows[start : start + max(min(request.count, ask.MAX_SAMPLES), 0)].tolist()
    samples = []
    for row in part:
        true, predicted = str(predictions.classes[row]), predictions.labels[decided[row]]
        values = predictions.foremost(row, FOREMOST, true, predicted)
        samples.append(ask.Sample(str(predictions.files[row]), true, predicted, values))
    try:
        folder, problem = found.images(request.subset).uri, ""
    except NicemlError as error:
        folder, problem = "", str(error)
    return ask.Samples(len(rows), tuple(samples), folder, problem)


def _pictures(sources: Sources, request: ask.ReadPictures) -> tuple[ask.Picture, ...]:
    from niceml_engine.store.pictures import read_pictures

    files = request.files[: ask.MAX_PICTURES]
    most = ask.MAX_PIXELS if len(files) == 1 else ask.MAX_THUMBNAIL
    size = max(1, min(request.size, most))
    place = sources.find(request.source).images(request.subset)
    return within(place.uri, lambda: read_pictures(place, files, size))


def _plain(subset: str) -> str:
    if not subset or "/" in subset or "\\" in subset:
        raise StoreError(f"{subset!r} is no name of a subset")
    return subset
