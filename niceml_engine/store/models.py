"""What an experiment says of its checkpoints, in `models/models.yaml`: which are kept, and what they are worth."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from niceml_engine.errors import StoreError
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.values import Checkpoint, Frozen

MODELS = "models/models.yaml"
PREDICTED_BY = "predictions/model.yaml"  #: says of which checkpoint the predictions are


class SavedModels(Frozen, frozen=True):
    """The checkpoints that are kept of a training: that of the best epoch and the last one, which may be the same."""

    best: str = ""  #: the file, in the experiment
    last: str = ""
    monitor: str = ""  #: what tells which is the best
    best_epoch: int = 0  #: from 1; 0: not known
    last_epoch: int = 0
    best_value: float | None = None  #: of what is monitored; `None`: not measured
    last_value: float | None = None

    def checkpoint(self, which: str) -> Checkpoint:
        """The best one or the last one."""
        if which == "best":
            return Checkpoint(self.best, which, self.best_epoch, self.monitor, self.best_value)
        return Checkpoint(self.last, which, self.last_epoch, self.monitor, self.last_value)


def read_models(folder: ExperimentFolder) -> SavedModels:
    """The checkpoints of an experiment.

    Raises:
        StoreError: It has none, or what is said of them cannot be read.
    """
    content = folder.read(MODELS)
    try:
        return msgspec.convert(yaml.safe_load(content), SavedModels)
    except (yaml.YAMLError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise StoreError(f"{folder.uri}/{MODELS} cannot be read: {error}", details=repr(error)) from error


def write_models(folder: ExperimentFolder, models: SavedModels) -> None:
    """Says which checkpoints an experiment has.

    Raises:
        StoreError: The location cannot be written.
    """
    said: dict[str, Any] = msgspec.structs.asdict(models)
    folder.write(MODELS, yaml.safe_dump(said, sort_keys=False))


def read_predictor(folder: ExperimentFolder) -> Checkpoint | None:
    """The checkpoint that an experiment's predictions are of; `None` where nobody has said so."""
    try:
        return msgspec.convert(yaml.safe_load(folder.read(PREDICTED_BY)), Checkpoint)
    except (StoreError, yaml.YAMLError, UnicodeDecodeError, msgspec.ValidationError):
        return None


def write_predictor(folder: ExperimentFolder, checkpoint: Checkpoint) -> None:
    """Says of which checkpoint an experiment's predictions are.

    Raises:
        StoreError: The location cannot be written.
    """
    folder.write(PREDICTED_BY, yaml.safe_dump(msgspec.structs.asdict(checkpoint), sort_keys=False))
