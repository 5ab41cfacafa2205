"""Which modules the project's own code asks for, found in its text; nothing is imported."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from niceml_engine.config.own_code import own_modules
from niceml_engine.config.project import Setting

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
_STATED = ("pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "environment*.y*ml")


def is_asked_for(module: str, setting: Setting) -> bool:
    """Whether a module that is not here is one that the project needs: its code imports it, or it is stated."""
    if any(one == module or one.startswith(f"{module}.") for file in _own(setting) for one in _imports_of(file)):
        return True
    stated = re.compile(
        rf"(?<![\w-]){re.escape(module.partition('.')[0]).replace('_', '[-_]')}(?![\w-])", re.IGNORECASE
    )
    files = (file for pattern in _STATED for file in setting.root.glob(pattern))
    return any(stated.search(_text(file)) for file in files)


def _own(setting: Setting) -> set[str]:
    return {file for _, file in own_modules(setting)}


def _imports_of(file: str) -> frozenset[str]:
    with suppress(OSError):
        state = os.stat(file)
        return _read(file, state.st_mtime_ns, state.st_size)
    return frozenset()


@lru_cache(maxsize=8192)
def _read(file: str, modified: int, size: int) -> frozenset[str]:
    return frozenset(_IMPORT.findall(_text(Path(file))))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
