"""A training that goes on from its last checkpoint is the one that was interrupted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from omegaconf import OmegaConf

from niceml_engine.errors import OpError
from niceml_engine.events import Event, Flag, Metrics, PhaseStarted, Progress
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning.callbacks import Checkpoints, CosineLearningRate, CsvLog, RunCallback
from niceml_engine.learning.preparing import OptimizerReady, Resume
from niceml_engine.learning.reporter import Reporter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.store.models import SavedModels, read_models

EPOCHS, STEPS = 4, 3


class Break(RunCallback):
    """Fails in the middle of the third epoch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 1 and int(self.model.optimizer.iterations) > 2 * STEPS:
            raise KeyboardInterrupt


class Scripted(RunCallback):
    """Says what validation is to have measured after each epoch."""

    def __init__(self, *values: float) -> None:
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["val_loss"] = self.values[epoch]


@pytest.fixture
def folder(tmp_path: Path) -> ExperimentFolder:
    return ExperimentFolder(Location(str(tmp_path / "T-20260101T000000-id_abcd")))


def fit(
    folder: ExperimentFolder, *chosen: Any, resumed: SavedModels | None = None, seed: int = 1, units: int = 4
) -> tuple[keras.Model, list[Event]]:
    """Trains a small network, whose optimizer remembers what it has seen."""
    events: list[Event] = []
    context = OpContext("train", OmegaConf.create(), events.append, folder, {})
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    callbacks = [Reporter(), *chosen, OptimizerReady(), Resume()]
    for callback in callbacks:
        callback.resumed = resumed
        callback.bind(context, EPOCHS, STEPS)
    x = np.random.default_rng(0).random((STEPS * 8, 2)).astype(np.float32)
    done = resumed.last_epoch if resumed is not None else 0
    with suppress(KeyboardInterrupt), callbacks[0]:
        model.fit(
            x, x[:, :1], batch_size=8, epochs=EPOCHS, initial_epoch=done, shuffle=False, callbacks=callbacks, verbose=0
        )
    return model, events


def of_epochs(events: list[Event]) -> dict[int, tuple[int, dict[str, float | None]]]:
    return {one.epoch: (one.step, one.values) for one in events if isinstance(one, Metrics) and one.level == "epoch"}


def test_weights_optimizer_and_learning_rate_go_on_where_they_were(folder: ExperimentFolder, tmp_path: Path) -> None:
    whole = ExperimentFolder(Location(str(tmp_path / "T-20260101T000000-id_efgh")))
    model, events = fit(whole, CosineLearningRate(), Checkpoints("loss"), CsvLog())
    wanted = of_epochs(events)

    _, before = fit(folder, CosineLearningRate(), Checkpoints("loss"), CsvLog(), Break())
    assert list(of_epochs(before)) == [1, 2]
    saved = read_models(folder)
    assert (saved.last_epoch, saved.monitor) == (2, "loss")
    again, after = fit(folder, CosineLearningRate(), Checkpoints("loss"), CsvLog(), resumed=saved, seed=7)
    assert list(of_epochs(after)) == [3, 4]
    for epoch, (step, values) in (of_epochs(before) | of_epochs(after)).items():
        assert step == wanted[epoch][0]
        assert values == pytest.approx(wanted[epoch][1], rel=1e-5)
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)

    batches = [one.step for one in after if isinstance(one, Metrics) and one.level == "batch"]
    assert batches == list(range(2 * STEPS + 1, EPOCHS * STEPS + 1))
    progress = [one for one in after if isinstance(one, Progress)]
    assert (progress[0].done, progress[0].epoch, progress[-1].done) == (2 * STEPS, 2, EPOCHS * STEPS)
    assert [one.name for one in after if isinstance(one, PhaseStarted)].count("first batch") == 1
    assert [one.text for one in after if isinstance(one, Flag)] == [
        "resumed at epoch 3, from the checkpoint of epoch 2"
    ]
    rows = folder.read("train_logs.csv").decode().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "1", "2", "3", "4"]


def test_the_best_epoch_may_be_one_before_the_interruption(folder: ExperimentFolder) -> None:
    fit(folder, Scripted(0.1, 0.5, 0.0, 0.0), Checkpoints(), Break())
    saved = read_models(folder)
    assert (saved.best_epoch, saved.best_value, saved.last_epoch, saved.last_value) == (1, 0.1, 2, 0.5)
    model, _ = fit(folder, Scripted(0.0, 0.0, 0.4, 0.3), Checkpoints(), resumed=saved)
    kept = read_models(folder)
    assert (kept.best, kept.best_epoch, kept.last_epoch) == (saved.best, 1, 4)
    assert [name[-8:] for name in folder.files("models")] == ["01.keras", "04.keras", "els.yaml"]
    with folder.local(kept.best) as file:
        best = keras.models.load_model(file).get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), best, strict=True))


def test_a_checkpoint_that_does_not_fit_the_code_any_more_is_refused(folder: ExperimentFolder) -> None:
    fit(folder, Checkpoints("loss"), Break())
    with pytest.raises(OpError, match=r"ep002\.keras does not fit the model.*begin the training anew.*--anew"):
        fit(folder, Checkpoints("loss"), resumed=read_models(folder), units=5)


def test_a_training_whose_last_epoch_was_saved_has_nothing_left_to_do(folder: ExperimentFolder) -> None:
    model, _ = fit(folder, Checkpoints("loss"))
    again, events = fit(folder, Checkpoints("loss"), resumed=read_models(folder), seed=3)
    assert not any(isinstance(one, Metrics) for one in events)
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), again.get_weights(), strict=True))
