"""The small project of these tests, and the dialogs of their window."""

from __future__ import annotations

from typing import TypeVar

from niceml_gui.widgets.plan_dialog import PlanDialog
from niceml_gui.window import Window

WAIT = 20_000
JOB = "# a job\ndefaults:\n  - /db@db: mysql\n  - _self_\n\nepochs: 3  # how long\n"
SEARCH = "hydra:\n  searchpath: [file://configs]\n"


D = TypeVar("D", bound=PlanDialog)


def opened(window: Window, kind: type[D]) -> D:
    found = window.findChildren(kind)
    assert len(found) == 1
    return found[0]
