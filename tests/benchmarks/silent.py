"""Keeps a training from measuring the batches of every other epoch: what it takes without the rows of metrics."""

from __future__ import annotations

from niceml_engine.learning.callbacks import Logs, RunCallback
from niceml_engine.learning.reporter import Reporter

HOOKS = "on_train_batch_begin", "on_train_batch_end"


class EveryOther(RunCallback):
    """The reporter of this process measures the batches of every other epoch, beginning with the second."""

    def __init__(self) -> None:
        super().__init__()
        self._own = {name: vars(Reporter)[name] for name in HOOKS}

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Turns the rows on or off; `epoch` counts from 0."""
        for name, own in self._own.items():
            setattr(Reporter, name, own if epoch % 2 else getattr(RunCallback, name))
