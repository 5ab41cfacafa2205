"""Which of the machine's devices TensorFlow computes on."""

from __future__ import annotations

from niceml_engine.errors import OpError


def use_device(name: str) -> None:
    """Makes TensorFlow compute on one GPU; it must not have computed anything yet.

    TensorFlow would not complain of a GPU that is not there, and train on the CPU.

    Args:
        name: `gpu:N`, counted as TensorFlow counts those that this process may see. Anything else changes nothing:
            a worker that is to use the CPU was started without GPUs.

    Raises:
        OpError: There is no such GPU.
    """
    if not name.startswith("gpu:"):
        return
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    number = int(name.removeprefix("gpu:"))
    if number >= len(found):
        available = ", ".join(["cpu", *(f"gpu:{other}" for other in range(len(found)))])
        raise OpError(f"--device {name}: there is no such GPU here; available: {available}")
    tf.config.set_visible_devices(found[number], "GPU")
