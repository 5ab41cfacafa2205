"""Where a Hydra program writes: found by what it has open, and by what Hydra leaves in its output folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import yaml

HYDRA = os.path.join(".hydra", "overrides.yaml")  #: what Hydra writes into an output folder before the program begins
_FOLDERS = 4_000  #: folders that are looked through at most
_DEEPEST = 6
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


def open_files() -> Iterator[tuple[Path, str]]:
    """The files that the children of this process, and theirs, have open, and how: `w`, `a`, `r`, `r+`."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error, OSError):
            for file in process.open_files():
                yield Path(file.path), getattr(file, "mode", "r")


def output_of(files: Iterable[Path]) -> Path | None:
    """The output folder of Hydra in which one of some files lies: its log is open as long as a program runs."""
    for file in files:
        for folder in (file.parent, *file.parent.parents[:2]):
            if (folder / HYDRA).is_file():
                return folder
    return None


def newest_output(root: Path, since: float, overrides: Sequence[str]) -> Path | None:
    """The output folder below a folder that Hydra has made since a time, for a program with some overrides.

    Args:
        root: Where the program was started.
        since: Seconds since the epoch.
        overrides: What it was started with.
    """
    wanted = [one for one in overrides if not one.lstrip("+~").startswith(("hydra.", "hydra/"))]
    found: list[tuple[float, Path]] = []
    for folder in _folders(root):
        with suppress(OSError, yaml.YAMLError, UnicodeDecodeError):
            made = (folder / HYDRA).stat().st_mtime
            if made >= since and (yaml.safe_load((folder / HYDRA).read_text("utf-8")) or []) == wanted:
                found.append((made, folder))
    return max(found)[1] if found else None


def _folders(root: Path) -> Iterator[Path]:
    todo = [(root, 0)]
    for folder, depth in todo:
        yield folder
        if depth == _DEEPEST:
            continue
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _SKIPPED or len(todo) >= _FOLDERS:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    todo.append((Path(entry.path), depth + 1))


def written(folder: Path, since: float) -> Iterator[Path]:
    """The files at and below a folder that were written since a time."""
    for inner in _folders(folder):
        with suppress(OSError), os.scandir(inner) as entries:
            for entry in entries:
                if entry.is_file() and entry.stat().st_mtime >= since:
                    yield Path(entry.path)
