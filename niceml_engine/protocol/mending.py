"""The request to plan a fix that edits files, and its answer."""

from __future__ import annotations

from typing import Any

from niceml_engine.protocol.base import Asked
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import TextEdit


class PlanFix(Asked, frozen=True):
    """Asks what the edits of a fix make of their files; nothing is written."""

    edits: tuple[TextEdit, ...]


MendRequest = PlanFix

MEND_RESULTS: dict[type, Any] = {PlanFix: tuple[FileChange, ...]}
