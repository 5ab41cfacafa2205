"""Problems of a config that Hydra refuses: not the first alone, but those of the rest as well.

What Hydra refuses is set aside, as a person would do to get on: a choice that is missing is deleted, an override
that cannot be is taken out, a plugin that is not here gives way to Hydra's own. Then the rest is composed and checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from niceml_engine.config.checking.checks import RANK, check
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.hydras_own import hydra_problems
from niceml_engine.values import Composed, Problem, Selection

MOST = 10  #: things that are set aside one after the other


def check_all(compose: Callable[[Selection], Composed], composed: Composed, composer: Composer) -> tuple[Problem, ...]:
    """Lists all problems of a config, errors first, also where it does not compose.

    Args:
        compose: Composes another selection of the project.
        composed: The config.
        composer: What composed it, with all that it has read.
    """
    problems = _check(composed, composer)
    found = {_place(one): one for one in problems}
    rest, empty = composed, set[str]()
    for _ in range(MOST):
        if rest.error is None:
            break
        without, gone = _set_aside(rest, problems)
        if without == rest.selection:
            break
        empty |= gone
        rest = compose(without)
        problems = _check(rest, composer)
        for one in problems:
            if not _follows(one, empty):
                found.setdefault(_place(one), one)
    return tuple(sorted(found.values(), key=lambda one: (RANK[one.severity], one.file, one.line, one.key)))


def _check(composed: Composed, composer: Composer) -> tuple[Problem, ...]:
    found = check(composed, composer.setting, composer.data(composed), composer.files)
    return (*found, *hydra_problems(composer, composed))


def _place(problem: Problem) -> tuple[str, str, int, str]:
    return problem.code, problem.file, problem.line, problem.key


def _set_aside(composed: Composed, problems: tuple[Problem, ...]) -> tuple[Selection, set[str]]:
    """The selection without what Hydra refuses, and the packages that are empty then."""
    overrides = composed.selection.overrides
    missing = [choice for choice in composed.choices if choice.missing and choice.key]
    errors = [one for one in problems if one.severity == "error"]
    dropped = {text for one in errors for text in overrides if one.key and _key(text) == one.key.lstrip("+~")}
    added = [f"~{choice.key}" for choice in missing]
    added += [text for one in errors if one.code == "missing-plugin" for fix in one.fixes[:1] for text in fix.adds]
    kept = [text for text in overrides if text not in dropped]
    kept += [text for text in dict.fromkeys(added) if text not in kept]
    return msgspec.structs.replace(composed.selection, overrides=tuple(kept)), {one.package for one in missing}


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0].strip()


def _follows(problem: Problem, empty: set[str]) -> bool:
    """Whether a problem is only there because something was set aside."""
    if problem.code == "sweep":
        return True
    said = f"{problem.key} {problem.message}"
    return any(package and re.search(rf"(?<![\w.]){re.escape(package)}(?![\w])", said) for package in empty)
