"""Requests about what an analysis found and about the samples behind it, and their answers."""

from __future__ import annotations

from typing import Any, Literal

from niceml_engine.events import Analysis, Check
from niceml_engine.protocol.base import Asked
from niceml_engine.values import Frozen, Selection

MAX_SAMPLES = 500  #: in one answer
MAX_PICTURES = 64  #: in one answer
MAX_PIXELS = 2048  #: of the longer side of a picture; of each of several `MAX_THUMBNAIL`
MAX_THUMBNAIL = 256


class Source(Frozen, frozen=True, omit_defaults=True):
    """Whose analysis: that of a run, or that of an experiment."""

    run: str = ""  #: id of a run
    experiment: str = ""  #: URI of an experiment folder
    selection: Selection | None = None  #: of an experiment: where its credentials are; `None`: needs none


class ReadAnalysis(Asked, frozen=True):
    """Asks what was found in an experiment, subset by subset."""

    source: Source


class Analysed(Frozen, frozen=True):
    """What stands in an experiment folder."""

    analyses: tuple[Analysis, ...] = ()  #: in the order in which the subsets were predicted
    checks: tuple[Check, ...] = ()


class ReadSamples(Asked, frozen=True):
    """Asks for the samples of a subset, or those behind a cell of its confusion matrix, a part at a time."""

    source: Source
    subset: str
    true: str | None = None  #: only these; `None`: any
    predicted: str | None = None
    offset: int = 0
    count: int = 100
    order: Literal["worst", "best", "file"] = "worst"  #: `worst`: by the probability of the true class, lowest first


class Sample(Frozen, frozen=True):
    """An image that was predicted."""

    file: str  #: relative to `Samples.folder`
    true: str
    predicted: str
    probabilities: dict[str, float]  #: of the classes that matter, most probable first

    @property
    def score(self) -> float:
        """The probability of the true class; 0 for a class that was not predicted."""
        return self.probabilities.get(self.true, 0.0)


class Samples(Frozen, frozen=True):
    """A part of the samples that were asked for."""

    total: int
    samples: tuple[Sample, ...]
    folder: str  #: where their images lie: a folder or an URL; empty if that is not known
    problem: str = ""  #: why it is not known


class ReadPictures(Asked, frozen=True):
    """Asks for images of a subset."""

    source: Source
    subset: str
    files: tuple[str, ...]
    size: int = 96  #: pixels of the longer side; what is larger is scaled down


class Picture(Frozen, frozen=True):
    """An image, or why there is none."""

    file: str
    png: bytes = b""
    width: int = 0  #: of the image before it was scaled, in pixels
    height: int = 0
    problem: str = ""


SampleRequest = ReadAnalysis | ReadSamples | ReadPictures

SAMPLE_RESULTS: dict[type, Any] = {
    ReadAnalysis: Analysed,
    ReadSamples: Samples,
    ReadPictures: tuple[Picture, ...],
}
