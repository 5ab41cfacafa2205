"""The command line asks before it runs code of a project for the first time."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from niceml_engine.cli import app, trusting
from niceml_engine.runs.folder import all_runs
from niceml_engine.runs.trust import is_trusted, set_trust
from tests.engine.projects import GENERATION, copy_project

OWN = "ops.data_generation.config.generator._target_=own.Numbers"


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A run that ends at once, in a project that nobody trusts yet."""
    set_trust(copy_project(tmp_path), False)
    (tmp_path / "own.py").write_text("def Numbers(**given):\n    raise ValueError('as agreed')\n")
    return ["run", str(tmp_path / GENERATION), OWN]


def test_without_a_terminal_one_line_says_what_would_run_and_how_to_allow_it(words: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "own.Numbers" in line
    assert line.endswith("--trust allows it")
    assert all_runs(tmp_path) == []
    allowed = CliRunner().invoke(app, [*words, "--trust"])
    assert allowed.exit_code == 1
    assert "as agreed" in allowed.stderr
    assert is_trusted(tmp_path)


def test_on_a_terminal_the_person_is_asked_once(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusting, "can_ask", lambda: True)
    refused = CliRunner().invoke(app, words, input="\n")
    assert refused.exit_code == 2
    assert "target         own.Numbers  own.py:1" in refused.stderr
    assert refused.stderr.endswith("not started\n")
    assert not is_trusted(tmp_path)
    assert CliRunner().invoke(app, words, input="y\n").exit_code == 1
    assert is_trusted(tmp_path)
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 1
    assert "Nobody has said" not in again.stderr
