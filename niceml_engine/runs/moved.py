"""Paths that a run has written down, where its project lies now: it may have been moved, or be a copy of another one.

What lay inside the project belongs to it and is found inside it again, never in the project that it was copied from.
What lay outside stays where it is.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from niceml_engine.store.location import LOCAL
from niceml_engine.values import RunSpec


def moved(path: str, then: str, now: str) -> str:
    """Where something lies now.

    Args:
        path: A path or an URL, as it was written down.
        then: The folder of the project, when it was.
        now: The folder of the project.
    """
    scheme, mark, place = path.rpartition("://")
    if not place or scheme not in LOCAL:
        return path
    place = os.path.normpath(place)
    for root in (then, os.path.realpath(then)):  # where experiments lie is told without links
        if Path(place).is_relative_to(root):
            return f"{scheme}{mark}{Path(now) / Path(place).relative_to(root)}"
    return path


def moved_spec(spec: RunSpec, now: str) -> RunSpec:
    """What is to be run, in the project where it lies now.

    Args:
        spec: As it was written down.
        now: The folder of the project.
    """

    def here(path: str) -> str:
        return moved(path, spec.root, now)

    continues = spec.continues
    return msgspec.structs.replace(
        spec,
        root=now,
        selection=msgspec.structs.replace(spec.selection, job=here(spec.selection.job)),
        python_path=tuple(here(path) for path in spec.python_path),
        script=here(spec.script),
        settings=msgspec.structs.replace(spec.settings, python=here(spec.settings.python)),
        continues=continues and msgspec.structs.replace(continues, experiment=here(continues.experiment)),
    )
