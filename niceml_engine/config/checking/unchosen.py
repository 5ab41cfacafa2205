"""Values that must be given where a config group goes by their key: what is wanted there is one of its options."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from niceml_engine.config.checking.fixes import FEW, OFFERED
from niceml_engine.config.compose.world import is_writable
from niceml_engine.options import option_text
from niceml_engine.values import Composed, Fix, Problem


def as_choices(problems: Iterable[Problem], composed: Composed) -> Iterator[Problem]:
    """Problems; of a value that must be given and that a group may give, it says so, with the group's options.

    Args:
        problems: What was found.
        composed: The config.
    """
    for problem in problems:
        yield _as_choice(problem, composed) if problem.code == "missing-value" and not problem.fixes else problem


def _as_choice(problem: Problem, composed: Composed) -> Problem:
    key, group = problem.key, problem.key.replace(".", "/")
    bases = composed.bases if key and "[" not in key else ()
    folders = [folder for folder in (Path(base, group) for base in bases) if folder.is_dir()]
    if not folders:
        return problem
    if any(choice.key.lstrip("+") == group for choice in composed.choices):
        if "." in key:
            return problem
        where = f"write it into {Path(problem.file).name}" if problem.file else "write it into a file"
        said = f"a value must be given here, but {key}= chooses an option of the group {group}"
        return msgspec.structs.replace(problem, message=f"{key}: {said}; {where}, or choose an option that gives it")
    ways = list(islice((way for folder in folders for way in _ways(folder, group)), OFFERED))
    if not ways:
        return problem
    such = f"{', '.join(ways[:FEW])}{'…' if ways[FEW:] else ''}"
    other = f"; or set it with {key}=VALUE" if "." in key else ""
    message = f"{key}: an option of the group {group} must be chosen here: {such}{other}"
    fixes = tuple(
        Fix(f"choose {way.partition('=')[2]} of {way.partition('=')[0].lstrip('+')}", adds=(way,)) for way in ways
    )
    return msgspec.structs.replace(problem, message=message, fixes=fixes)


def _ways(folder: Path, group: str) -> Iterator[str]:
    """The overrides that choose an option of a group, or of one below it."""
    for place, below, names in os.walk(folder):
        below.sort()
        inside = os.path.relpath(place, folder).replace(os.sep, "/")
        key = group if inside == "." else f"{group}/{inside}"
        options = sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))
        if options and is_writable(key):
            yield from (f"+{key}={option_text(option)}" for option in options)
