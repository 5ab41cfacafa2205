"""Where the program's own files are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESOURCES = ROOT / "resources"
ICONS = RESOURCES / "icons"
FONTS = RESOURCES / "fonts" / "ui"


def sample_project() -> Path | None:
    """The folder with the bundled configs, or None where they are not installed."""
    return ROOT if (ROOT / "configs" / "jobs").is_dir() else None
