"""Why Hydra refused, said so that a person can mend it: which file, which line, which key, what would fit."""

from __future__ import annotations

import os
import pickle
import re
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf._utils import split_key
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from rapidfuzz import fuzz, process

from niceml_engine.config.compose import plugins
from niceml_engine.config.compose.case import Case, Progress, file_of, folders_of, key_of, options_in, same_node
from niceml_engine.config.compose.declared import is_declared
from niceml_engine.config.compose.misread import cut, misread, several
from niceml_engine.config.compose.world import is_writable, parsable
from niceml_engine.config.composed.graph import stem
from niceml_engine.config.composed.present import Drawing, Overriding, missing_choice
from niceml_engine.config.composed.provenance import children
from niceml_engine.config.text.files import Files
from niceml_engine.errors import ConfigError
from niceml_engine.interpolations import quote_within
from niceml_engine.values import Choice, Edge, Problem, Selection

#: What Hydra says of keys without naming their line.
_KEYWORD = re.compile(r"(optional|override) ")  #: what Hydra takes for a part of the name of a config
_KEYS_BLAMED = (
    (r"defaults list in|type in defaults", ("defaults",)),
    (r"hydra\.searchpath|config source registered for schema", ("hydra", "searchpath")),
)
_PAGES = re.compile(r" See https?://\S+( for .*)?$")
_TOO_DEEP = "nested too deep for Hydra; keep it flatter"


class CircleError(ConfigError):
    """Configs include each other in a circle.

    Args:
        chain: Config paths from the primary down, as Hydra calls them.
    """

    def __init__(self, chain: list[str]) -> None:
        last = chain[-1]
        start = len(chain) - 2 - chain[-2::-1].index(last) if last in chain[:-1] else 0
        self.chain = [stem(name) for name in chain[start:]]
        super().__init__(f"the defaults go round in a circle: {' → '.join(self.chain)}; take one of these includes out")


#: What Python and OmegaConf say of items of lists, and how people would.
_LISTS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"list (assignment )?index out of range", "the list has no such item; to add one, write the whole list"),
        (r"list indices must be integers", "no override takes an item out of a list; write the whole list"),
        (r"invalid literal for int|Index '.*' \(str\) is not an int", "an item of a list is named by its number"),
    )
)


def similar(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that are most like a name, the best first."""
    names = sorted(set(known) - {name})
    ends = [other for other in names if other.endswith(f".{name}")]
    close = process.extract(name, names, scorer=fuzz.ratio, limit=limit, score_cutoff=70)
    return list(dict.fromkeys([*ends, *(match[0] for match in close)]))[:limit]


def explain(
    error: BaseException, selection: Selection, progress: Progress, drawing: Drawing, files: Files, ops_path: str
) -> Problem:
    """Says in one line why a selection cannot be composed.

    Args:
        error: What was raised.
        selection: The selection.
        progress: How far it came.
        drawing: The include structure, as far as it can be read.
        files: The files that were read.
        ops_path: Where the config of an op lies in a composed config.
    """
    raised = "".join(traceback.format_exception(error, limit=-4)).strip()
    whole = str(error).strip()
    details = f"{whole}\n\n{raised}" if "\n" in whole else raised
    case = Case(error, selection, progress, drawing, files, details, ops_path)
    for cause in _causes(error):
        if isinstance(cause, CircleError):
            return _of_circle(case, cause)
        if isinstance(cause, ConfigError):
            return case.problem("file", cause.message, cause.file, cause.line, cause.key)
        if isinstance(cause, MissingConfigException):
            return _of_missing(case, cause)
    text = str(error)
    nameless = next((override for override in selection.overrides if not key_of(override)), None)
    if nameless is not None:
        return case.problem("override", f"the override `{cut(nameless)}` names no key; write KEY=VALUE")
    if progress.override:
        return _of_override(case)
    if text.startswith("You must specify"):
        missing = [choice for choice in drawing.choices if choice.missing]
        if missing:
            return missing_choice(missing[0])
    unresolved = re.search(r"Error resolving interpolation '([^']+)'(?:, possible interpolation keys: (.*))?", text)
    if unresolved:
        return _of_entry(case, unresolved[1], unresolved[2] or "")
    twice = re.search(r"Multiple values for (\S+)\. To|^(\S+) appears more than once", text)
    if twice:
        return _of_twice(case, twice.group(1) or twice.group(2))
    forced = re.search(r"force-add of config groups is not supported: '(.+)'", text)
    if forced:
        return _of_forced(case, forced[1])
    if text.startswith("Config group override must be"):
        nothing = next((one for one in selection.overrides if _chooses_nothing(one, drawing)), "")
        if nothing:
            return _of_nothing(case, nothing)
    unused = re.search(r"Could not (override|delete) '([^'=]+)", text)
    if unused:
        return _of_unused(case, unused.group(2))
    return _of_layer(case)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _of_circle(case: Case, circle: CircleError) -> Problem:
    source, target = circle.chain[-2], circle.chain[-1]
    edge = _edge(case.drawing, lambda e: same_node(e.source, source) and same_node(e.target, target))
    file = file_of(case.drawing, edge.source) if edge else ""
    return case.problem("circle", circle.message, file, edge.line if edge else 0)


def _of_missing(case: Case, error: MissingConfigException) -> Problem:
    path = stem(os.path.normpath(error.missing_cfg_file or ""))
    group, _, name = path.rpartition("/")
    if group.startswith("hydra/") and (plugins.is_plugins(group, name) or not similar(name, error.options or ())):
        return _of_plugin(case, group, name)
    edge = _edge(case.drawing, lambda e: e.target == path)
    choice = next((c for c in case.drawing.choices if edge and _made(c, edge, name)), None)
    options = list(choice.options) if choice else [stem(option) for option in error.options or ()]
    folders = folders_of(case.drawing, group) if group else []
    options = options or options_in(folders)  # an entry may also name a config by its path
    likely = similar(name, options)
    offered = f"; did you mean {_either(likely)}?" if likely else f"; {group} has {_some(options)}" if options else ""
    if shut := next((one for one in folders if not os.access(one, os.R_OK | os.X_OK)), ""):
        offered = offered or f"; you have no right to read {shut}: change its rights"
    offered = offered or (f"; there is no group {group}" if group and not folders else "; check its name")
    if keyword := _KEYWORD.match(name):
        offered = f"; `{keyword[1]}` goes before a group, as in {keyword[1]} GROUP: OPTION"
    key = choice.key if choice else ""
    fix = f"{key}={likely[0]}" if key and likely and choice and not choice.is_list else ""
    message = f"there is no config `{path}`{offered}"
    said_by = next((text for text in case.selection.overrides if key and key_of(text) == key), "")
    if said_by:
        known = f" {group} has {_some(options)}" if likely else ""
        return case.problem("missing-option", f"the override `{cut(said_by)}`: {message}{known}", key=key, fix=fix)
    if edge is None:
        found = re.search(r"In '([^']+)'", str(error))
        said = _overriding(case, group)
        file = said.file or (file_of(case.drawing, stem(found.group(1))) if found else "")
        return case.problem("missing-option", message, file, said.line, group if said.file else "")
    return case.problem("missing-option", message, file_of(case.drawing, edge.source), edge.line, key, fix)


def _of_override(case: Case) -> Problem:
    text, error = case.progress.override, case.error
    key = key_of(text)
    inner = list(_causes(error))[-1]
    first = _first_line(inner)
    shown = f"the override `{cut(text)}`"
    if isinstance(error, OverrideParseException):
        name, _, value = text.partition("=")
        right = f"{name}={quote_within(value)}" if value.lstrip()[:1] in ("[", "{") else text
        if right != text and parsable((right,)):
            message = f"{shown} cannot be read: put ${{…}} within brackets into quotes, {cut(right)}"
            return case.problem("override", message, key=key, fix=right)
        return case.problem("override", f"{shown} cannot be read: {misread(text, error)}", key=key)
    if str(error).startswith(("Ambiguous value", "Sweep parameters")):
        return case.problem("override", f"{shown} {several(text)}", key=key)
    group, at, _ = key.partition("@")
    if "looks like a config group override" in str(error):
        likely = similar(key, (choice.key for choice in case.drawing.choices if choice.key))
        hint = f"; did you mean {_either(likely)}?" if likely else f"; {at} says where the option of a group goes"
        fix = text.replace(key, likely[0], 1) if likely and not text.startswith("+") else ""
        return case.problem("unknown-choice", f"there is no group `{group}`{hint}", key=key, fix=fix)
    unknown = isinstance(inner, ConfigAttributeError | ConfigKeyError) or "does not exist" in str(error)
    inside = getattr(inner, "full_key", None) or key
    if unknown and inside.startswith(f"{key}.") and not text.startswith("+"):  # of a mapping, as in a={b: 1}
        hint = f"to add it, write +{inside}=VALUE"
        return case.problem("unknown-key", f"{shown} does not work: there is no `{cut(inside)}`; {hint}", key=key)
    if unknown and text[0] not in "+~" and is_declared(key, case.ops_path):
        hint = f"the op takes it, though: to add it, write +{cut(text)}"
        return case.problem("unknown-key", f"there is no `{cut(key)}` yet; {hint}", key=key, fix=f"+{text}")
    if unknown and not text.startswith("+"):
        keys = [*_keys(case.progress.merged), *(choice.key for choice in case.drawing.choices)]
        if key in keys:
            message = (
                f"no override can name `{cut(key)}`, in which a name holds a dot; change it in the file that sets it"
            )
            return case.problem("unknown-key", message, key=key)
        likely = [one for one in similar(key, keys) if is_writable(one)]
        hint = f"; did you mean {_either(likely)}?" if likely else ""
        if not likely and not text.startswith("~"):
            hint = f"; to add it, write +{cut(text)}"
        fix = text.replace(key, likely[0], 1) if likely else ""
        return case.problem("unknown-key", f"there is no `{cut(key)}`{hint}", key=key, fix=fix)
    if "An item is already at" in str(error):
        message = f"`{cut(key)}` is there already; to change it, write {cut(text[1:])}"
        return case.problem("override", message, key=key, fix=text[1:])
    if isinstance(error, HydraException) and not isinstance(inner, OmegaConfBaseException):
        first = _words(error)
    if isinstance(inner, RecursionError):
        first = _TOO_DEEP
    for pattern, words in _LISTS:
        first = words if pattern.search(first) else first
    return case.problem("override", f"{shown} does not work: {first}", key=key)


def _of_unused(case: Case, key: str) -> Problem:
    present = next((choice for choice in case.drawing.choices if choice.key == key and choice.chosen), None)
    if present is not None:
        message = f"`{key}` cannot be deleted by that name: it is {_some(list(present.chosen))}"
        return case.problem("unknown-choice", message, key=key, fix=f"~{key}")
    meant = re.search(r"Did you mean to override (?:one of )?(.+)\?", str(case.error))
    likely = meant[1].split(", ") if meant else similar(key, [one.key for one in case.drawing.choices if one.key])
    hint = f"; did you mean {_either(likely)}?" if likely else ""
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
    keys = {choice.key.lstrip("+") for choice in drawing.choices}
    parsed = parsable((override,)) if key_of(override) in keys and not override.startswith("~") else ()
    return any(not isinstance(one.value(), str | list) for one in parsed)


def _of_nothing(case: Case, override: str) -> Problem:
    key, value = key_of(override), override.partition("=")[2].strip()
    chosen = any(choice.key == key and choice.chosen for choice in case.drawing.choices)
    none = "to choose nothing, " + (f"write ~{key}" if chosen else "leave it out")
    advice = none if value in ("null", "") else f"a group takes the name of an option; write {key}='{value}'"
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


def _of_layer(case: Case) -> Problem:
    progress, error = case.progress, case.error
    inner = list(_causes(error))[-1]
    first = _words(inner)
    named = re.match(r"In '?([^':]+)'?: (.*)", _words(error))
    file = (file_of(case.drawing, stem(named.group(1))) if named else "") or progress.file
    composing = re.search(r"raised while composing config:\n(.+)", str(error))
    at, said = _of_entries(case, first if composing is None else composing[1])
    if said:
        return case.problem("composition", said, *at)
    if composing:
        first = composing.group(1)
    elif named and len(list(_causes(error))) == 1:
        first = named.group(2)
    clash = case.progress.history.clash() if case.progress.history and "Cannot merge" in first else None
    if clash:
        path, origin = clash
        first = first.replace("DictConfig", "a mapping").replace("ListConfig", "a list")
        return case.problem("composition", first, origin.file, origin.line, ".".join(path))
    full_key = re.search(r"full_key: (\S+)", str(error)) or re.search(r"full_key: (\S+)", str(inner))
    key = full_key.group(1) if full_key else ""
    line = 0
    if file and key and progress.package is not None:
        depth = len(split_key(progress.package)) if progress.package else 0
        line = case.parsed(file).mark(tuple(split_key(key))[depth:]).line
    if isinstance(inner, RecursionError):
        first = _TOO_DEEP
    if "must be a DictConfig" in first and not line:
        first, line = "the file is no job: its content must be keys with values", 1
    for pattern, path in _KEYS_BLAMED if file and not line else ():
        if re.search(pattern, first):
            key, line = ".".join(path), case.parsed(file).mark(path).line
    message = first or f"Hydra stopped with {type(inner).__name__} and does not say why"
    return case.problem("composition", message, file, line, key)


def _of_entries(case: Case, said: str) -> tuple[tuple[str, int, str], str]:
    """What is wrong with an entry of a defaults list that Hydra quotes: where it stands, and how to write it."""
    twice = re.match(r"Duplicate _self_ defined in (\S+)", said)
    many = re.match(r"In ([^:]+): Too many keys in default item", said)
    early = re.match(r"In ([^:]+): Override '(\S+) : \S+' is defined before", said)
    match = twice or many or early
    if match is None:
        return ("", 0, ""), ""
    file = file_of(case.drawing, stem(match[1])) or case.progress.file
    parsed = case.parsed(file)
    entries = parsed.data.get("defaults", []) if isinstance(parsed.data, dict) else []
    message = "`_self_` stands in this defaults list before; take one of them out"
    if many:
        message = "an entry of a defaults list chooses one option; make an entry of its own of each of its keys"
    if early:
        message = f"`override {early[2]}` stands before entries that choose; move it to the end of the defaults list"

    def is_blamed(entry: Any) -> bool:
        if not isinstance(entry, dict):
            return bool(twice) and entry == "_self_"
        return f"override {early[2]}" in entry if early else bool(many) and len(entry.keys() - {"optional"}) > 1

    places = [line for entry, line in zip(entries, parsed.entries, strict=False) if is_blamed(entry)]
    line = places[-1 if twice else 0] if places else parsed.mark(("defaults",)).line
    return (file, line, "defaults"), message


def _made(choice: Choice, edge: Edge, name: str) -> bool:
    return choice.node == edge.source and choice.line == edge.line and name in choice.chosen


def _edge(drawing: Drawing, fits: Any) -> Edge | None:
    return next((edge for edge in drawing.edges if fits(edge)), None)


def _keys(merged: bytes) -> Iterator[str]:
    def walk(node: Any, path: str) -> Iterator[str]:
        for key, child in children(node):
            here = f"{path}.{key}" if path else str(key)
            yield here
            yield from walk(child, here)

    if merged:
        yield from walk(pickle.loads(merged), "")


def _words(error: BaseException) -> str:
    """What an error says: all that Hydra does but the pages that it points to, else its first line."""
    if not isinstance(error, HydraException):
        return _first_line(error)
    return _PAGES.sub("", " ".join(str(error).split())).removesuffix(".")


def _first_line(error: BaseException) -> str:
    return _line(str(error), 0)


def _line(text: str, number: int) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[number] if len(lines) > number else ""


def _either(names: list[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _some(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
