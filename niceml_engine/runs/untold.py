"""What Dagster is yet to be told: of runs that have ended or were deleted while its database could not be had.

Only workers open the Dagster instance, which may be busy for long. So it is noted which runs it is to be told of, and a
short-lived worker does so; what it cannot do now is done the next time that somebody looks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.launch import TELL, start_worker

Kind = Literal["ended", "deleted"]

_workers: dict[Path, subprocess.Popen[bytes]] = {}


def note(root: str | Path, kind: Kind, run: str) -> None:
    """Notes that Dagster is to be told of a run, if it may know of it; what finds no room is not noted."""
    dagster = Path(root) / ".niceml" / "dagster"
    if (dagster / "history").is_dir():
        with suppress(OSError):
            (dagster / kind).mkdir(exist_ok=True)
            (dagster / kind / run).touch()


def noted(root: str | Path, kind: Kind) -> list[Path]:
    """The notes of which Dagster can be told now, each called like its run: it has ended, and its worker is gone."""
    with suppress(OSError):
        notes = sorted((Path(root) / ".niceml" / "dagster" / kind).iterdir())
        return [one for one in notes if not RunFolder(runs_folder(root) / one.name).is_alive()]
    return []


def tell(root: str | Path, seconds: float = 0.0) -> str | None:
    """Has Dagster told what is noted: by a worker, of which there is one at a time.

    Args:
        root: The project.
        seconds: How long to wait for it.

    Returns:
        What is to be told later, and why; empty if nothing is; `None` while it is at work.
    """
    root = Path(root)
    if root not in _workers:
        if not noted(root, "deleted") and not noted(root, "ended"):
            return ""
        _workers[root] = start_worker(sys.executable, f"{TELL}{root}", str(root), os.environ, stdout=subprocess.PIPE)
    try:
        _workers[root].wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    said, _ = _workers.pop(root).communicate()
    return said.decode(errors="replace").strip()


def leave(root: str | Path) -> None:
    """Ends the worker that is at work, since nobody will read what it says; the next one tells what is left."""
    child = _workers.pop(Path(root), None)
    if child is not None:
        child.terminate()
        child.communicate()
