"""Requests about what a project runs in, and their answers."""

from __future__ import annotations

from typing import Any, Literal

from niceml_engine.protocol.base import Asked
from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Frozen, Problem, Project


class VariableUse(Frozen, frozen=True):
    """A place in a config that reads a variable."""

    file: str
    line: int
    key: str = ""  #: in that file
    default: str | None = None  #: as written there; `None` where it has none


class Variable(Frozen, frozen=True):
    """A variable of the environment that configs read, or that `.env` sets."""

    name: str
    value: str | None = None  #: masked where secret; `None` where it is not set
    source: Literal["shell", ".env", ""] = ""  #: who sets it; empty: nobody
    line: int = 0  #: in `.env`, also where the shell goes before it
    secret: bool = False
    uses: tuple[VariableUse, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether a config needs it, and it is not set."""
        return self.value is None and any(use.default is None for use in self.uses)


class Environment(Frozen, frozen=True):
    """What a project runs in."""

    python: str  #: the interpreter in full
    env_file: str  #: where `.env` lies, or would lie
    has_env_file: bool
    variables: tuple[Variable, ...]  #: by name
    problems: tuple[Problem, ...] = ()


class ReadEnvironment(Asked, frozen=True):
    """Asks what the project runs in."""


class ChangeSetting(Asked, frozen=True):
    """Writes one key of `.niceml/project.yaml` and opens the project again."""

    name: str
    texts: tuple[str, ...]  #: empty: the key is taken out, so that it is guessed


class ChangeVariable(Asked, frozen=True):
    """Sets a variable in `.env`: a `VariableChanged`."""

    name: str
    value: str | None  #: `None`: it is taken out


class VariableChanged(Frozen, frozen=True):
    """What the project runs in now, and what was written into `.env`, if anything was."""

    environment: Environment
    change: FileChange | None


ProjectRequest = ReadEnvironment | ChangeSetting | ChangeVariable

PROJECT_RESULTS: dict[type, Any] = {
    ReadEnvironment: Environment,
    ChangeSetting: Project,
    ChangeVariable: VariableChanged,
}
