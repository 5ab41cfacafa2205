"""What may be typed for a value, and how it is named: by what the service knows of it, else by the value itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from niceml_engine.descriptions import Described, ValueKind
from niceml_engine.values import Leaf

ANYTHING = Described()
TEXTS: frozenset[ValueKind] = frozenset({"text", "lines", "path", "url", "target"})
_BOOLEANS = frozenset({"true", "false", "yes", "no", "on", "off"})  #: as YAML writes them
_LONG = 20_000  #: characters of a text in which looking for something takes a while
_VARIABLE = re.compile(r"\$\{oc\.env:\s*([^,}\s]+)")
_KINDS: tuple[tuple[ValueKind, type | tuple[type, ...]], ...] = (
    ("bool", bool),
    ("int", int),
    ("float", float),
    ("list", (list, tuple)),
    ("mapping", dict),
    ("text", str),
)


def is_interpolation(value: object) -> bool:
    """Whether a value stands for another one."""
    return isinstance(value, str) and (_holds_one(value) if len(value) > _LONG else "${" in value)


@lru_cache(maxsize=4)
def _holds_one(text: str) -> bool:
    """Remembers what would take a while to look for, and is asked for at every turn."""
    return "${" in text


def old_value(leaf: Leaf) -> Any:
    """What an edit replaces: the value, or what an interpolation resolves to."""
    return leaf.resolved if is_interpolation(leaf.value) else leaf.value


def replaces_other(leaf: Leaf) -> bool:
    """Whether an override has put a boolean in the place of something else."""
    below = leaf.shadows[-1].text if leaf.shadows and not leaf.origin.file else ""
    return bool(below) and below.lower() not in _BOOLEANS


def by_value(value: Any) -> Described:
    """What a value says of itself."""
    if value == "???":
        return ANYTHING
    for kind, types in _KINDS:
        if isinstance(value, types):
            long = isinstance(value, str) and "\n" in value
            return Described("lines" if long else kind, _type(value, kind))
    return ANYTHING


def rule_of(leaf: Leaf, known: Mapping[str, Described]) -> Described:
    """What may be given for a leaf."""
    if leaf.key.rsplit(".", 1)[-1] == "_target_":
        return known.get(leaf.key) or Described("target")
    return known.get(leaf.key) or by_value(old_value(leaf))


def hint_of(leaf: Leaf, rule: Described) -> str:
    """What stands faint inside a field: the type, of an interpolation the variable that it reads."""
    if rule.unnamed:
        return "in its file"
    if is_interpolation(leaf.value):
        variable = _VARIABLE.search(leaf.value)
        return "not resolved" if leaf.reason else f"${variable[1]}" if variable else "${…}"
    if rule.kind == "target":
        return "_target_"
    if rule.kind == "path" and rule.exists is not None:
        return "path" if rule.exists else "not there"
    if rule.choices:
        return "choice"
    return rule.type


def _type(value: Any, kind: ValueKind) -> str:
    if kind == "list":
        names = {type(item).__name__ for item in value}
        return f"list[{names.pop().replace('str', 'text')}]" if len(names) == 1 else "list"
    return kind
