"""What a project's file names and the machine does not have: it stays written, and is told until it is mended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from niceml_engine.config.projects import project_file
from niceml_engine.config.projects.packages import has_module, installed
from niceml_engine.values import Problem, Severity

NO_INTERPRETER = "no-interpreter"  #: the code of what keeps every run from starting that names none of its own


def unmet(root: Path, python_path: tuple[Path, ...], path: str | None = None) -> tuple[Problem, ...]:
    """What the file of a project names that is not there.

    Unlike a setting that cannot be, it does not keep the project from opening: an interpreter may be made later, and
    what is composed does not hang on it. A version of Hydra's that is still to come counts as the newest, as Hydra
    has it.

    Args:
        root: The project.
        python_path: Its folders in which packages lie.
        path: Where an interpreter that is only named is looked for; else as the system does.

    Raises:
        ProjectError: The project's file is wrong.
    """
    file = project_file.load(root)

    def told(severity: Severity, code: str, key: str, message: str) -> Problem:
        return Problem(severity, code, message, str(file.path), file.lines.get(key, 0), key=key)

    def found() -> Iterator[Problem]:
        python = file.python
        if python and shutil.which(python, path=path) is None:
            message = f"there is no interpreter {python}; make it, or name another"
            yield told("error", NO_INTERPRETER, "python", message)
        module = file.text("code_location")
        if module and not has_module(module, (*python_path, *installed(python))):
            message = f"there is no module {module}; make it, or name with `python_path` where it lies"
            yield told("warning", "no-code-location", "code_location", message)
        base = file.text("version_base")
        ours = version("hydra-core")
        if base not in ("", project_file.NEWEST) and _minor(base) > _minor(ours):
            newest = ".".join(map(str, _minor(ours)))
            message = f'Hydra {ours} knows no {base} and composes as under {newest}; write "{newest}", or null'
            yield told("warning", "no-version", "version_base", message)

    return tuple(found())


def _minor(text: str) -> tuple[int, ...]:
    """What of a version Hydra looks at."""
    return tuple(map(int, text.split(".")[:2]))
