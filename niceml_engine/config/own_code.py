"""Where the code that configs name is looked for."""

from __future__ import annotations

from pathlib import Path

from niceml_engine.config.project import Setting, interpreter


def search_path(setting: Setting) -> tuple[Path, ...]:
    """The folders in which a `_target_` is looked for, before the packages of this interpreter.

    The project root, its Python path, and the packages of the interpreter that the project names, if it names one.
    """
    return (setting.root, *setting.python_path, *installed(interpreter(setting.root)))


def installed(python: str) -> list[Path]:
    """The folders in which the packages of an interpreter lie; none without one."""
    return sorted(Path(python).parent.parent.glob("lib/python*/site-packages")) if python else []
