"""The op `exptests`: what a finished experiment folder must hold.

A test is anything that can be called with the experiment folder. It returns a sentence about what it found, and
raises an error about what it missed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import yaml

from niceml_engine.errors import NicemlError, OpError
from niceml_engine.events import Analysis, Artifact, Check, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning.build import build
from niceml_engine.store.experiment import ExperimentFolder

RESULTS = "exptests/results.yaml"


@dataclass(frozen=True)
class FilesExist:
    """Looks for files.

    Attributes:
        files: Their names in the experiment folder.
    """

    files: Sequence[str]

    def __call__(self, folder: ExperimentFolder) -> str:
        """Runs the test."""
        missing = [name for name in self.files if not folder.exists(name)]
        if missing:
            raise OpError(f"missing: {', '.join(missing)}")
        return f"{len(self.files)} files"


@dataclass(frozen=True)
class ModelSaved:
    """Looks for a saved model."""

    def __call__(self, folder: ExperimentFolder) -> str:
        """Runs the test."""
        found = [name for name in folder.files("models") if name.endswith(".keras")]
        if not found:
            raise OpError("no .keras file in models/")
        return f"{len(found)} saved"


@dataclass(frozen=True)
class PredictionsComplete:
    """Looks into the predictions.

    Attributes:
        subsets: What must have been predicted.
    """

    subsets: Sequence[str]

    def __call__(self, folder: ExperimentFolder) -> str:
        """Runs the test."""
        from pyarrow import parquet

        rows = 0
        for subset in self.subsets:
            count = parquet.read_metadata(io.BytesIO(folder.read(f"predictions/{subset}.parquet"))).num_rows
            if not count:
                raise OpError(f"predictions/{subset}.parquet has no rows")
            rows += count
        return f"{rows} images in {len(self.subsets)} subsets"


@dataclass(frozen=True)
class AnalysisFinite:
    """Looks for analysis results that are numbers.

    Attributes:
        subsets: What must have been analysed.
        metrics: Names of the values that must be finite.
    """

    subsets: Sequence[str]
    metrics: Sequence[str]

    def __call__(self, folder: ExperimentFolder) -> str:
        """Runs the test."""
        for subset in self.subsets:
            result = msgspec.json.decode(folder.read(f"analysis/{subset}.json"), type=Analysis)
            missing = [name for name in self.metrics if result.metrics.get(name) is None]
            if missing:
                raise OpError(f"analysis/{subset}.json has no value for {', '.join(missing)}")
        return f"{len(self.metrics)} metrics in {len(self.subsets)} subsets"


def run(context: OpContext) -> None:
    """Runs all tests, writes `exptests/results.yaml`, and fails if one of them failed.

    Raises:
        NicemlError: A test failed.
    """
    folder = context.experiment
    if folder is None:
        raise OpError("exptests need an experiment folder; put the op `experiment` before them")
    names = list(context.own.tests or ())
    checks: list[Check] = []
    for name in names:
        test = build(context.own, f"tests.{name}")
        if test is None:
            continue
        try:
            check = Check(name=name, passed=True, message=str(test(folder) or ""))
        except NicemlError as error:
            check = Check(name=name, passed=False, message=str(error))
        checks.append(check)
        context.emit(check)
        context.emit(Progress(done=len(checks), total=len(names), unit="test"))
    results = {check.name: {"passed": check.passed, "message": check.message} for check in checks}
    size = folder.write(RESULTS, yaml.safe_dump(results, sort_keys=False))
    context.emit(Artifact(kind="exptests", path=RESULTS, size=size))
    failed = [check for check in checks if not check.passed]
    if failed:
        shown = "; ".join(f"{check.name}: {check.message}" for check in failed)
        raise OpError(
            f"{len(failed)} of {len(checks)} experiment tests failed: {shown}",
            key=f"ops.exptests.config.tests.{failed[0].name}",
        )
    context.log(f"{len(checks)} experiment tests passed")
