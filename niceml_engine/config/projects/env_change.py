"""Changing `.env` beside a project: one variable at a time, spliced, so that all else stays byte for byte."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from dotenv.parser import parse_stream

from niceml_engine.config.projects.env_file import NAME, env_lines
from niceml_engine.config.text.changes import text_of, write_all
from niceml_engine.config.text.journal import alone
from niceml_engine.errors import ProjectError
from niceml_engine.protocol.files import FileChange

_PLAIN = re.compile(r"[\w./:@%+,-]*")
_SET = re.compile(
    r"(?P<name>\s*(?:export[^\S\r\n]+)?(?:'[^']+'|[^=#\s]+)[^\S\r\n]*)(?P<equals>=[^\S\r\n]*)?"
    r"(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[^\r\n]*?)"
    r"(?P<rest>(?:[^\S\r\n]+\#[^\r\n]*|[^\S\r\n]*)(?:\r\n|\n|\r|$))",
    re.DOTALL,
)


def change_variable(root: Path, name: str, value: str | None) -> FileChange | None:
    """Sets a variable in `.env` beside the project, or takes it out; all other lines stay as they are.

    Returns:
        What was written, if anything was.

    Raises:
        ConfigError: The file cannot be written.
        ProjectError: It cannot be read, or such a variable or value cannot stand in it.
    """
    file = root / NAME
    with alone():
        env_lines(root)  # says what is wrong with it
        before = text_of(file)
        after = with_variable(before or "", name, value)
        if value is not None and dict(_pairs(after)).get(name) != value:
            message = f"{name or 'a variable without a name'} cannot be set to this value there"
            raise ProjectError(message, file=str(file), key=name)
        if after == (before or ""):
            return None
        change = FileChange(str(file), before, after)
        write_all([change])
        return change


def with_variable(text: str, name: str, value: str | None) -> str:
    """The text of an `.env` in which a variable has a value; `None`: in which it is not set."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    bindings = list(parse_stream(io.StringIO(text.removeprefix(mark), newline="")))
    parts = [binding.original.string for binding in bindings]
    places = [place for place, one in enumerate(bindings) if one.key == name and not one.error]
    for place in places if value is None else places[-1:]:  # of several, the last one counts
        part = parts[place]
        found = _SET.fullmatch(part)
        if value is None:
            parts[place] = part[: len(part) - len(part.lstrip())]
        elif found is not None:
            parts[place] = f"{found['name']}{found['equals'] or '='}{_quoted(value)}{found['rest']}"
    if value is not None and not places:
        end = "\r\n" if "\r\n" in text else "\n"
        if parts and not parts[-1].endswith(("\n", "\r")):
            parts.append(end)
        parts.append(f"{name}={_quoted(value)}{end}")
    return mark + "".join(parts)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pairs(text: str) -> Iterator[tuple[str, str | None]]:
    """Name and text of each entry that sets something."""
    for binding in parse_stream(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        if not binding.error and binding.key is not None and "\0" not in binding.key + (binding.value or ""):
            yield binding.key, binding.value
