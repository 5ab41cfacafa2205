"""The callbacks that come last, and prepare model and optimizer for the first step."""

from __future__ import annotations

from niceml_engine.learning.callbacks import Logs, RunCallback


class OptimizerReady(RunCallback):
    """Makes the optimizer's variables before the first step, once all other callbacks have had their say.

    Keras would make them inside that step, whose graph TensorFlow then throws away and makes once more: for a small
    model, half of the time until the first batch is done.
    """

    def on_train_begin(self, logs: Logs = None) -> None:
        """Makes them, unless that has been done."""
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
