"""Configs that Python code puts into Hydra's store: `ConfigStore.instance().store(…)`, and the stores of hydra-zen."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from niceml_engine.config.projects.pytext import Names, Text
from niceml_engine.values import Option

_STORE = ("name", "node", "group", "package", "provider")
_ZEN = frozenset({"hydra_zen.store", "hydra_zen.ZenStore"})
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A place at which configs are stored whose names only running the code tells.

    Attributes:
        file: The file.
        line: The line.
        group: Their group; `None` where only running the code tells that, too.
    """

    file: str
    line: int
    group: str | None


def stored(tree: ast.Module, calls: Iterable[ast.Call], names: Names) -> Iterator[Option | Unnamed]:
    """Lists the configs that a module stores.

    Args:
        tree: The module.
        calls: All calls in it, in order.
        names: What its names stand for.
    """
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    decorated = _decorated(tree)
    for call in calls:
        found: tuple[Text, Text, ast.expr | None] | None = None
        if isinstance(call.func, ast.Attribute) and call.func.attr == "store" and _is_store(call.func, names):
            name, group = (names.argument(call, _STORE, word) for word in ("name", "group"))
            found = name, group, names.expression(call, _STORE, "node")
        elif (said := _zen(call, names)) is not None and (call.args or id(call) in decorated):
            node = call.args[0] if call.args else ast.Name(decorated[id(call)].name)
            called = node.id if isinstance(node, ast.Name) else None
            name = names.text(said["name"]) if "name" in said else called
            found = name, names.text(said["group"]) if "group" in said else None, node
        if found is None:
            continue
        name, group, made = found
        if isinstance(name, str) and (group is None or isinstance(group, str)):
            text = ast.unparse(made) if made is not None else ""
            help_text = (ast.get_docstring(classes[text]) or "").partition("\n")[0] if text in classes else ""
            python = text[:80] or "?"
            yield Option(
                group or "", name.removesuffix(".yaml"), names.file, help_text, python=python, line=call.lineno
            )
        else:
            group = "" if group is None else group
            yield Unnamed(names.file, call.lineno, group if isinstance(group, str) else None)


def _is_store(function: ast.Attribute, names: Names) -> bool:
    owner = function.value
    if isinstance(owner, ast.Name):
        if owner.id in ("cs", "config_store"):  # what Hydra's manual calls it
            return True
        owner = names.values.get(owner.id, owner)
    return isinstance(owner, ast.Call) and names.dotted(owner.func).endswith("ConfigStore.instance")


def _zen(node: ast.expr, names: Names, depth: int = 0) -> dict[str, ast.expr] | None:
    """The keywords with which one of hydra-zen's stores is called, those it was made with included."""
    if depth > len(_STORE):
        return None
    if isinstance(node, ast.Call):
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        if names.dotted(node.func) == "hydra_zen.ZenStore":
            return {}
        made = _zen(node.func, names, depth + 1)
        return None if made is None else made | keywords
    if names.dotted(node) in _ZEN:
        return {}
    value = names.values.get(node.id) if isinstance(node, ast.Name) else None
    if not isinstance(value, ast.Call) or (value.args and names.dotted(value.func) not in _ZEN):
        return None
    return _zen(value, names, depth + 1)


def _decorated(tree: ast.Module) -> dict[int, _Definition]:
    """The classes and functions of a module by the calls that decorate them."""
    made = (node for node in ast.walk(tree) if isinstance(node, _Definition))
    return {id(one): node for node in made for one in node.decorator_list}
