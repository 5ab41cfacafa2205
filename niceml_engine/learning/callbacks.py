"""Keras callbacks that report, save and stop.

`Reporter` belongs to every training; the others are chosen in the config. Any other Keras callback can stand beside
them.
"""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

import yaml

from niceml_engine.errors import OpError
from niceml_engine.events import Artifact, Flag, Progress, metrics
from niceml_engine.jobs.context import OpContext
from niceml_engine.store.experiment import ExperimentFolder

if TYPE_CHECKING:

    class Callback:
        """What mypy needs to know of Keras, which carries no types."""

        model: Any

else:
    from keras.callbacks import Callback

SLOW_SECONDS = 0.25  #: between two values that take time to find out: progress and learning rate
SINGLE_PRECISION = 2.4e-7
MODELS = "models/models.yaml"  #: says which checkpoint is the best and which the last
Logs = dict[str, float] | None


class RunCallback(Callback):
    """A callback that knows the run.

    Attributes:
        context: The train op's context.
        epochs: Epochs of the whole training.
        steps: Steps per epoch.
    """

    context: OpContext
    epochs: int
    steps: int

    def bind(self, context: OpContext, epochs: int, steps: int) -> None:
        """Tells the callback which run it serves; called before the training."""
        self.context = context
        self.epochs = epochs
        self.steps = steps

    def measured(self) -> dict[str, float]:
        """What it measured in the batch that has just ended, to be reported with it."""
        return {}

    @property
    def folder(self) -> ExperimentFolder:
        """The experiment folder.

        Raises:
            OpError: The job makes none.
        """
        if self.context.experiment is None:
            raise OpError(f"{type(self).__name__} needs an experiment folder; put the op `experiment` before `train`")
        return self.context.experiment


class Reporter(RunCallback):
    """Writes metrics and progress into the run's stream.

    Keras reports the mean of an epoch so far. What a batch itself measured is got back from two such means, for
    values that are means; batches are equally large. Everything else is passed on as it is.

    Args:
        others: Callbacks that may have measured something, too.
        samples: In each batch, if known.
    """

    def __init__(self, others: Sequence[RunCallback] = (), samples: int = 0) -> None:
        super().__init__()
        self.step = 0
        self._samples = samples
        self._epoch_phase, self._part_phase = ExitStack(), ExitStack()
        self._others = [other for other in others if type(other).measured is not RunCallback.measured]
        self._epoch = 0
        self._in_epoch = 0
        self._means: dict[str, float] = {}
        self._averaged: frozenset[str] = frozenset()
        self._began = 0.0
        self._reported = 0.0

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, *error: Any) -> None:
        """Ends the phases that an exception has left open."""
        self._part_phase.__exit__(*error)
        self._epoch_phase.__exit__(*error)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Reports that nothing is done yet."""
        self._report_progress()
        self._reported = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Starts an epoch; `epoch` counts from 0."""
        self._epoch = epoch + 1
        self._in_epoch = 0
        self._means = {}
        self._epoch_phase.enter_context(self.context.phase("epoch", self._epoch))

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Takes the time; the first batch has a phase of its own, because the step is compiled in it."""
        if self.step == 0:
            self._part_phase.enter_context(self.context.phase("first batch"))
        self._began = perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Reports what the batch measured."""
        seconds = perf_counter() - self._began
        if self.step == 0:  # before the first step, Keras has not made its metrics yet
            self._averaged = self._find_averaged()
            self._part_phase.close()
        self.step += 1
        self._in_epoch += 1
        values = self._unaveraged(logs or {})
        values["step_ms"] = round(seconds * 1000.0, 3)
        for other in self._others:
            values.update(other.measured())
        slow = perf_counter() - self._reported > SLOW_SECONDS
        if slow or self._in_epoch == self.steps:  # what tells of it now and then is to reach the end of each epoch
            values["learning_rate"] = self.learning_rate()
        if slow:
            self._report_progress()
        self.context.emit(metrics("batch", self.step, self._epoch, values))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Reports the means of the epoch and what validation measured."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        values["learning_rate"] = self.learning_rate()
        self.context.emit(metrics("epoch", self.step, self._epoch, values))
        self._report_progress()
        self._epoch_phase.close()
        self.context.log(f"epoch {self._epoch}/{self.epochs}  {shown}")

    def on_test_begin(self, logs: Logs = None) -> None:
        """Starts to validate."""
        self._part_phase.enter_context(self.context.phase("validation"))

    def on_test_end(self, logs: Logs = None) -> None:
        """Has validated."""
        self._part_phase.close()

    def on_train_end(self, logs: Logs = None) -> None:
        """Marks an end that came before the last epoch."""
        if self.model.stop_training and self._epoch < self.epochs:
            self.context.emit(Flag(kind="early stop", text=f"stopped early after epoch {self._epoch} of {self.epochs}"))

    def learning_rate(self) -> float:
        """The optimizer's learning rate for the next step."""
        return float(f"{float(self.model.optimizer.learning_rate.numpy()):.5g}")

    def _report_progress(self) -> None:
        self._reported = perf_counter()
        self.context.emit(
            Progress(
                done=self.step,
                total=self.epochs * self.steps,
                epoch=max(self._epoch, 1),
                epochs=self.epochs,
                samples=self._samples,
            )
        )

    def _find_averaged(self) -> frozenset[str]:
        import keras

        found: set[str] = {"loss"}
        for metric in self.model.metrics:
            found.update(m.name for m in getattr(metric, "metrics", [metric]) if isinstance(m, keras.metrics.Mean))
        return frozenset(found)

    def _unaveraged(self, logs: dict[str, float]) -> dict[str, float]:
        count = self._in_epoch
        values = {}
        for name, mean in logs.items():
            if name in self._averaged and math.isfinite(mean):
                values[name] = _clean(count * mean - (count - 1) * self._means.get(name, 0.0), count * abs(mean))
                self._means[name] = mean
            else:
                values[name] = float(mean)
        return values


class OptimizerReady(RunCallback):
    """Makes the optimizer's variables before the first step, once all other callbacks have had their say.

    Keras would make them inside that step, whose graph TensorFlow then throws away and makes once more: for a small
    model, half of the time until the first batch is done.
    """

    def on_train_begin(self, logs: Logs = None) -> None:
        """Makes them, unless that has been done."""
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)


class GradientNorm(RunCallback):
    """Reports how long the gradient of all weights is, before it is clipped; it grows before a training breaks down.

    It is worked out inside the compiled step, so that it costs little.

    Args:
        every: Batches between two values.
    """

    def __init__(self, every: int = 1) -> None:
        super().__init__()
        self.every = max(1, every)
        self._batch = 0
        self._norm: Any = None
        self._optimizer: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Looks over the shoulder of the optimizer, which gets the gradients of each step."""
        import keras

        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)  # one that scales the loss
        norm, apply = keras.Variable(0.0, trainable=False, name="gradient_norm"), optimizer.apply

        def watched(gradients: Any, *others: Any, **more: Any) -> Any:
            there = [keras.ops.convert_to_tensor(one, "float32") for one in gradients if one is not None]
            squares = [keras.ops.sum(keras.ops.square(one)) for one in there]
            norm.assign(keras.ops.sqrt(sum(squares)))
            return apply(gradients, *others, **more)

        self._norm, self._optimizer = norm, optimizer
        optimizer.apply = watched

    def on_train_end(self, logs: Logs = None) -> None:
        """Leaves the optimizer as it was."""
        del self._optimizer.apply

    def measured(self) -> dict[str, float]:
        """The norm, if it is its turn."""
        self._batch += 1
        if (self._batch - 1) % self.every:
            return {}
        return {"gradient_norm": float(f"{float(self._norm.numpy()):.5g}")}


class StopOnNan(RunCallback):
    """Fails the run as soon as the loss is no longer a finite number."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Looks at the loss.

        Raises:
            OpError: It is not finite.
        """
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            step = self.model.optimizer.iterations.numpy()
            raise OpError(
                f"the loss became {loss} at step {step}; lower the learning rate, or look for broken data",
                key="ops.train.config.learning_rate",
            )


class CosineLearningRate(RunCallback):
    """Lets the learning rate fall along half a cosine, from the optimizer's own to a part of it.

    It becomes part of the compiled step: setting it from outside before every step would cost more than reporting.

    Args:
        final: The last learning rate, as a part of the first, 0 to 1.
    """

    def __init__(self, final: float = 0.05) -> None:
        super().__init__()
        self.final = final

    def on_train_begin(self, logs: Logs = None) -> None:
        """Takes the optimizer's learning rate as the first; a schedule of the optimizer's own is left as it is."""
        import keras

        optimizer = self.model.optimizer
        if isinstance(optimizer.learning_rate, keras.Variable):
            first = float(optimizer.learning_rate.numpy())
            total = self.epochs * self.steps
            optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(first, total, alpha=self.final)


class Checkpoints(RunCallback):
    """Saves the model while it trains, and keeps the best and the last file.

    After the training the model has the weights of its best epoch.

    Args:
        monitor: The value that is lowest for the best epoch; names with `acc`, `auc` or `f1` count upwards. Without
            it (no validation), the training's own value is taken.
        every: Epochs between two files.
    """

    def __init__(self, monitor: str = "val_loss", every: int = 1) -> None:
        super().__init__()
        self.monitor = monitor
        self.every = max(1, every)
        self.best = self.last = ""
        self._best_value = math.inf
        self._best_weights: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Saves the epoch, if it is its turn."""
        if (epoch + 1) % self.every and epoch + 1 != self.epochs:
            return
        start = time()
        name = f"models/model-{self.folder.name.rsplit('-', 1)[-1]}-ep{epoch + 1:03d}.keras"
        with self.context.phase("save checkpoint", epoch + 1):
            size = save_model(self.model, self.folder, name)
        self.context.emit(Artifact(kind="model", path=name, size=size))
        self.context.log(f"checkpoint {name}  ({size / 1e6:.1f} MB, {(time() - start) * 1000:.0f} ms)")
        outdated = {self.last} - {"", self.best}
        self.last = name
        value = self._value(logs or {})
        if value < self._best_value or not self.best:
            outdated |= {self.best} - {""}
            self.best, self._best_value = name, value
            self._best_weights = self.model.get_weights()
        self.folder.write(MODELS, yaml.safe_dump({"best": self.best, "last": self.last, "monitor": self.monitor}))
        for old in outdated:
            system, base = self.folder.location.open()
            system.rm_file(f"{base}/{old}")

    def on_train_end(self, logs: Logs = None) -> None:
        """Gives the model its best weights."""
        if self._best_weights and self.best != self.last:
            self.model.set_weights(self._best_weights)

    def _value(self, logs: dict[str, float]) -> float:
        value = logs.get(self.monitor, logs.get(self.monitor.removeprefix("val_"), math.inf))
        return -value if any(part in self.monitor for part in ("acc", "auc", "f1")) else value


class CsvLog(RunCallback):
    """Writes a line per epoch into a CSV file of the experiment.

    Args:
        file: Its name there.
    """

    def __init__(self, file: str = "train_logs.csv") -> None:
        super().__init__()
        self.file = file
        self._rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Writes the file anew, because buckets cannot append."""
        self._rows.append({"epoch": epoch + 1, **(logs or {})})
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self._rows[0]), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        self.folder.write(self.file, text.getvalue())


def _clean(value: float, size: float) -> float:
    """Rounds off what single precision added to a value that is the difference of two of some size."""
    return 0.0 if abs(value) < size * SINGLE_PRECISION else float(f"{value:.5g}")


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
            model.save(file)
        return folder.upload(file, name)
