"""Problems of a config that Hydra refuses: not the first alone, but those of the rest as well.

What Hydra refuses is set aside, as a person would do to get on: a choice that is missing, or that names an option that
is not there, is deleted, an override that cannot be is taken out, a plugin that is not here gives way to Hydra's own.
Then the rest is composed and checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from niceml_engine.config.checking.checks import RANK, check
from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.hydras_own import hydra_problems
from niceml_engine.config.editing.shadow import shadow_of
from niceml_engine.config.text import edit
from niceml_engine.config.text.disk import read_file
from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Choice, Composed, Problem, Selection

MOST = 10  #: things that are set aside one after the other


def check_all(compose: Callable[[Selection], Composed], composed: Composed, composer: Composer) -> tuple[Problem, ...]:
    """Lists all problems of a config, errors first, also where it does not compose.

    Args:
        compose: Composes another selection of the project.
        composed: The config.
        composer: What composed it, with all that it has read.
    """
    problems = _check(composed, composer)
    problems = (*problems, *_refused_values(composed, composer))
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


def _place(problem: Problem) -> tuple[str, str, int, str]:
    return problem.code, problem.file, problem.line, problem.key


def _set_aside(composed: Composed, problems: tuple[Problem, ...]) -> tuple[Selection, set[str]]:
    """The selection without what Hydra refuses, and the packages that are empty then."""
    overrides = composed.selection.overrides
    errors = [one for one in problems if one.severity == "error"]
    absent = {one.key for one in errors if one.code == "missing-option"} - {_key(text) for text in overrides}
    missing = [choice for choice in composed.choices if choice.key and (choice.missing or choice.key in absent)]
    dropped = {text for one in errors for text in overrides if one.key and _key(text) == one.key.lstrip("+~")}
    added = list(map(_without, missing))
    added += [text for one in errors if one.code == "missing-plugin" for fix in one.fixes[:1] for text in fix.adds]
    kept = [text for text in overrides if text not in dropped]
    kept += [text for text in dict.fromkeys(added) if text not in kept]
    return msgspec.structs.replace(composed.selection, overrides=tuple(kept)), {one.package for one in missing}


def _without(choice: Choice) -> str:
    """The override that takes out what is not there of a choice."""
    if not choice.is_list:
        return f"~{choice.key}"
    return f"{choice.key}=[{','.join(one for one in choice.chosen if one in choice.options)}]"


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0].strip()


def _follows(problem: Problem, empty: set[str]) -> bool:
    """Whether a problem is only there because something was set aside."""
    if problem.code == "sweep":
        return True
    said = f"{problem.key} {problem.message}"
    return any(package and re.search(rf"(?<![\w.]){re.escape(package)}(?![\w])", said) for package in empty)
