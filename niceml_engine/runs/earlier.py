"""What has run before that is like a config: the very same, the last run of the job, the one that is nearest.

Only runs that do the same are looked at: those of the same Dagster job, or of the same program. Which is nearest is
found in the table of all runs' values; in how many values it differs is counted as wherever configs are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from niceml_engine.config.composed.difference import Side, difference, resolved_side_of
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.protocol.comparing import Change
from niceml_engine.protocol.earlier import Difference, Earlier, Like
from niceml_engine.runs.folder import RunFolder, runs_folder
from niceml_engine.runs.index import RunIndex
from niceml_engine.runs.making import leaves_of
from niceml_engine.runs.past import run_side
from niceml_engine.values import Composed, Leaf, RunState

SHOWN = 12  #: differences that are told in full
CLOSE = 24  #: runs whose differences are looked at one by one to find the nearest
_REFERENCE = re.compile(r"\$\{([^${}:]+)\}")

Found = list[tuple[str, Any, Any]]


def look_back(index: RunIndex, states: Iterable[RunState], composed: Composed, job: str, script: str = "") -> Earlier:
    """What has run before that is like a composed config.

    Args:
        index: The configs of the project's runs.
        states: The runs, newest first.
        composed: The config, which composes.
        job: The Dagster job that it would run as.
        script: The program that it would be run by, if by any.
    """
    states = (state for state in states if state.does(job, script))
    refers = {leaf.key: names for leaf in composed.leaves if (names := references(leaf))}
    with index.alone() as leaves:
        row = leaves.row(leaves_of(composed))
        known = {state.id: state for state in states if state.id in leaves}
        distances = {run: leaves.distance(row, run) for run in known}
        if not distances:
            return Earlier(composed.digest)

        def count(run: str) -> int:
            return len(own(leaves.differences(row, run), refers))

        nearest = min(sorted(distances, key=distances.__getitem__)[:CLOSE], key=count)
    last = next((run for run, state in known.items() if state.job == composed.selection.job), "")
    same = tuple(run for run, state in known.items() if not distances[run] and state.digest == composed.digest)
    now = resolved_side_of(composed)
    likes = {run: like(RunFolder(runs_folder(index.root) / run), now) for run in {last, nearest} - {""}}
    return Earlier(composed.digest, same, likes.get(last), likes[nearest])


def like(run: RunFolder, now: Side) -> Like | None:
    """How a config differs from that of a run; `None` if the run has gone.

    Args:
        run: What has run.
        now: The config.
    """
    try:
        then = run_side(run)
        found = difference(then, now)
    except (RunError, ConfigError):  # it has gone meanwhile
        return None

    def shown(one: Change) -> Difference:
        before, after = then.get(one.before_key or one.key), now.get(one.key)
        return Difference(one.key, before.shown if before else one.before, after.shown if after else one.after)

    return Like(run.id, len(found), tuple(map(shown, found[:SHOWN])))


def own(found: Found, refers: Mapping[str, tuple[str, ...]]) -> Found:
    """The differences that follow from no other one.

    Args:
        found: All of them.
        refers: The keys that each key refers to.
    """
    keys = {key for key, _, _ in found}

    def follows(key: str) -> bool:
        return any(other == name or other.startswith(f"{name}.") for name in refers.get(key, ()) for other in keys)

    return [one for one in found if not follows(one[0])] or found


def references(leaf: Leaf) -> tuple[str, ...]:
    """The keys that a leaf's interpolations name; those of resolvers name none."""
    if not isinstance(leaf.value, str) or "${" not in leaf.value:
        return ()
    names = []
    for name in _REFERENCE.findall(leaf.value):
        dots = len(name) - len(name.lstrip("."))
        above = leaf.key.split(".")[:-dots] if dots else []
        names.append(".".join((*above, name[dots:])))
    return tuple(names)
