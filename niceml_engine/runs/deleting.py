"""Deleting runs: their folders at once, and what Dagster has recorded of them a moment later.

Only workers open the Dagster instance, which may be busy for long. So it is noted which runs are gone, and a
short-lived worker has Dagster forget them; what it cannot do now is done the next time that somebody looks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import FORGET, start_worker

BUSY = "the run is deleted; Dagster's record of it stays for as long as its database is busy"

_workers: dict[Path, subprocess.Popen[bytes]] = {}


def delete(run: RunFolder) -> None:
    """Deletes the folder of a run, and notes that Dagster is to forget it if it may know of it."""
    dagster = run.path.parents[1] / "dagster"
    if (dagster / "history").is_dir():
        with suppress(OSError):  # on a full disk the run is deleted nevertheless
            notes = _notes(dagster.parents[1])
            notes.mkdir(exist_ok=True)
            (notes / run.id).touch()
    run.delete()


def noted(root: str | Path) -> list[Path]:
    """The notes of runs that Dagster is to forget, each called like its run."""
    with suppress(OSError):
        return sorted(_notes(Path(root)).iterdir())
    return []


def forget(root: str | Path, seconds: float = 0.0) -> str | None:
    """Has Dagster forget the runs of a project that are deleted: by a worker, of which there is one at a time.

    Args:
        root: The project.
        seconds: How long to wait for it.

    Returns:
        What stays, and why; empty if nothing does; `None` while it is at work.
    """
    root = Path(root)
    if root not in _workers:
        if not noted(root):
            return ""
        _workers[root] = start_worker(sys.executable, f"{FORGET}{root}", str(root), os.environ, stdout=subprocess.PIPE)
    try:
        _workers[root].wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    said, _ = _workers.pop(root).communicate()
    return said.decode(errors="replace").strip()


def _notes(root: Path) -> Path:
    return root / ".niceml" / "dagster" / "deleted"
