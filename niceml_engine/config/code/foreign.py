"""What a start in a project would run that is not ours: found in texts, so that a person can be asked first.

When in doubt something counts as foreign. Ours are the public classes of the packages that hold components; whatever
else a `_target_` may reach, through our modules too, is named. Parts of Keras and scikit-learn that only compute, and
that neither load nor call what a config names, need no question either.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import griffe
import yaml
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.config.code.own_code import own_modules, search_path
from niceml_engine.config.code.own_resolvers import resolvers_in
from niceml_engine.config.code.targets import Reader
from niceml_engine.config.composed import resolvers
from niceml_engine.config.projects.env_file import read_env
from niceml_engine.config.projects.layout import Layout
from niceml_engine.config.projects.project import read_layout
from niceml_engine.places import ROOT
from niceml_engine.protocol.trust import Foreign, ForeignKind

_COMPONENTS = re.compile(r"niceml_engine\.(data|learning|store)\.")
_COMPUTING = re.compile(
    r"keras\.(initializers|losses|metrics|optimizers(\.schedules)?|regularizers)\.[A-Z]\w*|sklearn\.metrics\.\w+_(loss|score)"
)
_LOADING = re.compile(r"PYTHON|LD_|DYLD_|(PATH|AWS_CONFIG_FILE|AWS_SHARED_CREDENTIALS_FILE)$")
"""Variables that decide which code a process loads."""
_NAMED: Mapping[str, ForeignKind] = {"code_location": "code location", "python": "interpreter"}


def foreign(root: Path, config: str = "", origins: Mapping[str, str] | None = None) -> tuple[Foreign, ...]:
    """Lists what a start would run besides our own code; nothing is imported.

    Args:
        root: The project.
        config: What is started: composed, unresolved YAML.
        origins: `file:line` of its leaves.

    Raises:
        ProjectError: The project's file, or its `.env`, is wrong.
    """
    layout = read_layout(root)
    found = (*_targets(layout, config, origins or {}), *_code(layout), *_named(layout), *_loaded(layout))
    return tuple(dict.fromkeys(found))


# ------------------------------------------------------------------------------------------------- targets


def _targets(layout: Layout, config: str, origins: Mapping[str, str]) -> Iterator[Foreign]:
    resolvers.register()
    search = search_path(layout.setting)
    seen: set[str] = set()
    for key, name in _named_targets(OmegaConf.create(config), ""):
        if name in seen or _is_ours(name):
            continue
        seen.add(name)
        file, _, line = _origin(key, origins).rpartition(":")
        place = os.path.join(layout.root, file) if file else ""
        yield Foreign("target", name, place, int(line or 0), _source(name, search, layout.root))


def _named_targets(node: Any, key: str) -> Iterator[tuple[str, str]]:
    """Key and name of each `_target_`, resolved where that can be, in the mappings that resolvers make too."""
    if isinstance(node, DictConfig | dict):
        for name in list(node):
            place = f"{key}.{name}" if key else str(name)
            value = _value(node, name)
            if name == "_target_":
                yield place, str(value)
            else:
                yield from _named_targets(value, place)
    elif isinstance(node, ListConfig | list):
        for index in range(len(node)):
            yield from _named_targets(_value(node, index), f"{key}[{index}]")


def _value(node: Any, name: Any) -> Any:
    try:
        return node[name]
    except OmegaConfBaseException:  # it cannot be resolved, so that no worker can make anything of it either
        return node._get_node(name, validate_access=False)._value()


def _origin(key: str, origins: Mapping[str, str]) -> str:
    """Where a key was set; a list is one leaf, whatever it holds."""
    while key and key not in origins:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return origins.get(key, "")


def _is_ours(name: str) -> bool:
    """Whether a target is one of our components, or only computes; our modules also offer what they import."""
    if _COMPUTING.fullmatch(name):
        return True
    if not _COMPONENTS.match(name):
        return False
    found = Reader((ROOT,)).look(name)
    if not isinstance(found, griffe.Class) or found.name.startswith("_"):
        return False
    return found.path == name and Path(str(found.filepath)).is_relative_to(ROOT / "niceml_engine")


def _source(name: str, search: tuple[Path, ...], root: Path) -> str:
    found = Reader(search).look(name)
    if not isinstance(found, griffe.Class | griffe.Function) or not Path(str(found.filepath)).is_relative_to(root):
        return ""
    shown = os.path.relpath(str(found.filepath), root)
    return "" if "site-packages" in Path(shown).parts else f"{shown}:{found.lineno}"


# ------------------------------------------------------------------------------------------------- the project


def _code(layout: Layout) -> Iterator[Foreign]:
    """What the project's Python files register: resolvers, plugins of Hydra, configs."""
    for store in layout.setting.stores:
        yield Foreign("config", store.id, store.file, store.line)
    for module, file in own_modules(layout.setting):
        if module.startswith("hydra_plugins.") or "hydra_plugins" in Path(file).relative_to(layout.root).parts:
            yield Foreign("plugin", module, file, 1)
        for name, line in resolvers_in(file):
            yield Foreign("resolver", name or "a resolver", file, line)


def _named(layout: Layout) -> Iterator[Foreign]:
    """What `.niceml/project.yaml` names."""
    for key, kind in _NAMED.items():
        if text := layout.file.text(key):
            yield Foreign(kind, text, str(layout.file.path), layout.file.lines.get(key, 0))


def _loaded(layout: Layout) -> Iterator[Foreign]:
    """What changes which code a worker loads: variables, Dagster's settings, modules in front of installed ones."""
    env = layout.root / ".env"
    for name in read_env(layout.root):
        if _LOADING.match(name):
            yield Foreign("variable", name, str(env))
    dagster = layout.root / ".niceml" / "dagster" / "dagster.yaml"
    for module in _modules_of(dagster):
        if module.partition(".")[0] != "dagster":
            yield Foreign("file", module, str(dagster))
    for folder in dict.fromkeys((layout.root, *layout.python_path)):
        yield from (Foreign("file", name, file, 1) for name, file in _in_front(folder))


def _modules_of(file: Path) -> Iterator[str]:
    """The modules that settings of Dagster name."""
    if not file.is_file():
        return
    try:
        waiting: list[Any] = [yaml.safe_load(file.read_text("utf-8"))]
    except (OSError, ValueError, yaml.YAMLError):
        yield "settings that cannot be read"
        return
    for node in waiting:
        if isinstance(node, Mapping):
            waiting += node.values()
            if "module" in node:
                yield str(node["module"])
        elif isinstance(node, list):
            waiting += node


def _in_front(folder: Path) -> Iterator[tuple[str, str]]:
    """Modules of a folder that would be imported in place of installed ones."""
    installed = [entry for entry in sys.path if entry and Path(entry).resolve() != folder.resolve()]
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = entry.name.partition(".")[0]
        code = os.path.join(entry.path, "__init__.py") if entry.is_dir() else entry.path
        if not name.isidentifier() or not os.path.isfile(code) or not code.endswith((".py", ".pyc", ".so", ".pyd")):
            continue
        if name in sys.stdlib_module_names or PathFinder.find_spec(name, installed) is not None:
            yield name, code


def summary(found: Iterable[Foreign], root: Path, most: int = 3) -> str:
    """The first of what would run, each with its place, and how many more there are."""
    every = list(found)
    shown = [f"{one.name} ({place})" if (place := place_of(one, root)) else one.name for one in every[:most]]
    rest = len(every) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def place_of(one: Foreign, root: Path) -> str:
    """Where the project names it, `file:line`."""
    if not one.file:
        return ""
    file = os.path.relpath(one.file, root) if Path(one.file).is_relative_to(root) else one.file
    return f"{file}:{one.line}" if one.line else file
