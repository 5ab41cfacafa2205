"""Everything that can be found wrong with a composed config without running it, all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from niceml_engine.config.checking.by_code import as_code_has_it
from niceml_engine.config.checking.calls import Calls
from niceml_engine.config.checking.file_checks import check_files, check_overrides, shadowed
from niceml_engine.config.checking.fixes import Mender
from niceml_engine.config.checking.op_checks import check_ops
from niceml_engine.config.checking.unchosen import as_choices
from niceml_engine.config.code.uses import Uses
from niceml_engine.config.projects.project import Setting
from niceml_engine.config.text.files import Files, parse
from niceml_engine.values import Composed, Fix, Problem

RANK = {"error": 0, "warning": 1, "info": 2}
_NAMED = 3  #: so many places that need a variable are named in one line


def check(
    composed: Composed, setting: Setting, data: dict[Any, Any] | None = None, files: Files | None = None
) -> tuple[Problem, ...]:
    """Lists all problems of a composed config, errors first.

    Signatures are read from source; nothing of the project is imported.

    Args:
        composed: The composed config; one that Hydra refused keeps the problems that it has.
        setting: Its project.
        data: Its plain data, if that is at hand.
        files: What has been read already.
    """
    mender = Mender(composed, setting.program(composed.selection.job))
    refused = (composed.error,) if composed.error is not None else ()
    code = Uses(setting)
    meant, of_files = [*check_overrides(composed, mender)], [*check_files(composed, mender, files or Files())]
    told = {one.key for one in meant} | {one.file for one in of_files if one.code == "missing-self"}
    plain = (one for one in (*refused, *composed.problems) if not _is_told(one, told))
    found = [*(_mended(one, mender) for one in plain), *meant, *(_mended(one, mender) for one in of_files)]
    if composed.error is None:
        data = parse(composed.yaml).data or {} if data is None else data
        calls = Calls(composed, setting, mender, data, code)
        settled = _together(map(calls.unless_given, found), code)
        found = [*settled, *calls.targets(), *check_ops(calls), *shadowed(composed)]
    unique = dict.fromkeys(as_code_has_it(as_choices(found, composed), code))
    return tuple(sorted(unique, key=lambda one: (RANK[one.severity], one.file, one.line, one.key)))


def _is_told(problem: Problem, told: set[str]) -> bool:
    """Whether a check says more of what Hydra found: by the key of an override, or by a file without `_self_`."""
    if problem.code == "unknown-key":
        return problem.key in told
    return problem.code == "hydra" and "missing `_self_`" in problem.message and problem.file in told


def _mended(problem: Problem, mender: Mender) -> Problem:
    fixes = mender.of_composition(problem)
    return msgspec.structs.replace(problem, fixes=fixes) if fixes else problem


def _together(found: Iterable[Problem], uses: Uses) -> Iterator[Problem]:
    """Problems; of an unset variable all places together, and as a note where the project's code sets it."""
    needing: dict[str, list[Problem]] = {}
    for problem in found:
        variable = re.search(r"variable (\w+)", problem.message) if problem.code == "unset-env" else None
        if variable is None:
            yield problem
        else:
            needing.setdefault(variable[1], []).append(problem)
    for name, places in needing.items():
        yield _unset(name, sorted(places, key=lambda one: (one.file, one.line)), uses)


def _unset(name: str, places: Sequence[Problem], uses: Uses) -> Problem:
    first, *others = places
    also = tuple(one.key for one in others)
    fixes = (Fix(f"set {name} in .env", variable=name), *(fix for one in places for fix in one.fixes))
    by_code = uses.sets(name)
    if by_code:
        said = f"the environment variable {name} is not set here; the project's code sets it when it runs"
    else:
        said = first.message.removeprefix(f"{first.key}: ")
    message = f"{first.key}: {said}"
    if others:
        named = ", ".join(one.key for one in places[:_NAMED])
        more = f" and {len(places) - _NAMED} more" if places[_NAMED:] else ""
        message = f"{said}; {len(places)} values need it: {named}{more}"
    lines = (f"{os.path.relpath(one.file, uses.setting.root)}:{one.line}  {one.key}" for one in places if one.file)
    return msgspec.structs.replace(
        first,
        severity="info" if by_code else first.severity,
        message=message,
        fixes=fixes,
        also=also,
        details="\n".join(lines) if others else first.details,
    )
