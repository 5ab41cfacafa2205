"""Problems of a selection that stands for several runs: those of the first, and what else is wrong with others.

Not every combination is checked: each value of what is swept is, once, beside the first values of all else. What is
wrong comes from a value nearly always, and values are few where combinations are many.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import msgspec

from niceml_engine.config.checking.rest import check_all
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.sweeps import compose_first, expand
from niceml_engine.descriptions import Expansion
from niceml_engine.errors import ConfigError
from niceml_engine.values import Problem, Selection

MOST = 100  #: runs that are checked


def check_every(composer: Composer, selection: Selection, seconds: float = math.inf) -> tuple[Problem, ...]:
    """Lists all problems of a selection; an error that only others than the first of its runs have names its run.

    Args:
        composer: Composes the runs.
        selection: May hold sweeps.
        seconds: So long after the first one has been checked, the runs after it are not begun with any more.
    """
    composed = compose_first(composer, selection)
    problems = check_all(composed, composer, compose_first)
    if composed.runs == 1 or composed.error is not None:
        return problems
    try:
        expansion = expand(composer, selection)
    except ConfigError:
        return problems
    known = {_what(one) for one in problems}
    digests, found = {composed.digest}, []
    until = time.monotonic() + seconds
    for number in _telling(expansion):
        if time.monotonic() > until:
            break
        overrides = expansion.runs[number]
        one_run = composer.compose(msgspec.structs.replace(selection, overrides=overrides))
        if one_run.error is None and one_run.digest in digests:
            continue
        digests.add(one_run.digest)
        which = f"run {number + 1} of {composed.runs}, {', '.join(overrides[place] for place in expansion.swept)}"
        for one in check_all(one_run, composer):
            if one.severity == "error" and _what(one) not in known:
                known.add(_what(one))
                # ways to mend it are of this run alone
                message = f"in {which}: {one.message}"
                found.append(msgspec.structs.replace(one, message=message, fix="", fixes=()))
    return (*(one for one in problems if one.severity == "error"), *found, *_rest(problems))


def _telling(expansion: Expansion) -> Iterator[int]:
    """The runs but the first that differ from it in one of the swept values, each value once."""
    first = expansion.runs[0]
    seen = {(place, first[place]) for place in expansion.swept}
    count = 0
    for number, run in enumerate(expansion.runs):
        differing = [(place, run[place]) for place in expansion.swept if run[place] != first[place]]
        if len(differing) == 1 and differing[0] not in seen and count < MOST:
            seen.add(differing[0])
            count += 1
            yield number


def _rest(problems: tuple[Problem, ...]) -> Iterator[Problem]:
    return (one for one in problems if one.severity != "error")


def _what(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.key, problem.message
