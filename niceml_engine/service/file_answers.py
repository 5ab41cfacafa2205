"""What the service does for each request about changes of config files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from niceml_engine.config.editing.refactor import plan_delete, plan_move, plan_new
from niceml_engine.config.editing.save import plan_save
from niceml_engine.config.editing.usages import Tree
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.text.changes import write_changes
from niceml_engine.protocol import files as ask
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
        ask.PlanSave: lambda request: plan_save(composer, tree(), request.selection, request.to, request.target),
        ask.WriteFiles: lambda request: write_changes(request.changes, request.merge),
    }
