"""What changes of files do to the jobs of a project, found by composing them in a shadow of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.plugins import without_plugins
from niceml_engine.config.editing.shadow import Shadow
from niceml_engine.config.text.literals import same
from niceml_engine.protocol.files import Effect, FileChange
from niceml_engine.values import Composed, Selection

SECONDS = 10.0  #: for which jobs are composed; those that are left are counted


def effects(
    composer: Composer,
    trial: Shadow,
    changes: Iterable[FileChange],
    selections: Iterable[tuple[Selection, Selection]],
) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
    """Finds what does not compose to the same any more.

    Args:
        composer: Of the project as it is.
        trial: Where the changes are made.
        changes: The changes; a job that includes no file of such a name is not affected.
        selections: What to compare: as it is read now, and as it is read then.

    Returns:
        The effects, and the jobs that could not be compared: there was no time, or they do not compose as it is, under
        none of their selections. Those that only want a plugin that is missing are compared without it.
    """
    names = {os.path.basename(change.file) for change in changes}
    found: list[Effect] = []
    until, unchecked, compared = time.monotonic() + SECONDS, list[str](), set[str]()
    for now, then in selections:
        if time.monotonic() > until:
            unchecked.append(then.job)
            continue
        before = composer.compose(now)
        around = without_plugins(then, before.error)
        if around is not None:
            before = composer.compose(without_plugins(now, before.error) or now)
        if before.error is not None:
            unchecked.append(then.job)
            continue
        compared.add(then.job)
        if not names & {os.path.basename(node.file) for node in before.nodes}:
            continue
        after = trial.compose(around or then)
        if after.error is not None:
            found.append(Effect(then, error=after.error.message))
        elif after.digest != before.digest:
            found.append(Effect(then, keys=changed_keys(before, after)))
    return tuple(found), tuple(job for job in dict.fromkeys(unchecked) if job not in compared)


def changed_keys(before: Composed, after: Composed) -> tuple[str, ...]:
    """The keys of the values that two configs do not share, in the order of the later one."""
    old, new = _values(before), _values(after)
    changed = [key for key, value in new.items() if key not in old or not same(old[key], value)]
    return (*changed, *(key for key in old if key not in new))


def _values(composed: Composed) -> Mapping[str, object]:
    return {leaf.key: leaf.value for leaf in composed.leaves}
