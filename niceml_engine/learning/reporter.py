"""The callback that every training has: it tells the stream of the run what is measured, and how far that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from time import perf_counter
from typing import Any

from niceml_engine.events import Flag, Progress, metrics
from niceml_engine.learning.callbacks import Logs, RunCallback

SLOW_SECONDS = 0.25  #: between two rows that tell how far it is
SINGLE_PRECISION = 2.4e-7


class Reporter(RunCallback):
    """Writes metrics and progress into the run's stream.

    Keras reports the mean of an epoch so far. What a batch itself measured is got back from two such means, for
    values that are means; batches are equally large. Everything else is passed on as it is. The learning rate is noted
    inside the compiled step: to work out a schedule once more after each batch would cost more than all else here.

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
        self._compiled = False
        self._began = 0.0
        self._reported = 0.0
        self._rate: Any = None  # a variable that holds the learning rate of the last step
        self._optimizer: Any = None

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, *error: Any) -> None:
        """Ends the phases that an exception has left open."""
        self._part_phase.__exit__(*error)
        self._epoch_phase.__exit__(*error)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Reports what is done yet: nothing, or the epochs that were trained before."""
        self._watch_learning_rate()
        if self.resumed is not None:
            self._epoch = self.resumed.last_epoch
            self.step = self._epoch * self.steps
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
        if not self._compiled:
            self._part_phase.enter_context(self.context.phase("first batch"))
        self._began = perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Reports what the batch measured."""
        seconds = perf_counter() - self._began
        if not self._compiled:  # before the first step, Keras has not made its metrics yet
            self._averaged = self._find_averaged()
            self._compiled = True
            self._part_phase.close()
        self.step += 1
        self._in_epoch += 1
        values = self._unaveraged(logs or {})
        values["step_ms"] = round(seconds * 1000.0, 3)
        for other in self._others:
            values.update(other.measured())
        values["learning_rate"] = self.learning_rate()
        if perf_counter() - self._reported > SLOW_SECONDS:
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
        """Leaves the optimizer as it was, and marks an end that came before the last epoch."""
        del self._optimizer.update_step
        if self.model.stop_training and self._epoch < self.epochs:
            self.context.emit(Flag(kind="early stop", text=f"stopped early after epoch {self._epoch} of {self.epochs}"))

    def learning_rate(self) -> float:
        """The learning rate of the last step that changed the weights; of none yet, that of the first one."""
        rate = float(self._rate.numpy())
        if math.isnan(rate):
            import keras

            rate = float(keras.ops.cast(self._optimizer.learning_rate, "float32").numpy())
        return float(f"{rate:.5g}")

    def _watch_learning_rate(self) -> None:
        """Notes what each step is done with, whether that comes from a schedule, a function or a variable.

        An optimizer hands it to `update_step` with each variable, by Keras's documentation of its own optimizers.
        """
        import keras

        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)  # one that scales the loss
        rate, update = keras.Variable(math.nan, trainable=False, name="reported_rate"), optimizer.update_step
        first: list[Any] = []

        def watched(gradient: Any, variable: Any, learning_rate: Any) -> Any:
            if not first:
                first.append(variable)
            if variable is first[0]:  # it is the same for all of them
                rate.assign(keras.ops.cast(learning_rate, "float32"))
            return update(gradient, variable, learning_rate)

        self._rate, self._optimizer = rate, optimizer
        optimizer.update_step = watched

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


def _clean(value: float, size: float) -> float:
    """Rounds off what single precision added to a value that is the difference of two of some size."""
    return 0.0 if abs(value) < size * SINGLE_PRECISION else float(f"{value:.5g}")
