"""Going on in the project's own interpreter, where Python code of a trusted project makes configs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from niceml_engine.cli.common import shown
from niceml_engine.errors import ConfigError

if TYPE_CHECKING:
    from niceml_engine.config.compose import Composer
    from niceml_engine.config.projects.layout import Layout
    from niceml_engine.values import Composed

_GONE_ON = "NICEML_PROJECT_PYTHON"  #: says that this process is what another one went on in
_NEEDED = "import hydra, niceml_engine"


def enter(layout: Layout) -> None:
    """Runs what makes configs; in another interpreter, the whole command starts anew there.

    Where that cannot be, the command goes on with the configs that are YAML, and says so.
    """
    from niceml_engine.runs.trust import is_trusted
    from niceml_engine.service.imports import import_all, modules_of

    modules, folders = modules_of(layout.setting)
    if not modules or not is_trusted(layout.root):
        return
    try:
        _go_on(layout.python)
        with redirect_stdout(sys.stderr):
            import_all(modules, folders)
    except ConfigError as error:
        if not layout.setting.stores:  # most jobs can do without what plugins make; the others say what they lack
            return
        place = f"{shown(error.file)}:{error.line}: " if error.file else ""
        print(f"warning: configs in Python are left out: {place}{error.message}", file=sys.stderr)


def resolved(composer: Composer, composed: Composed) -> Composed:
    """The same config with what the resolvers of a trusted project give, as its own interpreter says.

    Where that cannot be, it says why.
    """
    from functools import partial

    from niceml_engine.config.projects.project import read_layout
    from niceml_engine.runs.trust import is_trusted
    from niceml_engine.service.resolving import Resolving

    layout = read_layout(Path(composed.selection.job), Path.cwd())
    trusted = partial(is_trusted, layout.root)
    resolving = Resolving(layout.python, composer.setting, layout.start, dict(os.environ), trusted)
    try:
        found = resolving.resolve(composed)
    finally:
        resolving.close()
    for problem in found.problems:
        if problem.code == "own-resolvers":
            place = f"{shown(problem.file)}:{problem.line}: " if problem.file else ""
            print(f"warning: {place}{problem.message}", file=sys.stderr)
    return found


def _go_on(named: str) -> None:
    python = shutil.which(named) if named else sys.executable
    if python is None:
        raise ConfigError(f"there is no interpreter {named}; make it, or name another")
    if os.path.abspath(python) == sys.executable or os.environ.get(_GONE_ON) == python:
        return
    tried = subprocess.run([python, "-P", "-c", _NEEDED], capture_output=True, text=True, check=False)
    if tried.returncode:
        last = (tried.stderr.strip().splitlines() or [f"exit status {tried.returncode}"])[-1]
        message = f"{python} has no niceml; install it there, or name another interpreter"
        raise ConfigError(message if "No module named" in last else f"{python} cannot be used: {last}")
    os.environ[_GONE_ON] = python
    sys.stdout.flush()
    os.execv(python, [python, "-P", "-m", "niceml_engine", *sys.argv[1:]])
