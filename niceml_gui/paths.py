"""Where the program's own files are."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath, PureWindowsPath

from niceml_engine.places import ROOT
from niceml_engine.places import sample_project as sample_project

RESOURCES = ROOT / "resources"
ICONS = RESOURCES / "icons"
FONTS = RESOURCES / "fonts" / "ui"


def pure(path: str) -> PurePath:
    """A path of the machine on which the project lies, which may be of another kind than this one's."""
    windows = path[1:3] in (":\\", ":/") or path.startswith("\\\\")
    return PureWindowsPath(path) if windows else PurePosixPath(path)


def inside(file: str, root: str) -> str:
    """A file as it is seen from a project's root; what lies elsewhere stays as it is."""
    path = pure(file)
    return path.relative_to(pure(root)).as_posix() if root and path.is_relative_to(pure(root)) else file
