"""What the service does for each request about changes of config files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from niceml_engine.config.changes import write_changes
from niceml_engine.protocol import files as ask
from niceml_engine.service.opened import Opened


def file_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about the files of an open project, by the request's type."""
    return {
        ask.WriteFiles: lambda request: write_changes(request.changes, request.merge),
    }
