"""Deleting runs: their folders at once, and what Dagster has recorded of them a moment later."""

from __future__ import annotations

from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.untold import note

BUSY = "the run is deleted; Dagster's record of it stays for as long as its database is busy"


def delete(run: RunFolder) -> None:
    """Deletes the folder of a run, and notes that Dagster is to forget it if it may know of it.

    Raises:
        RunError: The folder stays, and so does what Dagster knows.
    """
    run.delete()
    note(run.path.parents[2], "deleted", run.id)
