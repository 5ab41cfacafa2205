"""Whether a value fits an annotation, as far as simple types can tell."""

from __future__ import annotations

import ast
from typing import Any

SIMPLE: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "complex": (float, int),
    "bool": (bool,),
    "str": (str,),
    "None": (type(None),),
    "NoneType": (type(None),),
}
LISTS = {"list", "List", "tuple", "Tuple", "set", "Set", "frozenset"}
DICTS = {"dict", "Dict"}
WORDS = {int: "an int", float: "a float", bool: "a bool", str: "a text", list: "a list", dict: "a mapping"}


def fits(value: Any, annotation: str) -> bool:
    """Whether a plain value may be given where a parameter is annotated; true where reading cannot tell.

    Args:
        value: Plain data; `None`, a number, a text, a list or a mapping.
        annotation: Source text, `int | None`, `Literal["a", "b"]`, `list[str]`, ...
    """
    try:
        return _fits(value, ast.parse(annotation.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return True


def misfit(value: Any, annotation: str) -> tuple[str, Any]:
    """What does not fit where a value does not: an item of it, with the way to that, else all of it."""
    items: list[tuple[str, Any, Any]] = []
    if isinstance(value, dict) and fits({}, annotation):
        items = [(f".{key}", item, {key: item}) for key, item in value.items()]
    elif isinstance(value, list) and fits([], annotation):
        items = [(f"[{number}]", item, [item]) for number, item in enumerate(value)]
    return next(((way, item) for way, item, alone in items if not fits(alone, annotation)), ("", value))


def word(value: Any) -> str:
    """What a value is, for a sentence: `the text 'a'`, `a list`."""
    if value is None:
        return "null"
    kind = WORDS.get(type(value), type(value).__name__)
    return kind if isinstance(value, list | dict) else f"{kind}, {value!r}"


def _fits(value: Any, node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _fits(value, node.left) or _fits(value, node.right)
    if isinstance(node, ast.Constant):
        return fits(value, node.value) if isinstance(node.value, str) else value is None
    if isinstance(node, ast.Subscript):
        return _fits_generic(value, _name(node.value), node.slice)
    name = _name(node)
    if name in SIMPLE:
        return isinstance(value, SIMPLE[name]) and (name == "bool" or not isinstance(value, bool))
    if name in LISTS:
        return isinstance(value, list) or _may_be_made(value)
    if name in DICTS:
        return isinstance(value, dict)
    return True


def _fits_generic(value: Any, name: str, inner: ast.expr) -> bool:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Optional":
        return value is None or _fits(value, inner)
    if name == "Union":
        return any(_fits(value, part) for part in parts)
    if name == "Literal":
        return value in ast.literal_eval(inner) if isinstance(inner, ast.Tuple) else value == ast.literal_eval(inner)
    if name in ("Annotated", "Final", "InitVar"):
        return _fits(value, parts[0])
    if name in ("list", "List") and isinstance(value, list):
        return all(_is_open(item) or _fits(item, inner) for item in value)
    if name in LISTS:
        return isinstance(value, list) or _may_be_made(value)
    if name in ("dict", "Dict"):
        if not isinstance(value, dict):
            return False
        return _may_be_made(value) or all(_is_open(item) or _fits(item, parts[-1]) for item in value.values())
    return True


def _may_be_made(value: Any) -> bool:
    return isinstance(value, dict) and "_target_" in value


def _is_open(value: Any) -> bool:
    """Whether a value is known only later: an interpolation, an object to be built, a value still missing."""
    return _may_be_made(value) or (isinstance(value, str) and ("${" in value or value == "???"))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
