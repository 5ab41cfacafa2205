"""Why Hydra refused, said so that a person can mend it: which file, which line, which key, what would fit."""

from __future__ import annotations

import pickle
import re
import traceback
from collections.abc import Iterator
from typing import Any

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf._utils import split_key
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from niceml_engine.config.compose.case import Case, Progress, file_of, key_of, same_node
from niceml_engine.config.compose.choosing import of_choice, of_missing
from niceml_engine.config.compose.declared import is_declared
from niceml_engine.config.compose.misread import cut, misread, several
from niceml_engine.config.compose.wording import either, similar
from niceml_engine.config.compose.world import is_writable, parsable
from niceml_engine.config.composed.graph import stem
from niceml_engine.config.composed.present import Drawing, missing_choice
from niceml_engine.config.composed.provenance import children
from niceml_engine.config.composed.resolve import plain
from niceml_engine.config.text.files import Files
from niceml_engine.errors import ConfigError
from niceml_engine.interpolations import quote_within
from niceml_engine.values import Problem, Selection

#: What Hydra says of keys without naming their line.
_KEYWORD = re.compile(r"(optional|override) ")  #: what Hydra takes for a part of the name of a config
_KEYS_BLAMED = (
    (r"defaults list in|type in defaults", ("defaults",)),
    (r"hydra\.searchpath|config source registered for schema", ("hydra", "searchpath")),
)
_NO_SCALARS = ("NoneType", "dict", "DictConfig", "list", "ListConfig")
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
            return of_missing(case, cause)
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
    return of_choice(case) or _of_layer(case)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _of_circle(case: Case, circle: CircleError) -> Problem:
    source, target = circle.chain[-2], circle.chain[-1]
    around = (one for one in case.drawing.edges if same_node(one.source, source) and same_node(one.target, target))
    edge = next(around, None)
    file = file_of(case.drawing, edge.source) if edge else ""
    return case.problem("circle", circle.message, file, edge.line if edge else 0)


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
        hint = f"; did you mean {either(likely)}?" if likely else f"; {at} says where the option of a group goes"
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
        keys = dict(_keys(case.progress.merged))
        if key in keys:
            return case.problem("unknown-key", _there(text, *keys[key]), key=key)
        known = [*keys, *(choice.key for choice in case.drawing.choices)]
        likely = [one for one in similar(key, known) if is_writable(one)]
        hint = f"; did you mean {either(likely)}?" if likely else ""
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
    odd = re.match(r"()Unsupported item value in defaults : (\w+)", said)
    match = twice or many or early or odd
    if match is None:
        return ("", 0, ""), ""
    file = (match[1] and file_of(case.drawing, stem(match[1]))) or case.progress.file
    parsed = case.parsed(file)
    entries = parsed.data.get("defaults", []) if isinstance(parsed.data, dict) else []
    message = "`_self_` stands in this defaults list before; take one of them out"
    if many:
        message = "an entry of a defaults list chooses one option; make an entry of its own of each of its keys"
    if early:
        message = f"`override {early[2]}` stands before entries that choose; move it to the end of the defaults list"
    if odd:
        message = "an option is named by text; " + (
            "name each option by itself" if odd[2] in _NO_SCALARS else "put the name of this one into quotes"
        )

    def is_blamed(entry: Any) -> bool:
        if odd:
            return isinstance(entry, dict) and any(map(_is_odd, entry.values()))
        if not isinstance(entry, dict):
            return bool(twice) and entry == "_self_"
        return f"override {early[2]}" in entry if early else bool(many) and len(entry.keys() - {"optional"}) > 1

    places = [line for entry, line in zip(entries, parsed.entries, strict=False) if is_blamed(entry)]
    line = places[-1 if twice else 0] if places else parsed.mark(("defaults",)).line
    return (file, line, "defaults"), message


def _is_odd(named: Any) -> bool:
    """Whether what an entry of a group names is no option, nor several, nor none."""
    items = named if isinstance(named, list) else [] if named is None else [named]
    return not all(isinstance(one, str) for one in items)


def _there(override: str, path: tuple[Any, ...], node: Any) -> str:
    """Why an override does not find a key that is there."""
    key, shown = cut(key_of(override)), f"the override `{cut(override)}`"
    odd = [part for part in path if not isinstance(part, str)]
    if odd:
        why = f", in which {odd[0]} is a key that is no text"
    elif any("." in part for part in path):
        why = ", in which a name holds a dot"
    elif override.startswith("~"):
        value = plain(node)
        said = f"Hydra takes `{key}`, which is {'null' if value is None else value}, for not there"
        return f"{shown} deletes nothing: {said}; take it out of its file, or give it a value before: {key}=0 ~{key}"
    else:
        why = ""
    return f"no override can name `{key}`{why}; change it in the file that sets it"


def _keys(merged: bytes) -> Iterator[tuple[str, tuple[tuple[Any, ...], Any]]]:
    """The keys of what was merged, each with its path and its node."""

    def walk(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[str, tuple[tuple[Any, ...], Any]]]:
        for key, child in children(node):
            here = (*path, key)
            yield ".".join(map(str, here)), (here, child)
            yield from walk(child, here)

    if merged:
        yield from walk(pickle.loads(merged), ())


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
