"""What could stand where the cursor is; pure functions over what the session knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from niceml_engine.values import Choice, Composed, ConfigTree, Leaf, Option
from niceml_gui.words import counted
from niceml_gui.workspaces.compose.text.editing.hydras_keys import HYDRAS_KEYS
from niceml_gui.workspaces.compose.text.editing.surroundings import Place, around

MOST = 60  #: suggestions that are offered at once
RESOLVERS = {
    "oc.env:": "an environment variable: ${oc.env:NAME,default}",
    "oc.select:": "a key that may be missing: ${oc.select:key,default}",
    "oc.decode:": "a text read as a value",
    "oc.create:": "a new mapping or list",
    "oc.deprecated:": "a key that has moved",
    "oc.dict.keys:": "the keys of a mapping",
    "oc.dict.values:": "the values of a mapping",
    "hydra:": "Hydra's own config: ${hydra:job.name}",
    "niceml.to_int:": "a text as a whole number",
    "niceml.to_float:": "a text as a number",
    "niceml.to_bool:": "a text as true or false",
}
SPECIAL = {
    "_target_": "the class or function that makes the object",
    "_partial_": "make a function that makes the object",
    "_args_": "positional arguments",
    "_convert_": "none, partial, object or all",
    "_recursive_": "whether nested objects are made too",
}
_TARGET = "_target_"
_CLASS = re.compile(rf"^\s*(?:-\s+)*{_TARGET}:\s+([\w.]*)$")
_INSIDE = re.compile(r"\$\{([^{}]*)$")
_ENTRY = re.compile(r"^\s*-\s+(?:(?:optional|override)\s+)*([^:#]*?)(?:(:)\s*(.*))?$")
_KEYED = re.compile(r"^(\s*)([^\s#:'\"\[{-][^:#]*):(?:\s|$)")


class Suggestion(NamedTuple):
    """A text that could stand there, what it is in a few words, and what has to follow it."""

    text: str
    hint: str = ""
    then: str = ""


Classes = Callable[[Place, str], Sequence[Suggestion]]  #: by where it stands and what is typed, a `_target_`


class Completion(NamedTuple):
    """What could stand from a column of the line up to the cursor."""

    start: int
    found: tuple[Suggestion, ...] = ()
    more: int = 0  #: so many others would fit as well

    @classmethod
    def of(cls, start: int, found: Sequence[Suggestion]) -> Completion:
        """As many of what was found as a person looks at."""
        return cls(start, tuple(found[:MOST]), max(0, len(found) - MOST))


def _none(place: Place, typed: str) -> Sequence[Suggestion]:
    return ()


def for_override(line: str, column: int, tree: ConfigTree, composed: Composed, classes: Classes = _none) -> Completion:
    """Completes an override in Hydra's grammar.

    Args:
        line: The override, as far as it is typed.
        column: Where the cursor is in it.
        tree: What can be chosen.
        composed: What is composed now.
        classes: Says what may stand as the `_target_` of a mapping.
    """
    before = line[:column]
    if inside := _interpolation(before, composed.leaves):
        return inside
    left, equals, right = before.partition("=")
    if equals:
        start = len(left) + 1 + _last_part(right)
        key, typed = left.lstrip("+~"), before[start:]
        if key.endswith(f".{_TARGET}"):
            return Completion.of(start, classes(Place((key.removesuffix(f".{_TARGET}"),)), typed))
        swept = _sweeps(key, typed, composed) if typed == right else ()
        return Completion.of(start, (*matching(typed, _values(key, tree, composed)), *swept))
    start = len(left) - len(left.lstrip("+~"))
    typed = left[start:]
    if left.startswith("+"):
        offered = _groups(tree)
    else:
        choices = (choice for choice in composed.choices if choice.key and choice.options)
        offered = [Suggestion(choice.key, _chosen(choice)) for choice in choices]
        offered += [Suggestion(group, "of Hydra's own") for group in dict.fromkeys(one.group for one in tree.hydra)]
    if typed.startswith("hydra."):
        offered += [Suggestion(key, hint) for key, hint in HYDRAS_KEYS.items()]
    if left.startswith("~"):
        offered += _nodes(typed, composed.leaves)
    offered += [Suggestion(leaf.key, _short(leaf)) for leaf in composed.leaves]
    return Completion.of(start, matching(typed, offered))


def for_yaml(
    lines: Sequence[str],
    row: int,
    column: int,
    option: Option | None,
    tree: ConfigTree,
    composed: Composed,
    classes: Classes = _none,
) -> Completion:
    """Completes a line of a config file.

    Args:
        lines: The file's lines.
        row: Which of them, from 0.
        column: Where the cursor is in it.
        option: The option that the file is, if it is one.
        tree: What can be chosen.
        composed: What is composed now.
        classes: Says what may stand as the `_target_` of a mapping.
    """
    before = lines[row][:column]
    if inside := _interpolation(before, composed.leaves):
        return inside
    if _in_defaults(lines, row):
        return _default(before, option, tree)
    if target := _CLASS.match(before):
        place = around(lines, row)
        joined = (".".join(filter(None, (package, place.keys[0]))) for package in _packages(option, composed))
        place = place._replace(keys=tuple(filter(None, joined)))
        return Completion.of(target.start(1), classes(place, target[1]))
    if ":" in before or before.lstrip().startswith(("#", "- ")):
        return Completion(column)
    indent = len(before) - len(before.lstrip())
    path = _path_above(lines, row, indent)
    here = {match[2] for text in lines if (match := _KEYED.match(text)) and len(match[1]) == indent}
    offered = [Suggestion(name, hint) for name, hint in _children(path, option, composed) if name not in here]
    offered += [Suggestion(name, hint) for name, hint in SPECIAL.items() if name not in here]
    return Completion.of(indent, matching(before[indent:], offered))


def _sweeps(key: str, typed: str, composed: Composed) -> tuple[Suggestion, ...]:
    """What sweeps a value; not after a first letter, which begins many other values."""
    leaf = next((one for one in composed.leaves if one.key == key), None)
    numeric = leaf is not None and type(leaf.value) in (int, float)
    known = leaf is not None or any(one.key == key for one in composed.choices)
    offered = [Suggestion("choice(", "one run for each value: choice(a,b)")] if known else []
    offered += [Suggestion("range(", "one run for each step: range(START,STOP,STEP)")] if numeric else []
    return tuple(one for one in offered if len(typed) != 1 and one.text.startswith(typed) and one.text != typed)


def _nodes(typed: str, leaves: Iterable[Leaf]) -> list[Suggestion]:
    """The mappings whose last part is being typed: these are few, and come before all that lies in them."""
    inside = typed.rpartition(".")[0]
    start = len(inside) + 1 if inside else 0
    found: dict[str, int] = {}
    for leaf in leaves:
        if leaf.key.startswith(typed) and (end := leaf.key.find(".", start)) > 0:
            found[leaf.key[:end]] = found.get(leaf.key[:end], 0) + 1
    return [Suggestion(name, counted(count, "value")) for name, count in found.items()]


def _interpolation(before: str, leaves: Sequence[Leaf]) -> Completion | None:
    found = _INSIDE.search(before)
    if found is None:
        return None
    offered = [Suggestion(name, hint) for name, hint in RESOLVERS.items()]
    if found[1].startswith("hydra:"):
        offered += [Suggestion(f"hydra:{key.removeprefix('hydra.')}", hint) for key, hint in HYDRAS_KEYS.items()]
    offered += _nodes(found[1], leaves)
    offered += [Suggestion(leaf.key, _short(leaf)) for leaf in leaves]
    return Completion.of(found.start(1), matching(found[1], offered))


def _values(key: str, tree: ConfigTree, composed: Composed) -> list[Suggestion]:
    choice = next((one for one in composed.choices if one.key == key), None)
    if choice is not None:
        return [Suggestion(name, "chosen" if name in choice.chosen else "") for name in choice.options]
    group = key.partition("@")[0]
    found = [Suggestion(option.name, option.help) for option in (*tree.options, *tree.hydra) if option.group == group]
    leaf = next((one for one in composed.leaves if one.key == key), None)
    if leaf is not None:
        if isinstance(leaf.value, bool):
            found += [Suggestion("true"), Suggestion("false")]
        elif not isinstance(leaf.value, list | dict):
            found.append(Suggestion("null" if leaf.value is None else str(leaf.value), "as it is"))
    return found


def _default(before: str, option: Option | None, tree: ConfigTree) -> Completion:
    entry = _ENTRY.match(before)
    if entry is None:
        return Completion(len(before))
    if entry[2]:
        group = entry[1].strip().partition("@")[0]
        own = option.group if option is not None else ""
        wanted = {group.removeprefix("/")} if group.startswith("/") else {"/".join(filter(None, (own, group))), group}
        offered = [Suggestion(one.name, one.help) for one in (*tree.options, *tree.hydra) if one.group in wanted]
        return Completion.of(entry.start(3), matching(entry[3], offered))
    start = entry.start(1)
    offered = [Suggestion("_self_", "this file's own content"), Suggestion("optional "), Suggestion("override ")]
    offered += [Suggestion(f"/{one.text}", one.hint, ": ") for one in _groups(tree)]
    if option is not None and option.group:
        inside = f"{option.group}/"
        below = (one for one in _groups(tree) if one.text.startswith(inside))
        offered += [Suggestion(one.text.removeprefix(inside), one.hint, ": ") for one in below]
    return Completion.of(start, matching(entry[1], offered))


def _in_defaults(lines: Sequence[str], row: int) -> bool:
    """Whether a line is an entry of the file's defaults list."""
    if not lines[row].lstrip().startswith("-"):
        return False
    for text in reversed(lines[:row]):
        if text and not text[0].isspace() and not text.startswith(("-", "#")):
            return text.startswith("defaults:")
    return False


def _path_above(lines: Sequence[str], row: int, indent: int) -> str:
    """The key, inside the file, of the mapping that a line at some indent belongs to."""
    parts: list[str] = []
    for text in reversed(lines[:row]):
        match = _KEYED.match(text)
        if match and len(match[1]) < indent:
            parts.append(match[2].strip())
            indent = len(match[1])
    return ".".join(reversed(parts))


def _children(path: str, option: Option | None, composed: Composed) -> list[tuple[str, str]]:
    """The keys below a mapping of a file, wherever the file is included."""
    found: dict[str, str] = {}
    for package in _packages(option, composed):
        inside = ".".join(filter(None, (package, path)))
        for leaf in composed.leaves:
            rest = leaf.key.removeprefix(f"{inside}.") if inside else leaf.key
            if not inside or rest != leaf.key:
                name, dot, _ = rest.partition(".")
                found.setdefault(name, "" if dot else _short(leaf))
    for key, hint in HYDRAS_KEYS.items() if path.partition(".")[0] == "hydra" else ():
        if key.startswith(f"{path}."):
            name, dot, _ = key.removeprefix(f"{path}.").partition(".")
            found.setdefault(name, "" if dot else hint)
    return list(found.items())


def _packages(option: Option | None, composed: Composed) -> list[str]:
    """Where a file is included, else where others of its group are; at the top where nothing includes any."""
    if option is None:
        return [""]
    of_group = [edge for edge in composed.edges if edge.target.rpartition("/")[0] == option.group]
    own = [edge for edge in of_group if edge.target == option.id]
    return list(dict.fromkeys(edge.package.replace("_global_", "") for edge in own or of_group)) or [""]


def _groups(tree: ConfigTree) -> list[Suggestion]:
    counts: dict[str, int] = {}
    for option in (*tree.options, *tree.hydra):
        counts[option.group] = counts.get(option.group, 0) + 1
    return [Suggestion(group, counted(count, "option")) for group, count in counts.items() if group]


def _last_part(right: str) -> int:
    """Where the part of a value begins that is being typed: after the last comma or bracket."""
    return 1 + max(right.rfind(mark) for mark in ",[{( ")


def matching(typed: str, offered: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """What begins with the typed text, then what holds it, each in the order in which it is offered."""
    low = typed.strip().lower()
    unique = list({one.text: one for one in reversed(list(offered))}.values())[::-1]
    first = [one for one in unique if one.text.lower().startswith(low)]
    then = [one for one in unique if low and low in one.text.lower() and not one.text.lower().startswith(low)]
    return tuple(one for one in (*first, *then) if one.text != typed)


def _chosen(choice: Choice) -> str:
    return ", ".join(choice.chosen) or "nothing chosen"


def _short(leaf: Leaf) -> str:
    text = "********" if leaf.secret else str(leaf.value)
    return text if len(text) <= 40 else f"{text[:39]}…"
