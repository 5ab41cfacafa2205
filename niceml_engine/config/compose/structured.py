"""Configs that exist only in Python: what to say of them here, and where their values stand once Python made them.

A config of Hydra's `ConfigStore` is made by code of the project, which only the project's own interpreter may run.
Until it has, such a config is missing; afterwards its values come from the fields of a class.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.object_type import ObjectType
from msgspec import structs
from omegaconf import DictConfig
from omegaconf._utils import split_key

from niceml_engine.config.composed.provenance import children
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import Files, Path_, signature
from niceml_engine.values import Composed, Option, Origin, Problem

_NO_CONFIG = re.compile(r"there is no config `([^`]+)`")
_SCHEMA = re.compile(r"'([^']+)' is validated against ConfigStore schema")
ADVICE = "trust the project (--trust, or File → Trust), so that its own interpreter composes it"


def without_python(composed: Composed, setting: Setting) -> Composed:
    """Says of a composed config what it lacks because no code of the project has run."""
    stores = {one.id: one for one in setting.stores if not is_made(one)}
    if not stores:
        return composed
    problems = tuple(only_in_python(problem, setting) for problem in composed.problems)
    error = only_in_python(composed.error, setting) if composed.error is not None else None
    unused = tuple(_without_schema(composed, stores, setting))
    return structs.replace(composed, error=error, problems=(*problems, *unused))


def only_in_python(problem: Problem, setting: Setting) -> Problem:
    """A problem about a missing config, put in other words where Python code makes that config."""
    found = _NO_CONFIG.search(problem.message) if problem.code == "missing-option" else None
    stored = next((one for one in setting.stores if found and one.id == found[1] and not is_made(one)), None)
    if stored is None:
        return problem
    message = f"`{stored.id}` exists only in Python, at {_place(stored, setting)}; {ADVICE}"
    return structs.replace(problem, code="only-in-python", message=message, fix="", fixes=())


def clash_of_schema(problem: Problem, error: BaseException, setting: Setting, files: Files) -> Problem:
    """A refusal, put in other words where Hydra would merge a config upon a schema that has a defaults list."""
    found = _SCHEMA.match(str(error))
    if found is None:
        return problem
    stored = next((one for one in setting.stores if one.id == found[1]), None)
    where = f", at {_place(stored, setting)}," if stored else ""
    name = found[1].rpartition("/")[2]
    message = (
        f"a config in Python{where} is called `{found[1]}` like this file, so that Hydra takes it for its schema, and "
        f"has a defaults list, which no schema may; call it `base_{name}` and name it in the defaults list here"
    )
    line = files.parse(problem.file).mark(("defaults",)).line if problem.file else 0
    return structs.replace(problem, code="schema-in-python", message=message, line=line, key="")


def _without_schema(composed: Composed, stores: dict[str, Option], setting: Setting) -> Iterator[Problem]:
    """Until 1.2, Hydra merges a config upon the one of the same name in Python."""
    if setting.of(composed.selection.job).version_base not in ("1.1", "1.1.0"):
        return
    for node in composed.nodes:
        if node.id in stores and node.file:
            where = _place(stores[node.id], setting)
            message = f"{node.id} also has a schema in Python, at {where}, which is not applied here; {ADVICE}"
            yield Problem("warning", "schema-in-python", message, node.file, 1)


def is_made(option: Option) -> bool:
    """Whether code of the project has run and made a config."""
    return ConfigStore.instance().get_type(f"{option.id}.yaml") == ObjectType.CONFIG


def _place(option: Option, setting: Setting) -> str:
    inside = Path(option.file).is_relative_to(setting.root)
    return f"{os.path.relpath(option.file, setting.root) if inside else option.file}:{option.line}"


# ------------------------------------------------------------------------------------------------- origins


def python_origin(config: DictConfig, node: str, package: str, setting: Setting) -> Callable[[Path_], Origin]:
    """Where the keys of a config made by Python stand: at the fields of its classes, or where it was stored.

    Args:
        config: The config, at its package.
        node: Its node in the graph.
        package: Where it was included.
        setting: Knows where the project's code stores configs.
    """
    stored = next((one for one in setting.stores if one.id == node), None)
    whole = Origin(node, stored.file, stored.line, package, stored.python) if stored else Origin(node, package=package)

    def origin(path: Path_) -> Origin:
        for depth in range(len(path) - 1, -1, -1):
            found = _field(_type_at(config, path[:depth]), path[depth])
            if found is not None:
                file, line, text = found
                return Origin(node, file, line, package, text)
            if depth <= (len(split_key(package)) if package else 0):
                break
        return whole

    return origin


def _type_at(config: Any, path: Path_) -> Any:
    for key in path:
        config = next((child for name, child in children(config) if str(name) == key), None)
    return config._metadata.object_type if isinstance(config, DictConfig) else None


def _field(kind: Any, name: str) -> tuple[str, int, str] | None:
    """File, line and text of a class's field, which one of its bases may declare."""
    for one in inspect.getmro(kind) if inspect.isclass(kind) else ():
        try:
            file = inspect.getsourcefile(one)
        except TypeError:  # a class of Python's own
            continue
        found = _fields(file, signature(file)).get((one.__qualname__, name)) if file else None
        if file and found is not None:
            return os.path.abspath(file), *found
    return None


@lru_cache(maxsize=256)
def _fields(file: str, state: object) -> dict[tuple[str, str], tuple[int, str]]:
    """Line and text of each field of each class in a file."""
    found: dict[tuple[str, str], tuple[int, str]] = {}

    def read(body: list[ast.stmt], outer: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                read(node.body, f"{outer}{node.name}.")
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                text = ast.unparse(node.value) if node.value is not None else "???"
                found[(outer[:-1], node.target.id)] = (node.lineno, text)

    try:
        with open(file, "rb") as handle:
            read(ast.parse(handle.read(), file).body, "")
    except (OSError, SyntaxError, ValueError):
        return {}
    return found
