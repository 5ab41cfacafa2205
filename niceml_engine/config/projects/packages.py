"""Finding Python packages without importing anything."""

from __future__ import annotations

import importlib.machinery
import os
import sys
from pathlib import Path


def find_package(name: str, python_path: tuple[Path, ...]) -> str | None:
    """The folder of a package, found without importing it or its parents."""
    top, *rest = name.split(".")
    for entry in (*map(str, python_path), *sys.path):
        spec = importlib.machinery.PathFinder.find_spec(top, [entry or os.getcwd()])
        for location in (spec.submodule_search_locations or ()) if spec else ():
            folder = os.path.join(location, *rest)
            if os.path.isdir(folder):
                return folder
    return None
