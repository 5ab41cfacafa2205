"""What a start would run that is not ours, and requests to trust a project with it."""

from __future__ import annotations

from typing import Any, Literal

from niceml_engine.protocol.base import Asked
from niceml_engine.values import Frozen, Selection

ForeignKind = Literal[
    "program",
    "target",
    "resolver",
    "plugin",
    "config",
    "code location",
    "interpreter",
    "file",
    "module",
    "variable",
    "location",
    "git",
]


class Foreign(Frozen, frozen=True):
    """Code outside of `niceml_engine` that a start in a project would run."""

    kind: ForeignKind
    name: str
    file: str = ""  #: where the project names it
    line: int = 0
    source: str = ""  #: where the project defines it, `file:line`; empty where it is installed

    @property
    def package(self) -> str:
        """The package that holds it."""
        return self.name.partition(".")[0]


class Trust(Frozen, frozen=True):
    """Whether a project may run its code."""

    root: str
    trusted: bool
    foreign: tuple[Foreign, ...] = ()  #: what would run, as long as it is not trusted


class AskTrust(Asked, frozen=True):
    """Asks whether a project is trusted, and if not, what a start of the selection would run: a `Trust`."""

    selection: Selection | None = None  #: of no job: what the project would run by itself; none: nothing is looked for


class SetTrust(Asked, frozen=True):
    """Trusts the open project from now on, or no more: a `Trust`."""

    trusted: bool


TrustRequest = AskTrust | SetTrust

TRUST_RESULTS: dict[type, Any] = {AskTrust: Trust, SetTrust: Trust}
