"""Mending how a script starts Hydra: an argument is written into the call, all else stays byte for byte."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from itertools import accumulate

from niceml_engine.config.projects.scripts import starting
from niceml_engine.config.text.edit import BOM
from niceml_engine.errors import ConfigError
from niceml_engine.values import Program

_SPACE = frozenset({tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT})
_ADVISED = re.compile(r"set version_base=(\"[\d.]+\")")


def arguments(said: str, program: Program | None) -> Iterator[tuple[str, str, str]]:
    """What may be written into the call that starts Hydra, the best first: what it does, a name and a value.

    Args:
        said: What Hydra warns of.
        program: Who is warned.
    """
    if "version_base parameter is not specified" in said:
        yield "keep what is", "version_base", '"1.1"'
        if (newer := _ADVISED.search(said)) is not None:
            yield "change to how Hydra is now", "version_base", newer[1]
    if "config_path is not specified" in said:
        yield "keep what is", "config_path", '"."'
        if program is not None and program.job.endswith(".py"):  # it may have no config in any file
            yield "look for no files", "config_path", "None"


def with_argument(text: str, line: int, name: str, value: str) -> str:
    """Writes a keyword argument into the call of a line that starts Hydra, behind those that are there.

    Args:
        text: A Python file.
        line: Where the call begins.
        name: The argument, which the call does not have.
        value: A constant, as it is written.

    Raises:
        ConfigError: The call is not there, or is written in a way that cannot be spliced.
    """
    mark, source = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    tree = _parsed(source)
    call = _call(tree, line)
    if any(keyword.arg == name for keyword in call.keywords):
        raise ConfigError(f"the call has {name} already; check again", line=line)
    after = _spliced(source, call, f"{name}={value}")
    changed = _parsed(after)
    added = _call(changed, line)
    if [keyword.arg for keyword in added.keywords[-1:]] != [name]:
        raise _cannot(line)
    del added.keywords[-1]
    if ast.dump(changed) != ast.dump(tree):
        raise _cannot(line)
    return mark + after


def _cannot(line: int) -> ConfigError:
    return ConfigError("the call that starts Hydra cannot be edited here; edit the file by hand", line=line)


def _parsed(source: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the project's own texts
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"Python cannot read this file: {error}") from error


def _call(tree: ast.Module, line: int) -> ast.Call:
    found = starting(tree, line)
    if len(found) != 1:
        raise _cannot(line)
    return found[0]


def _spliced(source: str, call: ast.Call, argument: str) -> str:
    lines = list(io.StringIO(source, newline=""))
    begins = [0, *accumulate(map(len, lines))]

    def place(row: int, column: int) -> int:
        """A place in the text; the parser counts columns in bytes."""
        return begins[row - 1] + len(lines[row - 1].encode()[:column].decode(errors="replace"))

    start = place(call.func.end_lineno or 0, call.func.end_col_offset or 0)
    end = place(call.end_lineno or 0, call.end_col_offset or 0) - 1  # before the closing bracket
    try:
        tokens = [one for one in tokenize.generate_tokens(iter(lines).__next__) if one.type not in _SPACE]
    except (tokenize.TokenError, IndentationError) as error:
        raise _cannot(call.lineno) from error
    ends = ((one.string, one.end[0], begins[one.end[0] - 1] + one.end[1]) for one in tokens)
    *_, (last, row, at) = ((word, row, at) for word, row, at in ends if start < at <= end)
    if last == "(" and at - 1 == source.index("(", start):
        return source[:at] + argument + source[at:]
    if last != ",":
        return f"{source[:at]}, {argument}{source[at:]}"
    rest = source[at : begins[row]]
    if at + len(rest) > end or rest.partition("#")[0].strip():
        return f"{source[:at]} {argument}{source[at:]}"
    content = lines[row - 1]
    indent = content[: len(content) - len(content.lstrip())] + ("    " if row == call.lineno else "")
    broken = rest[len(rest.rstrip("\r\n")) :]
    return f"{source[: begins[row]]}{indent}{argument},{broken}{source[begins[row] :]}"
