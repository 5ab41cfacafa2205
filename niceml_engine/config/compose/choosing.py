"""Why Hydra refuses what is chosen: an option that is not there, a choice that nobody offers, a value that is no name.

The place that is told is that of whoever names the option: an override of the selection, else the `override` entry
that counts, else the entry of the group itself.
"""

from __future__ import annotations

import os
import re
from typing import Any

from hydra.errors import MissingConfigException

from niceml_engine.config.compose import plugins
from niceml_engine.config.compose.case import Case, chosen_by, file_of, folders_of, key_of, options_in
from niceml_engine.config.compose.misread import cut
from niceml_engine.config.compose.wording import either, similar, some
from niceml_engine.config.compose.world import parsable
from niceml_engine.config.composed.graph import Overriding, stem
from niceml_engine.config.composed.present import Drawing
from niceml_engine.config.composed.present import key_of as called
from niceml_engine.options import option_text, options_text
from niceml_engine.values import Choice, Edge, Problem

_KEYWORD = re.compile(r"(optional|override) ")  #: what Hydra takes for a part of the name of a config


def of_choice(case: Case) -> Problem | None:
    """Why a choice is refused; `None` where it is for something else."""
    text = str(case.error)
    unresolved = re.search(r"Error resolving interpolation '([^']+)'(?:, possible interpolation keys: (.*))?", text)
    if unresolved:
        return _of_entry(case, unresolved[1], unresolved[2] or "")
    twice = re.search(r"Multiple values for (\S+)\. To|^(\S+) appears more than once", text)
    if twice:
        return _of_twice(case, twice.group(1) or twice.group(2))
    forced = re.search(r"force-add of config groups is not supported: '(.+)'", text)
    if forced:
        return _of_forced(case, forced[1])
    if text.startswith(("Config group override must be", "Config group override deletion value must be")):
        nothing = next((one for one in case.selection.overrides if _chooses_nothing(one, case.drawing)), "")
        if nothing:
            return _of_nothing(case, nothing)
    if case.progress.group and (isinstance(case.error, TypeError) or "in options list items" in text):
        return _of_list(case, case.progress.group)
    unused = re.search(r"Could not (override|delete) '([^'=]+)", text)
    return _of_unused(case, unused.group(2)) if unused else None


def of_missing(case: Case, error: MissingConfigException) -> Problem:
    """What is told of a config that is not there."""
    path = stem(os.path.normpath(error.missing_cfg_file or ""))
    group, _, name = path.rpartition("/")
    if group.startswith("hydra/") and (plugins.is_plugins(group, name) or not similar(name, error.options or ())):
        return _of_plugin(case, group, name)
    edge = next((one for one in case.drawing.edges if one.target == path), None)
    choice = next((c for c in case.drawing.choices if edge and _made(c, edge, name)), None)
    options = list(choice.options) if choice else [stem(option) for option in error.options or ()]
    folders = folders_of(case.drawing, group) if group else []
    options = options or options_in(folders)  # an entry may also name a config by its path
    likely = similar(name, [one for one in options if choice is None or one not in choice.chosen])
    offered = f"; did you mean {either(likely)}?" if likely else f"; {group} has {some(options)}" if options else ""
    if shut := next((one for one in folders if not os.access(one, os.R_OK | os.X_OK)), ""):
        offered = offered or f"; you have no right to read {shut}: change its rights"
    offered = offered or (f"; there is no group {group}" if group and not folders else "; check its name")
    if keyword := _KEYWORD.match(name):
        offered = f"; `{keyword[1]}` goes before a group, as in {keyword[1]} GROUP: OPTION"
    key = choice.key if choice else ""
    fix = f"{key}={option_text(likely[0])}" if key and likely and choice and not choice.is_list else ""
    message = f"there is no config `{path}`{offered}"
    if edge is None or choice is None:
        found = re.search(r"In '([^']+)'", str(error))
        said = _overriding(case, group) if edge is None else Overriding()
        source = edge.source if edge else stem(found[1]) if found else ""
        file, line = (said.file, said.line) if said.file else (file_of(case.drawing, source), edge.line if edge else 0)
        return case.problem("missing-option", message, file, line, group if said.file else "")
    if own := chosen_by(case.selection.overrides, called(choice)):
        known = f" {group} has {some(options)}" if likely else ""
        if key_of(own) != key.lstrip("+"):
            known = f"; Hydra adds options from the folder of the job on, so add it as an entry, /{key_of(own)}: {name}"
            key = key_of(own)
        return case.problem("missing-option", f"the override `{cut(own)}`: {message}{known}", key=key, fix=fix)
    file, line = (edge.named_in, edge.named_at) if edge.named_in else (choice.file, choice.line)
    return case.problem("missing-option", message, file, line, key, fix)


def _of_list(case: Case, key: str) -> Problem:
    """An item of a list of options that is no name, or an interpolation."""
    choice = next((one for one in case.drawing.choices if called(one).lstrip("+") == key), None)
    own = chosen_by(case.selection.overrides, called(choice) if choice else key)
    if own:
        key = key_of(own)
        shown, right = f"the override `{cut(own)}`", _with_names(own)
        if "${" in own and "in options list items" in str(case.error):
            message = f"{shown}: Hydra takes no interpolation in a list of options; name the option itself"
            return case.problem("override", message, key=key)
        written = f"write {cut(right)}" if right else "name each of them by itself"
        return case.problem("override", f"{shown}: a list of options takes names; {written}", key=key, fix=right)
    said = case.drawing.overriding.get(key, Overriding())
    file, line = (choice.file, choice.line) if choice and not said.file else (said.file, said.line)
    group = key.partition("@")[0]
    message = f"Hydra takes no interpolation in a list of options; take it out of the list, as an entry {group}/${{…}}"
    return case.problem("composition", message, file, line, "defaults")


def _with_names(override: str) -> str:
    """An override with each item of its list as a name; empty where what they should be called cannot be told."""
    name, _, text = override.partition("=")
    parsed = parsable((override,))
    items = _flat(parsed[0].value()) if parsed else []
    if not items or any(one is None or isinstance(one, dict) for one in items):
        return ""
    written = [one.strip(" []") for one in text.split(",")]  # a number need not read as it is written
    as_written = written if len(written) == len(items) else [str(one) for one in items]
    names = (one if isinstance(one, str) else other for one, other in zip(items, as_written, strict=True))
    return f"{name}={options_text(names)}"


def _flat(value: Any) -> list[Any]:
    return [one for item in value for one in _flat(item)] if isinstance(value, list) else [value]


def _of_unused(case: Case, key: str) -> Problem:
    present = next((choice for choice in case.drawing.choices if choice.key == key and choice.chosen), None)
    if present is not None:
        message = f"`{key}` cannot be deleted by that name: it is {some(list(present.chosen))}"
        return case.problem("unknown-choice", message, key=key, fix=f"~{key}")
    meant = re.search(r"Did you mean to override (?:one of )?(.+)\?", str(case.error))
    likely = meant[1].split(", ") if meant else similar(key, [one.key for one in case.drawing.choices if one.key])
    hint = f"; did you mean {either(likely)}?" if likely else ""
    override = next((o for o in case.selection.overrides if o.lstrip("~").partition("=")[0] == key), "")
    said = _overriding(case, key)
    if plugins.is_plugins(key, said.option):
        return _of_plugin(case, key, said.option)
    fix = override.replace(key, likely[0], 1) if override and likely else ""
    message = f"no defaults list has a choice `{cut(key)}`{hint}"
    if override.startswith("~") and not likely:
        message += ", so there is none to take out"
    elif override and not likely:
        message, fix = f"{message}; to add one, write +{cut(override)}", f"+{override}"
    return case.problem("unknown-choice", message, said.file, said.line, key, fix)


def _of_entry(case: Case, text: str, known: str) -> Problem:
    """An option of a defaults list that an interpolation names which says nothing there."""
    offered = f"it may name what is chosen before: {known}" if known else "it may only name what is chosen before"
    message = f"`{text}` names no option here; {offered}"
    said = next((one for one in case.selection.overrides if text in one), "")
    if said:
        return case.problem("composition", f"the override `{cut(said)}`: {message}", key=key_of(said))
    named = dict.fromkeys([*(node.file for node in case.drawing.nodes), case.progress.file])
    for file in filter(lambda file: file.endswith((".yaml", ".yml")), named):
        parsed = case.parsed(file)
        lines = parsed.text.split("\n")
        line = next((line for line in parsed.entries if text in lines[line - 1]), 0)
        if line:
            return case.problem("composition", message, file, line)
    return case.problem("composition", message, case.progress.file)


def _of_forced(case: Case, override: str) -> Problem:
    key, plain = key_of(override), override.lstrip("+")
    right = plain if any(choice.key == key for choice in case.drawing.choices) else f"+{plain}"
    message = f"the override `{cut(override)}`: Hydra adds no option of a group by `++`; write {cut(right)}"
    return case.problem("override", message, key=key, fix=right)


def _chooses_nothing(override: str, drawing: Drawing) -> bool:
    """Whether an override gives a group what is no name of an option."""
    key = key_of(override)
    group = key.partition("@")[0]
    known = any(choice.key.lstrip("+") == key for choice in drawing.choices)
    folders = [*(os.path.join(base, group) for base in drawing.bases), *folders_of(drawing, group)]
    if not (known or any(map(os.path.isdir, folders))):
        return False
    return any(not isinstance(one.value(), str if one.is_delete() else str | list) for one in parsable((override,)))


def _of_nothing(case: Case, override: str) -> Problem:
    key, value = key_of(override), override.partition("=")[2].strip()
    chosen = any(choice.key == key and choice.chosen for choice in case.drawing.choices)
    none = "to choose nothing, " + (f"write ~{key}" if chosen else "leave it out")
    start = override[: len(override) - len(override.lstrip("+"))]
    advice = none if value in ("null", "") else f"a group takes the name of an option; write {start}{key}='{value}'"
    if override.startswith("~"):
        advice = f"write ~{key}, whatever is chosen"
    return case.problem("override", f"the override `{cut(override)}` names no option; {advice}", key=key)


def _of_plugin(case: Case, group: str, name: str) -> Problem:
    said = _overriding(case, group)
    return plugins.missing(group, name, said.file, said.line, case.details)


def _overriding(case: Case, key: str) -> Overriding:
    """The entry that overrides a key, unless the selection does."""
    own = any(key_of(text) == key for text in case.selection.overrides)
    return Overriding() if own else case.drawing.overriding.get(key, Overriding())


def _of_twice(case: Case, key: str) -> Problem:
    found = [choice for choice in case.drawing.choices if choice.key.lstrip("+") == key and choice.line]
    added = next((o for o in case.selection.overrides if o.startswith(f"+{key}=")), "")
    if added:
        message = f"`{key}` is chosen already; to choose another option, write {added[1:]}"
        return case.problem("chosen-twice", message, key=key, fix=added[1:])
    message = f"`{key}` is chosen more than once; take one entry out, or make it `override {key}: OPTION`"
    last = found[-1] if found else None
    return case.problem("chosen-twice", message, last.file if last else "", last.line if last else 0, key)


def _made(choice: Choice, edge: Edge, name: str) -> bool:
    return choice.node == edge.source and choice.line == edge.line and name in choice.chosen
