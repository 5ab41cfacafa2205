"""Selections that stand for several runs: which of their overrides take several values, and what they expand to.

What an override expands to is said by Hydra's own parser; how they combine is what Hydra's basic sweeper does with
`--multirun`: every combination, the last override of a key counting, in the order in which the keys first stand.
"""

from __future__ import annotations

import copy
import itertools
import math
from dataclasses import dataclass

import msgspec
from hydra.core.override_parser.types import Override, ValueType
from hydra.errors import HydraException

from niceml_engine.config.compose import Composer
from niceml_engine.config.compose.world import parse
from niceml_engine.config.text.limits import check_overrides
from niceml_engine.descriptions import Expansion
from niceml_engine.errors import ConfigError
from niceml_engine.values import Composed, Fix, Problem, Selection

MOST_RUNS = 1_000
_PARAMS = ("hydra", "sweeper", "params")


def expand(composer: Composer, selection: Selection) -> Expansion:
    """Lists the runs that a selection stands for; a selection without a sweep stands for itself.

    Raises:
        ConfigError: A sweep has no end, there are more runs than anybody means, or the overrides are over a limit.
    """
    check_overrides(selection.overrides)
    parsed = _parsed(selection)
    if parsed is None or not any(one.is_sweep_override() for one in parsed):
        return Expansion((selection.overrides,), ())
    keys = [one.get_key_element() for one in parsed]
    swept = {key for key, one in zip(keys, parsed, strict=True) if one.is_sweep_override()}
    values = {
        key: _values(composer, selection, one, text)
        for key, one, text in zip(keys, parsed, selection.overrides, strict=True)
        if key in swept
    }
    count = math.prod(map(len, values.values()))
    if count > MOST_RUNS:
        raise ConfigError(
            f"these are {count:,} runs, more than {MOST_RUNS:,}; name fewer values", key=next(iter(values))
        )
    runs = []
    for chosen in itertools.product(*values.values()):
        of_key = dict(zip(values, chosen, strict=True))
        runs.append(tuple(of_key.get(key, text) for key, text in zip(keys, selection.overrides, strict=True)))
    return Expansion(tuple(runs), tuple(place for place, key in enumerate(keys) if key in swept))


def with_params(composer: Composer, selection: Selection) -> Selection:
    """The selection that `--multirun` stands for: with what the job itself names to be swept, where nobody set that.

    Raises:
        ConfigError: As `expand`.
    """
    params = _params(composer, selection, first_run(composer, selection))
    return msgspec.structs.replace(selection, overrides=(*params, *selection.overrides)) if params else selection


def first_run(composer: Composer, selection: Selection) -> Selection:
    """The first of the runs that a selection stands for.

    Raises:
        ConfigError: As `expand`.
    """
    return msgspec.structs.replace(selection, overrides=expand(composer, selection).runs[0])


def compose_first(composer: Composer, selection: Selection) -> Composed:
    """Composes a selection; of one that stands for several runs the first, and says so.

    Raises:
        ConfigError: The job file does not exist.
    """
    try:
        found = expand(composer, selection)
    except ConfigError as error:
        problem = Problem("error", "sweep", error.message, key=error.key)
        return Composed(selection, problems=(problem,), error=problem)
    composed = composer.compose(msgspec.structs.replace(selection, overrides=found.runs[0]))
    if params := _params(composer, selection, composed.selection):
        composed = msgspec.structs.replace(composed, problems=(*composed.problems, _unused(composer, composed, params)))
    if not found.swept:
        return composed
    shown = ", ".join(found.runs[0][place] for place in found.swept)
    words = f"this selection stands for {len(found.runs)} runs; shown is the first, {shown}"
    problems = (*composed.problems, Problem("info", "sweep", words))
    return msgspec.structs.replace(composed, selection=selection, runs=len(found.runs), problems=problems)


def _params(composer: Composer, selection: Selection, first: Selection) -> tuple[str, ...]:
    """What `hydra.sweeper.params` adds to a selection."""
    params = composer.sweeper_params(first)
    given = {one.get_key_element() for one in _parsed(selection) or ()} if params else set()
    return tuple(text for text in params if text.partition("=")[0] not in given)


def _unused(composer: Composer, composed: Composed, params: tuple[str, ...]) -> Problem:
    words = f"the job names values to sweep, {' '.join(params)}; add them to the overrides to run each combination"
    fix = Fix(f"add {' '.join(params)}", adds=params)
    file, line = _place(composer, composed)
    return Problem("info", "sweep-params", words, file, line, ".".join(_PARAMS), fixes=(fix,))


def _place(composer: Composer, composed: Composed) -> tuple[str, int]:
    """The file and line of `hydra.sweeper.params`; none where an option of Hydra's own group holds it."""
    for node in reversed(composed.nodes):
        if node.file.endswith((".yaml", ".yml")) and not node.missing:
            mark = composer.files.parse(node.file).marks.get(_PARAMS)
            if mark is not None:
                return node.file, mark.line
    return "", 0


def _parsed(selection: Selection) -> list[Override] | None:
    """The overrides; nothing where one cannot be parsed, which composing explains."""
    try:
        return [parse(text) for text in selection.overrides]
    except (HydraException, RecursionError):
        return None


def _values(composer: Composer, selection: Selection, override: Override, text: str) -> list[str]:
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [text]
    if override.value_type == ValueType.INTERVAL_SWEEP:
        message = f"{text}: an interval has no end of values; write range(START,STOP,STEP) or choice(…)"
        raise ConfigError(message, key=key)
    if override.value_type == ValueType.GLOB_CHOICE_SWEEP:
        override = copy.copy(override)
        vars(override)["config_loader"] = _Group(_options(composer, selection, override))
    listed = [f"{key}={value}" for value in itertools.islice(override.sweep_string_iterator(), MOST_RUNS + 1)]
    if not listed:
        raise ConfigError(f"{text} stands for no run at all; name values that there are", key=key)
    return listed


@dataclass(frozen=True)
class _Group:
    """Answers the one question that Hydra asks its loader when a glob is expanded."""

    options: list[str]

    def get_group_options(self, group_name: str, results_filter: object = None) -> list[str]:
        """The options of the group."""
        return self.options


def _options(composer: Composer, selection: Selection, override: Override) -> list[str]:
    """The options of the group that an override chooses from."""
    key = override.get_key_element()
    kept = tuple(text for text in selection.overrides if parse(text).get_key_element() != key)
    kept = tuple(text for text in kept if not parse(text).is_sweep_override())
    composed = composer.compose(msgspec.structs.replace(selection, overrides=kept))
    return next((list(one.options) for one in composed.choices if one.key == key), [])
