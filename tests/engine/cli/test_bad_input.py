"""Whatever is wrong with a project, the terminal says it in one line, with its place, and exits with 2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app
from tests.bad_projects import BAD, JOB, Bad


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Variables that a project brings do not stay."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_what_is_wrong_is_said_in_one_line_with_its_place(
    bad: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    words = ["check", JOB, *bad.overrides] if bad.files.get(JOB, "") is not None else ["project", "."]
    result = CliRunner().invoke(app, words)
    said = result.output.splitlines()
    assert "Traceback" not in result.output
    assert not (tmp_path / "was_here").exists()
    if not bad.words:
        assert result.exit_code == 0, result.output
        assert CliRunner().invoke(app, ["compose", JOB]).exit_code == 0
        return
    assert result.exit_code == 2
    first = next((line for line in said if bad.words in line), "")
    assert first, said
    place = f"{bad.file}:{bad.line}" if bad.line else bad.file
    assert place in first
    assert bad.key in first
    assert len(first) < 500
