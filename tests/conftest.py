"""What all tests share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.s3 import S3, seaweedfs

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
#: What the person who runs the tests has trusted, or opened last, is none of their business.
_STATE = tempfile.TemporaryDirectory(prefix="niceml-state-")
os.environ["NICEML_STATE_DIR"] = _STATE.name
os.environ["NICEML_SPARE"] = "off"  # half a gigabyte for each service that a test starts

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 server that lives as long as the test session."""
    with seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server
