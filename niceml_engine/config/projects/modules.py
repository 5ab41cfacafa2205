"""What a Python module binds to names, and where the modules lie that it imports; all of it read, nothing imported."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from niceml_engine.config.text.files import Signature

MAX_BYTES = 512 * 1024
"""Larger files are not looked into: they are data, or generated."""
_ABOVE = 5  #: folders above a module that are taken for its project, as long as nothing tells its root
_Function = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True)
class Scope:
    """What the names of a module stand for.

    Attributes:
        file: The module's file.
        imports: Dotted names by the names that they were imported as; a relative one begins with its dots.
        values: What was assigned to a name, anywhere in the module; of several assignments the first. A constant of a
            class is called `Class.name`, and what a function of one line gives `name()`.
    """

    file: str
    imports: dict[str, str]
    values: dict[str, ast.expr]

    @classmethod
    def of(cls, tree: ast.Module, file: str) -> Scope:
        """Reads imports, assignments, and what classes and functions of one line hold."""
        imports: dict[str, str] = {}
        values: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    imports[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (f"{node.module}." if node.module else "")
                for alias in node.names:
                    imports[alias.asname or alias.name] = f"{origin or '.'}{alias.name}"
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    for name, value in (*_assigned(inner), *_given(inner)):
                        values.setdefault(f"{node.name}.{name}", value)
            for name, value in (*_assigned(node), *_given(node)):
                values.setdefault(name, value)
        return cls(file, imports, values)

    def dotted(self, node: ast.expr) -> str:
        """The full name of what an expression names, `hydra.main`; empty for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names to which a statement assigns, and what."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
                if isinstance(node.value, ast.Lambda) and not _wants(node.value):
                    yield f"{target.id}()", node.value.body
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a function gives that wants nothing and does nothing else."""
    if isinstance(node, ast.FunctionDef) and not _wants(node):
        body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
            yield f"{node.name}()", body[0].value


def _wants(function: _Function) -> bool:
    given = function.args
    return bool(given.posonlyargs or given.args or given.kwonlyargs or given.vararg or given.kwarg)


@lru_cache(maxsize=1024)
def read_scope(file: str, state: Signature) -> Scope | None:
    """What the names of a file stand for; `None` where it cannot be read.

    Args:
        file: The file.
        state: Its state, with which it is read again.
    """
    try:
        if state[1] > MAX_BYTES:
            return None
        with open(file, "rb") as handle, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the project's own texts
            return Scope.of(ast.parse(handle.read(), file), file)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def folders_above(file: str, root: str) -> tuple[str, ...]:
    """The folders of its project in which a module lies, the innermost first; the root is the last.

    Args:
        file: The module's file.
        root: The project's root; empty where nobody knows it.
    """
    parents = Path(os.path.dirname(file)).parents
    inside = (Path(os.path.dirname(file)), *parents)
    if root and Path(root) in inside:
        return tuple(map(str, inside[: inside.index(Path(root)) + 1]))
    near = [one for one in inside[:_ABOVE] if one not in (Path.home(), Path(one.anchor))]
    return (*map(str, near), *filter(None, [root]))


def module_file(name: str, file: str, root: str) -> tuple[str, str]:
    """The file of the project's module in which a dotted name is bound, and the name in it; empty where there is none.

    Args:
        name: The dotted name; a relative one begins with its dots.
        file: The file of the module that says it.
        root: The project's root; empty where nobody knows it.
    """
    plain = name.lstrip(".")
    parts, folders = plain.split(".") if plain else [], _searched(name, file, root)
    for count in range(len(parts), -1 if name.startswith(".") else 0, -1):
        found = _module(folders, parts[:count])
        if found:
            return found, ".".join(parts[count:])
    return "", ""


def package_folder(name: str, file: str, root: str) -> str:
    """The folder of one of the project's packages; empty where there is none. For the arguments, see `module_file`."""
    parts = name.lstrip(".").split(".")
    if not all(part.isidentifier() for part in parts):
        return ""
    folders = (os.path.join(folder, *parts) for folder in _searched(name, file, root))
    return next(filter(os.path.isdir, folders), "")


def _searched(name: str, file: str, root: str) -> tuple[str, ...]:
    """Where a name is looked for: beside a module, above it in the project, and in `src`."""
    above = folders_above(file, root)
    level = len(name) - len(name.lstrip("."))
    if level:
        return above[level - 1 : level]
    return (*above, *(os.path.join(folder, "src") for folder in above))


def _module(folders: Iterable[str], parts: list[str]) -> str:
    if not all(part.isidentifier() for part in parts):
        return ""
    paths = (os.path.join(folder, *parts) for folder in folders)
    files = (file for path in paths for file in (os.path.join(path, "__init__.py"), f"{path}.py"))
    return next(filter(os.path.isfile, files), "")
