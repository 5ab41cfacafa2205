"""What the service does to compare configs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from niceml_engine.config.compose.plugins import compose_around
from niceml_engine.config.compose.sweeps import compose_first
from niceml_engine.config.composed.difference import (
    Side,
    as_saved,
    difference,
    need_composed,
    resolved_side_of,
    side_of,
)
from niceml_engine.config.projects.project import ops_path
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.comparing import Compare, Comparison, ReadLeaves
from niceml_engine.protocol.configs import Compose
from niceml_engine.protocol.earlier import Earlier, LookBack
from niceml_engine.runs.earlier import like, look_back
from niceml_engine.runs.enqueue import job_of, script_of
from niceml_engine.service.interpreter import composed_of
from niceml_engine.service.opened import Opened
from niceml_engine.values import Composed


def compare_answers(opened: Opened, ask: Callable[[Compose], object]) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests to compare, by the request's type.

    Args:
        opened: The project.
        ask: Composes, in turn with others that want to.
    """
    return {
        Compare: lambda request: _compare(opened, request),
        LookBack: lambda request: _look_back(opened, _good(composed_of(ask(Compose(request.selection)))), request.run),
        ReadLeaves: lambda request: opened.index.part(request.stamp, request.keys, request.values, request.rows),
    }


def _look_back(opened: Opened, composed: Composed, run: str) -> Earlier:
    script = script_of(opened.composer.setting, composed.selection.job)
    found = look_back(opened.index, opened.watcher.states(), composed, job_of(composed, script), script)
    if not run:
        return found
    folder = opened.run(run)
    wanted = like(folder, resolved_side_of(composed))
    if wanted is not None:
        from niceml_engine.runs.continuing import unlike

        path = ops_path(opened.root)
        wanted = msgspec.structs.replace(wanted, unlike=unlike(folder.spec().config, composed.yaml, path))
    return msgspec.structs.replace(found, wanted=wanted)


def _compare(opened: Opened, request: Compare) -> Comparison:
    now = _good(compose_first(opened.composer, request.selection))
    return Comparison(difference(_before(opened, request, now), resolved_side_of(now)), now.digest)


def _before(opened: Opened, request: Compare, now: Composed) -> Side:
    # Storage is only loaded where something stored is compared.
    if request.run:
        from niceml_engine.runs.past import run_side

        return run_side(opened.run(request.run))
    if request.experiment:
        from niceml_engine.runs.experiment import experiment_location
        from niceml_engine.runs.past import experiment_side
        from niceml_engine.runs.trust import need_reach

        location = need_reach(opened.root, experiment_location(now.yaml, request.experiment))
        return experiment_side(location, opened.root)
    compose = partial(compose_around, partial(compose_first, opened.composer))
    other = compose(request.other) if request.other is not None else as_saved(compose, request.selection)
    return side_of(need_composed(other))


def _good(composed: Composed) -> Composed:
    if composed.error is not None:
        raise ConfigError.of(composed.error)
    return composed
