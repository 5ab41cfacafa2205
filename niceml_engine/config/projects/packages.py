"""Finding Python packages without importing anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

from niceml_engine.config.projects.editable import editable


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


def sites(python: str) -> tuple[Path, ...]:
    """The folders into which an interpreter's packages are installed; none where only a bare name tells of it."""
    if not os.path.isabs(python):
        return ()
    return tuple(sorted(Path(python).parent.parent.glob("lib/python*/site-packages")))


def installed(python: str) -> tuple[Path, ...]:
    """The folders in which the packages of an interpreter lie, those of editable installs last."""
    own = sites(python)
    others = (folder for one in map(editable, own) for folder in (*one.folders, *one.parents))
    return tuple(dict.fromkeys((*own, *others)))


def portions(package: str, python: str) -> tuple[Path, ...]:
    """The folders in which an interpreter sees a package that is spread over several, in its order."""
    own = sites(python)
    found = list(map(editable, own))
    folders = (folder for one in found for folder in one.folders)
    others = (folder for one in found for name, folder in one.portions if name == package)
    return tuple(dict.fromkeys((*own, *folders, *others)))


def find_package(name: str, python_path: tuple[Path, ...]) -> str | None:
    """The folder of a package, found without importing it or its parents."""
    top, *rest = name.split(".")
    folders = (entry or os.getcwd() for entry in (*map(str, python_path), *sys.path))
    each = (PathFinder.find_spec(top, [folder]) for folder in folders)  # a package may be spread over several
    found = (location for spec in each if spec for location in spec.submodule_search_locations or ())
    installed = spec_of(top, ())
    also = (installed.submodule_search_locations or ()) if installed is not None else ()
    return next(filter(os.path.isdir, (os.path.join(location, *rest) for location in (*found, *also))), None)


def has_module(name: str, python_path: tuple[Path, ...]) -> bool:
    """Whether there is a module or package of a dotted name, found without importing it or its parents."""
    top, *rest = name.split(".")
    spec = spec_of(top, (*map(str, python_path), *sys.path))
    for part in rest:
        inside = list(spec.submodule_search_locations or ()) if spec is not None else []
        spec = PathFinder.find_spec(part, inside) if inside else None
    return spec is not None
