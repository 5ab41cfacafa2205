"""Values of training and validation meet in one chart, whatever a program calls them."""

import pytest

from niceml_engine.jobs.program.naming import Names, split_name


@pytest.mark.parametrize(
    ("name", "split", "shown"),
    [
        ("loss", "", "loss"),
        ("train_loss", "", "loss"),
        ("valid_loss", "", "val_loss"),
        ("Loss/train", "", "Loss"),
        ("Loss/validation", "", "val_Loss"),
        ("val/acc/top5", "", "val_acc/top5"),
        ("loss", "validation", "val_loss"),
        ("loss", "train", "loss"),
        ("validate", "", "validate"),
        ("val", "", "val"),
        ("value_norm", "", "value_norm"),
    ],
)
def test_what_was_measured_on_which_data(name: str, split: str, shown: str) -> None:
    assert split_name(name, split) == shown


def test_what_two_files_call_alike_is_told_apart() -> None:
    names = Names()
    assert [names.of("val_loss", "batch", place) for place in ("metrics", "board", "metrics")] == [
        "val_loss",
        "val_board/loss",
        "val_loss",
    ]
    assert names.of("val_loss", "epoch", "board") == "val_loss"
