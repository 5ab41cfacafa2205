"""What the service does for each request about changes of config files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from niceml_engine.config.editing.refactor import plan_delete, plan_move, plan_new
from niceml_engine.config.editing.sweeping import plan_saving
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.text.changes import write_changes
from niceml_engine.errors import ProjectError, os_reason
from niceml_engine.protocol import files as ask
from niceml_engine.protocol.configs import Listed, Listing
from niceml_engine.service.opened import Opened


def file_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about the files of an open project, by the request's type."""
    composer = opened.composer

    def tree() -> Tree:
        return Tree.of(open_project(opened.start), composer.setting)

    return {
        ask.FindUsages: lambda request: tree().usages(request.file),
        ask.PlanNewFile: lambda request: plan_new(tree(), request.file, request.selection, request.like),
        ask.PlanMove: lambda request: plan_move(composer, tree(), request.file, request.target, request.selection),
        ask.PlanDelete: lambda request: plan_delete(composer, tree(), request.file, request.selection),
        ask.PlanSave: lambda request: plan_saving(composer, tree(), request.selection, request.to, request.target),
        ask.WriteFiles: lambda request: write_changes(request.changes),
    }


def list_folder(path: str) -> Listing:
    """What lies in a folder, or in the nearest one of a file that is there or may be written.

    Raises:
        ProjectError: It cannot be read.
    """
    asked = Path(os.path.abspath(Path(path).expanduser()))
    folder = asked if asked.is_dir() else asked.parent
    try:
        with os.scandir(folder) as found:
            entries = [Listed(entry.name, entry.is_dir()) for entry in found]
    except OSError as error:
        raise ProjectError(f"{folder} cannot be read: {os_reason(error)}", details=repr(error)) from error
    entries.sort(key=lambda entry: (not entry.folder, entry.name.casefold()))
    return Listing(str(folder), tuple(entries), "" if folder == asked else asked.name, asked.exists())
