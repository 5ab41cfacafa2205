"""The constructor arguments of dataclasses and named tuples, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from niceml_engine.config.projects.pytext import source_text

Field = tuple[str, Literal["any", "keyword"], str | None, str]  #: name, kind, default's source, annotation


def dataclass_fields(places: list[tuple[str, int]]) -> list[Field]:
    """The arguments of a dataclass.

    Args:
        places: File and line of each dataclass, base first; a field that is given again keeps its first place.
    """
    found: dict[str, Field] = {}
    for place in places:
        definition = _definition(*place)
        if definition is None:
            continue
        keyword = any(_flag(decorator, "kw_only") for decorator in definition.decorator_list)
        for statement in _annotated(definition):
            name, annotation = statement.target.id, ast.unparse(statement.annotation)
            if annotation.rpartition(".")[2] == "KW_ONLY":
                keyword = True
                continue
            if "ClassVar" in annotation:
                continue
            default, only, init = _default(statement.value)
            if init:
                found[name] = (name, "keyword" if keyword or only else "any", default, annotation)
    return sorted(found.values(), key=lambda field: field[1] == "keyword")


def tuple_fields(file: str, line: int) -> list[Field]:
    """The arguments of a `typing.NamedTuple`."""
    definition = _definition(file, line)
    return [
        (one.target.id, "any", ast.unparse(one.value) if one.value else None, ast.unparse(one.annotation))
        for one in (_annotated(definition) if definition else ())
    ]


class _Named(ast.AnnAssign):
    target: ast.Name


def _annotated(definition: ast.ClassDef) -> Iterator[_Named]:
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield _Named(statement.target, statement.annotation, statement.value, statement.simple)


def _default(value: ast.expr | None) -> tuple[str | None, bool, bool]:
    """A field's default, whether it is keyword-only, and whether the constructor takes it."""
    if value is None:
        return None, False, True
    if not (isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "field"):
        return ast.unparse(value), False, True
    given = {keyword.arg: keyword.value for keyword in value.keywords}
    default = given.get("default") or given.get("default_factory")
    init = given.get("init")
    taken = not (isinstance(init, ast.Constant) and init.value is False)
    return (ast.unparse(default) if default else None), _flag(value, "kw_only"), taken


def _flag(call: ast.expr, name: str) -> bool:
    if not isinstance(call, ast.Call):
        return False
    given = {keyword.arg: keyword.value for keyword in call.keywords}.get(name)
    return isinstance(given, ast.Constant) and given.value is True


@lru_cache(maxsize=256)
def _classes(file: str, modified: int) -> dict[int, ast.ClassDef]:
    found = {}
    for node in ast.walk(ast.parse(source_text(file))):
        if isinstance(node, ast.ClassDef):
            # Readers disagree on whether a class starts at its first decorator.
            for line in (node.lineno, *(one.lineno for one in node.decorator_list)):
                found[line] = node
    return found


def _definition(file: str, line: int) -> ast.ClassDef | None:
    return _classes(file, Path(file).stat().st_mtime_ns).get(line)
