"""Where the packages of editable installs lie: their text counts as that of the packages beside them does."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FINDER = "__editable___*_finder.py"  #: by which setuptools installs what does not lie as it is imported


@dataclass(frozen=True, slots=True)
class Editable:
    """Where the packages lie that are installed into a folder as editable ones.

    Attributes:
        folders: Folders that are on Python's path.
        parents: Folders around packages that are found one by one.
        portions: Folders around the portions of packages that are spread over several folders, with their names.
    """

    folders: tuple[Path, ...] = ()
    parents: tuple[Path, ...] = ()
    portions: tuple[tuple[str, Path], ...] = ()


def editable(site: Path) -> Editable:
    """What the `.pth` files of a folder of packages say, and the finders of setuptools beside them.

    Args:
        site: The folder, as `site-packages`.
    """
    try:
        return _read(site, os.stat(site).st_mtime_ns)
    except OSError:
        return Editable()


@lru_cache(maxsize=64)
def _read(site: Path, state: int) -> Editable:
    lines = (line.rstrip() for file in sorted(site.glob("*.pth")) for line in _text(file).splitlines())
    folders = (site / line for line in lines if line and not line.startswith(("#", "import ", "import\t")))
    parents: list[Path] = []
    portions: list[tuple[str, Path]] = []
    for file in sorted(site.glob(_FINDER)):
        said = dict(_mappings(_text(file)))
        parents += (Path(path).parent for name, path in said.get("MAPPING", {}).items() if Path(path).name == name)
        for name, paths in said.get("NAMESPACES", {}).items():
            portions += ((name, Path(path).parents[name.count(".")]) for path in paths)
    return Editable(tuple(folder for folder in folders if folder.is_dir()), tuple(parents), tuple(portions))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig", errors="replace")
    except OSError:
        return ""


def _mappings(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The mappings that a module writes out at its top, by name."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        for node in ast.parse(text).body:
            if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Dict):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield target.id, ast.literal_eval(node.value)
