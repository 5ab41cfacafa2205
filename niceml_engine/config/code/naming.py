"""What a `_target_` that is being typed may go on with, told by the text around it and by source text alone.

A text need not be part of what is composed: it is new, not saved, or of an option that no open job includes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import griffe

from niceml_engine.config.code.describe import Walk
from niceml_engine.config.code.documented import summary
from niceml_engine.config.code.fitting import SECONDS, fitting_argument
from niceml_engine.config.code.own_code import defined, own_modules, search_path
from niceml_engine.config.code.targets import Module, Reader
from niceml_engine.config.projects.project import Setting
from niceml_engine.descriptions import Name
from niceml_engine.values import Composed, Selection

MOST = 2_000  #: names that are looked at


def names(setting: Setting, owner: str, argument: str, package: str, *, items: bool) -> tuple[Name, ...]:
    """The names that may be written.

    Args:
        setting: The project.
        owner: The `_target_` of the mapping around it. With one, it is told what may be given to it;
        argument: as this argument,
        items: or in a list as this argument.
        package: Else the module or package whose name is written before; without one, the project's own code is told.
    """
    if owner:
        data = {"object": {"_target_": owner, argument: [{"_target_": ""}] if items else None}}
        walk = Walk(Composed(Selection("")), setting, data)
        return fitting_argument(setting, walk, f"object.{argument}[0]" if items else f"object.{argument}")
    return tuple(_inside(setting, package) if package else _own(setting))


def _own(setting: Setting) -> Iterator[Name]:
    """What the project's own modules define."""
    for module, file in own_modules(setting):
        found = defined(file)
        for name in (*(name for name, _ in found.classes), *found.functions):
            if not name.startswith("_"):
                yield Name(f"{module}.{name}")


def _inside(setting: Setting, package: str) -> Iterator[Name]:
    """What a module defines or passes on, and the modules that lie in a package."""
    reader, deadline = Reader(search_path(setting)), time.monotonic() + SECONDS
    module, inner = reader.inside(package)
    for name in inner[:MOST]:
        yield Name(f"{package}.{name}", module=True)
    if not isinstance(module, Module) or module.tree is None:
        return
    # What a module imports is for its own use; a package passes on what is its own, too.
    home = package.partition(".")[0] if module.file.endswith("__init__.py") else package
    for name in [*module.tree.members][:MOST]:
        if name.startswith("_") or name.endswith("*") or name in inner or time.monotonic() > deadline:
            continue
        found = reader.look(f"{package}.{name}")
        if isinstance(found, griffe.Class | griffe.Function) and found.path.startswith(f"{home}."):
            yield Name(f"{package}.{name}", summary(found.docstring.value) if found.docstring else "")
