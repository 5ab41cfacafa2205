"""The callback that every training has: it tells the stream of the run what is measured, and how far that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from time import perf_counter
from typing import Any, NamedTuple

from msgspec.structs import replace

from niceml_engine.events import Flag, Progress, metrics
from niceml_engine.learning.callbacks import Logs, RunCallback
from niceml_engine.learning.step_rates import KEPT, StepRates

SLOW_SECONDS = 0.25  #: between two rows that tell how far it is
TOGETHER = 0.075  #: seconds; batches that take less are told of together
SINGLE_PRECISION = 2.4e-7


class _Batch(NamedTuple):
    """What a batch measured; `ended` by `perf_counter`, `logs` as Keras gave them."""

    ended: float
    seconds: float
    step: int
    logs: dict[str, float]
    measured: list[dict[str, float]]


class Reporter(RunCallback):
    """Writes metrics and progress into the run's stream.

    Keras reports the mean of an epoch so far. What a batch itself measured is got back from two such means, for
    values that are means; batches are equally large. Everything else is passed on as it is.

    What is done between two steps finds the caches of the processor full of the model's data, and takes several times
    as long as it would alone. So the batches of some hundredths of a second are told of at once, each with its time.

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
        self._reported = self._told = 0.0
        self._rates: StepRates
        self._untold: list[_Batch] = []

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, *error: Any) -> None:
        """Tells of the last batches, and ends the phases that an exception has left open."""
        self._tell()
        self._part_phase.__exit__(*error)
        self._epoch_phase.__exit__(*error)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Reports what is done yet: nothing, or the epochs that were trained before."""
        self._rates = StepRates(self.model.optimizer)
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
            self._rates.begin(self.step)
        self._began = perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Keeps what the batch measured, and tells of it if the last word is long enough ago."""
        now = perf_counter()
        if not self._compiled:  # before the first step, Keras has not made its metrics yet
            self._averaged = self._find_averaged()
            self._compiled = True
            self._part_phase.close()
        self.step += 1
        measured = [other.measured() for other in self._others]
        self._untold.append(_Batch(now, now - self._began, self.step, logs or {}, measured))
        if now - self._told > TOGETHER or len(self._untold) == KEPT:
            self._tell()
            if now - self._reported > SLOW_SECONDS:
                self._report_progress()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Reports the means of the epoch and what validation measured."""
        self._tell()
        values = {name: float(value) for name, value in (logs or {}).items()}
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        values["learning_rate"] = self._rates.of(self.step, 1)[0]
        self.context.emit(metrics("epoch", self.step, self._epoch, values))
        self._report_progress()
        self._epoch_phase.close()
        self.context.log(f"epoch {self._epoch}/{self.epochs}  {shown}")

    def on_test_begin(self, logs: Logs = None) -> None:
        """Starts to validate."""
        self._tell()
        self._part_phase.enter_context(self.context.phase("validation"))

    def on_test_end(self, logs: Logs = None) -> None:
        """Has validated."""
        self._part_phase.close()

    def on_train_end(self, logs: Logs = None) -> None:
        """Leaves the optimizer as it was, and marks an end that came before the last epoch."""
        self._rates.close()
        if self.model.stop_training and self._epoch < self.epochs:
            self.context.emit(Flag(kind="early stop", text=f"stopped early after epoch {self._epoch} of {self.epochs}"))

    def _tell(self) -> None:
        """Reports the batches of which nothing has been said yet."""
        rates = self._rates.of(self.step, len(self._untold)) if self._untold else []
        ahead = self.context.now() - perf_counter()
        for rate in rates:
            batch = self._untold.pop(0)  # one by one, since a run may be stopped anywhere in here
            self._in_epoch += 1
            values = self._unaveraged(batch.logs)
            values["step_ms"] = round(batch.seconds * 1000.0, 3)
            for measured in batch.measured:
                values.update(measured)
            values["learning_rate"] = rate
            row = metrics("batch", batch.step, self._epoch, values)
            self.context.emit(replace(row, time=batch.ended + ahead))
        self._told = perf_counter()

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
