"""Which modules the project's own code asks for, found in its text; nothing is imported."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from niceml_engine.config.own_code import own_modules
from niceml_engine.config.project import Setting

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
_STATED = ("pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "environment*.y*ml")


@dataclass(frozen=True)
class Needs:
    """What the project's code imports, and what it states to need.

    Attributes:
        setting: The project.
    """

    setting: Setting

    def __contains__(self, module: str) -> bool:
        """Whether a module that is not here is one that the project needs."""
        if module in self._imported:
            return True
        name = re.escape(module.partition(".")[0]).replace("_", "[-_]")
        return re.search(rf"(?<![\w-]){name}(?![\w-])", self._stated, re.IGNORECASE) is not None

    @cached_property
    def _imported(self) -> frozenset[str]:
        """The modules that are imported, and the packages that these lie in."""
        named = {name for _, file in own_modules(self.setting) for name in _imports_of(file)}
        return frozenset(
            ".".join(parts[:depth]) for parts in (name.split(".") for name in named) for depth in _depths(parts)
        )

    @cached_property
    def _stated(self) -> str:
        files = (file for pattern in _STATED for file in sorted(self.setting.root.glob(pattern)))
        return "\n".join(map(_text, files))


def _depths(parts: list[str]) -> range:
    return range(1, len(parts) + 1)


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
