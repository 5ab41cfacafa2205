"""Problems of a config that Hydra refuses: not the first alone, but those of the rest as well.

What Hydra refuses is set aside, as a person would do to get on: a choice that is missing is deleted, a config that is
not there or cannot be read counts as empty, an override that cannot be is taken out, a plugin that is not here gives
way to Hydra's own. Then the rest is composed and checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from niceml_engine.config.checking.checks import RANK, check
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.hydras_own import hydra_problems
from niceml_engine.config.editing.shadow import shadow_of
from niceml_engine.config.projects.unmet import unmet
from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Composed, Node, Problem, Selection

MOST = 10  #: things that are set aside one after the other
_LACKS = frozenset({"interpolation", "unknown-key", "missing-argument", "missing-field", "missing-op"})
"""What is wrong because something is not there."""


def check_all(
    composed: Composed, composer: Composer, compose: Callable[[Composer, Selection], Composed] = Composer.compose
) -> tuple[Problem, ...]:
    """Lists all problems of a config, errors first, also where it does not compose.

    Args:
        composed: The config.
        composer: What composed it, with all that it has read.
        compose: How it did.
    """
    problems = _check(composed, composer)
    problems = (*problems, *_refused_values(composed, composer))
    problems = (*problems, *unmet(composer.setting.root, composer.setting.python_path))
    found = {_place(one): one for one in problems}
    rest, empty, absent, at_top = composed, set[str](), set[str](), dict[str, None]()
    for _ in range(MOST):
        if rest.error is None:
            break
        without, gone = _set_aside(rest, problems)
        lacking = [node for node in _absent(rest) if (node.file or node.id) not in absent]
        if without == rest.selection and not lacking:
            break
        if lacking:
            absent |= {node.file or node.id for node in lacking}
            composer = composer.with_empty(absent)
        into = [edge for edge in rest.edges if edge.target in {node.id for node in lacking}]
        empty |= gone | {edge.package for edge in into}
        at_top |= dict.fromkeys(edge.target for edge in into if not edge.package)
        rest = compose(composer, without)
        problems = _check(rest, composer)
        for one in problems:
            if not _follows(one, empty):
                found.setdefault(_place(one), _unless(one, at_top) if at_top else one)
    return tuple(sorted(found.values(), key=lambda one: (RANK[one.severity], one.file, one.line, one.key)))


def _check(composed: Composed, composer: Composer) -> tuple[Problem, ...]:
    found = check(composed, composer.setting, composer.data(composed), composer.files)
    return (*found, *hydra_problems(composer, composed))


def _refused_values(composed: Composed, composer: Composer) -> Iterator[Problem]:
    """What else Hydra refuses to merge, as a value of the wrong type: in a shadow, each that it names becomes `???`."""
    error, texts = composed.error, dict[str, str]()
    for _ in range(MOST):
        if error is None or error.code != "composition" or not (error.file and error.key):
            return
        try:
            before = texts.get(error.file) or read_file(error.file).text
            path = _path_of(error, before)
            texts[error.file] = edit.set_value(before, path, "???") if path else before
        except ConfigError:
            return
        if texts[error.file] == before:
            return
        changes = [FileChange(file, read_file(file).text, text) for file, text in texts.items()]
        with shadow_of(composer.setting, changes) as trial:
            error = trial.compose(composed.selection).error
        if error is None or error.code != "composition" or not Path(error.file).is_relative_to(trial.folder):
            return
        file = str(trial.base / Path(error.file).relative_to(trial.folder))
        if (path := _path_of(error, texts.get(file) or read_file(file).text)) is None:
            return
        error = msgspec.structs.replace(error, file=file, line=composer.files.parse(file).mark(path).line)
        yield error


def _path_of(error: Problem, text: str) -> tuple[str, ...] | None:
    """The path in its file of the key that Hydra refuses: without the package at which the file stands."""
    marks, key = parse(text).marks, tuple(error.key.split("."))
    paths = (key[depth:] for depth in range(len(key)))
    return next((path for path in paths if path in marks and marks[path].line == error.line), None)


def _place(problem: Problem) -> tuple[str, str, int, str, str]:
    """What makes two problems one; Hydra may warn of a line more than once, each time of something else."""
    said = problem.message if problem.code == "hydra" else ""
    if problem.code == "missing-option" and (named := re.search(r"there is no config `([^`]+)`", problem.message)):
        said = named[1]  # an entry may name several
    return problem.code, problem.file, problem.line, problem.key, said


def _set_aside(composed: Composed, problems: tuple[Problem, ...]) -> tuple[Selection, set[str]]:
    """The selection without what Hydra refuses, and the packages that are empty then."""
    overrides = composed.selection.overrides
    errors = [one for one in problems if one.severity == "error"]
    missing = [choice for choice in composed.choices if choice.key and choice.missing]
    dropped = {text for one in errors for text in overrides if one.key and _key(text) == one.key.lstrip("+~")}
    added = [f"~{choice.key}" for choice in missing]
    added += [text for one in errors if one.code == "missing-plugin" for fix in one.fixes[:1] for text in fix.adds]
    kept = [text for text in overrides if text not in dropped]
    kept += [text for text in dict.fromkeys(added) if text not in kept]
    return msgspec.structs.replace(composed.selection, overrides=tuple(kept)), {one.package for one in missing}


def _absent(composed: Composed) -> list[Node]:
    """The configs that files want included, and that are not there or cannot be read."""
    by_person = {(choice.node, choice.line) for choice in composed.choices if choice.changed}
    edges = [edge for edge in composed.edges if (edge.source, edge.line) not in by_person]
    wanted, optional = {edge.target for edge in edges if not edge.optional}, {edge.target for edge in edges}
    return [node for node in composed.nodes[1:] if node.missing and node.id in (optional if node.file else wanted)]


def _unless(problem: Problem, absent: Iterable[str]) -> Problem:
    """A problem; a warning where what it misses may be in a config that is not there."""
    if problem.code not in _LACKS:
        return problem
    message = f"{problem.message}, unless it is in {' or '.join(f'`{node}`' for node in absent)}"
    return msgspec.structs.replace(problem, severity="warning", message=message)


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0].strip()


def _follows(problem: Problem, empty: set[str]) -> bool:
    """Whether a problem is only there because something was set aside."""
    if problem.code == "sweep":
        return True
    said = f"{problem.key} {problem.message}"
    return any(package and re.search(rf"(?<![\w.]){re.escape(package)}(?![\w])", said) for package in empty)
