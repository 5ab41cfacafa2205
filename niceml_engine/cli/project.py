"""`niceml-engine project`: what a project is, and what it runs in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from niceml_engine.cli import common
from niceml_engine.cli.drawing import to_json
from niceml_engine.errors import ProjectError
from niceml_engine.protocol.project import Environment, Variable
from niceml_engine.values import Project


@common.taking(common.Plain)
def project(
    _: common.Plain,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder, config or script of it.")] = Path(),
    format: common.Format = "text",
) -> None:
    """Show the settings, jobs, programs and variables of a project."""
    common.one_of(format)
    from niceml_engine.config.projects.environment import environment
    from niceml_engine.config.projects.project import open_project

    opened = open_project(path)
    found = environment(opened, dict(os.environ))
    if format == "json":
        print(to_json({"project": opened, "environment": found}))
        return
    print("\n".join(_text(opened, found)))


def _text(project: Project, found: Environment) -> Iterator[str]:
    yield f"{project.name}  {project.root}"
    yield ""
    width = max(len(one.name) for one in project.settings)
    for one in project.settings:
        place = f"{common.shown(one.file)}:{one.line}" if one.file else ""
        why = f"{one.source}: {one.why}" if one.why else one.source if one.source != "set" else f"set in {place}"
        yield f"{one.name:<{width}}  {', '.join(one.values) or '-'}  ({why})"
    yield from _list("jobs", [(job.id, common.shown(job.script or job.file)) for job in project.tree.jobs])
    unread = [(f"{common.shown(one.file)}:{one.line}", one.problem) for one in project.programs if one.problem]
    yield from _list("programs that cannot be opened", unread)
    only = [(one.id, f"{common.shown(one.file)}:{one.line}") for one in project.tree.options if one.python]
    yield from _list("only in Python", only)
    yield from _list("runs in", [("interpreter", found.python), ("variables", _env_file(found))])
    yield from _list("variables", [(one.name, _variable(one)) for one in found.variables])
    problems = (*project.problems, *found.problems)
    told = [(f"{common.shown(one.file)}:{one.line}", str(ProjectError(one.message, key=one.key))) for one in problems]
    yield from _list("problems", told)


def _list(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    if rows:
        width = max(len(name) for name, _ in rows)
        yield ""
        yield title
        yield from (f"  {name:<{width}}  {text}" for name, text in rows)


def _env_file(found: Environment) -> str:
    return f"{common.shown(found.env_file)}{'' if found.has_env_file else ' (there is none)'}"


def _variable(one: Variable) -> str:
    defaults = dict.fromkeys(use.default for use in one.uses if use.default)
    unset = "must be set" if one.missing else f"not set, else {' or '.join(defaults)}" if defaults else "not set"
    value = unset if one.value is None else f"{one.value}  ({one.source})"
    uses = [f"{common.shown(use.file)}:{use.line}" for use in one.uses]
    more = f" and {len(uses) - 2} more" if len(uses) > 2 else ""
    return f"{value}  {', '.join(uses[:2])}{more}" if uses else f"{value}  no config reads it"
