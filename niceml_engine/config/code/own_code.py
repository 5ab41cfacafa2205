"""Which modules there are, and which classes and functions their text defines; nothing is imported."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from niceml_engine.config.projects.packages import spec_of
from niceml_engine.config.projects.project import Setting
from niceml_engine.config.projects.pytext import source_text
from niceml_engine.config.projects.scan import holds, is_text

MOST_FILES = 5_000  #: of one package that are looked at
MOST_FOLDERS = 8_000  #: in which they are looked for
_CLASS = re.compile(r"^class[ \t]+(\w+)[ \t]*(?:\(([^)]*)\)?)?", re.MULTILINE)
_FUNCTION = re.compile(r"^(?:async[ \t]+)?def[ \t]+([A-Za-z]\w*)[ \t]*\(", re.MULTILINE)
_RENAMED = re.compile(r"\b(\w+)[ \t]+as[ \t]+(\w+)")
_SKIPPED = {
    "__pycache__", "build", "dist", "node_modules", "site-packages", "test", "testing", "tests", "venv", "outputs",
}  # fmt: skip
_TEST = re.compile(r"test_|conftest$|\w+_test$")
_OURS = {"niceml_engine", "niceml_gui"}


@dataclass(frozen=True, slots=True)
class Defined:
    """What a file defines at its top level.

    Attributes:
        classes: Name of each class, and the last part of each of its bases.
        functions: Names of the functions.
    """

    classes: tuple[tuple[str, tuple[str, ...]], ...]
    functions: tuple[str, ...]


def search_path(setting: Setting) -> tuple[Path, ...]:
    """The folders in which a `_target_` is looked for, before the packages of this interpreter.

    The project root, its Python path, and the packages of the interpreter that the project names, if it names one.
    """
    return (setting.root, *setting.package_path)


def own_modules(setting: Setting) -> Iterator[tuple[str, str]]:
    """Name and file of the project's own modules, as they are imported from its root and its Python path.

    Where one folder of these lies in another, as `src` does, its modules are imported from the inner one.
    """
    seen: set[str] = set()
    for folder in sorted((*setting.python_path, setting.root), key=lambda one: -len(one.parts)):
        for name, file in _modules(str(folder), ""):
            if file not in seen and name.partition(".")[0] not in _OURS:
                seen.add(file)
                yield name, file


def package_modules(package: str, search: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    """Name and file of the modules of an installed package."""
    spec = spec_of(package, [*map(str, search), *filter(None, sys.path)])
    if spec is None:
        return
    for folder in spec.submodule_search_locations or ():
        yield from _modules(folder, package)
    if spec.submodule_search_locations is None and spec.origin and spec.origin.endswith(".py"):
        yield package, spec.origin


def defined(file: str) -> Defined:
    """What a file defines; nothing where it cannot be read."""
    try:
        state = os.stat(file)
        return _defined(file, state.st_mtime_ns, state.st_size)
    except (OSError, UnicodeDecodeError):
        return Defined((), ())


@lru_cache(maxsize=16_384)
def _defined(file: str, modified: int, size: int) -> Defined:
    text = source_text(file)
    renamed = {match[2]: match[1] for match in _RENAMED.finditer(text)}
    classes = []
    for match in _CLASS.finditer(text):
        bases = [part.strip().partition("[")[0].rpartition(".")[2] for part in (match[2] or "").split(",")]
        classes.append((match[1], tuple(renamed.get(base, base) for base in bases if base)))
    return Defined(tuple(classes), tuple(match[1] for match in _FUNCTION.finditer(text)))


def _modules(folder: str, package: str) -> Iterator[tuple[str, str]]:
    """The Python files below a folder, nearest first; hidden and private folders and tests are passed over."""
    found = 0
    waiting = [(folder, package)]
    for path, name in islice(waiting, MOST_FOLDERS):
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            stem = entry.name.removesuffix(".py")
            inner = f"{name}.{stem}" if name else stem
            if not is_text(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if stem.isidentifier() and stem not in _SKIPPED and (not stem.startswith("_") or stem == "_src"):
                    waiting.append((entry.path, inner))
            elif entry.name.endswith(".py") and stem.isidentifier() and not _TEST.match(stem) and holds(entry.is_file):
                found += 1
                if found > MOST_FILES:
                    return
                yield (name if stem == "__init__" else inner), entry.path
