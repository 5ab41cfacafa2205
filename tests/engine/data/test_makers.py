"""Which job makes the data that are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_engine.data.makers import maker_of
from tests.engine.projects import GENERATION, HANDWRITTEN, copy_project


@pytest.mark.parametrize(
    ("folder", "job"),
    [
        ("numbers_cropped_split", GENERATION),
        ("numbers_split", GENERATION),
        ("digits_handwritten_split", HANDWRITTEN),
        ("numbers_cropped_split/train", ""),
        ("nothing", ""),
    ],
)
def test_the_job_is_named_whose_ops_write_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, job: str
) -> None:
    monkeypatch.chdir(copy_project(tmp_path))
    monkeypatch.setenv("DATA_URI", str(tmp_path / "elsewhere"))
    assert maker_of(str(tmp_path / "elsewhere" / folder)) == job


def test_where_nothing_composes_no_job_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert maker_of(str(tmp_path / "numbers")) == ""
