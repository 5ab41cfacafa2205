"""What is said of problems that the project's own code may settle when it runs: what exists only there, or may."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

import msgspec

from niceml_engine.config.code.uses import Uses
from niceml_engine.config.compose.installed import CODE as SEARCH_PATH
from niceml_engine.config.compose.installed import unless_added
from niceml_engine.config.compose.structured import only_in_python
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Problem

_NO_CONFIG = re.compile(r"there is no config `([^`]+)`")


def as_code_has_it(problems: Iterable[Problem], uses: Uses) -> Iterator[Problem]:
    """Problems, in other words where Python code makes what is missing, or may make it.

    Args:
        problems: What was found.
        uses: What the project's code uses.
    """
    found = [_own_resolver(only_in_python(one, uses.setting), uses) for one in problems]
    has_plugins = any(one.code == SEARCH_PATH for one in found)
    for one in found:
        yield _unless_stored(unless_added(one) if has_plugins else one, uses)


def _own_resolver(problem: Problem, uses: Uses) -> Problem:
    """A problem; of an unknown resolver that the project itself registers, it says where, and what helps."""
    name = re.search(r"resolver `([^`]+)`", problem.message) if problem.code == "unknown-resolver" else None
    file, line = uses.registers(name[1]) if name else ("", 0)
    if not file:
        return problem
    place = _place(file, line, uses.setting)
    message = f"{problem.message}; {place} registers it, which counts once the project is trusted"
    return msgspec.structs.replace(problem, message=message)


def _unless_stored(problem: Problem, uses: Uses) -> Problem:
    """A problem; of a config that is missing, it says where the project's code stores some that may be it."""
    named = _NO_CONFIG.search(problem.message) if problem.code == "missing-option" else None
    made = uses.stores(named[1]) if named else None
    if made is None:
        return problem
    place = _place(made.file, made.line, uses.setting)
    message = f"{problem.message}, unless {place} stores it, which only running the project's code tells"
    return msgspec.structs.replace(problem, message=message)


def _place(file: str, line: int, setting: Setting) -> str:
    return f"{os.path.relpath(file, setting.root)}:{line}"
