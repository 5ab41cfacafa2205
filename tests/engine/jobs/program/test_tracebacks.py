"""Of what Python prints of an exception, its cause counts, and where the project's own code raised it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from niceml_engine.jobs.program.tracebacks import Raised, Tracebacks, own_code, raised_in

HYDRA = """\
import hydra
from omegaconf import DictConfig


@hydra.main(version_base=None)
def main(cfg: DictConfig) -> None:
    hydra.utils.instantiate({"model": {"_target_": "net.make"}})


main()
"""
NET = """\
def make():
    raise ValueError("units must be 1 or more")
"""


def printed(root: Path, script: str, **variables: str) -> list[str]:
    (root / "train.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "train.py"],
        cwd=root,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    return done.stderr.splitlines()


def test_what_hydra_says_of_an_object_that_cannot_be_made_is_told_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    said = Raised(error="ValueError", message="units must be 1 or more", key="model")
    assert raised_in(printed(tmp_path, HYDRA), own_code(tmp_path)) == said
    # with all that Hydra has to say, it is known where that was raised
    found = raised_in(printed(tmp_path, HYDRA, HYDRA_FULL_ERROR="1"), own_code(tmp_path))
    assert found == replace(said, code="net.py:2")
    found = raised_in(printed(tmp_path, HYDRA.replace("net.make", "net.mke")), own_code(tmp_path))
    assert found is not None
    assert found.error == "InstantiationException"
    assert found.message.startswith("Error locating target 'net.mke'")


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("import json\njson.loads('{')", ("JSONDecodeError", "train.py:2")),
        ("raise SystemError", ("SystemError", "train.py:1")),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('b')", ("KeyError", "train.py:4")),
        (
            "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('b') from e",
            ("ZeroDivisionError", "train.py:2"),
        ),
    ],
)
def test_what_is_raised_last_counts_or_what_caused_it(tmp_path: Path, script: str, wanted: tuple[str, str]) -> None:
    found = raised_in(printed(tmp_path, script), own_code(tmp_path))
    assert found is not None
    assert (found.error, found.code) == wanted


def test_a_line_knows_whether_it_is_of_a_traceback_and_of_which_own_code(tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    reader = Tracebacks(own_code(tmp_path))
    lines = (
        "epoch 1",
        "Traceback (most recent call last):",
        f'  File "{tmp_path}/train.py", line 3, in main',
        "    step()",
        '  File "/usr/lib/python3/dist-packages/json.py", line 9, in loads',
        "ValueError: no",
        "",
        "epoch 2",
    )
    assert [reader.feed(line) for line in lines] == [
        (False, ""),
        (True, ""),
        (True, "train.py:3"),
        (True, ""),
        (True, ""),
        (True, ""),
        (False, ""),
        (False, ""),
    ]
    assert raised_in(("nothing", "at all"), own_code(tmp_path)) is None
