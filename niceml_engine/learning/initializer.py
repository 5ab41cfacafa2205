"""What happens once before a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Initializer:
    """Makes a training repeatable.

    Attributes:
        seed: Seed of Python, NumPy and TensorFlow.
        deterministic: Also forbid TensorFlow operations whose results depend on the order of threads. Slower, and it
            stays so for the rest of the process.
    """

    seed: int = 42
    deterministic: bool = False

    def __call__(self) -> None:
        """Sets the seeds."""
        import keras

        keras.utils.set_random_seed(self.seed)
        if self.deterministic:
            import tensorflow as tf

            tf.config.experimental.enable_op_determinism()
