"""Which value of a metric is the best one."""

import pytest

from niceml_gui.metrics import is_small_good


@pytest.mark.parametrize(
    ("name", "small"),
    [("val_loss", True), ("Loss/train", True), ("MAE", True), ("Perplexity", True), ("accuracy", False), ("F1", False)],
)
def test_of_losses_and_errors_the_smallest_is_the_best_however_they_are_written(name: str, small: bool) -> None:
    assert is_small_good(name) == small
