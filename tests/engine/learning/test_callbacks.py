from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

import keras
import numpy as np
import pytest
from omegaconf import OmegaConf

from niceml_engine.errors import FULL, OpError, StoreError
from niceml_engine.events import Event, Flag, Metrics, Progress, Unsaved
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning import reporter
from niceml_engine.learning.callbacks import (
    Checkpoints,
    CosineLearningRate,
    GradientNorm,
    RunCallback,
    StopOnNan,
)
from niceml_engine.learning.preparing import OptimizerReady
from niceml_engine.learning.reporter import Reporter
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.location import Location
from niceml_engine.store.models import MODELS, SavedModels, read_models

EPOCHS, STEPS = 3, 4
Fit = Callable[..., tuple[keras.Model, list[Event]]]


@pytest.fixture
def folder(tmp_path: Path) -> ExperimentFolder:
    return ExperimentFolder(Location(str(tmp_path / "T-20260101T000000-id_abcd")))


@pytest.fixture(autouse=True)
def _all_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "SLOW_SECONDS", 0.0)


@pytest.fixture
def fit(folder: ExperimentFolder) -> Fit:
    """Trains a line through noise, with callbacks."""
    events: list[Event] = []
    context = OpContext("train", OmegaConf.create(), events.append, folder, {})

    def run(
        *chosen: Any, metrics: tuple[Any, ...] = (), optimizer: Any = None, eager: bool = False
    ) -> tuple[keras.Model, list[Event]]:
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(optimizer or keras.optimizers.SGD(0.1), "mse", metrics=list(metrics), run_eagerly=eager)
        for callback in chosen:
            if isinstance(callback, RunCallback):
                callback.bind(context, EPOCHS, STEPS)
        x = np.random.default_rng(0).random((STEPS * 8, 2)).astype(np.float32)
        model.fit(x, x[:, :1], batch_size=8, epochs=EPOCHS, callbacks=list(chosen), verbose=0)
        return model, events

    return run


def test_batch_values_are_those_of_the_batch_where_keras_gives_means(fit: Fit) -> None:
    losses: list[float] = []

    class Truth(keras.callbacks.Callback):
        """Forgets the mean before each batch, so that Keras gives the batch's own loss."""

        def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            losses.append(logs["loss"])
            self.model.reset_metrics()

    fit(Truth())
    _, events = fit(Reporter(), metrics=(keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.R2Score(name="r2")))
    batches = [event for event in events if isinstance(event, Metrics) and event.level == "batch"]
    assert [event.values["loss"] for event in batches] == pytest.approx(losses, rel=1e-3)
    assert set(batches[0].values) == {"loss", "mae", "r2", "learning_rate", "step_ms"}


def test_the_norm_of_the_gradient_is_that_of_all_weights_before_clipping(fit: Fit) -> None:
    truth: list[float] = []

    class Sgd(keras.optimizers.SGD):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            # eager, so that the gradients are numbers
            truth.append(float(np.sqrt(sum(float(np.sum(np.square(grad))) for grad in grads))))
            super().apply(grads, trainable_variables)

    norm = GradientNorm(every=2)
    model, events = fit(norm, Reporter([norm]), optimizer=Sgd(0.1, clipnorm=1e-3), eager=True)
    batches = [event for event in events if isinstance(event, Metrics) and event.level == "batch"]
    found = [event.values["gradient_norm"] for event in batches[::2]]
    assert found == pytest.approx(truth[::2], rel=1e-4)
    assert found[0] > 0.01
    assert all("gradient_norm" not in event.values for event in batches[1::2])
    assert "apply" not in vars(model.optimizer)


def test_the_norm_of_the_gradient_is_known_in_a_compiled_step(fit: Fit) -> None:
    norm = GradientNorm()
    _, events = fit(norm, Reporter([norm]), optimizer=keras.optimizers.Adam(0.1))
    found = [event.values["gradient_norm"] for event in events if isinstance(event, Metrics) and event.level == "batch"]
    assert len(set(found)) == EPOCHS * STEPS
    assert all(value > 0 for value in found)


def test_an_end_before_the_last_epoch_is_marked(fit: Fit) -> None:
    _, events = fit(Reporter(), keras.callbacks.EarlyStopping("loss", min_delta=10, patience=1))
    (flag,) = [event for event in events if isinstance(event, Flag)]
    assert (flag.kind, flag.text) == ("early stop", "stopped early after epoch 2 of 3")
    assert not [event for event in fit(Reporter())[1][len(events) :] if isinstance(event, Flag)]


def test_progress_ends_at_its_total(fit: Fit) -> None:
    _, events = fit(Reporter())
    rows = [event for event in events if isinstance(event, Progress)]
    assert (rows[0].done, rows[0].epoch) == (0, 1)
    assert (rows[-1].done, rows[-1].total, rows[-1].epoch, rows[-1].epochs) == (12, 12, 3, 3)


def rows(events: list[Event]) -> list[Metrics]:
    return [event for event in events if isinstance(event, Metrics)]


def test_batches_that_follow_each_other_quickly_are_told_of_together_each_with_its_time(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "TOGETHER", 3600.0)
    begin = time()
    told = rows(fit(Reporter())[1])
    levels = [*["batch"] * STEPS, "epoch"] * EPOCHS
    assert [row.level for row in told] == levels
    batches = [row for row in told if row.level == "batch"]
    assert [row.step for row in batches] == list(range(1, EPOCHS * STEPS + 1))
    times = [row.time for row in batches]
    assert begin < times[0] < times[-1] < time()
    assert times == sorted(set(times))


def test_a_training_that_breaks_off_has_told_of_all_its_batches(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaks(RunCallback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            if batch == 2:
                raise ValueError("broken")

    monkeypatch.setattr(reporter, "TOGETHER", 3600.0)
    events = fit(Reporter())[1]
    before = len(rows(events))
    with pytest.raises(ValueError, match="broken"), Reporter() as own:
        fit(own, Breaks())
    assert [(row.level, row.step) for row in rows(events)[before:]] == [("batch", 1), ("batch", 2), ("batch", 3)]


def test_learning_rate_falls_along_half_a_cosine(fit: Fit) -> None:
    _, events = fit(CosineLearningRate(final=0.1), Reporter())
    rates = [event.values["learning_rate"] for event in events if isinstance(event, Metrics) and event.level == "batch"]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(0.1)
    assert rates[6] == pytest.approx((0.1 + 0.01) / 2)


def test_the_learning_rate_of_each_batch_is_told_however_fast_they_are(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "SLOW_SECONDS", 3600.0)
    model, events = fit(CosineLearningRate(final=0.1), Reporter())
    batches = [event for event in events if isinstance(event, Metrics) and event.level == "batch"]
    found = [event.values["learning_rate"] for event in batches]
    schedule = model.optimizer._learning_rate
    assert found == pytest.approx([float(schedule(step)) for step in range(EPOCHS * STEPS)], rel=1e-4)
    assert sum(isinstance(event, Progress) for event in events) <= EPOCHS + 2
    assert "update_step" not in vars(model.optimizer)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda rate: keras.optimizers.Adam(rate, gradient_accumulation_steps=3),
        lambda rate: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(rate), initial_scale=2.0),
        lambda rate: keras.optimizers.AdamW(rate, weight_decay=0.1),
        lambda rate: keras.optimizers.Nadam(rate),
        lambda rate: keras.optimizers.Muon(rate),
    ],
    ids=["accumulating", "scaling the loss", "decaying", "nadam", "muon"],
)
@pytest.mark.parametrize("eager", [False, True])
def test_the_learning_rate_is_told_whatever_the_optimizer_does_with_it(
    fit: Fit, optimizer: Callable[[Any], Any], eager: bool
) -> None:
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.1, 0.01])
    _, events = fit(Reporter(), optimizer=optimizer(schedule), eager=eager)
    rates = [event.values["learning_rate"] for event in events if isinstance(event, Metrics) and event.level == "batch"]
    assert rates == sorted(rates, reverse=True)
    assert {round(rate or 0, 4) for rate in rates} == {0.1, 0.01}


def test_before_a_step_has_changed_the_weights_the_rate_is_that_of_the_first_one(fit: Fit) -> None:
    _, events = fit(Reporter(), optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=EPOCHS * STEPS + 1))
    rates = [event.values["learning_rate"] for event in events if isinstance(event, Metrics)]
    assert set(rates) == {0.1}


def test_a_learning_rate_that_a_callback_sets_is_told_of_the_steps_that_are_done_with_it(fit: Fit) -> None:
    class Falling(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.1 / (epoch + 1)

    _, events = fit(Reporter(), Falling())
    found = [event.values["learning_rate"] for event in events if isinstance(event, Metrics) and event.level == "batch"]
    assert found == pytest.approx([0.1 / (1 + step // STEPS) for step in range(EPOCHS * STEPS)], rel=1e-4)


def test_a_schedule_of_the_optimizers_own_is_kept_and_reported(fit: Fit) -> None:
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.1, 0.01])
    _, events = fit(CosineLearningRate(), Reporter(), optimizer=keras.optimizers.SGD(schedule))
    rates = [event.values["learning_rate"] for event in events if isinstance(event, Metrics) and event.level == "batch"]
    assert {round(rate or 0, 4) for rate in rates} == {0.1, 0.01}


class Worse(RunCallback):
    """Makes the second epoch the best, and notes its weights."""

    weights: list[Any]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["val_loss"] = (0.5, 0.1, 0.7)[epoch]
        if epoch == 1:
            self.weights = self.model.get_weights()


def test_best_and_last_checkpoint_stay_and_the_model_ends_as_the_best(fit: Fit, folder: ExperimentFolder) -> None:
    worse, checkpoints = Worse(), Checkpoints()
    model, _ = fit(worse, checkpoints)
    best, last = (f"models/model-id_abcd-ep{epoch:03d}.keras" for epoch in (2, 3))
    assert folder.files("models") == [best, last, MODELS]
    assert read_models(folder) == SavedModels(best, last, "val_loss", 2, 3, 0.1, 0.7)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), worse.weights, strict=True))
    with folder.local(best) as file:
        saved = keras.models.load_model(file).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(saved, worse.weights, strict=True))


class Full(ExperimentFolder):
    """Has no room for what some epochs save."""

    def __init__(self, of: ExperimentFolder, epochs: tuple[int, ...]) -> None:
        super().__init__(of.location)
        self._no_room = tuple(f"-ep{epoch:03d}.keras" for epoch in epochs)

    def upload(self, file: Any, name: str) -> int:
        if name.endswith(self._no_room):
            raise StoreError(f"cannot write {name} in {self.uri}: {FULL}")
        return super().upload(file, name)


def saved_on_full_disk(folder: ExperimentFolder, wish: str, *full: int) -> tuple[Checkpoints, list[Event]]:
    """Trains while the disk has no room for the checkpoints of some epochs; the first epoch is the best."""

    class Best(RunCallback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val_loss"] = (0.1, 0.5, 0.7)[epoch]
            if epoch == 0:
                self.weights = self.model.get_weights()

    events: list[Event] = []
    context = OpContext("train", OmegaConf.create(), events.append, Full(folder, full), {}, {"full_disk": wish})
    best, checkpoints = Best(), Checkpoints()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for callback in (best, checkpoints):
        callback.bind(context, EPOCHS, STEPS)
    x = np.ones((STEPS * 8, 2), np.float32)
    model.fit(x, x[:, :1], batch_size=8, epochs=EPOCHS, callbacks=[best, checkpoints], verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), best.weights, strict=True)) or 1 in full
    return checkpoints, events


def test_a_training_goes_on_without_the_checkpoints_for_which_the_disk_has_no_room(folder: ExperimentFolder) -> None:
    checkpoints, events = saved_on_full_disk(folder, "continue", 2)
    said = [event.in_words() for event in events if isinstance(event, Unsaved)]
    assert said == [
        "the checkpoint of epoch 2 is not saved: cannot write models/model-id_abcd-ep002.keras in "
        f"{folder.uri}: {FULL}",
    ]
    assert (checkpoints.best[-10:], checkpoints.last[-10:]) == ("p001.keras", "p003.keras")
    checkpoints, events = saved_on_full_disk(folder, "continue", 2, 3)
    assert [event.epoch for event in events if isinstance(event, Unsaved)] == [2, 3], "the last one is named, too"
    # the model ends as the best nevertheless
    assert (checkpoints.best[-10:], checkpoints.last[-10:]) == ("p001.keras", "p001.keras")


def test_a_training_fails_where_no_checkpoint_could_be_saved_or_where_the_run_is_to_stop(
    folder: ExperimentFolder,
) -> None:
    with pytest.raises(StoreError, match=r"ep003\.keras"):
        saved_on_full_disk(folder, "continue", 1, 2, 3)
    with pytest.raises(StoreError, match=r"ep002\.keras"):
        saved_on_full_disk(folder, "stop", 2)


def test_accuracy_counts_upwards_and_seldom_checkpoints_hold_the_last_epoch(fit: Fit, folder: ExperimentFolder) -> None:
    class Better(RunCallback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val_accuracy"] = (0.1, 0.9, 0.2)[epoch]

    fit(Better(), Checkpoints(monitor="val_accuracy", every=2))
    assert [name[-10:] for name in folder.files("models") if name.endswith("keras")] == ["p002.keras", "p003.keras"]
    assert (read_models(folder).best_epoch, read_models(folder).best_value) == (2, 0.9)


@pytest.mark.parametrize(
    ("loss", "key", "said"),
    [
        ("binary_crossentropy", "learning_rate", "lower the learning rate, or look for broken data"),
        ({"_target_": "keras.losses.MeanSquaredError"}, "learning_rate", "lower the learning rate, or"),
        (
            {"_target_": "my.losses.Focal", "gamma": 2},
            "learner.loss",
            r"look at my\.losses\.Focal, lower the learning rate \(ops\.train\.config\.learning_rate\), or",
        ),
        (
            {"_target_": "hydra.utils.get_method", "path": "my.losses.focal"},
            "learner.loss",
            r"look at my\.losses\.focal,",
        ),
    ],
)
def test_where_the_loss_is_no_number_one_of_ones_own_is_looked_at_first(loss: Any, key: str, said: str) -> None:
    config = OmegaConf.create({"ops": {"train": {"config": {"learner": {"loss": loss}}}}})
    callback = StopOnNan()
    callback.bind(OpContext("train", config, [].append, None, {}), EPOCHS, STEPS)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback.set_model(model)
    callback.on_train_batch_end(0, {"loss": 1.0})
    with pytest.raises(OpError, match=f"the loss became nan at step 0; {said}") as caught:
        callback.on_train_batch_end(1, {"loss": float("nan")})
    assert caught.value.key == f"ops.train.config.{key}"


def test_the_first_step_is_made_once_and_trains_the_same(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[int] = []
    step = keras.Model.train_step

    def counted(model: keras.Model, data: Any) -> Any:
        traced.append(1)
        return step(model, data)

    monkeypatch.setattr(keras.Sequential, "train_step", counted, raising=False)
    ready, _ = fit(CosineLearningRate(), GradientNorm(), OptimizerReady(), optimizer=keras.optimizers.Adam(0.1))
    once = len(traced)
    bare, _ = fit(CosineLearningRate(), GradientNorm(), optimizer=keras.optimizers.Adam(0.1))
    assert (once, len(traced) - once) == (1, 2)
    for one, other in zip(ready.get_weights(), bare.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
