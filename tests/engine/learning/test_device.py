"""The device that a run is to use, on a machine whose GPUs are made up."""

from __future__ import annotations

import pytest
import tensorflow as tf

from niceml_engine.errors import OpError
from niceml_engine.learning.device import use_device


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What TensorFlow was told to use, where it sees two GPUs."""
    made: list[tuple[str, str]] = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [f"first {kind}", f"second {kind}"])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda device, kind: made.append((device, kind)))
    return made


def test_one_gpu_is_used_as_tensorflow_counts_them(chosen: list[tuple[str, str]]) -> None:
    use_device("gpu:1")
    assert chosen == [("second GPU", "GPU")]


@pytest.mark.parametrize("name", ["", "cpu"])
def test_where_no_gpu_is_named_tensorflow_is_left_alone(chosen: list[tuple[str, str]], name: str) -> None:
    use_device(name)
    assert chosen == []


def test_a_gpu_that_is_not_there_is_refused_with_those_that_are(chosen: list[tuple[str, str]]) -> None:
    with pytest.raises(OpError) as caught:
        use_device("gpu:7")
    assert str(caught.value) == "--device gpu:7: there is no such GPU here; available: cpu, gpu:0, gpu:1"
    assert chosen == []
