"""Hydra's plugins that are installed where a project runs, found and read in their text; nothing is imported.

Hydra imports every module of `hydra_plugins`. What most of them do to configs stands in their text: a plugin of the
search path names folders, and what is put into the config store has a name. Of the rest it is known that only running
it would tell.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from niceml_engine.config.projects.packages import portions, sites
from niceml_engine.config.projects.pytext import Names, source_text
from niceml_engine.config.projects.scripts import read_script
from niceml_engine.config.text.files import Signature, signature
from niceml_engine.values import Option

PACKAGE = "hydra_plugins"
MOST = 500  #: modules of plugins in one folder
_BASE = "SearchPathPlugin"
_CHANGES = ("append", "prepend")
_ORDER = ("provider", "path", "anchor")
_DOES_MORE = re.compile(r"ConfigStore|hydra_zen|register_(?:new_)?resolver|ConfigSource\b")
"""What a module says that does more to configs than to name folders."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of Hydra's search path, as `ConfigSearchPath` takes it.

    Attributes:
        how: `append` or `prepend`.
        provider: Who makes it.
        path: What it adds.
        anchor: The provider beside which it goes; `None` for the end.
    """

    how: str
    provider: str
    path: str
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Plugin:
    """A module of a plugin.

    Attributes:
        module: Its name.
        file: Its file.
        changes: What it does to the search path, by each of its classes.
        stores: Configs that it makes when it is imported.
        runs: Whether only running it does all that it does to configs.
        unread: The line of a class of which only running it tells what it does to the search path; 0 for none.
    """

    module: str
    file: str
    changes: tuple[tuple[Change, ...], ...] = ()
    stores: tuple[Option, ...] = ()
    runs: bool = False
    unread: int = 0


Module = tuple[str, str, Signature | None]  #: its name, its file, and the state of that


def is_ours(python: str) -> bool:
    """Whether what is installed for an interpreter can be imported here, so that Hydra itself finds its plugins.

    Args:
        python: Its path; of none, or a bare name, nothing tells that it is another one.
    """
    here = set(map(os.path.realpath, sys.path))
    folders = sites(python)
    return not folders or any(os.path.realpath(folder) in here for folder in folders)


def plugin_folders(python: str) -> tuple[Path, ...]:
    """The folders of Python packages in which an interpreter sees plugins."""
    return portions(PACKAGE, python)


def plugins_in(folders: Iterable[str | Path]) -> tuple[Plugin, ...]:
    """The plugins in some folders of Python packages, in the order in which Hydra comes upon them."""
    return read_plugins([modules_in(str(folder)) for folder in folders])


def read_plugins(found: list[tuple[Module, ...]]) -> tuple[Plugin, ...]:
    """The plugins whose modules were found, folder by folder; of a package in one folder, the others do not count."""
    whole = next((modules for modules in found if modules and modules[0][0] == PACKAGE), None)
    every = [one for modules in ([whole] if whole is not None else found) for one in modules]
    return tuple(_read(*module) for module in dict.fromkeys(every))


def modules_in(folder: str) -> tuple[Module, ...]:
    """The modules of plugins in a folder of Python packages, in the order in which Python walks through them."""
    found: list[Module] = []
    for name, file in _walk(os.path.join(folder, PACKAGE), PACKAGE):
        found.append((name, file, signature(file)))
        if len(found) == MOST:
            break
    return tuple(found)


def _walk(folder: str, package: str) -> Iterator[tuple[str, str]]:
    own = os.path.join(folder, "__init__.py")
    if os.path.isfile(own):
        yield package, own
    elif package != PACKAGE:
        return
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        stem, path = name.removesuffix(".py"), os.path.join(folder, name)
        if not stem.isidentifier() or name == "__init__.py":
            continue
        if name != stem and os.path.isfile(path):
            if not stem.startswith("_") or stem.startswith("__"):  # as Hydra passes over private ones
                yield f"{package}.{stem}", path
        elif os.path.isdir(path) and not os.path.islink(path):
            yield from _walk(path, f"{package}.{name}")


@lru_cache(maxsize=4096)
def _read(module: str, file: str, state: Signature | None) -> Plugin:
    try:
        text = source_text(file, "replace") if state is not None else ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return Plugin(module, file)  # Hydra passes over what cannot be imported
    names = Names.of(tree, file)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_plugin(node, names)]
    changes = [(node, _changes(node, names)) for node in sorted(classes, key=lambda node: node.name)]
    known = tuple(one for _, one in changes if one is not None)
    unread = next((node.lineno for node, one in changes if one is None), 0)
    runs = unread > 0 or _DOES_MORE.search(text) is not None
    return Plugin(module, file, known, read_script(file).stores, runs, unread)


def _is_plugin(node: ast.ClassDef, names: Names) -> bool:
    return any(names.dotted(base).rpartition(".")[2] == _BASE for base in node.bases)


def _changes(plugin: ast.ClassDef, names: Names) -> tuple[Change, ...] | None:
    """What a plugin does to the search path; `None` where its text does not tell all of it."""
    body = [one for one in plugin.body if not _says_nothing(one)]
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != "manipulate_search_path":
        return None
    arguments = body[0].args.args
    if len(arguments) != 2 or body[0].decorator_list:
        return None
    found = [_change(one, arguments[1].arg, names) for one in body[0].body if not _says_nothing(one)]
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else None


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _change(node: ast.stmt, search_path: str, names: Names) -> Change | None:
    call = node.value if isinstance(node, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _CHANGES):
        return None
    if not (isinstance(call.func.value, ast.Name) and call.func.value.id == search_path):
        return None
    provider, path, anchor = (names.argument(call, _ORDER, name) for name in _ORDER)
    if not (isinstance(provider, str) and isinstance(path, str) and (anchor is None or isinstance(anchor, str))):
        return None
    return Change(call.func.attr, provider, path, anchor)
