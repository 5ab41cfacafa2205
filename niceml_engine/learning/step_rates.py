"""The learning rate of every step of a training, whatever an optimizer does with it."""

from __future__ import annotations

import math
from typing import Any

KEPT = 64  #: steps of which the rates can still be asked for
ROUND = 1 << 20  #: steps are counted up to here and then from 0 again, which single precision can tell apart


class StepRates:
    """Notes inside the compiled step what it is done with: to work that out once more, or to read it, costs more.

    An optimizer hands the rate to `update_step` with each variable, by Keras's documentation of its own optimizers.
    Steps that change no weights, since gradients are added up or are not finite, have the rate of the one before.

    Args:
        optimizer: Of the model that is trained.
    """

    def __init__(self, optimizer: Any) -> None:
        import keras

        self._optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # one that scales the loss
        self._ahead = 0  # of the optimizer, which counts the steps of a training before as well
        #: Two rows: the numbers of the steps that changed weights, and their rates; the latest is the last.
        noted = self._noted = keras.Variable([[0.0] * KEPT, [math.nan] * KEPT], trainable=False, name="step_rates")
        counted, update = self._optimizer.iterations, self._optimizer.update_step
        first: list[Any] = []

        def watched(gradient: Any, variable: Any, learning_rate: Any) -> Any:
            if not first:
                first.append(variable)
            if variable is first[0]:  # it is the same for all of them
                now = keras.ops.cast(keras.ops.mod(counted, ROUND), "float32"), keras.ops.cast(learning_rate, "float32")
                noted.assign(keras.ops.concatenate([noted[:, 1:], keras.ops.reshape(keras.ops.stack(now), (2, 1))], 1))
            return update(gradient, variable, learning_rate)

        self._optimizer.update_step = watched

    def begin(self, done: int) -> None:
        """Takes the step that comes next for the one after so many, as whoever asks counts them."""
        self._ahead = int(self._optimizer.iterations.numpy()) - done

    def of(self, done: int, count: int) -> list[float]:
        """The rates of the latest steps, in their order; before a step has changed weights, that of the first one.

        Args:
            done: Up to which step.
            count: How many of them are asked for, `KEPT` at most.
        """
        latest = (self._ahead + done - 1) % ROUND
        numbers, rates = self._noted.value.value().numpy().tolist()  # which takes half as long as `Variable.numpy`
        at, found = KEPT - 1, []
        for back in range(count):
            while at and (latest - numbers[at]) % ROUND < back and not math.isnan(rates[at - 1]):
                at -= 1
            found.append(float(f"{rates[at]:.5g}"))
        if math.isnan(rates[at]):
            return [self._first()] * count
        return found[::-1]

    def close(self) -> None:
        """Leaves the optimizer as it was."""
        del self._optimizer.update_step

    def _first(self) -> float:
        import keras

        rate = float(keras.ops.cast(self._optimizer.learning_rate, "float32").numpy())
        return float(f"{rate:.5g}")
