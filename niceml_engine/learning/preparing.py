"""The callbacks that come last, and prepare model and optimizer for the first step."""

from __future__ import annotations

from niceml_engine.errors import OpError
from niceml_engine.events import Flag
from niceml_engine.learning.callbacks import Logs, RunCallback
from niceml_engine.learning.weights import load_weights


class OptimizerReady(RunCallback):
    """Makes the optimizer's variables before the first step, once all other callbacks have had their say.

    Keras would make them inside that step, whose graph TensorFlow then throws away and makes once more: for a small
    model, half of the time until the first batch is done.
    """

    def on_train_begin(self, logs: Logs = None) -> None:
        """Makes them, unless that has been done."""
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)


class Resume(RunCallback):
    """Gives model and optimizer what they were at the end of the last checkpoint's epoch.

    It comes after all other callbacks: one may have given the optimizer another learning rate, of which it depends what
    the optimizer has to restore.
    """

    def on_train_begin(self, logs: Logs = None) -> None:
        """Loads the checkpoint.

        Raises:
            OpError: It does not fit the model or the optimizer.
        """
        if self.resumed is None:
            return
        try:
            load_weights(self.model, self.folder, self.resumed.last)
        except ValueError as error:
            raise OpError(
                f"{self.resumed.last} does not fit the model, whose code may have changed; begin the training anew, by "
                "Run again from train or by `niceml-engine runs resume --anew`",
                details=str(error),
            ) from error
        done = self.resumed.last_epoch
        self.context.emit(
            Flag(kind="resumed", text=f"resumed at epoch {done + 1}, from the checkpoint of epoch {done}")
        )
