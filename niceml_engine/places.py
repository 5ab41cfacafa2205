"""Where this program keeps what is the person's own, and where its own files lie."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def state_dir() -> Path:
    """The person's own folder of this program; `NICEML_STATE_DIR` puts it elsewhere.

    Asked for the first time before any project's variables are read, so that no project can move it.
    """
    chosen = os.environ.get("NICEML_STATE_DIR")
    if not chosen:
        import platformdirs

        chosen = platformdirs.user_data_dir("niceml", appauthor=False)
    return Path(chosen)


def sample_project() -> Path | None:
    """The folder with the bundled configs, or None where they are not installed."""
    return ROOT if (ROOT / "configs" / "jobs").is_dir() else None
