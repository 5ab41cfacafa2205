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


def own_folder(root: str | os.PathLike[str]) -> Path:
    """The folder of this program in a project, made when it is missing; of it, Git sees only what a person says there.

    Raises:
        OSError: It cannot be made.
    """
    folder = Path(root) / ".niceml"
    folder.mkdir(exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n!project.yaml\n", encoding="utf-8")
    return folder


def sample_project() -> Path | None:
    """The folder with the bundled configs, or None where they are not installed."""
    return ROOT if (ROOT / "configs" / "jobs").is_dir() else None
