"""Keras callbacks that a config may choose: they save, measure and stop.

Any other Keras callback can stand beside them. Those that belong to every training are in `reporter` and `preparing`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from contextlib import suppress
from time import time
from typing import TYPE_CHECKING, Any

import msgspec

from niceml_engine.errors import FULL, OpError, StoreError
from niceml_engine.events import Artifact, Unsaved
from niceml_engine.jobs.context import OpContext
from niceml_engine.learning.weights import load_weights, save_model
from niceml_engine.ops_path import placed
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.store.models import SavedModels, write_models

if TYPE_CHECKING:

    class Callback:
        """What mypy needs to know of Keras, which carries no types."""

        model: Any

else:
    from keras.callbacks import Callback

RATE, LOSS = "ops.train.config.learning_rate", "ops.train.config.learner.loss"
WELL_TRIED = ("keras.", "tensorflow.", "tf_keras.", "niceml_engine.")  #: whose losses are not suspected first
Logs = dict[str, float] | None


class RunCallback(Callback):
    """A callback that knows the run.

    Attributes:
        context: The train op's context.
        epochs: Epochs of the whole training.
        steps: Steps per epoch.
        resumed: What was saved of the training before, where it goes on; `None` where it begins with its first epoch.
    """

    context: OpContext
    epochs: int
    steps: int
    resumed: SavedModels | None = None

    def bind(self, context: OpContext, epochs: int, steps: int) -> None:
        """Tells the callback which run it serves; called before the training, and after `resumed` is known."""
        self.context = context
        self.epochs = epochs
        self.steps = steps

    def measured(self) -> dict[str, float]:
        """What it measured in the batch that has just ended, to be reported with it."""
        return {}

    def goes_on_after(self, error: StoreError) -> bool:
        """Whether the training goes on although something could not be written, since the project wants that."""
        return self.context.run_info.get("full_disk") == "continue" and error.message.endswith(FULL)

    @property
    def folder(self) -> ExperimentFolder:
        """The experiment folder.

        Raises:
            OpError: The job makes none.
        """
        if self.context.experiment is None:
            raise OpError(f"{type(self).__name__} needs an experiment folder; put the op `experiment` before `train`")
        return self.context.experiment


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
            own = own_loss(self.context.own)
            rate = placed(RATE, self.context.ops_path)
            look = f"look at {own}, lower the learning rate ({rate})" if own else "lower the learning rate"
            raise OpError(
                f"the loss became {loss} at step {step}; {look}, or look for broken data", key=LOSS if own else RATE
            )


def own_loss(config: Any) -> str:
    """The loss of a training where that is code of a project's own, by its dotted name; else nothing.

    Args:
        config: The config of the op.
    """
    loss = config.get("learner", {}).get("loss")
    name = str(loss.get("path") or loss.get("_target_") or "") if isinstance(loss, Mapping) else ""
    return "" if name.startswith(WELL_TRIED) else name


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
        self._kept = SavedModels(monitor=monitor)
        self._best_value = math.inf
        self._best_weights: list[Any] = []
        self._missed = False  # whether the disk had no room for the last one
        self._problem: StoreError | None = None  # why

    @property
    def best(self) -> str:
        """The file of the best epoch so far."""
        return self._kept.best

    @property
    def last(self) -> str:
        """The file of the last epoch that was saved."""
        return self._kept.last

    def on_train_begin(self, logs: Logs = None) -> None:
        """Takes over what was saved before."""
        if self.resumed is not None:
            self._kept = msgspec.structs.replace(self.resumed, monitor=self.monitor)
            if self.resumed.best_value is not None:
                self._best_value = self._sign * self.resumed.best_value

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Saves the epoch, if it is its turn.

        Raises:
            StoreError: It cannot be written; on a full disk only if the run is to stop then.
        """
        if (epoch + 1) % self.every and epoch + 1 != self.epochs:
            return
        try:
            self._save(epoch, logs)
        except StoreError as error:
            if not self.goes_on_after(error):
                raise
            self._problem = error
            self._missed = True
            with suppress(StoreError):  # what was written of it takes room
                self.folder.delete(self._name(epoch))
            self.context.emit(Unsaved(epoch=epoch + 1, why=error.message))
            return
        self._missed = False

    def _name(self, epoch: int) -> str:
        return f"models/model-{self.folder.name.rsplit('-', 1)[-1]}-ep{epoch + 1:03d}.keras"

    def _save(self, epoch: int, logs: Logs) -> None:
        start = time()
        name = self._name(epoch)
        with self.context.phase("save checkpoint", epoch + 1):
            size = save_model(self.model, self.folder, name)
        self.context.log(f"checkpoint {name}  ({size / 1e6:.1f} MB, {(time() - start) * 1000:.0f} ms)")
        self.context.emit(Artifact(kind="model", path=name, size=size, epoch=epoch + 1))
        before = {self.best, self.last} - {""}
        value = self._value(logs or {})
        kept = msgspec.structs.replace(self._kept, last=name, last_epoch=epoch + 1, last_value=value)
        rank = math.inf if value is None else self._sign * value
        better = rank < self._best_value or not self.best
        if better:
            kept = msgspec.structs.replace(kept, best=name, best_epoch=epoch + 1, best_value=value)
        write_models(self.folder, kept)
        self._kept = kept
        if better:
            self._best_value, self._best_weights = rank, self.model.get_weights()
        for old in before - {self.best, self.last}:
            system, base = self.folder.location.open()
            system.rm_file(f"{base}/{old}")

    def on_train_end(self, logs: Logs = None) -> None:
        """Gives the model its best weights.

        Raises:
            StoreError: There was no room for any checkpoint.
        """
        if self._problem is not None and not self.best:
            raise self._problem
        if self.best == self.last and not self._missed:
            return
        if self._best_weights:
            self.model.set_weights(self._best_weights)
        else:  # of an epoch before the training was resumed
            load_weights(self.model, self.folder, self.best)

    @property
    def _sign(self) -> int:
        """What makes a lower value of what is monitored a better one."""
        return -1 if any(part in self.monitor for part in ("acc", "auc", "f1")) else 1

    def _value(self, logs: dict[str, float]) -> float | None:
        value = logs.get(self.monitor, logs.get(self.monitor.removeprefix("val_")))
        return None if value is None else float(value)


class CsvLog(RunCallback):
    """Writes a line per epoch into a CSV file of the experiment.

    Args:
        file: Its name there.
    """

    def __init__(self, file: str = "train_logs.csv") -> None:
        super().__init__()
        self.file = file
        self._rows: list[dict[str, Any]] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        """Takes over the lines of the epochs that were trained before."""
        if self.resumed is None or not self.folder.exists(self.file):
            return
        for row in csv.DictReader(io.StringIO(self.folder.read(self.file).decode())):
            if int(row["epoch"]) <= self.resumed.last_epoch:
                self._rows.append(dict(row))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Writes the file anew, because buckets cannot append."""
        self._rows.append({"epoch": epoch + 1, **(logs or {})})
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self._rows[0]), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        try:
            self.folder.write(self.file, text.getvalue())
        except StoreError as error:  # the next epoch writes all lines
            if not self.goes_on_after(error):
                raise
            self.context.log(str(error), "warning")
