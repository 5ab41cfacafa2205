"""What `--help` says of each command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from niceml_engine.cli import app


def commands(command: object, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, *words, name)


@pytest.mark.parametrize("words", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_each_help_is_one_line_a_thing_on_a_usual_terminal(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"])  # at 80 columns
    assert result.exit_code == 0
    listed: dict[str, int] = {}
    section = ""
    for line in result.stdout.splitlines():
        assert len(line) <= 120  # examples are not wrapped
        assert not line.endswith("...") or line.startswith("Usage")
        if not line.startswith(" "):
            section = line
        elif section in ("Options:", "Arguments:", "Commands:") and line.startswith("  ") and line[2:3].strip():
            name, _, said = line.strip().partition("  ")
            assert said.strip(), f"{name} is not explained"
            listed[section] = listed.get(section, 0) + 1
        elif line.strip():
            assert section not in ("Options:", "Commands:"), f"{line!r} goes on from the line before"
    assert listed["Options:"] >= 1


@pytest.mark.parametrize("command", ["compose", "export", "run"])
def test_examples_are_shown_line_by_line(command: str) -> None:
    lines = CliRunner().invoke(app, [command, "--help"]).stdout.splitlines()
    examples = lines[lines.index("  Examples:") + 1 :]
    assert len(examples) >= 3
    assert all(line.startswith(f"    niceml-engine {command} ") for line in examples)
