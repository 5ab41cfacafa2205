"""Putting together what a person sees of a composed config."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import DictConfig

from niceml_engine.config.composed.graph import Overriding
from niceml_engine.config.composed.provenance import History, Include, Included
from niceml_engine.config.composed.render import Renderer
from niceml_engine.config.composed.resolve import Memory, data_of
from niceml_engine.config.composed.told import leaves_of, problems_of
from niceml_engine.errors import ConfigError, no_file_reason
from niceml_engine.jobs.declaration import job_of
from niceml_engine.ops_path import ops_in
from niceml_engine.options import option_text
from niceml_engine.values import Choice, Composed, Default, Edge, Node, Origin, Problem, Selection


@dataclass(frozen=True)
class Drawing:
    """The include structure of a job.

    Attributes:
        nodes: The configs, the job first.
        edges: The includes.
        choices: Where another option can be chosen.
        defaults: The final defaults list, without Hydra's own.
        missing: Config paths, as Hydra calls them, that name nothing that can be read.
        overriding: The `override` entry that counts, by the key that it overrides.
        hydra: What is chosen of Hydra's own groups.
        bases: The folders that groups of overrides are relative to, one of each source, with a slash at its end.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    choices: tuple[Choice, ...] = ()
    defaults: tuple[Default, ...] = ()
    missing: frozenset[str] = frozenset()
    overriding: Mapping[str, Overriding] = field(default_factory=dict)
    hydra: tuple[Choice, ...] = ()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merged:
    """A composed config with the history of its values, and what Hydra warned of."""

    config: DictConfig
    history: History
    drawing: Drawing
    warnings: tuple[Problem, ...]
    moves: bool = False  #: whether a program of it starts in the run's folder without having been told to


def check_job(selection: Selection) -> None:
    """Makes sure that there is something to compose.

    Raises:
        ConfigError: The job file does not exist.
    """
    if not os.path.isfile(selection.job):
        reason = no_file_reason(selection.job) or "it does not exist; choose another"
        raise ConfigError(f"the job file cannot be read: {reason}", file=selection.job)


def present(
    selection: Selection, merged: Merged, renderer: Renderer, memory: Memory, ops_path: str
) -> tuple[Composed, dict[Any, Any]]:
    """Makes the value that describes a composed config, and its plain data.

    Args:
        selection: What was composed.
        merged: What it composed to.
        renderer: Prints it.
        memory: What is known of the leaves of the one before, of the same job in the same environment.
        ops_path: Where the config of an op lies.
    """
    data, found = data_of(merged.config, memory)
    leaves = leaves_of(found, merged.history, memory)
    plain, resolved, name = renderer.render(data, found)
    problems = [
        *_empty(selection, data),
        *merged.warnings,
        *_missing_choices(merged.drawing.choices),
        *problems_of(leaves, found),
    ]
    composed = Composed(
        selection=selection,
        digest=name,
        dagster_job=job_of(merged.drawing.nodes[0].id, ops_in(data, ops_path)),
        yaml=plain.text,
        resolved_yaml=resolved.text,
        lines=plain.keys,
        resolved_lines=resolved.keys,
        leaves=leaves,
        heads=merged.history.heads(lambda: _included(merged.drawing)),
        nodes=merged.drawing.nodes,
        edges=merged.drawing.edges,
        defaults=merged.drawing.defaults,
        choices=merged.drawing.choices,
        hydra=merged.drawing.hydra,
        bases=merged.drawing.bases,
        problems=tuple(problems),
    )
    return composed, data


def _included(drawing: Drawing) -> Included:
    """How each file is included."""
    files = {node.id: node.file for node in drawing.nodes}
    packages: dict[str, set[str]] = {}
    for edge in drawing.edges:
        packages.setdefault(edge.target, set()).add(edge.package)

    def holder(edge: Edge) -> tuple[str, str] | None:
        """The file that holds an entry; of one that stands at several packages, that around what is included."""
        known = packages.get(edge.source, set())
        around = [one for one in known if one == edge.package or edge.package.startswith(f"{one}.")]
        return (edge.source, max(around or sorted(known), key=len)) if known else None

    return {
        (edge.target, edge.package): Include(
            Origin(edge.source, files.get(edge.source, ""), edge.line, edge.package), holder(edge)
        )
        for edge in drawing.edges
        if edge.line
    }


def present_refusal(selection: Selection, found: tuple[Problem, ...], drawing: Drawing) -> Composed:
    """Makes the value that says why there is no composed config.

    Args:
        selection: What was to be composed.
        found: What is wrong with it, first what Hydra refused it for.
        drawing: The include structure, as far as it can be read.
    """
    error, told = found[0], {problem.key for problem in found}
    others = [problem for problem in _missing_choices(drawing.choices) if problem.key not in told]
    return Composed(
        selection=selection,
        dagster_job=job_of(drawing.nodes[0].id, ()),
        nodes=drawing.nodes,
        edges=drawing.edges,
        choices=drawing.choices,
        hydra=drawing.hydra,
        bases=drawing.bases,
        problems=(*found, *others),
        error=error,
    )


def key_of(choice: Choice) -> str:
    """What a choice is called, also where no override can name it."""
    return choice.key or f"{choice.group}@{choice.package}"


def missing_choice(choice: Choice) -> Problem:
    """Says that an option must be chosen, and which there are."""
    key = key_of(choice)
    where = "" if choice.key else " in the file itself, because no override can name it"
    offered = f"; options: {', '.join(choice.options)}" if choice.options else f"; {choice.group} has no options"
    return Problem(
        severity="error",
        code="missing-choice",
        message=f"{key} must be chosen{where}{offered}",
        file=choice.file,
        line=choice.line,
        key=key,
        fix=f"{choice.key}={option_text(choice.options[0])}" if choice.key and len(choice.options) == 1 else "",
    )


def _empty(selection: Selection, data: dict[Any, Any]) -> list[Problem]:
    if data:
        return []
    message = "the job is empty; give it a defaults list or values"
    return [Problem(severity="warning", code="empty-job", message=message, file=selection.job, line=1)]


def _missing_choices(choices: Iterable[Choice]) -> list[Problem]:
    return [missing_choice(choice) for choice in choices if choice.missing]
