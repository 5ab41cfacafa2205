"""What the resolvers of a trusted project make of a config: asked of its own interpreter, beside composing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import structs

from niceml_engine.config.code.own_resolvers import registering
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import signature
from niceml_engine.errors import NicemlError
from niceml_engine.protocol.configs import Compose
from niceml_engine.service.imports import modules_of
from niceml_engine.service.interpreter import Interpreter, InterpreterError, composed_of
from niceml_engine.values import Composed, Leaf, Problem

UNKNOWN = "unknown-resolver"  #: code of the problem of a leaf whose resolver is not known here


class Resolving:
    """Resolves what only the project's own code can, in a process of its own that has imported what registers it.

    It starts when a config first needs it, and anew when that code, or the environment, has changed.

    Args:
        python: The project's interpreter; empty: ours.
        setting: What its jobs compose under.
        start: What was opened.
        environment: The environment without the project's `.env`.
        trusted: Whether the project may run its code.
    """

    def __init__(
        self,
        python: str,
        setting: Setting,
        start: Path,
        environment: Mapping[str, str],
        trusted: Callable[[], bool],
    ) -> None:
        self._python = python or sys.executable
        self._setting, self._start, self._environment, self._trusted = setting, start, environment, trusted
        self._lock = threading.Lock()
        self._child: Interpreter | None = None
        self._fits: object = None  # the state of the code that the child has imported
        self._broken: InterpreterError | None = None  # why it could not be

    def resolve(self, composed: Composed) -> Composed:
        """The same config with what the project's own resolvers give; or with a problem that says why not."""
        if not self._trusted() or not any(one.code == UNKNOWN for one in composed.problems):
            return composed
        found = registering(composed.yaml, self._setting)
        if not found:
            return composed
        try:
            with self._lock:
                there = composed_of(self._interpreter(found).ask(Compose(composed.selection)))
        except NicemlError as error:
            return _left(composed, error.message, error)
        if there.digest != composed.digest:
            return _left(composed, f"{self._python} composes another config than this program does")
        leaves = tuple(map(_marked, composed.leaves, there.leaves))
        return structs.replace(there, leaves=leaves, selection=composed.selection, runs=composed.runs)

    def close(self) -> None:
        """Ends the process, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def _interpreter(self, found: Mapping[str, str]) -> Interpreter:
        modules, folders = modules_of(self._setting)
        modules = tuple(dict.fromkeys((*modules, *found)))
        fits = (modules, tuple(map(signature, found.values())), signature(str(self._setting.root / ".env")))
        if self._fits != fits:
            self.close()
            self._fits, self._broken = fits, None
        if self._broken is not None:
            raise self._broken
        if self._child is None or not self._child.running:
            folders = tuple(dict.fromkeys((*folders, *map(str, self._setting.python_path), str(self._setting.root))))
            try:
                self._child = Interpreter(self._python, self._start, modules, folders, self._environment)
            except InterpreterError as error:
                self._broken = error  # until the code changes
                raise
        return self._child


def _marked(here: Leaf, there: Leaf) -> Leaf:
    return structs.replace(there, own=True) if here.reason and not there.reason else there


def _left(composed: Composed, why: str, error: NicemlError | None = None) -> Composed:
    problem = Problem("warning", "own-resolvers", f"the project's own resolvers are left out: {why}")
    if error is not None:
        problem = structs.replace(problem, file=error.file, line=error.line, details=error.details)
    return structs.replace(composed, problems=(*composed.problems, problem))
