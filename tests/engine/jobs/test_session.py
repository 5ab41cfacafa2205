"""What an op's failure comes to in one line."""

from __future__ import annotations

import errno

import pytest

from niceml_engine.errors import OpError
from niceml_engine.jobs.composed import explain


@pytest.mark.parametrize(
    ("error", "message", "key"),
    [
        (OpError("it does not fit", key="ops.train.config.model"), "ops.train.config.model: it does not fit", "ops."),
        (
            OSError(errno.ENOSPC, "No space left on device", "/full/x", None, "/y"),
            "/full/x: the disk is full; make",
            "",
        ),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "labels.csv"), "labels.csv: it is not there", ""),
        (OSError("the camera is off"), "OSError: the camera is off", ""),
        (ValueError("\n\nfirst\nsecond"), "ValueError: first", ""),
    ],
)
def test_a_failure_is_said_in_one_line_without_doubled_paths(error: Exception, message: str, key: str) -> None:
    said, at, details = explain(error)
    assert said.startswith(message)
    assert "\n" not in said
    assert at.startswith(key)
    assert type(error).__name__ in details
