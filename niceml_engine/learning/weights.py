"""Models in files of an experiment."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from niceml_engine.errors import StoreError, os_reason
from niceml_engine.store.experiment import ExperimentFolder


def save_model(model: Any, folder: ExperimentFolder, name: str) -> int:
    """Saves a model as a `.keras` file of an experiment and returns its size in bytes.

    Raises:
        StoreError: The location cannot be written.
    """
    with TemporaryDirectory(prefix="niceml-") as temporary:
        file = Path(temporary) / "model.keras"
        with warnings.catch_warnings():
            # Keras's variables do not know NumPy 2's `copy` keyword yet; what is saved is right
            warnings.filterwarnings("ignore", r"__array__ implementation doesn't accept a copy", DeprecationWarning)
            try:
                model.save(file)
            except OSError as error:
                raise StoreError(
                    f"cannot write {name} in {temporary}: {os_reason(error)}", details=repr(error)
                ) from error
        return folder.upload(file, name)


def load_weights(model: Any, folder: ExperimentFolder, name: str) -> None:
    """Gives a model, and its optimizer, what a `.keras` file of an experiment holds of weights and state.

    Raises:
        StoreError: The file cannot be read.
        ValueError: It does not fit.
    """
    with folder.local(name) as file:
        model.load_weights(file)
