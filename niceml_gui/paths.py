"""Where the program's own files are."""

from __future__ import annotations

from niceml_engine.places import ROOT
from niceml_engine.places import sample_project as sample_project

RESOURCES = ROOT / "resources"
ICONS = RESOURCES / "icons"
FONTS = RESOURCES / "fonts" / "ui"
