"""How a model learns: optimizer, loss and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Learner:
    """What `keras.Model.compile` wants to know.

    Attributes:
        optimizer: A `keras.optimizers.Optimizer`.
        loss: A `keras.losses.Loss`, or anything else that Keras takes as one.
        metrics: Measured after every batch and epoch.
        jit_compile: Whether XLA compiles the steps: slower to start, faster on a GPU.
    """

    optimizer: Any
    loss: Any
    metrics: Sequence[Any] = field(default_factory=tuple)
    jit_compile: bool = False

    def compile(self, model: keras.Model) -> None:
        """Makes the model ready to be trained."""
        model.compile(self.optimizer, self.loss, metrics=list(self.metrics), jit_compile=self.jit_compile)
