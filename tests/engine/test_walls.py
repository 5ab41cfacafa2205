"""Walls that import-linter cannot see."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "niceml_engine"


def test_hydras_internals_are_touched_in_one_package() -> None:
    users = {
        str(file.parent.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "hydra._internal" in file.read_text(encoding="utf-8")
    }
    assert users == {"config/compose"}


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("niceml_engine.protocol.frames", ("hydra", "omegaconf", "dagster", "tensorflow", "fsspec", "yaml")),
        ("niceml_engine.jobs.declaration", ("hydra", "omegaconf", "dagster", "tensorflow")),
        ("niceml_engine.cli", ("hydra", "dagster", "tensorflow", "keras", "pandas", "PySide6")),
        ("niceml_engine.service.server", ("dagster", "tensorflow", "keras", "pandas", "PySide6")),
    ],
)
def test_a_module_does_not_load_what_it_must_not(module: str, forbidden: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(sorted(set({forbidden!r}) & set(sys.modules)))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"
