"""Which files of a project its Python files import, as their text says; nothing is imported."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_INIT = "__init__.py"
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def imported(files: Iterable[str], folders: Sequence[Path]) -> tuple[str, ...]:
    """Python files with all that they import from some folders, and what that imports in turn.

    The packages that a file lies in come along, since Python runs them first. What is installed is left out, and so
    is what only running the code would tell.

    Args:
        files: The files.
        folders: Where modules are looked for, the first before the others.
    """
    found = dict.fromkeys(one for file in files for one in (*_packages(file), file))
    todo = list(found)
    for file in todo:
        for places, parts in _named(file):
            new = [one for one in _files(parts, places or (*folders, _top(file))) if one not in found]
            found |= dict.fromkeys(new)
            todo += new
    return tuple(found)


def files_of(name: str, folders: Sequence[Path]) -> list[str]:
    """The files that importing a dotted name runs, as far as they lie in some folders and are not installed."""
    return _files(tuple(name.split(".")), folders)


def _top(file: str) -> Path:
    """The first folder above a file that is no package."""
    return next(folder for folder in Path(file).parents if not (folder / _INIT).is_file())


def _packages(file: str) -> Iterator[str]:
    """What makes the folders above a file packages."""
    top = _top(file)
    yield from (str(one / _INIT) for one in Path(file).parents if one != top and one.is_relative_to(top))


def _named(file: str) -> Iterator[tuple[tuple[Path, ...], tuple[str, ...]]]:
    """The modules that a file imports, and the folder that a relative one starts from."""
    try:
        with open(file, "rb") as handle, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the project's own texts
            tree = ast.parse(handle.read(), file)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return  # who runs it is told
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (((), tuple(alias.name.split("."))) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = (Path(file).parents[node.level - 1],) if node.level else ()
            base = tuple(node.module.split(".")) if node.module else ()
            yield from ((start, (*base, alias.name)) for alias in node.names)


def _files(parts: tuple[str, ...], folders: Iterable[Path]) -> list[str]:
    """The files that importing a module runs; of those that hold it, the first folder counts."""
    for folder in folders:
        found = []
        for depth in range(len(parts)):
            path = folder.joinpath(*parts[: depth + 1])
            candidates = (path / _INIT, path.with_name(f"{path.name}.py"))
            found += [str(one) for one in candidates if one.is_file()][:1]
        if found:
            return [] if _INSTALLED & set(folder.parts) else found
    return []
