"""Which argument of an object the code works with that raised an error, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import TypeGuard

from niceml_engine.jobs.advice import FOREIGN

_OURS = "niceml_engine"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def package_of(frame: FrameType) -> str:
    """The package of the code that a frame runs."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def is_library(frame: FrameType, package: str = "") -> bool:
    """Whether a frame runs code that was installed, and is neither ours nor that of a package."""
    return frame.f_code.co_filename.startswith((*FOREIGN, "<")) and package_of(frame) not in {_OURS, package} - {""}


def arguments_at(step: TracebackType, names: Iterable[str]) -> str:
    """The one of some arguments that the code works with which an error passed through; empty for none, or several.

    An argument is `self.NAME`, or a parameter of the function. Where the call itself is given none, what decides that
    it is made does: the loop that it is in, or the condition under which an error is raised.

    Args:
        step: A part of the error's traceback.
        names: The arguments.
    """
    code = step.tb_frame.f_code
    bare = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    for part in _parts(code.co_filename, step):
        found = {name for name in _used(part, bare) if name in names}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def _used(part: ast.AST, bare: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node.attr
        elif isinstance(node, ast.Name) and node.id in bare:
            yield node.id


def _parts(file: str, step: TracebackType) -> Iterator[ast.AST]:
    """What was carried out at a step, then what that depended on, from the inside out."""
    begin, end, column, last = next(islice(step.tb_frame.f_code.co_positions(), step.tb_lasti // 2, None))
    line = begin or step.tb_lineno
    place = (line, end, column, last)
    around = [node for node in ast.walk(_read(file)) if _spans(node, line)]
    for one in around:
        if (one.lineno, one.end_lineno, one.col_offset, one.end_col_offset) == place:
            yield one
    function = max((one.lineno for one in around if isinstance(one, _FUNCTIONS)), default=0)
    outer = sorted((one for one in around if one.lineno > function), key=lambda one: -one.lineno)
    raises = any(isinstance(one, ast.Raise) for one in outer)
    for node in outer:
        match node:
            case ast.For(iter=head) | ast.AsyncFor(iter=head) | ast.While(test=head):
                yield head
            case ast.If(test=head) if raises:
                yield head


def _spans(node: ast.AST, line: int) -> TypeGuard[ast.stmt | ast.expr]:
    return isinstance(node, ast.stmt | ast.expr) and node.lineno <= line <= (node.end_lineno or node.lineno)


@lru_cache(maxsize=16)
def _read(file: str) -> ast.Module:
    try:
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):  # what was made while it ran has no source
        return ast.Module(body=[], type_ignores=[])
