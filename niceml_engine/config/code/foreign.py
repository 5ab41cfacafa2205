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
from itertools import count
from pathlib import Path
from typing import Any

import griffe
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from niceml_engine.config.code.own_code import own_modules, search_path
from niceml_engine.config.code.own_resolvers import resolvers_in
from niceml_engine.config.code.targets import Reader
from niceml_engine.config.composed import resolvers
from niceml_engine.config.composed.bounded import TooManyStepsError, bounded
from niceml_engine.config.projects.env_file import read_env
from niceml_engine.config.projects.layout import Layout
from niceml_engine.config.projects.project import read_layout
from niceml_engine.config.projects.pytext import source_text
from niceml_engine.config.text.files import read
from niceml_engine.config.text.limits import MAX_DEPTH, MAX_VALUES
from niceml_engine.errors import ConfigError
from niceml_engine.places import ROOT
from niceml_engine.protocol.trust import Foreign, ForeignKind
from niceml_engine.store.location import Location

_COMPONENTS = re.compile(r"niceml_engine\.(data|learning|store)\.")
_COMPUTING = re.compile(
    r"keras\.(initializers|losses|metrics|optimizers(\.schedules)?|regularizers)\.[A-Z]\w*|sklearn\.metrics\.\w+_(loss|score)"
)
_LOADING = re.compile(
    r"PYTHON|LD_|DYLD_|GIT_|FSSPEC_|DAGSTER_|GOOGLE_|CLOUDSDK_|AZURE_|SSH_|(\w*(PATH|HOME|PREFIX|COMMAND|SHELL|PAGER))$"
    r"|AWS_(?!(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ENDPOINT_URL|ENDPOINT_URL_S3|REGION|DEFAULT_REGION)$)"
)
"""Variables that decide which code a process loads, or which command it runs: in AWS's settings, one may give keys."""
_S3_OPTIONS = frozenset({"key", "secret", "token", "endpoint_url", "client_kwargs", "anon", "use_ssl"})
_GIT_COMMAND = re.compile(r"(?:^|\])\s*(clean|process|path)\s*=\s*(\S.*)", re.MULTILINE | re.IGNORECASE)
"""Filters, which git runs to compare files, and settings that it includes; what else may run is turned off."""
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
    found = (*_started(layout, config, origins or {}), *_code(layout), *_named(layout), *_loaded(layout))
    return tuple(dict.fromkeys(found))


def loading(root: Path) -> Iterator[str]:
    """The variables of a project's `.env` that decide which code a process loads.

    Raises:
        ProjectError: Its `.env` is wrong.
    """
    return (name for name in read_env(root) if _LOADING.match(name))


# ------------------------------------------------------------------------------------------------- the config


class _EndlessError(Exception):
    """A config goes on inside itself, or further than anybody looks."""


def _started(layout: Layout, config: str, origins: Mapping[str, str]) -> Iterator[Foreign]:
    """What a config has made: targets, and places that take more than a folder or the keys of a bucket."""
    resolvers.register()
    search = search_path(layout.setting)
    seen: set[str] = set()
    try:
        with bounded():
            for key, values in _mappings(OmegaConf.create(config), "", count()):
                for part, kind, name in _made(values):
                    if name in seen or (kind == "target" and _is_ours(name)):
                        continue
                    seen.add(name)
                    file, _, line = _origin(f"{key}.{part}".lstrip("."), origins).rpartition(":")
                    place = os.path.join(layout.root, file) if file else ""
                    source = _source(name, search, layout.root) if kind == "target" else ""
                    yield Foreign(kind, name, place, int(line or 0), source)
    except (_EndlessError, RecursionError):
        yield Foreign("target", "more than can be looked through")


def _made(values: Mapping[str, Any]) -> Iterator[tuple[str, ForeignKind, str]]:
    """What a mapping may have run: by which of its keys, what, and its name."""
    if "_target_" in values:
        yield "_target_", "target", str(values["_target_"])
    for part in ("uri", "location"):
        uri = values.get(part)
        if not isinstance(uri, str) or not re.match(r"\w+(://|::)", uri):
            continue
        given = values.get("credentials")
        options = set(given) if isinstance(given, DictConfig | dict) else set()
        location = Location(uri)
        if not location.is_local and (location.protocol != "s3" or options - _S3_OPTIONS):
            yield part, "location", uri


def _mappings(node: Any, key: str, seen: Iterator[int], depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping and its values, resolved where that can be, also those that resolvers and interpolations make."""
    if depth > 2 * MAX_DEPTH or next(seen) > MAX_VALUES:
        raise _EndlessError
    if isinstance(node, DictConfig | dict):
        values = {name: _value(node, name) for name in list(node)}
        yield key, {str(name): value for name, value in values.items()}
        for name, value in values.items():
            yield from _mappings(value, f"{key}.{name}" if key else str(name), seen, depth + 1)
    elif isinstance(node, ListConfig | list):
        for index in range(len(node)):
            yield from _mappings(_value(node, index), f"{key}[{index}]", seen, depth + 1)


def _value(node: Any, name: Any) -> Any:
    try:
        return node[name]
    except TooManyStepsError as error:
        raise _EndlessError from error
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
    for name in loading(layout.root):
        yield Foreign("variable", name, str(env))
    yield from _git_commands(layout.root)
    dagster = layout.root / ".niceml" / "dagster" / "dagster.yaml"
    for module in _modules_of(dagster):
        if module.partition(".")[0] != "dagster":
            yield Foreign("file", module, str(dagster))
    for folder in dict.fromkeys((layout.root, *layout.python_path)):
        yield from (Foreign("module", name, file, 1) for name, file in _in_front(folder))


def _modules_of(file: Path) -> Iterator[str]:
    """The modules that settings of Dagster name."""
    if not file.is_file():
        return
    try:
        waiting: list[Any] = [read(str(file)).data]
    except ConfigError:
        yield "settings that cannot be read"
        return
    for node in waiting:
        if isinstance(node, Mapping):
            waiting += node.values()
            if "module" in node:
                yield str(node["module"])
        elif isinstance(node, list):
            waiting += node


def _git_commands(root: Path) -> Iterator[Foreign]:
    """Commands that git would run to tell what has changed, of the settings that came with the folder."""
    for parent in (root, *root.parents):
        for file in (parent / ".git" / "config", parent / ".git" / "config.worktree"):
            try:
                text = source_text(str(file), "replace")
            except OSError:
                continue
            for match in _GIT_COMMAND.finditer(text):
                line = text.count("\n", 0, match.start(1)) + 1
                yield Foreign("git", f"{match[1].lower()} = {match[2].strip()[:80]}", str(file), line)
        if (parent / ".git").exists():
            return


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
