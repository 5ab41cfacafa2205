"""What the service does for requests about what a project runs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from niceml_engine.config.projects.environment import environment
from niceml_engine.protocol.project import ReadEnvironment
from niceml_engine.service.opened import Opened


def project_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer these requests, by the request's type."""
    return {ReadEnvironment: lambda request: environment(opened.project, opened.shell)}
