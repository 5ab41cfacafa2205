"""`.env` beside a project: variables for its configs and workers, in the syntax of python-dotenv.

It may have come with a folder from anywhere, so that it is read within limits, and a line that says nothing is told
instead of guessed at.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from niceml_engine.errors import ProjectError, os_reason
from niceml_engine.places import state_dir
from niceml_engine.values import Problem

NAME = ".env"
MAX_BYTES = 1024 * 1024
"""Of the file."""
MAX_VALUE = 100_000
"""Characters of a value; systems pass little more to a process, and values that name each other multiply."""


def load_env(root: Path) -> None:
    """Reads `.env` beside the project into the environment; what is set already stays.

    Raises:
        ProjectError: It cannot be read.
    """
    for name, value in read_env(root).items():
        os.environ.setdefault(name, value)


def read_env(root: Path, shell: Mapping[str, str] | None = None) -> dict[str, str]:
    """What `.env` beside the project sets.

    Args:
        root: The project.
        shell: The environment that its values may name; else that of this process.

    Raises:
        ProjectError: It cannot be read, or a value is longer than one may be.
    """
    known: dict[str, str | None] = dict(os.environ if shell is None else shell)
    found: dict[str, str] = {}
    for name, text, line in _lines(root):
        if not name or text is None:
            continue
        known[name] = found[name] = _written_out(text, known, str(root / NAME), line, name)
    return found


def env_lines(root: Path) -> dict[str, int]:
    """The line of each variable that `.env` sets.

    Raises:
        ProjectError: It cannot be read.
    """
    return {name: line for name, text, line in _lines(root) if name and text is not None}


def env_problems(root: Path) -> Iterator[Problem]:
    """The lines of `.env` that set nothing.

    Raises:
        ProjectError: It cannot be read.
    """
    for name, _, line in _lines(root):
        if not name:
            message = "this line sets no variable and is left out; write NAME=VALUE"
            yield Problem("warning", "env-line", message, str(root / NAME), line)


def _lines(root: Path) -> Iterator[tuple[str, str | None, int]]:
    """Name, text and line of each entry; the name is empty where nothing can be set by it."""
    # python-dotenv's own way in would print what it cannot read, and write values out without a limit.
    from dotenv.parser import parse_stream

    state_dir()  # settled before a project has a say: it could trust itself in a folder of its own
    for binding in parse_stream(io.StringIO(_text(root / NAME))):
        line = binding.original.line + _blank_lines(binding.original.string)
        if binding.error:
            yield "", None, line
        elif binding.key is not None:
            fits = "=" not in binding.key and "\0" not in binding.key + (binding.value or "")
            yield binding.key if fits else "", binding.value, line


def _blank_lines(text: str) -> int:
    """How many lines go by before an entry begins."""
    return text[: len(text) - len(text.lstrip())].count("\n")


def _text(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        with file.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ProjectError("it is larger than 1 MB; keep data out of it", file=str(file))
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ProjectError("it is no UTF-8 text; save it as UTF-8", file=str(file), line=line) from error
    except OSError as error:
        raise ProjectError(f"it cannot be read: {os_reason(error)}", file=str(file), details=repr(error)) from error


def _written_out(text: str, known: Mapping[str, str | None], file: str, line: int, name: str) -> str:
    """A text with the variables that it names in their places."""
    from dotenv.variables import parse_variables

    parts: list[str] = []
    length = 0
    for atom in parse_variables(text):
        parts.append(atom.resolve(known))
        length += len(parts[-1])
        if length > MAX_VALUE:
            message = f"the value of {name} is longer than {MAX_VALUE:,} characters; keep data out of it"
            raise ProjectError(message, file=file, line=line, key=name)
    return "".join(parts)
