"""Running the Python code that makes configs; only done in a project's own interpreter, and only with trust."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from niceml_engine.config.code.imported import imported
from niceml_engine.config.projects.plugins import PACKAGE, plugins_in
from niceml_engine.config.projects.pytext import source_text
from niceml_engine.config.projects.setting import Setting
from niceml_engine.errors import ConfigError

_DECLARES = re.compile(r"dataclass|\battrs?\b|pydantic|omegaconf|hydra")  #: what declares a config, or parts of one


def module_of(file: str, python_path: Iterable[Path]) -> tuple[str, str]:
    """The name under which a Python file is imported, and the folder that must be on the path for it.

    Args:
        file: The file.
        python_path: The folders of the project that are on the path.
    """
    base = os.path.dirname(file)
    while os.path.isfile(os.path.join(base, "__init__.py")):
        base = os.path.dirname(base)
    known = [folder for folder in map(str, python_path) if Path(base).is_relative_to(folder)]
    # A folder without `__init__.py` below the path is a package too, unless it is on the path itself.
    base = base if base in known else max(known, key=len, default=base)
    inside = os.path.relpath(os.path.splitext(file)[0], base)
    return inside.replace(os.sep, ".").removesuffix(".__init__"), base


def modules_of(setting: Setting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The modules that make configs, the project's and those of plugins, and the folders that must be on the path."""
    files = dict.fromkeys(one.file for one in setting.stores)
    found = [module_of(file, setting.python_path) for file in files]
    folders = dict.fromkeys((*(folder for _, folder in found), *map(str, setting.python_path)))
    plugins = (one.module for one in plugins_in(setting.plugin_path) if one.runs)
    return tuple(dict.fromkeys((*(module for module, _ in found), *plugins))), tuple(folders)


def makers_of(setting: Setting) -> tuple[str, ...]:
    """The files whose text decides which configs Python code makes: those that store them, and types they import."""
    stores = tuple(dict.fromkeys(one.file for one in setting.stores))
    every = imported(stores, (*setting.python_path, setting.root)) if stores else ()
    plugins = (one.file for one in plugins_in(setting.plugin_path) if one.runs)
    return (*(file for file in every if file in stores or _DECLARES.search(_text(file))), *plugins)


def _text(file: str) -> str:
    try:
        return source_text(file, "replace")
    except OSError:
        return ""


def import_all(modules: Iterable[str], folders: Iterable[str]) -> None:
    """Imports modules for what they do to Hydra's config store.

    Args:
        modules: Their names.
        folders: Where they lie; put before everything else on the path.

    Raises:
        ConfigError: One of them fails; names its line that did.
    """
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    for module in modules:
        try:
            importlib.import_module(module)
        except (Exception, SystemExit) as error:
            if isinstance(error, ImportError) and module.startswith(f"{PACKAGE}."):
                continue  # Hydra passes over a plugin that cannot be imported
            raise _told(module, error) from error
    if "hydra_zen" in sys.modules:  # its stores pass on what they hold when the program starts, which it does not here
        sys.modules["hydra_zen"].store.add_to_hydra_store(overwrite_ok=True)


def _told(module: str, error: BaseException) -> ConfigError:
    own = os.path.dirname(importlib.__file__)
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith(("<", own))]
    frames = [one for one in frames if one.filename != __file__]
    file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno or 0
    reason = " ".join(str(error).split()) or type(error).__name__
    message = f"{module} cannot be imported: {type(error).__name__}: {reason}"
    return ConfigError(message, file=file, line=line, details="".join(traceback.format_exception(error)))
