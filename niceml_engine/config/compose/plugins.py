"""Hydra plugins that are not installed: which package to install, and how to look at the rest of a job without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from niceml_engine.config.compose.case import key_of
from niceml_engine.config.composed.graph import stem
from niceml_engine.config.composed.present import Drawing
from niceml_engine.config.projects.plugins import is_ours, plugins_in
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Composed, Fix, Problem, Selection

CODE = "missing-plugin"
_OPTUNA = dict.fromkeys(("optuna", "tpe", "random", "cmaes", "grid", "motpe", "nsgaii", "qmc"), "hydra-optuna-sweeper")
_PACKAGES = {
    "hydra/hydra_logging": {"colorlog": "hydra-colorlog"},
    "hydra/job_logging": {"colorlog": "hydra-colorlog"},
    "hydra/launcher": {
        "joblib": "hydra-joblib-launcher",
        "ray": "hydra-ray-launcher",
        "ray_aws": "hydra-ray-launcher",
        "rq": "hydra-rq-launcher",
        "submitit_local": "hydra-submitit-launcher",
        "submitit_slurm": "hydra-submitit-launcher",
    },
    "hydra/sweeper": {
        "ax": "hydra-ax-sweeper",
        "nevergrad": "hydra-nevergrad-sweeper",
        "optuna": "hydra-optuna-sweeper",
        "orion": "hydra-orion-sweeper",
    },
    "hydra/sweeper/sampler": _OPTUNA,
}
_HYDRAS_OWN = {
    "hydra/hydra_help": "default",
    "hydra/hydra_logging": "default",
    "hydra/help": "default",
    "hydra/job_logging": "default",
    "hydra/launcher": "basic",
    "hydra/output": "default",
    "hydra/sweeper": "basic",
}
_NAMED = re.compile(r"(?<=`)(hydra/[^`:]+)(?:: ([^`]+))?(?=` is not installed here)")
_ADVICE = "for it to run, trust the project (--trust, or File → Trust) and have niceml installed in {}"
_SEARCH_PATH = "hydra.searchpath"
_STAND_INS = "pkg://niceml_engine.config.stand_ins"
_MOST = 8  #: missing plugins of one job that are got round


@dataclass(frozen=True)
class Around:
    """Looks for the overrides under which the rest of a job can be composed.

    Attributes:
        selection: What Hydra refused.
        drawing: Its include structure.
        attempt: Composes a selection, and says what is wrong with it.
        searched: `hydra.searchpath` of the job.
    """

    selection: Selection
    drawing: Drawing
    attempt: Callable[[Selection], Problem | None]
    searched: tuple[str, ...] = ()

    def problems(self, problem: Problem) -> tuple[Problem, ...]:
        """The problem; where it is a plugin, also those of all others, with what leaves all of them out at once.

        What Hydra refuses of the rest comes after them.
        """
        selection, found, said = self.selection, [problem], problem
        while said.code == CODE and len(found) <= _MOST:
            way = self._way(selection, said)
            if way is None:
                return tuple(found)
            selection, next_ = way
            if next_ is None or next_.code != CODE:
                selection = self._least(selection)
                rest = self.attempt(selection)
                found += [rest] if rest is not None else []
                return tuple(self._told(one, selection) for one in found)
            if next_.key == said.key:  # it did not help
                return tuple(found)
            found.append(next_)
            said = next_
        return tuple(found)

    def _way(self, selection: Selection, problem: Problem) -> tuple[Selection, Problem | None] | None:
        """A selection that does without an option, and what is wrong with that one."""
        ways = [(way, self.attempt(way)) for way in self._ways(selection, problem)]
        if not ways:
            return None
        # Hydra's own option refuses values that are meant for the plugin; where there is none they are taken.
        own, none = ways[0], ways[-1]
        return own if own[1] is None or none[1] is not None else none

    def _least(self, selection: Selection) -> Selection:
        """The same without what turns out not to be needed: who takes out a preset need not undo what it asks for."""
        for text in selection.overrides:
            if text not in self.selection.overrides:
                rest = tuple(one for one in selection.overrides if one != text)
                less = structs.replace(selection, overrides=rest)
                wrong = self.attempt(less)
                if wrong is None or wrong.code != CODE:
                    selection = less
        return selection

    def _ways(self, selection: Selection, problem: Problem) -> list[Selection]:
        """Selections without an option of a group: with Hydra's own, with none, or without who asks for it."""
        group = problem.key
        if group in _HYDRAS_OWN:
            return [_with(selection, group, f"{group}={_HYDRAS_OWN[group]}"), _with(selection, group, f"~{group}")]
        parent = group.rpartition("/")[0]
        stand_ins = self._with_stand_ins(selection, parent) if parent in _HYDRAS_OWN else []
        including = next((edge for edge in self.drawing.edges if self._is_from(edge.target, problem.file)), None)
        if including is None:
            return stand_ins
        by = [c for c in self.drawing.choices if c.key and (c.node, c.line) == (including.source, including.line)]
        name = stem(including.target.rpartition("/")[2])
        choice = next((one for one in by if name in one.chosen), None)
        if choice is None:
            return stand_ins
        left_out = () if choice.key[0] == "+" else (f"~{choice.key}",)
        return [*stand_ins, _with(selection, choice.key.lstrip("+"), *left_out)]

    def _with_stand_ins(self, selection: Selection, group: str) -> list[Selection]:
        """One in which the option of a group is an empty one that asks for a part, as that of the plugin does.

        Hydra refuses to override a part for which nobody asks, and its own option never does. Nor can it be added: up
        to version base 1.1 each entry of a group of Hydra's overrides.
        """
        kept = [text for text in selection.overrides if key_of(text) != group or text in self.selection.overrides]
        if any(key_of(text) == _SEARCH_PATH for text in kept):
            return []
        quoted = ("'" + entry.replace("'", r"\'") + "'" for entry in self.searched)
        path = ",".join((*quoted, _STAND_INS))
        return [structs.replace(selection, overrides=(*kept, f"{_SEARCH_PATH}=[{path}]"))]

    def _is_from(self, node: str, file: str) -> bool:
        return any(one.id == node and one.file == file for one in self.drawing.nodes)

    def _told(self, problem: Problem, selection: Selection) -> Problem:
        before, after = self.selection.overrides, selection.overrides
        fix = Fix(
            f"look at the rest with {' '.join(one for one in after if one not in before)}",
            drops=tuple(one for one in before if one not in after),
            adds=tuple(one for one in after if one not in before),
        )
        if problem.code != CODE:
            return problem
        if not fix.adds:
            fix = structs.replace(fix, title=f"look at the rest without {' '.join(fix.drops)}")
        message = f"{problem.message}, or {fix.title}"
        return structs.replace(problem, message=message, fix=fix.adds[0] if len(fix.adds) == 1 else "", fixes=(fix,))


def without_plugins(selection: Selection, problem: Problem | None) -> Selection | None:
    """The selection under which the rest can be looked at, where a plugin that is missing stops a job."""
    if problem is None or problem.code != CODE or not problem.fixes:
        return None
    (fix,) = problem.fixes
    kept = (text for text in selection.overrides if text not in fix.drops)
    return structs.replace(selection, overrides=(*kept, *fix.adds))


def compose_around(compose: Callable[[Selection], Composed], selection: Selection) -> Composed:
    """What a selection composes to, without the plugins that are missing where these stop it."""
    composed = compose(selection)
    around = without_plugins(selection, composed.error)
    return composed if around is None else compose(around)


def is_plugins(group: str, name: str) -> bool:
    """Whether an option of Hydra's is known to come from a plugin."""
    return name in _PACKAGES.get(group, {})


def missing(group: str, name: str, file: str, line: int, details: str) -> Problem:
    """Says that a plugin is not installed.

    Args:
        group: The group of Hydra's.
        name: Its option that is not there; empty if not known.
        file: The file that names it; empty for an override.
        line: The line that does.
        details: What Hydra said.
    """
    package = _PACKAGES.get(group, {}).get(name)
    needed = f"pip install {package}" if package else "install the plugin that brings it"
    named = f"{group}: {name}" if name else group
    return Problem("error", CODE, f"`{named}` is not installed here; {needed}", file, line, group, details)


def where_it_runs(problem: Problem, setting: Setting) -> Problem:
    """A problem; of a plugin that is missing, it says so of the interpreter in which the project runs."""
    named = _NAMED.search(problem.message) if problem.code == CODE else None
    if named is None:
        return problem
    group, name, python = named[1], named[2] or "", setting.python
    if not python:
        return structs.replace(problem, message=f"{problem.message}, or name the project's interpreter")
    package = _PACKAGES.get(group, {}).get(name, "")
    maker = None if is_ours(python) else _maker(f"{group}/{name}", package, setting)
    if maker is not None:
        file, line = maker
        message = f"`{named[0]}` is made by Python code, at {file}:{line}; {_ADVICE.format(python)}"
    else:
        needed = f"{python} -m pip install {package}" if package else "install the plugin that brings it"
        message = f"`{named[0]}` is not installed in {python}; {needed}"
    return structs.replace(problem, message=message)


def _maker(option: str, package: str, setting: Setting) -> tuple[str, int] | None:
    """File and line of what makes an option in Python, in the project's interpreter."""
    running = [one for one in plugins_in(setting.plugin_path) if one.runs]
    stores = (store for one in running for store in one.stores)
    found = next(((store.file, store.line) for store in stores if store.id == option), None)
    part = package.replace("-", "_")
    return found or next(((one.file, 1) for one in running if part and part in one.module.split(".")), None)


def _with(selection: Selection, key: str, *adds: str) -> Selection:
    """A selection in which a key is chosen so, and in no other way."""
    kept = [text for text in selection.overrides if text.lstrip("+~").partition("=")[0] != key]
    return structs.replace(selection, overrides=(*kept, *adds))
