"""Finding Python packages without importing anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path


def spec_of(top: str, folders: Iterable[str]) -> ModuleSpec | None:
    """Where a package or module of a name without dots lies.

    Args:
        top: Its name.
        folders: Where it is looked for, before the finders of this interpreter's editable installs.
    """
    spec = PathFinder.find_spec(top, list(folders))
    if spec is not None:
        return spec
    try:
        return find_spec(top)
    except (ValueError, ImportError):
        return None


def installed(python: str) -> tuple[Path, ...]:
    """The folders in which the packages of an interpreter lie; none where only a bare name tells of it."""
    if not os.path.isabs(python):
        return ()
    return tuple(sorted(Path(python).parent.parent.glob("lib/python*/site-packages")))


def find_package(name: str, python_path: tuple[Path, ...]) -> str | None:
    """The folder of a package, found without importing it or its parents."""
    top, *rest = name.split(".")
    folders = (entry or os.getcwd() for entry in (*map(str, python_path), *sys.path))
    each = (PathFinder.find_spec(top, [folder]) for folder in folders)  # a package may be spread over several
    found = (location for spec in each if spec for location in spec.submodule_search_locations or ())
    installed = spec_of(top, ())
    also = (installed.submodule_search_locations or ()) if installed is not None else ()
    return next(filter(os.path.isdir, (os.path.join(location, *rest) for location in (*found, *also))), None)
