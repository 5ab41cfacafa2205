"""What all tests share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.engine.s3 import S3, seaweedfs

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
#: What the person who runs the tests has trusted, or opened last, is none of their business.
_STATE = tempfile.TemporaryDirectory(prefix="niceml-state-")
os.environ["NICEML_STATE_DIR"] = _STATE.name
os.environ["NICEML_SPARE"] = "off"  # half a gigabyte for each service that a test starts

#: The same examples each time, so that a failure belongs to the change that is being tested, unless more are asked for;
#: and however long it takes, since how busy the machine is says nothing of the program.
_SAME = "NICEML_EXAMPLES" not in os.environ
settings.register_profile("ours", derandomize=_SAME, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 server that lives as long as the test session."""
    with seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server
